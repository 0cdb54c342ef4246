// The one way to fetch what an address from outside names: a feed, the page behind an entry, a robots.txt.
// Invariants: every hop is read by WebAddress and connects to public addresses only, unless the operator named its
// origin; at most five hops; a body is counted after unpacking and cut at its cap; the whole has a deadline; nothing
// secret is ever sent along; one request a host at a time; Retry-After and robots.txt are obeyed.
// Must not: fetch for anybody an address that this file did not judge: there is no second way.
package import Base
import Synchronization

package enum FetchKind: Sendable {
  case feed
  case page

  fileprivate var accepted: String {
    switch self {
    case .feed: "application/rss+xml, application/atom+xml, application/feed+json, application/xml, */*;q=0.5"
    case .page: "text/html, application/xhtml+xml, text/plain;q=0.5"
    }
  }
}

/// What a server gave to tell whether a file has changed.
package struct Validators: Sendable, Equatable {
  package var tag: String?
  package var modified: String?

  package init(tag: String? = nil, modified: String? = nil) {
    self.tag = tag
    self.modified = modified
  }
}

package struct FetchedFile: Sendable, Equatable {
  /// Where the redirects ended.
  package let address: String
  /// As the server named it, parameters included.
  package let contentType: String?
  package let bytes: [UInt8]
  package let validators: Validators
}

package enum FetchOutcome: Sendable, Equatable {
  case fresh(FetchedFile)
  case unchanged
}

package struct FetchRules: Sendable {
  /// The operator's own servers, as 'http://127.0.0.1:8000': their addresses are not judged.
  package var allowedOrigins: Set<String> = []
  package var wholeSeconds = 30.0
  package var pauseSeconds = 0.5
  package var waitSecondsMax = 5.0
  package var obeysRobots = true

  package init() {}
}

package final class WebFetcher: Sendable {
  static let userAgent = "footnote/1 (deal finder)"

  private let rules: FetchRules
  private let client: HTTPClient
  private let clock: any Clock
  private let turns: HostTurns
  private let robots = Mutex<[String: (rules: RobotsRules, until: Double)]>([:])
  /// Whoever needs the same host's robots.txt meanwhile waits for the one that is reading it.
  private let robotsReaders = OriginLocks()
  private let isCancelled: (@Sendable () -> Bool)?

  package init(
    _ rules: FetchRules = FetchRules(), clock: any Clock = SystemClock(), sleeper: any Sleeper = SystemSleeper(),
    isCancelled: (@Sendable () -> Bool)? = nil
  ) {
    self.rules = rules
    self.clock = clock
    self.isCancelled = isCancelled
    client = HTTPClient(clock: clock)
    turns = HostTurns(clock: clock, sleeper: sleeper, waitSecondsMax: rules.waitSecondsMax)
  }

  package func fetch(
    _ address: String, as kind: FetchKind, known: Validators = Validators()
  ) throws -> FetchOutcome {
    var place = try WebAddress(address)
    for _ in 0...Limits.fetchRedirectsMax {
      try askRobots(for: place)
      switch try get(place, as: kind, known: known) {
      case .redirect(let next): place = next
      case .done(let outcome): return outcome
      case .failed(let failure): throw failure
      }
    }
    throw FetchFailure(.tooManyRedirects, try WebAddress(address).place)
  }

  // MARK: One hop

  private enum Hop {
    case redirect(WebAddress)
    case done(FetchOutcome)
    case failed(FetchFailure)
  }

  private func get(_ place: WebAddress, as kind: FetchKind, known: Validators) throws -> Hop {
    let bytesMax = kind == .feed ? Limits.feedBytesMax : Limits.fetchedPageBytesMax
    var request = request(place, bytesMax: bytesMax)
    request.headers.append(("Accept", kind.accepted))
    if let tag = known.tag { request.headers.append(("If-None-Match", tag)) }
    if let modified = known.modified { request.headers.append(("If-Modified-Since", modified)) }
    let asks = known != Validators()
    return try turns.perform(at: place) {
      var body: [UInt8] = []
      let head: HTTPReplyHead
      do {
        head = try client.stream(request) { head in
          if head.isSuccess { try self.check(type: head.header("Content-Type"), as: kind, place) }
        } receive: {
          body += $0
        }
      } catch let error as HTTPClientError {
        throw failure(error, place, bytesMax: bytesMax)
      }
      let pause = pause(at: place)
      switch head.status {
      case 200..<300:
        let file = FetchedFile(
          address: place.text, contentType: head.header("Content-Type"), bytes: body,
          validators: Self.validators(head))
        return (.done(.fresh(file)), pause)
      case 304 where asks: return (.done(.unchanged), pause)
      case 301, 302, 303, 307, 308:
        guard let location = head.header("Location"), !location.isEmpty else {
          return (.failed(FetchFailure(.badRedirect, place.place)), pause)
        }
        return (.redirect(try place.resolving(location)), pause)
      case 429, 503:
        let asked = RetryAfter.seconds(head, wallSeconds: clock.wallSeconds()) ?? Limits.fetchQuietSeconds
        let quiet = min(max(asked, pause), Limits.fetchQuietSecondsMax)
        return (.failed(FetchFailure(.hostWaits(seconds: quiet), place.place)), quiet)
      default: return (.failed(FetchFailure(.status(head.status), place.place)), pause)
      }
    }
  }

  private func request(_ place: WebAddress, bytesMax: Int) -> HTTPRequest {
    var request = HTTPRequest("GET", place.text)
    request.reach = rules.allowedOrigins.contains(place.origin) ? .anywhere : .publicOnly
    request.unpacks = true
    request.userAgent = Self.userAgent
    request.replyBytesMax = bytesMax
    request.timeouts.firstByteSeconds = rules.wholeSeconds
    request.timeouts.betweenBytesSeconds = rules.wholeSeconds
    request.timeouts.wholeSeconds = rules.wholeSeconds
    request.isCancelled = isCancelled
    return request
  }

  private func failure(_ error: HTTPClientError, _ place: WebAddress, bytesMax: Int) -> FetchFailure {
    let cause: FetchFailure.Cause =
      switch error.cause {
      case .badURL: .badAddress(error.detail)
      case .forbiddenAddress: .forbiddenAddress
      case .replyTooLarge: .tooLarge(bytesMax: bytesMax)
      case .timedOut: .timedOut
      case .cancelled: .cancelled
      case .unreachable, .brokenOff: .unreachable(error.detail)
      }
    return FetchFailure(cause, place.place)
  }

  /// By what it cannot be: feeds come as anything from text/plain to text/html, and some as nothing at all.
  private func check(type: String?, as kind: FetchKind, _ place: WebAddress) throws {
    guard let type = type?.lowercased().prefix(while: { $0 != ";" && $0 != " " }), !type.isEmpty else { return }
    let isText = type.hasPrefix("text/") || type.hasSuffix("xml") || type == "application/octet-stream"
    let isRead = isText || kind == .feed && (type.hasSuffix("json") || type.hasSuffix("+xml"))
    guard isRead, type != "text/event-stream" else {
      throw FetchFailure(.wrongType(String(type.prefix(80))), place.place)
    }
  }

  private static func validators(_ head: HTTPReplyHead) -> Validators {
    func bounded(_ text: String?) -> String? { text.flatMap { $0.utf8.count <= 512 ? $0 : nil } }
    return Validators(tag: bounded(head.header("ETag")), modified: bounded(head.header("Last-Modified")))
  }

  // MARK: robots.txt

  private func askRobots(for place: WebAddress) throws {
    guard rules.obeysRobots else { return }
    guard try robotsRules(of: place).allows(place.target) else {
      throw FetchFailure(.forbiddenByRobots, place.place)
    }
  }

  private func pause(at place: WebAddress) -> Double {
    let asked = robots.withLock { $0[place.origin]?.rules.delaySeconds }
    return max(rules.pauseSeconds, min(asked ?? 0, rules.waitSecondsMax))
  }

  private func robotsRules(of place: WebAddress) throws -> RobotsRules {
    if let known = knownRobots(of: place) { return known }
    return try robotsReaders.withLock(of: place.origin) {
      if let known = knownRobots(of: place) { return known }
      let (rules, seconds) = try readRobots(of: place)
      let now = clock.monotonicSeconds()
      robots.withLock { robots in
        if robots.count >= Limits.fetchHostsMax { robots = robots.filter { $0.value.until > now } }
        if robots.count >= Limits.fetchHostsMax { robots = [:] }
        robots[place.origin] = (rules, now + seconds)
      }
      return rules
    }
  }

  private func knownRobots(of place: WebAddress) -> RobotsRules? {
    let now = clock.monotonicSeconds()
    return robots.withLock { $0[place.origin] }.flatMap { $0.until > now ? $0.rules : nil }
  }

  /// None there: all is allowed. A server that fails on it allows nothing: RFC 9309, 2.3.1.
  private func readRobots(of place: WebAddress) throws -> (RobotsRules, keepSeconds: Double) {
    var hop = try place.resolving("/robots.txt")
    for _ in 0...Limits.fetchRedirectsMax {
      var request = request(hop, bytesMax: Limits.robotsBytesMax * 2)
      request.headers.append(("Accept", "text/plain"))
      var body: [UInt8] = []
      let head: HTTPReplyHead
      do {
        head = try turns.perform(at: hop) {
          let head = try client.stream(request) { bytes in
            // What is past the bound is not read; what came before it counts.
            if body.count < Limits.robotsBytesMax { body += bytes }
          }
          guard head.status == 429 || head.status == 503 else { return (head, 0) }
          let asked = RetryAfter.seconds(head, wallSeconds: clock.wallSeconds()) ?? Limits.fetchQuietSeconds
          return (head, min(asked, Limits.fetchQuietSecondsMax))
        }
      } catch let error as HTTPClientError where error.cause == .replyTooLarge {
        return (RobotsRules(body), Limits.robotsKeptSeconds)
      } catch let error as HTTPClientError {
        throw failure(error, place, bytesMax: Limits.robotsBytesMax)
      }
      switch head.status {
      case 200..<300: return (RobotsRules(body), Limits.robotsKeptSeconds)
      case 301, 302, 303, 307, 308:
        guard let location = head.header("Location"), let next = try? hop.resolving(location) else {
          return (.allowingAll, Limits.robotsKeptSeconds)
        }
        hop = next
      case 429, 500...: throw FetchFailure(.status(head.status), hop.place)
      default: return (.allowingAll, Limits.robotsKeptSeconds)
      }
    }
    return (.allowingAll, Limits.robotsKeptSeconds)
  }
}
