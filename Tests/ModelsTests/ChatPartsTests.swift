// The parts of the chat service that do no input or output: events, circuit, routing, tokens, prices.
import Base
import Testing

@testable import Models

@Suite struct ServerEventsTests {
  private let stream = Array(
    "\u{FEFF}: hello\r\nevent: a\r\ndata: one\r\ndata: two\r\n\r\ndata:three\n\nid: 7\n\n\rdata\r\rdata: é\n\n".utf8)
  private let expected = [
    ServerEvent(name: "a", data: "one\ntwo"), ServerEvent(data: "three"), ServerEvent(data: ""), ServerEvent(data: "é"),
  ]

  @Test(arguments: 1...24) func piecesOfAnySizeGiveTheSameEvents(_ size: Int) throws {
    var parser = ServerEvents()
    var events: [ServerEvent] = []
    for start in stride(from: 0, to: stream.count, by: size) {
      events += try parser.take(stream[start..<min(start + size, stream.count)])
    }
    #expect(events == expected)
  }

  @Test func anEventHasAnEnd() throws {
    var parser = ServerEvents()
    #expect(throws: ServerEvents.Fault.eventTooLong) {
      _ = try parser.take(repeatElement(UInt8(ascii: "a"), count: Limits.streamEventBytesMax + 1))
    }
    var many = ServerEvents()
    #expect(throws: ServerEvents.Fault.eventTooLong) {
      for _ in 0...Limits.streamEventBytesMax / 8 { _ = try many.take(Array("data: 12345678\n".utf8)) }
    }
  }

  @Test func textIsUTF8() {
    var parser = ServerEvents()
    #expect(throws: ServerEvents.Fault.notUTF8) {
      _ = try parser.take(Array("data: ".utf8) + [0xC3, 0x28, 0x0A, 0x0A])
    }
  }
}

/// A value behind a reference, so that an expectation may change it.
private final class Held<Value> {
  var value: Value
  init(_ value: Value) { self.value = value }
  func changing<Result>(_ change: (inout Value) -> Result) -> Result { change(&value) }
}

extension Held<CircuitBreaker> {
  fileprivate func admit(now: Double) -> Bool { changing { $0.admit(now: now) } }
}

extension Held<ChatRouting> {
  fileprivate func choose(now: Double, excluded: Set<Int>) -> ChatRouting.Choice {
    changing { $0.choose(now: now, excluded: excluded) }
  }
}

@Suite struct CircuitBreakerTests {
  @Test func itOpensTriesAndCloses() {
    let held = Held(CircuitBreaker(failuresMax: 3, firstPauseSeconds: 10, pauseSecondsMax: 25))
    for _ in 0..<2 { held.value.failed(now: 0) }
    #expect(held.admit(now: 0))
    held.value.succeeded()
    for _ in 0..<3 { held.value.failed(now: 1) }
    #expect(held.value.state == .open(until: 11))
    #expect(!held.admit(now: 10.9))
    // Half-open: one may try, and only one.
    #expect(held.admit(now: 11))
    #expect(!held.admit(now: 11))
    #expect(held.value.readyAt(now: 11) == nil)
    held.value.failed(now: 12)
    #expect(held.value.state == .open(until: 32))
    #expect(held.admit(now: 32))
    held.value.wasAbandoned()
    #expect(held.admit(now: 32))
    held.value.failed(now: 33)
    #expect(held.value.state == .open(until: 58))
    #expect(held.admit(now: 58))
    held.value.succeeded()
    #expect(held.value.state == .closed)
    // What it had grown to is forgotten.
    for _ in 0..<3 { held.value.failed(now: 60) }
    #expect(held.value.state == .open(until: 70))
  }

  @Test func aLateFailureDoesNotLengthenThePause() {
    let held = Held(CircuitBreaker(failuresMax: 1, firstPauseSeconds: 10))
    held.value.failed(now: 0)
    held.value.failed(now: 5)
    #expect(held.value.state == .open(until: 10))
  }
}

@Suite struct ChatRoutingTests {
  private func routing(_ tiers: [Int]) -> ChatRouting {
    ChatRouting(tiers: tiers, breaker: CircuitBreaker(failuresMax: 2, firstPauseSeconds: 10))
  }

  @Test func theLoadIsSpread() {
    let held = Held(routing([0, 0, 0, 1]))
    var counts = [0, 0, 0, 0]
    for _ in 0..<30 {
      guard case .use(let index) = held.choose(now: 0, excluded: []) else { return }
      counts[index] += 1
    }
    #expect(counts == [10, 10, 10, 0])
    held.value.succeeded(1)
    #expect(held.choose(now: 0, excluded: []) == .use(1))
  }

  @Test func theNextTierIsAskedWhileTheFirstCannotBe() {
    let held = Held(routing([0, 1]))
    #expect(held.choose(now: 0, excluded: []) == .use(0))
    held.value.failed(0, now: 0, pauseSeconds: 3)
    #expect(held.choose(now: 1, excluded: []) == .use(1))
    #expect(held.choose(now: 1, excluded: [1]) == .wait(until: 3))
    #expect(held.choose(now: 3, excluded: []) == .use(0))
    held.value.failed(0, now: 3, pauseSeconds: 0)
    // Two failures: its circuit is open.
    #expect(held.choose(now: 4, excluded: [1]) == .wait(until: 13))
    #expect(held.choose(now: 4, excluded: [0, 1]) == .none)
  }
}

@Suite struct TokenAndPriceTests {
  @Test func whatIsSetAsideIsMoreThanWhatIsLikely() {
    for text in ["", "The quick brown fox", "12,345.67", "日本語のテキスト", "a b c d", "🙂🙂"] {
      #expect(TokenCount.most(text) >= TokenCount.likely(text))
    }
    #expect(TokenCount.likely(String(repeating: "word ", count: 100)) == 100)
    #expect(TokenCount.most("2026") == 4)
  }

  @Test func usageThatCannotBeTrueIsCounted() {
    var request = ChatRequest(purpose: "test", [ChatMessage(.user, String(repeating: "word ", count: 100))])
    request.outputTokensMax = 100
    func believed(_ input: Int?, _ output: Int?) -> ChatUsage {
      TokenCount.believed(input: input, output: output, request: request, reply: "Yes, it is.")
    }
    #expect(believed(120, 5) == ChatUsage(inputTokens: 120, outputTokens: 5))
    for (input, output) in [(nil, nil), (0, 5), (-4, 5), (120, -1), (9_999_999, 5), (120, 9_999_999)] as [(Int?, Int?)]
    {
      #expect(believed(input, output).isCounted)
      #expect((1...400).contains(believed(input, output).inputTokens))
      #expect((1...100).contains(believed(input, output).outputTokens))
    }
  }

  @Test func aDatedNameHasThePriceOfItsModel() throws {
    let table = try PriceTable(
      JSON(
        parsing:
          #"{"currency":"EUR","models":{"m":{"input":1,"output":2},"m-mini":{"input":0.1,"output":0.2}}}"#))
    #expect(table.price(of: "m-2026-01-01")?.input == 1)
    #expect(table.price(of: "m-mini-2026-01-01")?.input == 0.1)
    #expect(table.price(of: "mx") == nil)
    #expect(table.cost(ChatUsage(inputTokens: 1_000_000, outputTokens: 500_000), of: ["m"]) == 2)
    #expect(table.cost(ChatUsage(inputTokens: 1, outputTokens: 1), of: ["other"]) == nil)
    for wrong in [
      "{}", #"{"models":{"m":{"input":1}}}"#, #"{"models":{"m":{"input":-1,"output":1}}}"#, #"{"models":{},"x":1}"#,
    ] {
      #expect(throws: PlainFailure.self) { try PriceTable(JSON(parsing: wrong)) }
    }
  }
}
