// A question's way as spans: what a collector is sent, in which form, and what becomes of it when the collector is
// slow, full, or of another mind.
import Base
import Foundation
import HTTPKit
import Models
import ScriptedEndpoint
import Testing

@testable import App

@Suite struct TraceTests {
  private let folder = Folder()
  private let client = HTTPClient()
  private let question = "How many vacation days do full-time staff get?"
  private let incoming = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

  private func model() throws -> ScriptedEndpoint {
    try ScriptedEndpoint { _, _ in
      ChatScript.reply(
        ["Full-time staff get 15 vacation days a year [1]. ", "They get 99 days in Paris [1]."],
        usage: ChatScript.usage(200, 20))
    }
  }

  private func server(_ collector: ScriptedEndpoint, _ model: ScriptedEndpoint? = nil, content: Bool = false) throws
    -> RunningServer
  {
    let file = try folder.write("leave.md", "# Time off\n\nFull-time staff get 15 vacation days a year.\n")
    #expect(try Binary.run(["add", file], data: folder.data).status == 0)
    var environment = [
      "FOOTNOTE_TRACES_URL": collector.url, "FOOTNOTE_TRACES_CONTENT": content ? "true" : "false",
      "FOOTNOTE_TRACES_HEADERS": "x-api-key: secret-of-the-collector",
    ]
    if let model {
      environment["FOOTNOTE_LLM_URL"] = model.url
      environment["FOOTNOTE_LLM_MODEL"] = "m"
      environment["FOOTNOTE_LLM_PRICES"] = #"{"models":{"m":{"input":1000000,"output":1000000}}}"#
    }
    return try RunningServer(data: folder.data, environment: environment)
  }

  private func ask(_ server: RunningServer, traceparent: String? = nil) throws -> Int {
    var request = HTTPRequest("POST", server.url + "/query")
    request.body = .bytes(JSON.object(["question": .string(question)]).utf8, contentType: "application/json")
    if let traceparent { request.headers.append(("traceparent", traceparent)) }
    return try client.send(request).status
  }

  /// The spans of everything that the collector was sent; it is sent all of it before the server ends.
  private func spans(_ collector: ScriptedEndpoint) -> [JSON] {
    collector.requests.flatMap { request in
      #expect(request.method == "POST" && request.path == "/v1/traces")
      #expect(request.header("Content-Type") == "application/json")
      #expect(request.header("x-api-key") == "secret-of-the-collector")
      let (spans, problems) = OTLPShape.read(request.json)
      #expect(problems.isEmpty, "\(problems)")
      return spans
    }
  }

  @Test func aQuestionsWayIsTold() throws {
    let (collector, model) = (try ScriptedEndpoint { _, _ in .json([:]) }, try model())
    defer { for endpoint in [collector, model] { endpoint.stop() } }
    let server = try server(collector, model)
    #expect(try ask(server, traceparent: incoming) == 200)
    #expect(server.stop() == 0)

    let spans = spans(collector)
    let names = Set(spans.compactMap { $0["name"]?.string })
    for name in [
      "POST /query", "retrieval library", "search vector", "search keyword", "search fusion", "gate", "chat m",
      "answer rank", "answer finish",
    ] { #expect(names.contains(name), "\(name) is not among \(names)") }
    #expect(names.contains { $0.hasPrefix("embeddings all-MiniLM") })
    #expect(spans.allSatisfy { $0.traceId?.string == "4bf92f3577b34da6a3ce929d0e0e4736" })

    let request = try #require(spans.first { $0["name"] == "POST /query" })
    #expect(request.parentSpanId?.string == "00f067aa0ba902b7" && request.kind?.int == 2)
    #expect(OTLPShape.value("http.response.status_code", of: request)?.intValue?.string == "200")
    let chat = try #require(spans.first { $0["name"] == "chat m" })
    for (key, value) in [
      ("gen_ai.usage.input_tokens", "200"), ("gen_ai.usage.output_tokens", "20"), ("llm.token_count.total", "220"),
    ] { #expect(OTLPShape.value(key, of: chat)?.intValue?.string == value, "\(key)") }
    for (key, value) in [
      ("gen_ai.operation.name", "chat"), ("gen_ai.request.model", "m"), ("gen_ai.response.model", "scripted"),
      ("openinference.span.kind", "LLM"), ("gen_ai.provider.name", "openai"), ("server.address", "127.0.0.1"),
    ] { #expect(OTLPShape.value(key, of: chat)?.stringValue?.string == value, "\(key)") }
    #expect(OTLPShape.value("llm.cost.total", of: chat)?.doubleValue?.double == 220)
    // The model's own server could go on with the trace.
    let handed = "00-4bf92f3577b34da6a3ce929d0e0e4736-\(chat.spanId?.string ?? "")-01"
    #expect(model.requests.first?.header("traceparent") == handed)
    // Inside of one another as they were done.
    let parents = Dictionary(uniqueKeysWithValues: spans.map { ($0.spanId?.string ?? "", $0.parentSpanId?.string) })
    let retrieval = try #require(spans.first { $0["name"] == "retrieval library" })
    for name in ["search vector", "search keyword", "search fusion"] {
      let span = try #require(spans.first { $0["name"]?.string == name })
      #expect(parents[span.spanId?.string ?? ""] == retrieval.spanId?.string)
    }
    // Nothing of what was asked, found or written.
    let all = collector.requests.map { String(decoding: $0.body, as: UTF8.self) }.joined()
    for word in ["vacation", "Paris", "leave.md"] { #expect(!all.contains(word), "\(word)") }
    let log = try String(contentsOfFile: folder.data + "/log/requests.jsonl", encoding: .utf8)
    #expect(log.contains("4bf92f3577b34da6a3ce929d0e0e4736"))
  }

  @Test func contentIsToldWhereTheSettingsSaySo() throws {
    let (collector, model) = (try ScriptedEndpoint { _, _ in .json([:]) }, try model())
    defer { for endpoint in [collector, model] { endpoint.stop() } }
    let server = try server(collector, model, content: true)
    #expect(try ask(server) == 200)
    #expect(server.stop() == 0)
    let spans = spans(collector)
    func text(_ key: String, _ name: String) -> String? {
      spans.first { $0["name"]?.string == name }.flatMap { OTLPShape.value(key, of: $0)?.stringValue?.string }
    }
    #expect(text("input.value", "POST /query") == question)
    #expect(text("output.value", "POST /query")?.contains("15 vacation days") == true)
    #expect(text("retrieval.documents.0.document.content", "retrieval library")?.contains("15 vacation") == true)
    #expect(text("llm.output_messages.0.message.content", "chat m")?.contains("99 days in Paris") == true)
    #expect(text("gen_ai.input.messages", "chat m")?.contains(question) == true)
  }

  @Test func aTraceThatItsBeginnerDoesNotKeepIsNotSent() throws {
    let collector = try ScriptedEndpoint { _, _ in .json([:]) }
    defer { collector.stop() }
    let server = try server(collector)
    #expect(try ask(server, traceparent: String(incoming.dropLast()) + "0") == 200)
    #expect(server.stop() == 0)
    #expect(collector.requests.isEmpty)
  }

  @Test func aCollectorThatTakesNoJSONIsSentProtobuf() throws {
    let collector = try ScriptedEndpoint { request, _ in
      request.header("Content-Type") == "application/json" ? .error(415) : .reply(200, body: [])
    }
    defer { collector.stop() }
    let server = try server(collector)
    #expect(try ask(server, traceparent: incoming) == 200)
    #expect(server.stop() == 0)
    #expect(collector.requests.count == 2)
    let body = try #require(collector.requests.last)
    #expect(body.header("Content-Type") == "application/x-protobuf")
    let trace: [UInt8] = [0x0A, 0x10, 0x4B, 0xF9, 0x2F, 0x35, 0x77, 0xB3, 0x4D, 0xA6]
    #expect(body.body.firstRange(of: trace) != nil)
  }

  @Test func aCollectorThatHangsHoldsNothingUp() throws {
    let collector = try ScriptedEndpoint { _, _ in [.hang] }
    defer { collector.stop() }
    let server = try server(collector)
    for _ in 0..<3 { #expect(try ask(server) == 200) }
    #expect(server.stop() == 0)
  }

  @Test func aCollectorThatIsBusyIsAskedAgain() throws {
    let collector = try ScriptedEndpoint { _, count in
      count == 0 ? .error(503, "later", [("Retry-After", "0")]) : .json(["partialSuccess": ["rejectedSpans": "1"]])
    }
    defer { collector.stop() }
    var settings = TraceSettings(url: collector.url)
    settings.hasContent = true
    let exporter = TraceExporter(
      settings, policy: RetryPolicy(attemptsMax: 3, firstDelaySeconds: 0.01, delaySecondsMax: 0.01))
    exporter.start()
    for _ in 0..<TraceExporter.batchMax { exporter.take(record(exporter)) }
    while collector.requests.count < 2 { usleep(10_000) }
    exporter.close()
    #expect(exporter.counts == .init(sent: TraceExporter.batchMax - 1, refused: 1))
  }

  @Test func whatDoesNotFitIsDroppedAndCounted() throws {
    // A port that nobody listens on: taken, and let go.
    let gone = try ScriptedEndpoint { _, _ in [.close] }
    gone.stop()
    let exporter = TraceExporter(
      TraceSettings(url: gone.url), policy: RetryPolicy(attemptsMax: 1, firstDelaySeconds: 0, delaySecondsMax: 0))
    // Whoever was not let in takes no place.
    exporter.take(record(exporter, of: nil))
    for _ in 0..<TraceExporter.waitingMax + 5 { exporter.take(record(exporter)) }
    #expect(exporter.counts.overflowed == 5)
    exporter.start()
    exporter.close(patienceSeconds: 10)
    #expect(exporter.counts == .init(overflowed: 5, undelivered: TraceExporter.waitingMax))
  }

  @Test func addressesMayBeWrittenShort() {
    for (written, meant) in [
      ("http://c:4318", "http://c:4318/v1/traces"), ("http://c:4318/", "http://c:4318/v1/traces"),
      ("https://c/api/v1/traces", "https://c/api/v1/traces"),
    ] { #expect(TraceSettings(url: written).url == meant) }
  }

  private func record(_ exporter: TraceExporter, of grant: Grant? = .local) -> AccessRecord {
    AccessRecord(
      requestID: "r", method: "GET", path: "/stats", route: "/stats", status: 200, bytesReceived: 0, milliseconds: 1,
      remoteAddress: "127.0.0.1", outcome: .completed, principal: grant,
      timeline: exporter.timeline(of: Request(path: "/stats"), started: SystemClock().monotonicSeconds()))
  }
}

/// What OTLP's JSON must look like: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
private enum OTLPShape {
  static func read(_ body: JSON) -> (spans: [JSON], problems: [String]) {
    var problems: [String] = []
    var spans: [JSON] = []
    for resource in body.resourceSpans?.array ?? [] {
      let named = resource.resource?.attributes?.array ?? []
      if !named.contains(where: { $0.key?.string == "service.name" }) { problems.append("no service.name") }
      problems += named.flatMap(attribute)
      for scope in resource.scopeSpans?.array ?? [] {
        if scope.scope?["name"]?.string?.isEmpty != false { problems.append("a scope without a name") }
        spans += scope.spans?.array ?? []
      }
    }
    if spans.isEmpty { problems.append("no spans") }
    let ids = Set(spans.compactMap { $0.spanId?.string })
    if ids.count != spans.count { problems.append("two spans of one id") }
    for span in spans {
      problems += problem(span)
      let parent = span.parentSpanId?.string
      if let parent, span.kind?.int != 2, !ids.contains(parent) { problems.append("a parent that is not there") }
    }
    return (spans, problems)
  }

  static func value(_ key: String, of span: JSON) -> JSON? {
    span.attributes?.array?.first { $0.key?.string == key }?.value
  }

  private static func problem(_ span: JSON) -> [String] {
    var problems: [String] = []
    let known: Set = [
      "traceId", "spanId", "parentSpanId", "traceState", "name", "kind", "startTimeUnixNano", "endTimeUnixNano",
      "attributes", "status",
    ]
    for (key, _) in span.object ?? [:] where !known.contains(key) { problems.append("unknown field \(key)") }
    if !isHexadecimal(span.traceId, 32) || !isHexadecimal(span.spanId, 16) { problems.append("an id of another form") }
    if let parent = span.parentSpanId, !isHexadecimal(parent, 16) { problems.append("a parent of another form") }
    if !(1...5).contains(span.kind?.int ?? 0) { problems.append("no kind") }
    let start = span.startTimeUnixNano?.string.flatMap { UInt64($0) } ?? 0
    let end = span.endTimeUnixNano?.string.flatMap { UInt64($0) } ?? 0
    // Since 2020, in nanoseconds.
    if start < 1_577_836_800_000_000_000 || end < start { problems.append("times that are none: \(start), \(end)") }
    return problems + (span.attributes?.array ?? []).flatMap(attribute)
  }

  private static func attribute(_ attribute: JSON) -> [String] {
    let key = attribute.key?.string ?? ""
    guard !key.isEmpty, let value = attribute.value?.object, let (kind, content) = value.first(where: { _ in true })
    else { return ["an attribute without key or value"] }
    var count = 0
    for _ in value { count += 1 }
    let fits =
      switch kind {
      case "stringValue": content.string != nil
      case "intValue": content.string.flatMap { Int64($0) } != nil
      case "doubleValue": content.double != nil
      case "boolValue": content.bool != nil
      case "arrayValue": content.values?.array != nil
      default: false
      }
    return fits && count == 1 ? [] : ["\(key) has a value of another form"]
  }

  private static func isHexadecimal(_ value: JSON?, _ digits: Int) -> Bool {
    guard let text = value?.string, text.utf8.count == digits else { return false }
    return text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      && text.contains { $0 != "0" }
  }
}
