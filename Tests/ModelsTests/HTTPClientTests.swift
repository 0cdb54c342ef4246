// The client against servers that behave badly.
import Base
import ScriptedEndpoint
import Synchronization
import Testing

@testable import Models

@Suite struct HTTPClientTests {
  private let client = HTTPClient()

  private func request(_ server: ScriptedEndpoint, _ change: (inout HTTPRequest) -> Void = { _ in }) -> HTTPRequest {
    var request = HTTPRequest("POST", server.url + "/v1/x")
    request.body = .bytes(Array("{}".utf8), contentType: "application/json")
    change(&request)
    return request
  }

  private func cause(_ request: HTTPRequest) -> HTTPClientError.Cause? {
    do {
      _ = try client.send(request)
      return nil
    } catch { return (error as? HTTPClientError)?.cause }
  }

  @Test func aReplyComesWithItsHead() throws {
    let server = try ScriptedEndpoint { _, _ in .json(["a": 1], [("X-Thing", " two words ")]) }
    let reply = try client.send(request(server))
    #expect(reply.status == 200)
    #expect(reply.head.header("x-thing") == "two words")
    #expect(try JSON(parsing: reply.body) == ["a": 1])
    server.stop()
  }

  @Test func aHeaderOfNothingIsNoEnd() throws {
    let server = try ScriptedEndpoint { _, _ in .json([:], [("X-Empty", ""), ("X-Blank", "  ")]) }
    let reply = try client.send(request(server))
    #expect(reply.head.header("x-empty") == "" && reply.head.header("x-blank") == "")
    server.stop()
  }

  @Test func connectionsAreUsedAgain() throws {
    let server = try ScriptedEndpoint { _, _ in .json([:]) }
    for _ in 0..<5 { _ = try client.send(request(server)) }
    #expect(server.requests.count == 5)
    #expect(server.connectionCount == 1)
    server.stop()
  }

  @Test func aRedirectIsNotFollowed() throws {
    let elsewhere = try ScriptedEndpoint { _, _ in .json([:]) }
    let target = elsewhere.url
    let server = try ScriptedEndpoint { _, _ in .reply(307, [("Location", target)], body: []) }
    #expect(try client.send(request(server)).status == 307)
    #expect(elsewhere.requests.isEmpty)
    server.stop()
    elsewhere.stop()
  }

  @Test func aServerThatNeverAnswersIsLeft() throws {
    let server = try ScriptedEndpoint { _, _ in [.hang] }
    #expect(cause(request(server) { $0.timeouts.firstByteSeconds = 0.2 }) == .timedOut)
    server.stop()
  }

  @Test func aReplyThatStandsStillIsLeft() throws {
    let server = try ScriptedEndpoint { _, _ in
      [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc".utf8)), .hang]
    }
    #expect(cause(request(server) { $0.timeouts.betweenBytesSeconds = 0.2 }) == .timedOut)
    server.stop()
  }

  @Test func aReplyThatDripsForEverIsLeft() throws {
    let server = try ScriptedEndpoint { _, _ in .eventStream([String](repeating: "x", count: 200), pauseSeconds: 0.05) }
    #expect(cause(request(server) { $0.timeouts.wholeSeconds = 0.4 }) == .timedOut)
    server.stop()
  }

  @Test func aReplyCutShortIsNoReply() throws {
    let server = try ScriptedEndpoint { _, _ in [ScriptedEndpoint.Step].json(["a": "long enough"]).cut(after: 90) }
    #expect(cause(request(server)) == .brokenOff)
    server.stop()
  }

  @Test func anEndlessLineIsCutAtTheCap() throws {
    let server = try ScriptedEndpoint { _, _ in .endlessLine(bytes: 1 << 30) }
    #expect(cause(request(server) { $0.replyBytesMax = 1 << 20 }) == .replyTooLarge)
    server.stop()
  }

  @Test func endlessHeadersAreCutToo() throws {
    let server = try ScriptedEndpoint { _, _ in
      [.send(Array("HTTP/1.1 200 OK\r\nX: ".utf8)), .flood(UInt8(ascii: "h"), count: 1 << 24), .close]
    }
    #expect(cause(request(server)) != nil)
    server.stop()
  }

  @Test func aPortWhereNobodyListensIsUnreachable() throws {
    let server = try ScriptedEndpoint { _, _ in [] }
    let address = server.url
    server.stop()
    #expect([.unreachable, .brokenOff].contains(cause(HTTPRequest("GET", address))))
    #expect(cause(HTTPRequest("GET", "file:///etc/hostname")) == .badURL)
  }

  @Test func bytesAreHandedOverAsTheyComeAndTheReceiverMayStop() throws {
    struct Enough: Error {}
    // It never comes to an end by itself.
    let steps = [ScriptedEndpoint.Step].eventStream(["one", "two"]).dropLast() + [.hang]
    let server = try ScriptedEndpoint { _, _ in Array(steps) }
    var seen = ""
    var status = 0
    #expect(throws: Enough.self) {
      try client.stream(request(server), begin: { status = $0.status }) { bytes in
        seen += String(decoding: bytes, as: UTF8.self)
        if seen.contains("two") { throw Enough() }
      }
    }
    #expect(status == 200 && seen.contains("one"))
    server.stop()
  }

  @Test func aTransferNobodyWaitsForIsEnded() throws {
    let server = try ScriptedEndpoint { _, _ in [.hang] }
    let request = request(server) { request in
      request.isCancelled = { [asked = Counter()] in asked.next() > 2 }
    }
    #expect(cause(request) == .cancelled)
    server.stop()
  }
}

final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
