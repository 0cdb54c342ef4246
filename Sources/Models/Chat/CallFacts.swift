// What a model's call tells the timeline of the request that it is made for.
import Base

enum CallFacts {
  static func note(_ request: ChatRequest, asked endpoint: ChatEndpoint) {
    guard let timeline = Timeline.current else { return }
    timeline.note([
      (.purpose, .string(request.purpose)), (.modelAsked, .string(endpoint.endpoint.model)),
      (.provider, .string(endpoint.dialect.rawValue)), (.address, .string(endpoint.endpoint.address)),
      (.temperature, .number(request.temperature)), (.outputTokensMax, .integer(request.outputTokensMax)),
    ])
    timeline.note(.messages(request.messages.map { ($0.role.rawValue, $0.text) }))
  }

  /// `books`: of a call that was made; a kept reply has none.
  static func note(_ reply: ChatReply, _ books: CallBooks?, currency: String) {
    guard let timeline = Timeline.current else { return }
    timeline.note([
      (.model, .string(reply.model)), (.inputTokens, .integer(reply.usage.inputTokens)),
      (.outputTokens, .integer(reply.usage.outputTokens)), (.cost, JSON(reply.cost)), (.currency, .string(currency)),
      (.isCached, .bool(reply.isCached)), (.attempts, .integer(books?.attempts ?? 0)),
      (.firstTextMs, JSON(books?.firstTextMs)), (.ending, .string(reply.ending.rawValue)),
    ])
    timeline.note(.answer(reply.text))
  }
}
