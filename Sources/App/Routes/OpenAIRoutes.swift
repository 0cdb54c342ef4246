// The library as a model, for programs that speak OpenAI's API: /v1/chat/completions, /v1/embeddings and /v1/models.
// The model 'footnote' is the whole library, 'footnote/NAME' one collection of it. Answers carry [n], and the member
// `footnote` beside each answer holds sources and citations.
// https://platform.openai.com/docs/api-reference/chat/create
import Base
import Embedding
import Foundation
import HTTPKit
import KnowledgeBase

extension Routes {
  static let libraryModel = "footnote"

  func addOpenAIRoutes(to router: inout Router) {
    let accepts = Accepted.json(maxBytes: Limits.jsonBodyBytesMax)
    router.add(.get, "/v1/models") { request in
      let collections = try access(request).collectionNames()
      let names = [Routes.libraryModel] + collections.map { "\(Routes.libraryModel)/\($0)" }
      let models = names + [library.servingEmbedder.identity.name]
      let shapes = models.map { name -> JSON in
        ["id": .string(name), "object": "model", "created": 0, "owned_by": "footnote"]
      }
      return .json(JSON.object(["object": "list", "data": .array(shapes)]).utf8)
    }
    router.add(.post, "/v1/embeddings", accepts: accepts) { request in
      .json(try embeddings(RequestJSON(request)).utf8)
    }
    router.add(.post, "/v1/chat/completions", accepts: accepts) { request in
      try completion(RequestJSON(request), access(request))
    }
  }

  // MARK: Embeddings

  private func embeddings(_ body: RequestJSON) throws -> JSON {
    let embedder = library.servingEmbedder
    let identity = embedder.identity
    try demandModel(body.requiredString("model"), among: [identity.name])
    let texts = try body.strings("input")
    guard !texts.isEmpty, texts.count <= Limits.embeddingTextsPerRequest, texts.allSatisfy({ !$0.isEmpty }) else {
      throw PlainFailure(
        .usage, "bad_field", "'input' must be a text or a list of 1 to \(Limits.embeddingTextsPerRequest), none empty")
    }
    if let dimensions = try body.integer("dimensions"), dimensions != identity.dimension {
      throw PlainFailure(.usage, "bad_field", "'\(identity.name)' has \(identity.dimension) dimensions and no other")
    }
    let format = try body.string("encoding_format") ?? "float"
    guard format == "float" || format == "base64" else {
      throw PlainFailure(.usage, "bad_field", "'encoding_format' must be float or base64")
    }
    let vectors = try embedder.embed(texts, isUrgent: true)
    let data = texts.indices.map { index -> JSON in
      let vector = Array(vectors[index])
      let shown: JSON = format == "float" ? .array(vector.map { .number(Double($0)) }) : .string(Routes.packed(vector))
      return ["object": "embedding", "index": .integer(index), "embedding": shown]
    }
    let tokens = texts.reduce(0) { $0 + embedder.tokenCount($1) }
    return [
      "object": "list", "data": .array(data), "model": .string(identity.name),
      "usage": ["prompt_tokens": .integer(tokens), "total_tokens": .integer(tokens)],
    ]
  }

  /// Little-endian float32, as the official clients unpack it.
  private static func packed(_ vector: [Float]) -> String {
    var bytes = Data(capacity: vector.count * 4)
    for value in vector {
      let bits = value.bitPattern
      bytes.append(contentsOf: [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) })
    }
    return bytes.base64EncodedString()
  }

  private func demandModel(_ asked: String, among names: [String]) throws {
    guard names.contains(asked) else {
      throw PlainFailure(
        .notFound, "model_not_found", "there is no model '\(asked.prefix(200))'", hint: "GET /v1/models lists them")
    }
  }

  // MARK: Chat

  private func completion(_ body: RequestJSON, _ access: LocalAccess) throws -> Response {
    let model = try body.requiredString("model")
    let names = [Routes.libraryModel] + (try access.collectionNames()).map { "\(Routes.libraryModel)/\($0)" }
    try demandModel(model, among: names)
    let talk = try ChatMessages(body.whole.messages ?? .null)
    var parameters = try body.search(text: talk.question, defaultLimit: 3)
    if model != Routes.libraryModel {
      parameters.collections = [String(model.dropFirst(Routes.libraryModel.count + 1))]
    }
    parameters.conversation = nil
    parameters.history = talk.history
    if let count = try body.integer("n"), count != 1 {
      throw PlainFailure(.usage, "bad_field", "'n' must be 1: the library gives one answer")
    }
    let head = CompletionHead(
      id: "chatcmpl-\(hexadecimal(SystemRandom().bytes(12)))", created: Int(clock.wallSeconds()), model: model)
    guard try body.bool("stream") == true else {
      return .json(head.whole(try access.ask(parameters)).utf8)
    }
    // Checked before the first byte is sent, so that a wrong question is a plain 400.
    _ = try access.question(parameters)
    let tellsUsage = body.whole.stream_options?.include_usage?.bool == true
    let asked = parameters
    return .events { events in
      try events.send(data: head.chunk(["role": "assistant", "content": ""]).text)
      do {
        let answer = try access.ask(asked, includesCitations: true) { event in
          guard case .text(let text) = event else { return }
          for token in Routes.tokens(text) { try events.send(data: head.chunk(["content": .string(token)]).text) }
        }
        try events.send(data: head.chunk([:], ending: "stop", answer: answer).text)
        if tellsUsage { try events.send(data: head.usageChunk(answer).text) }
        try events.send(data: "[DONE]")
      } catch {
        guard !events.isGone else { return }
        try events.send(data: Shapes.error(PlainFailure.describing(error)).text)
      }
    }
  }
}

/// What each reply or chunk of one completion begins with.
private struct CompletionHead: Sendable {
  let id: String
  let created: Int
  let model: String

  private func shape(_ object: String, _ choices: [JSON], _ more: JSONObject = [:]) -> JSON {
    var shape: JSONObject = [
      "id": .string(id), "object": .string(object), "created": .integer(created), "model": .string(model),
      "choices": .array(choices),
    ]
    for (key, value) in more { shape[key] = value }
    return .object(shape)
  }

  func whole(_ answer: JSON) -> JSON {
    let choice: JSON = [
      "index": 0, "message": ["role": "assistant", "content": answer.answer ?? "", "refusal": .null],
      "logprobs": .null, "finish_reason": "stop",
    ]
    return shape("chat.completion", [choice], ["usage": usage(answer), "footnote": answer])
  }

  func chunk(_ delta: JSON, ending: String? = nil, answer: JSON? = nil) -> JSON {
    let choice: JSON = ["index": 0, "delta": delta, "logprobs": .null, "finish_reason": JSON(ending)]
    return shape("chat.completion.chunk", [choice], answer.map { ["footnote": $0] } ?? [:])
  }

  func usageChunk(_ answer: JSON) -> JSON { shape("chat.completion.chunk", [], ["usage": usage(answer)]) }

  private func usage(_ answer: JSON) -> JSON {
    let input = answer.usage?.input_tokens?.int ?? 0
    let output = answer.usage?.output_tokens?.int ?? 0
    return [
      "prompt_tokens": .integer(input), "completion_tokens": .integer(output),
      "total_tokens": .integer(input + output),
    ]
  }
}

/// The question of a list of messages, and what was said before it. What a system message orders is passed over: the
/// library answers from its documents, by its own rules.
private struct ChatMessages {
  let question: String
  let history: [ConversationTurn]

  init(_ value: JSON) throws {
    func wrong(_ why: String) -> PlainFailure { PlainFailure(.usage, "bad_field", why) }
    guard let messages = value.array, !messages.isEmpty else {
      throw wrong("'messages' must be a list that is not empty")
    }
    guard messages.count <= Limits.chatMessagesMax else {
      throw wrong("'messages' holds more than \(Limits.chatMessagesMax)")
    }
    var said: [(role: String, text: String)] = []
    for message in messages {
      guard let role = message.role?.string,
        ["system", "developer", "user", "assistant", "tool"].contains(role)
      else { throw wrong("each message needs a 'role': system, developer, user, assistant or tool") }
      said.append((role, try ChatMessages.text(message.content ?? .null)))
    }
    guard let last = said.last, last.role == "user" else { throw wrong("the last message must be the user's") }
    question = last.text
    var turns: [ConversationTurn] = []
    var asked: String?
    for (role, text) in said.dropLast() {
      if role == "user" { asked = text }
      if role == "assistant", let question = asked {
        turns.append(ConversationTurn(question: question, answer: text))
        asked = nil
      }
    }
    history = Array(turns.suffix(Conversations.turnsMax))
  }

  /// A text, or a list of parts of which only texts are understood.
  private static func text(_ content: JSON) throws -> String {
    if content.isNull { return "" }
    if let text = content.string { return text }
    let parts = try (content.array ?? [.null]).map { part -> String in
      guard part.type?.string == "text", let text = part["text"]?.string else {
        throw PlainFailure(.usage, "bad_field", "a message's 'content' must be a text, or a list of parts that are")
      }
      return text
    }
    return parts.joined(separator: "\n")
  }
}
