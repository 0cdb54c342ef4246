// Asks a model for a value of a Swift type. A reply that is none goes back with what is wrong, twice at most;
// one that is still wrong is an error, never a value that nobody gave. Good replies are kept for training where a log
// is given.
package import Base

package struct StructuredReply<Value: Sendable>: Sendable {
  package let value: Value
  /// The last reply; its usage and cost are those of all attempts.
  package let reply: ChatReply
  package let attempts: Int
}

package enum StructuredFailure: Failure, Equatable {
  case notOfTheForm(model: String, form: String, problem: ReplyProblem, attempts: Int)

  package var kind: FailureKind { .upstream }
  package var code: String { "reply_not_of_the_form" }
  package var message: String {
    switch self {
    case .notOfTheForm(let model, let form, let problem, let attempts):
      "\(model) was asked \(attempts) times for a '\(form)' and gave none: \(problem.message)"
    }
  }
  package var hint: String { "ask again, or configure a model that keeps to a schema" }
}

/// Where good pairs of request and reply are kept.
package protocol StructuredLog: Sendable {
  func keep(request: ChatRequest, form: ReplyForm, reply: JSON, model: String) throws
}

package struct StructuredModel: Sendable {
  private static let attemptsMax = 3

  private let model: any ChatModel
  private let log: (any StructuredLog)?

  package init(_ model: any ChatModel, log: (any StructuredLog)? = nil) {
    self.model = model
    self.log = log
  }

  package func value<Value>(
    of schema: Schema<Value>, named name: String, about: String = "", _ asked: ChatRequest
  ) throws -> StructuredReply<Value> {
    let form = ReplyForm(name: name, about: about, schema: schema.shape.jsonSchema)
    var request = asked
    request.form = form
    var usage = ChatUsage(inputTokens: 0, outputTokens: 0)
    var cost: Double? = 0
    for attempt in 1... {
      var reply = try model.reply(to: request, onText: nil)
      usage = usage + reply.usage
      cost = cost.flatMap { sum in reply.cost.map { sum + $0 } }
      do {
        let json = try ReplyReader.json(reply.text, as: schema.shape, named: name)
        let value = try schema.make(json)
        // What is kept is the first request: a model is to learn to do without the second.
        try log?.keep(request: asked, form: form, reply: json, model: reply.model)
        reply.usage = usage
        reply.cost = cost
        return StructuredReply(value: value, reply: reply, attempts: attempt)
      } catch let problem as ReplyProblem {
        guard attempt < Self.attemptsMax else {
          throw StructuredFailure.notOfTheForm(model: reply.model, form: name, problem: problem, attempts: attempt)
        }
        request.messages = asked.messages + StructuredModel.complaint(about: reply, problem)
      }
    }
    preconditionFailure("the loop above ends by returning or throwing")
  }

  private static func complaint(about reply: ChatReply, _ problem: ReplyProblem) -> [ChatMessage] {
    let isLong = reply.text.utf8.count > Limits.quotedReplyBytesMax
    let quoted = isLong ? String(reply.text.prefix(Limits.quotedReplyBytesMax / 4)) + "…" : reply.text
    let advice = reply.ending == .cutOff || problem.cause == .cutOff ? " It was cut off: be shorter." : ""
    return [
      // An empty turn is refused by some endpoints.
      ChatMessage(.assistant, quoted.isEmpty ? "(nothing)" : quoted),
      ChatMessage(
        .user,
        "That reply cannot be used: \(problem.message).\(advice) Reply again with the whole JSON value, nothing else."
      ),
    ]
  }
}

extension ChatUsage {
  package static func + (left: ChatUsage, right: ChatUsage) -> ChatUsage {
    ChatUsage(
      inputTokens: left.inputTokens + right.inputTokens, outputTokens: left.outputTokens + right.outputTokens,
      isCounted: left.isCounted || right.isCounted)
  }
}
