// What a call took, as it is written down; and how a reply is kept and found again.
import Base
import Store

struct CallBooks {
  let request: ChatRequest
  let model: String
  let started: Double
  /// In the store, with what was set aside for one try; nil where nothing is written down.
  let id: Int?
  let reserved: Int
  var attempts = 0
  var endpoint = ""
  var firstTextMs: Double?
  /// Text was handed on: nothing may be tried again.
  var hasShown = false

  /// What tries that failed may have cost.
  private var wasted = ChatUsage(inputTokens: 0, outputTokens: 0)

  init(request: ChatRequest, model: String, started: Double, id: Int?, reserved: Int) {
    self.request = request
    self.model = model
    self.started = started
    self.id = id
    self.reserved = reserved
  }

  var hasWasted: Bool { wasted.inputTokens > 0 }

  /// A try that the server had begun to work on failed: it counts with all that it may have cost.
  mutating func waste() {
    wasted =
      wasted
      + ChatUsage(
        inputTokens: TokenCount.likely(request), outputTokens: request.outputTokensMax, isCounted: true)
  }

  func closed(with reply: ChatReply, _ currency: String, at clock: any Clock) -> ModelCallRow {
    var call = row(outcome: "done", clock)
    call.model = reply.model
    count(wasted + reply.usage, in: &call)
    call.cost = reply.cost
    call.currency = currency
    return call
  }

  func closed(by error: any Error, at clock: any Clock) -> ModelCallRow {
    var call = row(outcome: PlainFailure.describing(error).code, clock)
    count(wasted, in: &call)
    return call
  }

  private func count(_ usage: ChatUsage, in call: inout ModelCallRow) {
    call.inputTokens = usage.inputTokens
    call.outputTokens = usage.outputTokens
    call.isCounted = usage.isCounted
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
