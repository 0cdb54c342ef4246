// What spans and their attributes are called, by the conventions of OpenTelemetry for generative AI and of
// OpenInference side by side: what reads the one ignores the other.
// https://github.com/open-telemetry/semantic-conventions-genai, https://arize-ai.github.io/openinference/spec/
import Base
import HTTPKit

enum SpanNames {
  static let documentsMax = 20
  static let textScalarsMax = 4_000

  // MARK: Names

  static func name(_ part: Timeline.Part, _ record: AccessRecord) -> String {
    switch part.kind {
    case .request: record.route.map { "\(record.method) \($0)" } ?? record.method
    case .embedding: "embeddings \(part.text(.model) ?? "")"
    case .model: "chat \(part.text(.modelAsked) ?? "")"
    case .reranking, .gate: part.name
    case .retrieval: part.name == "search" ? "retrieval library" : "search \(part.name)"
    case .work: "answer \(part.name)"
    }
  }

  /// Asked of another program.
  static func isRemote(_ part: Timeline.Part) -> Bool { part.kind == .model && part.flag(.isCached) != true }

  private static func openInferenceKind(_ kind: Timeline.Kind) -> String {
    switch kind {
    case .request, .work: "CHAIN"
    case .embedding: "EMBEDDING"
    case .retrieval: "RETRIEVER"
    case .reranking: "RERANKER"
    case .model: "LLM"
    case .gate: "GUARDRAIL"
    }
  }

  // MARK: Attributes

  static func request(_ part: Timeline.Part, _ record: AccessRecord, dropped: Int) -> [Span.Attribute] {
    var list: [Span.Attribute] = [
      ("openinference.span.kind", .text(openInferenceKind(.request))),
      ("http.request.method", .text(record.method)), ("http.response.status_code", .whole(record.status)),
      ("footnote.request_id", .text(record.requestID)), ("footnote.outcome", .text(record.outcome.rawValue)),
    ]
    if let route = record.route { list.append(("http.route", .text(route))) }
    if let grant = record.principal as? Grant { list.append(("footnote.key", .text(grant.id))) }
    if record.status >= 500 { list.append(("error.type", .text(String(record.status)))) }
    if dropped > 0 { list.append(("footnote.parts_dropped", .whole(dropped))) }
    return list + ours(part) + contents(part)
  }

  static func part(_ part: Timeline.Part) -> [Span.Attribute] {
    var list: [Span.Attribute] = [("openinference.span.kind", .text(openInferenceKind(part.kind)))]
    switch part.kind {
    case .model: list += model(part)
    case .embedding:
      list.append(("gen_ai.operation.name", .text("embeddings")))
      if let model = part.text(.model) {
        list += [("gen_ai.request.model", .text(model)), ("embedding.model_name", .text(model))]
      }
      if let dimension = part.whole(.dimension) {
        list.append(("gen_ai.embeddings.dimension.count", .whole(dimension)))
      }
    case .retrieval where part.name == "search":
      list += [("gen_ai.operation.name", .text("retrieval")), ("gen_ai.data_source.id", .text("library"))]
      if let limit = part.whole(.limit) { list.append(("gen_ai.request.top_k", .whole(limit))) }
    default: break
    }
    if let failure = part.failure { list.append(("error.type", .text(failure))) }
    return list + ours(part) + contents(part)
  }

  private static func model(_ part: Timeline.Part) -> [Span.Attribute] {
    var list: [Span.Attribute] = [("gen_ai.operation.name", .text("chat"))]
    if let provider = part.text(.provider) {
      let known = provider == "azure" ? "azure.ai.openai" : provider
      list += [
        ("gen_ai.provider.name", .text(known)), ("gen_ai.system", .text(known)), ("llm.system", .text(provider)),
        ("llm.provider", .text(provider)),
      ]
    }
    if let asked = part.text(.modelAsked) { list.append(("gen_ai.request.model", .text(asked))) }
    if let model = part.text(.model) ?? part.text(.modelAsked) {
      list += [("gen_ai.response.model", .text(model)), ("llm.model_name", .text(model))]
    }
    if let address = part.text(.address).flatMap(server) { list += address }
    if let temperature = part.number(.temperature) {
      list.append(("gen_ai.request.temperature", .number(temperature)))
    }
    if let most = part.whole(.outputTokensMax) { list.append(("gen_ai.request.max_tokens", .whole(most))) }
    if let input = part.whole(.inputTokens), let output = part.whole(.outputTokens) {
      list += [
        ("gen_ai.usage.input_tokens", .whole(input)), ("gen_ai.usage.output_tokens", .whole(output)),
        ("llm.token_count.prompt", .whole(input)), ("llm.token_count.completion", .whole(output)),
        ("llm.token_count.total", .whole(input + output)),
      ]
    }
    if let cost = part.number(.cost) { list.append(("llm.cost.total", .number(cost))) }
    if let ending = part.text(.ending) {
      let reasons = ["complete": "stop", "cut_off": "length", "filtered": "content_filter"]
      list.append(("gen_ai.response.finish_reasons", .texts([reasons[ending] ?? ending])))
    }
    return list
  }

  private static func server(_ address: String) -> [Span.Attribute] {
    let isSecure = address.hasPrefix("https:")
    let authority = (address.split(separator: "://", maxSplits: 1).last ?? "").prefix { $0 != "/" }
    let port = authority.lastIndex(of: ":").flatMap { Int(authority[authority.index(after: $0)...]) }
    let host = port.map { authority.dropLast("\($0)".count + 1) } ?? authority
    return [("server.address", .text(String(host))), ("server.port", .whole(port ?? (isSecure ? 443 : 80)))]
  }

  /// Every fact under our own name, too: nothing that is known is lost for want of a convention.
  private static func ours(_ part: Timeline.Part) -> [Span.Attribute] {
    part.facts.compactMap { fact, value in
      let key = "footnote.\(fact.rawValue)"
      return switch value {
      case .string(let text): (key, .text(text))
      case .integer(let whole): (key, .whole(whole))
      case .number(let number): (key, .number(number))
      case .bool(let flag): (key, .flag(flag))
      default: nil
      }
    }
  }

  // MARK: Content, where the settings allow it

  private static func contents(_ part: Timeline.Part) -> [Span.Attribute] {
    part.contents.flatMap { content -> [Span.Attribute] in
      switch content {
      case .question(let text):
        switch part.kind {
        case .embedding:
          [("embedding.embeddings.0.embedding.text", .text(cut(text))), ("input.value", .text(cut(text)))]
        case .retrieval: [("gen_ai.retrieval.query.text", .text(cut(text))), ("input.value", .text(cut(text)))]
        case .reranking: [("reranker.query", .text(cut(text))), ("input.value", .text(cut(text)))]
        default: [("input.value", .text(cut(text))), ("input.mime_type", .text("text/plain"))]
        }
      case .answer(let text): answer(text, part.kind)
      case .messages(let messages): self.messages(messages)
      case .documents(let documents): self.documents(documents)
      }
    }
  }

  private static func answer(_ text: String, _ kind: Timeline.Kind) -> [Span.Attribute] {
    var list: [Span.Attribute] = [("output.value", .text(cut(text))), ("output.mime_type", .text("text/plain"))]
    guard kind == .model else { return list }
    list += [
      ("llm.output_messages.0.message.role", .text("assistant")),
      ("llm.output_messages.0.message.content", .text(cut(text))),
      ("gen_ai.output.messages", .text(JSON.array([message("assistant", text, ends: true)]).text)),
    ]
    return list
  }

  private static func messages(_ messages: [(role: String, text: String)]) -> [Span.Attribute] {
    var list = messages.enumerated().flatMap { index, message -> [Span.Attribute] in
      [
        ("llm.input_messages.\(index).message.role", .text(message.role)),
        ("llm.input_messages.\(index).message.content", .text(cut(message.text))),
      ]
    }
    let asked = messages.map { message($0.role, $0.text) }
    list.append(("gen_ai.input.messages", .text(JSON.array(asked).text)))
    if let last = messages.last { list.append(("input.value", .text(cut(last.text)))) }
    return list
  }

  private static func message(_ role: String, _ text: String, ends: Bool = false) -> JSON {
    var shape: JSONObject = ["role": .string(role), "parts": [["type": "text", "content": .string(cut(text))]]]
    if ends { shape["finish_reason"] = "stop" }
    return .object(shape)
  }

  private static func documents(_ documents: [(id: String, score: Double, text: String)]) -> [Span.Attribute] {
    documents.prefix(documentsMax).enumerated().flatMap { index, document -> [Span.Attribute] in
      let key = "retrieval.documents.\(index).document"
      return [
        ("\(key).id", .text(document.id)), ("\(key).score", .number(document.score)),
        ("\(key).content", .text(cut(document.text))),
      ]
    }
  }

  private static func cut(_ text: String) -> String {
    text.unicodeScalars.count <= textScalarsMax
      ? text : String(String.UnicodeScalarView(text.unicodeScalars.prefix(textScalarsMax))) + "…"
  }
}

extension Timeline.Part {
  /// What was noted last counts.
  private func value(_ fact: Timeline.Fact) -> JSON? { facts.last { $0.fact == fact }?.value }

  func text(_ fact: Timeline.Fact) -> String? { value(fact)?.string }
  func whole(_ fact: Timeline.Fact) -> Int? { value(fact)?.int }
  func number(_ fact: Timeline.Fact) -> Double? { value(fact)?.double }
  func flag(_ fact: Timeline.Fact) -> Bool? { value(fact)?.bool }
}
