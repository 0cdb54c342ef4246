// The chat service against a server on loopback that speaks the protocols and misbehaves: what is shown, what is tried
// again, what is told. Time is the system's, plus what was slept, which takes none.
import Base
import Foundation
import ScriptedEndpoint
import Store
import Synchronization
import Testing

@testable import Models

/// Sleeping moves it on at once.
final class SkippingClock: Clock, Sleeper {
  private let system = SystemClock()
  private let skipped = Mutex(0.0)
  private let slept = Mutex<[Double]>([])

  var waits: [Double] { slept.withLock { $0 } }
  func skip(_ seconds: Double) { skipped.withLock { $0 += seconds } }
  func wallSeconds() -> Double { system.wallSeconds() + skipped.withLock { $0 } }
  func monotonicSeconds() -> Double { system.monotonicSeconds() + skipped.withLock { $0 } }

  func sleep(seconds: Double) {
    slept.withLock { $0.append(seconds) }
    // A hair more, so that the moment waited for has come.
    skip(seconds + 1e-6)
  }
}

struct ChatBench {
  let clock = SkippingClock()
  var options = ChatOptions()
  var request = ChatRequest(purpose: "test", [ChatMessage(.user, "What is the notice period?")])

  init() {
    options.firstTextSeconds = 0.4
    options.betweenTextSeconds = 0.4
    options.keptSecondsMax = 0
  }

  func endpoint(
    _ server: ScriptedEndpoint, tier: Int = 0, dialect: ChatDialect = .openai, form: FormSupport? = nil
  ) -> ChatEndpoint {
    ChatEndpoint(
      dialect.endpoint(
        url: server.url, model: "m", key: Secret("sk-topsecret"), headers: [], apiVersion: "2026-01-01",
        timeouts: HTTPTimeouts()), dialect: dialect, tier: tier, form: form)
  }

  func service(_ servers: ScriptedEndpoint..., dialect: ChatDialect = .openai, store: ChatStore? = nil) -> ChatService {
    service(servers.enumerated().map { endpoint($0.element, tier: $0.offset, dialect: dialect) }, store: store)
  }

  func service(_ endpoints: [ChatEndpoint], store: ChatStore? = nil) -> ChatService {
    ChatService(endpoints, options: options, store: store, clock: clock, sleeper: clock)
  }

  /// What came out, and what was shown on the way.
  func ask(_ service: ChatService) -> (reply: ChatReply?, shown: [String], failure: (any Failure)?) {
    var shown: [String] = []
    do {
      let reply = try service.reply(to: request) { shown.append($0) }
      return (reply, shown, nil)
    } catch {
      let failure = PlainFailure.describing(error)
      #expect(!"\(failure)".contains("topsecret"))
      return (nil, shown, failure)
    }
  }
}

@Suite struct ChatServiceTests {
  private var bench = ChatBench()

  private func server(_ replies: [ScriptedEndpoint.Step]...) throws -> ScriptedEndpoint {
    try ScriptedEndpoint { _, number in replies[min(number, replies.count - 1)] }
  }

  // MARK: Good replies

  @Test func textIsShownAsItComes() throws {
    let server = try server(ChatScript.reply(["Three ", "months", " [1]."], usage: ChatScript.usage(12, 6)))
    defer { server.stop() }
    let (reply, shown, _) = bench.ask(bench.service(server))
    #expect(reply?.text == "Three months [1].")
    #expect(shown.joined() == "Three months [1].")
    #expect(reply?.usage == ChatUsage(inputTokens: 12, outputTokens: 6))
    #expect(reply?.model == "scripted")
    let sent = server.requests[0]
    #expect(sent.path == "/v1/chat/completions")
    #expect(sent.header("Authorization") == "Bearer sk-topsecret")
    #expect(sent.json.stream?.bool == true && sent.json.model?.string == "m")
    #expect(sent.json.messages?.array?.first?.content?.string == "What is the notice period?")
  }

  @Test func aServerThatDoesNotStreamIsUnderstood() throws {
    let server = try server(ChatScript.whole("Three months."))
    defer { server.stop() }
    let (reply, shown, _) = bench.ask(bench.service(server))
    #expect(reply?.text == "Three months." && shown == ["Three months."])
  }

  @Test func anthropicIsSpokenToo() throws {
    let server = try server(ChatScript.message(["Three ", "months."]), ChatScript.message(["x"], stop: "max_tokens"))
    defer { server.stop() }
    var bench = bench
    bench.request.messages.insert(ChatMessage(.system, "Be brief."), at: 0)
    let service = bench.service(server, dialect: .anthropic)
    let (reply, _, _) = bench.ask(service)
    #expect(reply?.text == "Three months." && reply?.model == "claude-scripted")
    #expect(reply?.usage == ChatUsage(inputTokens: 25, outputTokens: 4))
    let sent = server.requests[0]
    #expect(sent.path == "/v1/messages" && sent.header("x-api-key") == "sk-topsecret")
    #expect(sent.header("anthropic-version") == "2023-06-01" && sent.header("Authorization") == nil)
    #expect(sent.json.system?.string == "Be brief.")
    #expect(sent.json.messages?.array?.count == 1)
    #expect(bench.ask(service).reply?.ending == .cutOff)
  }

  @Test func azureIsAddressedAsItWantsToBe() throws {
    let server = try server(ChatScript.reply(["Yes."]))
    defer { server.stop() }
    #expect(bench.ask(bench.service(server, dialect: .azure)).reply?.text == "Yes.")
    #expect(server.requests[0].path == "/openai/deployments/m/chat/completions?api-version=2026-01-01")
    #expect(server.requests[0].header("api-key") == "sk-topsecret")
    #expect(server.requests[0].header("Authorization") == nil)
  }

  @Test(arguments: [("length", ChatReply.Ending.cutOff), ("content_filter", .filtered), ("stop", .complete)])
  func theReasonOfTheEndIsTold(_ reason: String, _ ending: ChatReply.Ending) throws {
    let server = try server(.eventStream(ChatScript.chunks(["Yes."], finish: reason)))
    defer { server.stop() }
    #expect(bench.ask(bench.service(server)).reply?.ending == ending)
  }

  @Test func usageThatIsMissingOrLiesIsCounted() throws {
    let server = try server(
      ChatScript.reply(["Yes."]), ChatScript.reply(["Yes."], usage: ChatScript.usage(-5, 1 << 60)))
    defer { server.stop() }
    let service = bench.service(server)
    for _ in 0..<2 {
      let usage = bench.ask(service).reply?.usage
      #expect(usage?.isCounted == true)
      #expect((5...60).contains(usage?.inputTokens ?? 0) && (1...5).contains(usage?.outputTokens ?? 0))
    }
  }

  // MARK: Trouble before anything was shown

  @Test(arguments: [
    ScriptedEndpoint.Step.Trouble.status(500), .status(502), .status(503), .status(529), .html, .closed, .emptyStream,
    .badUTF8, .errorEvent, .noJSON, .noChoices,
  ])
  func passingTroubleIsTriedAgain(_ trouble: ScriptedEndpoint.Step.Trouble) throws {
    let server = try server(trouble.steps, ChatScript.reply(["Yes."]))
    defer { server.stop() }
    let (reply, shown, _) = bench.ask(bench.service(server))
    #expect(reply?.text == "Yes." && shown == ["Yes."])
    #expect(server.requests.count == 2)
    #expect(bench.clock.waits.count == 1 && bench.clock.waits[0] > 0.1)
  }

  @Test func retryAfterIsObeyed() throws {
    let server = try server(.error(429, "slow down", [("Retry-After", "7")]), ChatScript.reply(["Yes."]))
    defer { server.stop() }
    #expect(bench.ask(bench.service(server)).reply?.text == "Yes.")
    #expect((7.0...8).contains(bench.clock.waits.reduce(0, +)))
  }

  @Test func nobodyWaitsLongerThanTheCallMayTake() throws {
    let server = try server(.error(429, "slow down", [("Retry-After", "3600")]))
    defer { server.stop() }
    let failure = bench.ask(bench.service(server)).failure
    #expect(failure?.code == "endpoint_busy" && failure?.kind == .unavailable)
    #expect(server.requests.count == 1 && bench.clock.waits.isEmpty)
  }

  @Test(arguments: [(401, "endpoint_denied"), (404, "endpoint_not_found"), (400, "endpoint_refused")])
  func whatWillNotPassIsToldAtOnce(_ status: Int, _ code: String) throws {
    let server = try server(.error(status, "no such key sk-topsecret"))
    defer { server.stop() }
    #expect(bench.ask(bench.service(server)).failure?.code == code)
    #expect(server.requests.count == 1)
  }

  @Test func theKeyFollowsNoRedirect() throws {
    let canary = try server(ChatScript.reply(["stolen"]))
    let server = try server(.reply(302, [("Location", "\(canary.url)/v1/chat/completions?t=1")], body: []))
    defer { for server in [server, canary] { server.stop() } }
    #expect(bench.ask(bench.service(server)).failure?.code == "endpoint_redirects")
    #expect(canary.connectionCount == 0)
  }

  @Test func silenceEndsTheCall() throws {
    let server = try server([.hang])
    defer { server.stop() }
    var bench = bench
    bench.options.retries = RetryPolicy(attemptsMax: 1)
    let failure = bench.ask(bench.service(server)).failure
    #expect(failure?.kind == .timeout && failure?.code == "endpoint_timeout")
  }

  /// A comment every moment keeps the line open and says nothing.
  @Test func commentsAreNoText() throws {
    let head = Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".utf8)
    let comments = (0..<100).flatMap { _ -> [ScriptedEndpoint.Step] in
      [.send(Array(": still here\n\n".utf8)), .wait(seconds: 0.05)]
    }
    let server = try server([.send(head)] + comments + [.close])
    defer { server.stop() }
    var bench = bench
    bench.options.retries = RetryPolicy(attemptsMax: 1)
    #expect(bench.ask(bench.service(server)).failure?.code == "endpoint_timeout")
  }

  @Test func aFloodIsCutOff() throws {
    let server = try server(.endlessLine(bytes: Limits.chatReplyBytesMax * 2))
    defer { server.stop() }
    #expect(bench.ask(bench.service(server)).failure?.code == "reply_too_large")
    #expect(server.requests.count == 1)
  }

  // MARK: Trouble after text was shown

  @Test func aReplyThatBreaksOffIsNeverShownAsWhole() throws {
    let whole = ChatScript.reply(["Three ", "months."], usage: ChatScript.usage(10, 5))
    let length = whole.reduce(0) { sum, step in if case .send(let bytes) = step { sum + bytes.count } else { sum } }
    for count in stride(from: 0, to: length, by: 17) {
      let server = try server(whole.cut(after: count))
      defer { server.stop() }
      var bench = ChatBench()
      bench.options.retries = RetryPolicy(attemptsMax: 2, firstDelaySeconds: 0)
      let (reply, shown, failure) = bench.ask(bench.service(server))
      // Whole is only what has come to the protocol's end.
      if let reply {
        #expect(reply.text == "Three months." && reply.ending == .complete)
      } else {
        #expect(failure != nil)
        #expect("Three months.".hasPrefix(shown.joined()))
        // Shown text is not shown again.
        #expect(server.requests.count == (shown.isEmpty ? 2 : 1), "cut after \(count)")
      }
    }
  }

  @Test func silenceBetweenTwoPiecesEndsTheCall() throws {
    let server = try server(
      Array(ChatScript.reply(["Three "]).prefix(4)) + [.hang], ChatScript.reply(["never asked"]))
    defer { server.stop() }
    let (_, shown, failure) = bench.ask(bench.service(server))
    #expect(shown == ["Three "])
    #expect(failure?.code == "endpoint_timeout" && failure?.message.contains("not whole") == true)
    #expect(server.requests.count == 1)
  }

  @Test func anErrorHalfWayIsTold() throws {
    let events = ChatScript.chunks(["Three "], finish: nil, isDone: false)
    let server = try server(
      .eventStream(events + [#"{"error":{"message":"overloaded sk-topsecret","type":"overloaded_error"}}"#]))
    defer { server.stop() }
    let (_, shown, failure) = bench.ask(bench.service(server))
    #expect(shown == ["Three "] && failure?.code == "endpoint_failed")
    #expect(server.requests.count == 1)
  }

  @Test func moreThanWasAllowedIsCutOff() throws {
    let server = try server(ChatScript.reply([String](repeating: String(repeating: "a", count: 1_000), count: 200)))
    defer { server.stop() }
    var bench = bench
    bench.request.outputTokensMax = 100
    #expect(bench.ask(bench.service(server)).failure?.code == "reply_too_large")
  }

  // MARK: The caller

  @Test func whatTheReceiverThrowsStopsTheCall() throws {
    struct Enough: Error {}
    let server = try server(ChatScript.reply(["Three ", "months."]))
    defer { server.stop() }
    let service = bench.service(server)
    #expect(throws: Enough.self) { _ = try service.reply(to: bench.request) { _ in throw Enough() } }
    #expect(server.requests.count == 1)
    #expect(service.circuits[0].state == .closed)
  }

  @Test func aCallerWhoGoesAwayIsNotServed() throws {
    let server = try server([.hang])
    defer { server.stop() }
    var bench = bench
    bench.options.firstTextSeconds = 60
    let left = Mutex(0)
    bench.request.isCancelled = {
      left.withLock {
        $0 += 1
        return $0 > 3
      }
    }
    #expect(bench.ask(bench.service(server)).failure?.code == "cancelled")
  }

  // MARK: Several endpoints

  @Test func theFallbackAnswersWhenTheFirstCannot() throws {
    for trouble in [ScriptedEndpoint.Step.Trouble.status(500), .status(401), .html, .closed] {
      let (first, second) = (try server(trouble.steps), try server(ChatScript.reply(["Yes."])))
      defer { for server in [first, second] { server.stop() } }
      #expect(ChatBench().ask(ChatBench().service(first, second)).reply?.text == "Yes.")
      #expect(second.requests.count == 1 && first.requests.count == 1)
    }
  }

  @Test func theFallbackIsNotAskedOnceTextWasShown() throws {
    let first = try server(Array(ChatScript.reply(["Three "]).prefix(4)) + [.close])
    let second = try server(ChatScript.reply(["Yes."]))
    defer { for server in [first, second] { server.stop() } }
    #expect(bench.ask(bench.service(first, second)).shown == ["Three "])
    #expect(second.requests.isEmpty)
  }

  @Test func endpointsOfOneTierShareTheLoad() throws {
    let servers = try (0..<3).map { _ in try server(ChatScript.reply(["Yes."])) }
    defer { for server in servers { server.stop() } }
    let service = bench.service(servers.map { bench.endpoint($0) })
    for _ in 0..<9 { #expect(bench.ask(service).reply != nil) }
    #expect(servers.map(\.requests.count) == [3, 3, 3])
  }

  @Test func anEndpointThatFailsIsLeftAlone() throws {
    let server = try ScriptedEndpoint { _, number in number < 5 ? .error(500) : ChatScript.reply(["Yes."]) }
    defer { server.stop() }
    var bench = bench
    bench.options.retries = RetryPolicy(attemptsMax: 1)
    bench.options.breaker = CircuitBreaker(failuresMax: 5, firstPauseSeconds: 600, pauseSecondsMax: 600)
    let service = bench.service(server)
    for _ in 0..<5 { #expect(bench.ask(service).failure?.code == "endpoint_failed") }
    // Open: it is not even asked.
    #expect(bench.ask(service).failure?.code == "endpoints_resting")
    #expect(server.requests.count == 5)
    bench.clock.skip(601)
    #expect(bench.ask(service).reply?.text == "Yes.")
    #expect(service.circuits[0].state == .closed)
  }

  // MARK: Forms

  @Test func theFormIsAskedForAsTheEndpointTakesIt() throws {
    let server = try ScriptedEndpoint { request, _ in
      if request.json.response_format != nil { return .error(400, "response_format is not supported") }
      return request.json.tools != nil
        ? ChatScript.toolCall(["{\"product\":", "\"lamp\"}"]) : ChatScript.reply(["{\"product\":\"desk\"}"])
    }
    defer { server.stop() }
    var bench = bench
    bench.request.form = ReplyForm(name: "offer", about: "", schema: ["type": "object"])
    let service = bench.service(server)
    #expect(try service.reply(to: bench.request, onText: nil).text == #"{"product":"lamp"}"#)
    // What it refused once is not asked again.
    #expect(try service.reply(to: bench.request, onText: nil).text == #"{"product":"lamp"}"#)
    #expect(server.requests.count == 3)
    #expect(server.requests[0].json.response_format?.json_schema?.name?.string == "offer")
    #expect(server.requests[2].json.tool_choice?.function?.name?.string == "offer")

    let plain = bench.service([bench.endpoint(server, form: .instruction)])
    #expect(try plain.reply(to: bench.request, onText: nil).text == #"{"product":"desk"}"#)
    #expect(server.requests.last?.json.messages?.array?.first?.content?.string?.contains(#"{"type":"object"}"#) == true)
  }
}

extension ScriptedEndpoint.Step {
  /// Troubles that may pass, each before the first text.
  enum Trouble: Sendable {
    case status(Int)
    case html, closed, emptyStream, badUTF8, errorEvent, noJSON, noChoices

    var steps: [ScriptedEndpoint.Step] {
      switch self {
      case .status(let status): .error(status)
      case .html: .html()
      case .closed: [.close]
      case .emptyStream: .eventStream([])
      case .badUTF8:
        .reply(200, type: "text/event-stream", body: Array("data: {\"a\":\"".utf8) + [0xFF] + Array("\"}\n\n".utf8))
      case .errorEvent: .eventStream([#"{"error":{"message":"busy","type":"server_error"}}"#])
      case .noJSON: .eventStream(["not json"])
      case .noChoices: .eventStream(["{}"])
      }
    }
  }
}
