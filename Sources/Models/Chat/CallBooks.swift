// What a call took, as it is written down; and how a reply is kept and found again.
import Base
import Store

struct CallBooks {
  let request: ChatRequest
  let model: String
  let started: Double
  var attempts = 0
  var endpoint = ""
  var firstTextMs: Double?
  /// Text was handed on: nothing may be tried again.
  var hasShown = false

  func closed(with reply: ChatReply, _ currency: String, at clock: any Clock) -> ModelCallRow {
    var call = row(outcome: "done", clock)
    call.model = reply.model
    call.inputTokens = reply.usage.inputTokens
    call.outputTokens = reply.usage.outputTokens
    call.isCounted = reply.usage.isCounted
    call.cost = reply.cost
    call.currency = currency
    return call
  }

  /// What a failed call spent is not known: a request that was sent counts with all that it may have cost.
  func closed(by error: any Error, at clock: any Clock) -> ModelCallRow {
    var call = row(outcome: PlainFailure.describing(error).code, clock)
    if firstTextMs != nil {
      call.inputTokens = TokenCount.likely(request)
      call.outputTokens = request.outputTokensMax
      call.isCounted = true
    }
    return call
  }

  private func row(outcome: String, _ clock: any Clock) -> ModelCallRow {
    var call = ModelCallRow(at: clock.wallSeconds(), purpose: request.purpose, model: model, outcome: outcome)
    call.endpoint = endpoint
    call.firstTextMs = firstTextMs
    call.elapsedMs = (clock.monotonicSeconds() - started) * 1_000
    call.attempts = attempts
    return call
  }
}

enum KeptReply {
  /// Of everything that shapes a reply, and of the scope that it may be given in.
  static func digest(of request: ChatRequest, asked endpoints: [ChatEndpoint]) -> SHA256Digest {
    let statement: JSON = [
      "scope": .string(request.scope), "purpose": .string(request.purpose),
      "messages": .array(request.messages.map { [.string($0.role.rawValue), .string($0.text)] }),
      "temperature": .number(request.temperature), "tokens": .integer(request.outputTokensMax),
      "form": request.form.map { [.string($0.name), .string($0.about), $0.schema] } ?? .null,
      "endpoints": .array(
        endpoints.map {
          [.string($0.endpoint.address), .string($0.endpoint.model), .integer($0.tier), .object($0.extra)]
        }),
    ]
    return SHA256Digest(of: statement.utf8)
  }

  static func json(_ reply: ChatReply) -> JSON {
    ["text": .string(reply.text), "model": .string(reply.model)]
  }

  /// Given again it costs nothing and uses nothing.
  static func reply(_ kept: JSON) -> ChatReply? {
    guard let text = kept["text"]?.string, let model = kept.model?.string else { return nil }
    var reply = ChatReply(
      text: text, model: model, usage: ChatUsage(inputTokens: 0, outputTokens: 0), cost: 0)
    reply.isCached = true
    return reply
  }
}
