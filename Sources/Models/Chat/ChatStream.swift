// What an endpoint streams, as a state machine without a socket: bytes in, text out, and at the end the whole reply or
// the reason why it is none. A stream that merely stops is not a reply: only the protocol's own end counts. A server
// that ignores the wish to stream and sends one JSON document is understood too.
import Base

enum StreamFault: Error, Equatable {
  /// It stopped before the protocol's end.
  case brokenOff
  /// It is not what the protocol promises.
  case garbled(String)
  /// The server told of an error after it had begun.
  case saidError(String, isPassing: Bool)

  fileprivate static func of(_ error: any Error) -> StreamFault {
    if let fault = error as? StreamFault { return fault }
    return .garbled(error as? ServerEvents.Fault == .notUTF8 ? "its text is not UTF-8" : "an event has no end")
  }
}

struct ChatStream {
  private let dialect: ChatDialect
  private let isEventStream: Bool
  private var events = ServerEvents()
  private var document: [UInt8] = []
  private var hasEnded = false
  private var fault: StreamFault?

  private(set) var text = ""
  private var arguments = ""
  private var ending: ChatReply.Ending?
  private(set) var model: String?
  private(set) var inputTokens: Int?
  private(set) var outputTokens: Int?

  init(_ dialect: ChatDialect, contentType: String?) {
    self.dialect = dialect
    isEventStream = contentType?.lowercased().contains("event-stream") ?? false
  }

  /// The text that these bytes complete.
  mutating func take(_ bytes: [UInt8]) throws -> String {
    guard isEventStream else {
      document += bytes
      return ""
    }
    if let fault { throw fault }
    let before = text.utf8.count
    do {
      for event in try events.take(bytes) { try take(event) }
    } catch {
      let found = StreamFault.of(error)
      // Text that came with it is not lost, however the bytes were cut.
      guard text.utf8.count > before else { throw found }
      fault = found
    }
    return String(decoding: text.utf8.dropFirst(before), as: UTF8.self)
  }

  /// After the last byte: text that came all at once, and how it ended.
  mutating func finish() throws -> (rest: String, ending: ChatReply.Ending) {
    if let fault { throw fault }
    if isEventStream {
      guard hasEnded || ending != nil else { throw StreamFault.brokenOff }
      return ("", ending ?? .complete)
    }
    guard let value = try? JSON(parsing: document) else { throw StreamFault.garbled("its reply is no JSON") }
    try refuseError(value)
    if dialect == .anthropic { try takeWholeMessage(value) } else { try takeWholeCompletion(value) }
    return (text, ending ?? .complete)
  }

  /// The reply: the tool's arguments where it was asked to give some and did.
  var reply: String { arguments.isEmpty ? text : arguments }

  private mutating func take(_ event: ServerEvent) throws {
    guard !hasEnded else { return }
    guard event.data != "[DONE]" else {
      hasEnded = true
      return
    }
    guard let value = try? JSON(parsing: event.data) else { throw StreamFault.garbled("an event holds no JSON") }
    try refuseError(value)
    if dialect == .anthropic { takeMessageEvent(value) } else { try takeChunk(value) }
  }

  private func refuseError(_ value: JSON) throws {
    guard let error = value.error, !error.isNull else { return }
    let kind = error.type?.string ?? error.code?.string ?? ""
    let isPassing = ["overloaded", "rate_limit", "server", "api_error", "timeout"].contains { kind.contains($0) }
    throw StreamFault.saidError(error.message?.string ?? error.string ?? error.text, isPassing: isPassing)
  }

  // MARK: OpenAI

  private mutating func takeChunk(_ chunk: JSON) throws {
    model = chunk.model?.string ?? model
    takeUsage(input: chunk.usage?.prompt_tokens, output: chunk.usage?.completion_tokens)
    // The last chunk has the usage and no choice; some servers begin with one that has neither.
    guard let choice = chunk.choices?.array?.first else {
      guard chunk.choices?.array != nil || chunk.usage != nil else {
        throw StreamFault.garbled("an event has no choices")
      }
      return
    }
    text += choice.delta?.content?.string ?? ""
    for call in choice.delta?.tool_calls?.array ?? [] where (call["index"]?.int ?? 0) == 0 {
      arguments += call.function?.arguments?.string ?? ""
    }
    end(choice.finish_reason?.string)
  }

  private mutating func takeWholeCompletion(_ value: JSON) throws {
    guard let choice = value.choices?.array?.first, let message = choice.message else {
      throw StreamFault.garbled("its reply has no choices")
    }
    model = value.model?.string
    takeUsage(input: value.usage?.prompt_tokens, output: value.usage?.completion_tokens)
    text = message.content?.string ?? ""
    arguments = message.tool_calls?.array?.first?.function?.arguments?.string ?? ""
    end(choice.finish_reason?.string)
  }

  // MARK: Anthropic

  private mutating func takeMessageEvent(_ event: JSON) {
    switch event.type?.string {
    case "message_start":
      model = event.message?.model?.string ?? model
      takeUsage(input: ChatStream.allInput(event.message?.usage), output: event.message?.usage?.output_tokens)
    case "content_block_delta":
      text += event.delta?["text"]?.string ?? ""
      arguments += event.delta?.partial_json?.string ?? ""
    case "message_delta":
      takeUsage(input: nil, output: event.usage?.output_tokens)
      end(event.delta?.stop_reason?.string)
    case "message_stop": hasEnded = true
    default: break
    }
  }

  private mutating func takeWholeMessage(_ value: JSON) throws {
    guard let blocks = value.content?.array else { throw StreamFault.garbled("its reply has no content") }
    model = value.model?.string
    takeUsage(input: ChatStream.allInput(value.usage), output: value.usage?.output_tokens)
    text = blocks.compactMap { $0["text"]?.string }.joined()
    arguments = blocks.compactMap { $0.input?.text }.first ?? ""
    end(value.stop_reason?.string)
  }

  /// What was read from or written into the server's own cache is input, too.
  private static func allInput(_ usage: JSON?) -> JSON? {
    guard let input = usage?.input_tokens?.int else { return nil }
    let cached = (usage?.cache_read_input_tokens?.int ?? 0) &+ (usage?.cache_creation_input_tokens?.int ?? 0)
    return .integer(input &+ cached)
  }

  // MARK: Both

  private mutating func takeUsage(input: JSON?, output: JSON?) {
    inputTokens = input?.int ?? inputTokens
    outputTokens = output?.int ?? outputTokens
  }

  private mutating func end(_ reason: String?) {
    switch reason {
    case nil: break
    case "length", "max_tokens", "model_context_window_exceeded": ending = .cutOff
    case "content_filter", "refusal": ending = .filtered
    default: ending = .complete
    }
  }
}
