// The guarded client against servers that lie, drip, flood, redirect and call home. The canary is a server on loopback
// that nobody named: it must never be asked.
import Base
import Foundation
import ScriptedEndpoint
import Synchronization
import Testing

@testable import Models

private func reply(_ status: Int = 200, _ headers: [String: String] = [:], _ body: [UInt8] = []) -> [UInt8] {
  var text = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.count)\r\n"
  for (name, value) in headers.sorted(by: { $0.key < $1.key }) { text += "\(name): \(value)\r\n" }
  return Array((text + "\r\n").utf8) + body
}

private let noRobots = reply(404)
private let feedType = ["Content-Type": "application/rss+xml"]

/// Never sleeps for real, and says how long it would have.
private final class NotedSleeper: Sleeper {
  let slept = Mutex<[Double]>([])
  func sleep(seconds: Double) { slept.withLock { $0.append(seconds) } }
}

@Suite struct WebFetcherTests {
  private func server(
    _ answer: @escaping @Sendable (ScriptedEndpoint.Request, Int) -> [ScriptedEndpoint.Step]
  ) throws -> ScriptedEndpoint {
    try ScriptedEndpoint { request, number in
      request.path == "/robots.txt" ? [.send(noRobots)] : answer(request, number)
    }
  }

  private func fetcher(_ servers: ScriptedEndpoint..., change: (inout FetchRules) -> Void = { _ in }) -> WebFetcher {
    var rules = FetchRules()
    rules.allowedOrigins = Set(servers.map(\.url))
    rules.wholeSeconds = 5
    change(&rules)
    return WebFetcher(rules, sleeper: NotedSleeper())
  }

  private func cause(_ body: () throws -> Void) -> FetchFailure.Cause? {
    do {
      try body()
      return nil
    } catch { return (error as? FetchFailure)?.cause }
  }

  @Test func thisMachineIsNeverReached() throws {
    let canary = try server { _, _ in [.send(reply(200, feedType, Array("secret".utf8)))] }
    defer { canary.stop() }
    let fetcher = WebFetcher(sleeper: NotedSleeper())
    let hosts = [
      "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0.0.0.0", "localhost", "[::1]",
      "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "LOCALHOST.", "127.0.0.1.",
    ]
    for host in hosts {
      let found = cause { _ = try fetcher.fetch("http://\(host):\(canary.port)/", as: .feed) }
      #expect(found != nil, "\(host)")
    }
    for host in [
      "169.254.169.254", "10.0.0.1", "192.168.0.1", "100.64.0.1", "[64:ff9b::7f00:1]", "[fe80::1]", "172.16.9.9",
    ] {
      #expect(cause { _ = try fetcher.fetch("http://\(host)/", as: .page) } == .forbiddenAddress, "\(host)")
    }
    #expect(canary.connectionCount == 0)
  }

  @Test func redirectsAreJudgedAtEachHop() throws {
    let canary = try server { _, _ in [.send(reply(200, feedType, Array("secret".utf8)))] }
    defer { canary.stop() }
    let targets = Mutex<[String]>([])
    let host = try server { request, _ in
      let location = targets.withLock { $0.first { request.path == "/\($0.hashValue)" } }
      if let location { return [.send(reply(302, ["Location": location]))] }
      return [.send(reply(302, ["Location": request.path + "x"]))]
    }
    defer { host.stop() }
    let fetcher = fetcher(host)
    let all = [
      "http://127.0.0.1:\(canary.port)/", "http://[::1]:\(canary.port)/", "http://localhost:\(canary.port)/",
      "file:///etc/passwd", "gopher://127.0.0.1:\(canary.port)/", "ftp://127.0.0.1/", "http://169.254.169.254/latest",
      "http://a@127.0.0.1:\(canary.port)/", "//127.0.0.1:\(canary.port)/",
    ]
    targets.withLock { $0 = all }
    for target in all {
      let found = cause { _ = try fetcher.fetch("\(host.url)/\(target.hashValue)", as: .feed) }
      #expect(found != nil, "\(target)")
      if case .status = found { Issue.record("\(target) was asked") }
    }
    #expect(cause { _ = try fetcher.fetch("\(host.url)/loop", as: .feed) } == .tooManyRedirects)
    #expect(canary.connectionCount == 0)
    #expect(host.requests.count { $0.path.hasPrefix("/loop") } == Limits.fetchRedirectsMax + 1)
  }

  @Test func proxiesOfTheEnvironmentAreNotAsked() throws {
    let proxy = try server { _, _ in [.send(reply(200, feedType, Array("x".utf8)))] }
    defer { proxy.stop() }
    unsafe setenv("http_proxy", proxy.url, 1)
    defer { unsafe unsetenv("http_proxy") }
    #expect(
      cause { _ = try WebFetcher(sleeper: NotedSleeper()).fetch("http://10.0.0.1/", as: .feed) } == .forbiddenAddress)
    #expect(proxy.connectionCount == 0)
  }

  @Test func floodsAndBombsAreCutAtTheCap() throws {
    // 64 MiB of zeros: 64 KiB when packed by gzip. Made by hand: stored blocks would not be small.
    let bomb = try #require(gzipped(zeros: 64 << 20))
    #expect(bomb.count < 1 << 20)
    let host = try server { request, _ in
      switch request.path {
      case "/flood":
        [.send(Array("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n".utf8)), .flood(0x61, count: 64 << 20), .close]
      case "/bomb": [.send(reply(200, ["Content-Type": "text/xml", "Content-Encoding": "gzip"], bomb))]
      default:
        [
          .send(
            reply(200, ["Content-Type": "text/xml", "Content-Encoding": "gzip, gzip, gzip, gzip, gzip, gzip"], bomb))
        ]
      }
    }
    defer { host.stop() }
    for path in ["flood", "bomb"] {
      #expect(
        cause { _ = try fetcher(host).fetch("\(host.url)/\(path)", as: .feed) }
          == .tooLarge(bytesMax: Limits.feedBytesMax), "\(path)")
    }
    #expect(cause { _ = try fetcher(host).fetch("\(host.url)/layers", as: .feed) } != nil)
  }

  @Test func dripsAndSilencesEnd() throws {
    let host = try server { request, _ in
      request.path == "/drip"
        ? [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n".utf8))]
          + (0..<100).flatMap { _ in [ScriptedEndpoint.Step.send([0x61]), .wait(seconds: 0.05)] }
        : [.hang]
    }
    defer { host.stop() }
    for path in ["drip", "silence"] {
      let fetcher = fetcher(host) { $0.wholeSeconds = 0.4 }
      #expect(cause { _ = try fetcher.fetch("\(host.url)/\(path)", as: .page) } == .timedOut, "\(path)")
    }
    let liar = try server { _, _ in
      [.send(Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort".utf8)), .close]
    }
    defer { liar.stop() }
    let broken = cause { _ = try fetcher(liar).fetch("\(liar.url)/x", as: .page) }
    if case .unreachable = broken {
    } else {
      Issue.record("half a page was taken for a whole one: \(String(describing: broken))")
    }
  }

  @Test(arguments: [
    ("image/png", false), ("video/mp4", false), ("application/pdf", false), ("text/html", true), ("", true),
    ("application/zip", false), ("text/plain; charset=utf-8", true), ("application/atom+xml", true),
  ])
  func typesThatCannotBeAFeed(_ type: String, _ isRead: Bool) throws {
    let host = try server { _, _ in
      [.send(reply(200, type.isEmpty ? [:] : ["Content-Type": type], Array("<rss/>".utf8)))]
    }
    defer { host.stop() }
    let found = cause { _ = try fetcher(host).fetch("\(host.url)/f", as: .feed) }
    #expect((found == nil) == isRead, "\(type)")
  }

  @Test func anUnchangedFeedIsNotSentAgain() throws {
    let host = try server { request, _ in
      request.header("If-None-Match") == "\"v1\""
        ? [.send(Array("HTTP/1.1 304 Not Modified\r\n\r\n".utf8))]
        : [.send(reply(200, ["ETag": "\"v1\"", "Last-Modified": "yesterday"], Array("<rss/>".utf8)))]
    }
    defer { host.stop() }
    let fetcher = fetcher(host)
    guard case .fresh(let file) = try fetcher.fetch("\(host.url)/f", as: .feed) else {
      Issue.record("nothing came")
      return
    }
    #expect(file.bytes == Array("<rss/>".utf8) && file.validators == Validators(tag: "\"v1\"", modified: "yesterday"))
    #expect(try fetcher.fetch("\(host.url)/f", as: .feed, known: file.validators) == .unchanged)
    #expect(host.requests.last?.header("If-Modified-Since") == "yesterday")
    #expect(host.requests.allSatisfy { $0.header("Authorization") == nil && $0.header("Cookie") == nil })
  }

  @Test func aHostThatAsksForQuietGetsIt() throws {
    let host = try server { _, _ in [.send(reply(429, ["Retry-After": "120"]))] }
    defer { host.stop() }
    let fetcher = fetcher(host)
    #expect(cause { _ = try fetcher.fetch("\(host.url)/a", as: .feed) } == .hostWaits(seconds: 120))
    let asked = host.requests.count
    if case .hostWaits = cause({ _ = try fetcher.fetch("\(host.url)/b", as: .page) }) {
    } else {
      Issue.record("asked again")
    }
    #expect(host.requests.count == asked)
  }

  @Test func oneRequestAHostAtATime() throws {
    let busy = Mutex((now: 0, most: 0))
    let host = try server { _, _ in
      busy.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      usleep(20_000)
      busy.withLock { $0.now -= 1 }
      return [.send(reply(200, [:], Array("x".utf8)))]
    }
    defer { host.stop() }
    let fetcher = fetcher(host)
    DispatchQueue.concurrentPerform(iterations: 6) { index in
      _ = try? fetcher.fetch("\(host.url)/\(index)", as: .page)
    }
    // Six pages, and what the host allows, asked once.
    #expect(busy.withLock { $0.most } == 1 && host.requests.count == 7)
  }

  @Test func robotsAreObeyed() throws {
    let host = try ScriptedEndpoint { request, _ in
      request.path == "/robots.txt"
        ? [.send(reply(200, [:], Array("User-agent: *\nDisallow: /no".utf8)))]
        : [.send(reply(200, [:], Array("x".utf8)))]
    }
    defer { host.stop() }
    let fetcher = fetcher(host)
    #expect(cause { _ = try fetcher.fetch("\(host.url)/no/1", as: .page) } == .forbiddenByRobots)
    #expect(cause { _ = try fetcher.fetch("\(host.url)/yes", as: .page) } == nil)
    #expect(host.requests.map(\.path) == ["/robots.txt", "/yes"])
    let ill = try ScriptedEndpoint { _, _ in [.send(reply(500))] }
    defer { ill.stop() }
    #expect(cause { _ = try self.fetcher(ill).fetch("\(ill.url)/x", as: .page) } == .status(500))
  }

  /// So many zeros, packed by the system's own tool.
  private func gzipped(zeros: Int) -> [UInt8]? {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "head -c \(zeros) /dev/zero | gzip -9"]
    let pipe = Pipe()
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return [UInt8](data)
  }
}
