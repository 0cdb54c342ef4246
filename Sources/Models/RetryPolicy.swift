// Whether and when a request is worth another try: waits that double, spread by chance so that many callers do not come
// back at once, never shorter than the server asked for, and an end to it all. Pure: time and chance are handed in.
import Base
import CCurl

package struct RetryPolicy: Sendable, Equatable {
  package var attemptsMax: Int
  package var firstDelaySeconds: Double
  package var delaySecondsMax: Double
  /// From the first attempt's begin to the last one's; an attempt that would begin later is not made.
  package var deadlineSeconds: Double

  package init(
    attemptsMax: Int = 6, firstDelaySeconds: Double = 0.5, delaySecondsMax: Double = 30, deadlineSeconds: Double = 300
  ) {
    precondition(attemptsMax >= 1 && firstDelaySeconds >= 0 && delaySecondsMax >= 0 && deadlineSeconds >= 0)
    self.attemptsMax = attemptsMax
    self.firstDelaySeconds = firstDelaySeconds
    self.delaySecondsMax = delaySecondsMax
    self.deadlineSeconds = deadlineSeconds
  }

  /// For someone who waits: little more than one hiccup is bridged.
  package static let whileSomeoneWaits = RetryPolicy(
    attemptsMax: 3, firstDelaySeconds: 0.2, delaySecondsMax: 1, deadlineSeconds: 5)

  /// Timeouts, too many requests, and faults of the moment; 529 is 'overloaded', 52x a proxy that lost its server.
  package static func isWorthAnotherTry(status: Int) -> Bool {
    switch status {
    case 408, 425, 429, 500, 502, 503, 504, 520...524, 529: true
    default: false
    }
  }

  package static func isWorthAnotherTry(_ cause: HTTPClientError.Cause) -> Bool {
    switch cause {
    case .unreachable, .timedOut, .brokenOff: true
    case .badURL, .replyTooLarge, .cancelled, .forbiddenAddress: false
    }
  }
}

/// One request's tries.
package struct RetryState: Sendable {
  package enum Decision: Sendable, Equatable {
    case retry(afterSeconds: Double)
    case giveUp
  }

  package private(set) var attempts = 0
  private let policy: RetryPolicy
  private let startedAt: Double

  package init(_ policy: RetryPolicy, now: Double) {
    self.policy = policy
    startedAt = now
  }

  /// After a try that failed in a way that another may mend. `askedSeconds` is what Retry-After said, `chance` 0 up
  /// to 1.
  package mutating func failed(now: Double, askedSeconds: Double?, chance: Double) -> Decision {
    attempts += 1
    guard attempts < policy.attemptsMax else { return .giveUp }
    let doubled = policy.firstDelaySeconds * Double(sign: .plus, exponent: min(attempts - 1, 60), significand: 1)
    // Half of the wait is certain, half is chance.
    var delay = min(doubled, policy.delaySecondsMax) * (0.5 + 0.5 * chance)
    if let askedSeconds, askedSeconds > 0 {
      // A little later than asked for, each caller a different little.
      delay = max(delay, askedSeconds + policy.firstDelaySeconds * 0.5 * chance)
    }
    guard now - startedAt + delay <= policy.deadlineSeconds else { return .giveUp }
    return .retry(afterSeconds: delay)
  }
}

/// What a reply's headers say of when to come back.
package enum RetryAfter {
  /// Seconds from now, by `retry-after-ms`, or Retry-After in seconds or as a date; nil where nothing usable stands.
  package static func seconds(_ head: HTTPReplyHead, wallSeconds: Double) -> Double? {
    if let text = head.header("retry-after-ms"), let ms = Double(text), ms.isFinite, ms >= 0 { return ms / 1_000 }
    guard let text = head.header("Retry-After") else { return nil }
    if let seconds = Double(text) { return seconds.isFinite && seconds >= 0 ? seconds : nil }
    // Every form of date that HTTP knows: https://curl.se/libcurl/c/curl_getdate.html
    let date = unsafe curl_getdate(text, nil)
    return date < 0 ? nil : max(0, Double(date) - wallSeconds)
  }
}
