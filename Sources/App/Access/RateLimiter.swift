// How many requests a minute each key may make: a bucket that fills evenly and holds a minute's worth.
// Measured by the monotonic clock: setting the machine's time back or forward lets nobody in or out.
import Base
import Synchronization

final class RateLimiter: Sendable {
  struct Verdict: Equatable {
    let limit: Int
    let left: Int
    /// Until the bucket is full again, or, where nothing is left, until there is one more.
    let seconds: Int
    let isRefused: Bool

    /// As draft-ietf-httpapi-ratelimit-headers writes them.
    var policyHeader: String { "\"key\";q=\(limit);w=60" }
    var limitHeader: String { "\"key\";r=\(left);t=\(seconds)" }
  }

  private struct Bucket {
    var level: Double
    var at: Double
  }

  private let buckets = Mutex<[String: Bucket]>([:])
  private let clock: any Clock

  init(clock: any Clock = SystemClock()) { self.clock = clock }

  func take(_ key: String, perMinute: Int) -> Verdict {
    let now = clock.monotonicSeconds()
    let rate = Double(perMinute) / 60
    return buckets.withLock { buckets in
      var bucket = buckets[key] ?? Bucket(level: Double(perMinute), at: now)
      bucket.level = min(Double(perMinute), bucket.level + (now - bucket.at) * rate)
      bucket.at = now
      let isRefused = bucket.level < 1
      if !isRefused { bucket.level -= 1 }
      buckets[key] = bucket
      let wait = isRefused ? (1 - bucket.level) / rate : (Double(perMinute) - bucket.level) / rate
      return Verdict(
        limit: perMinute, left: Int(bucket.level), seconds: max(1, Int(wait.rounded(.up))), isRefused: isRefused)
    }
  }

  func forget(_ key: String) { buckets.withLock { $0[key] = nil } }
}
