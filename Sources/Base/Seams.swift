// The seams: time and chance come in through here, so that a test can hold both still. Nothing in the house asks the
// system for either in another place.
import CCrypto

#if canImport(Glibc)
  import Glibc
#endif

package protocol Clock: Sendable {
  /// Seconds since 1970, for what is shown and stored.
  func wallSeconds() -> Double
  /// Seconds from an arbitrary start, never going back, for what is measured.
  func monotonicSeconds() -> Double
}

package struct SystemClock: Clock {
  package init() {}

  package func wallSeconds() -> Double { read(CLOCK_REALTIME) }
  package func monotonicSeconds() -> Double { read(CLOCK_MONOTONIC) }

  private func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Waiting, for whoever tries again later.
package protocol Sleeper: Sendable {
  func sleep(seconds: Double)
}

package struct SystemSleeper: Sleeper {
  package init() {}

  package func sleep(seconds: Double) {
    guard seconds > 0 else { return }
    usleep(UInt32(min(seconds, 3_600) * 1e6))
  }
}

package protocol RandomSource: Sendable {
  func bytes(_ count: Int) -> [UInt8]
}

extension RandomSource {
  /// Evenly spread from 0 up to, not reaching, 1.
  package func fraction() -> Double {
    Double(bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) } >> 11) / Double(UInt64(1) << 53)
  }
}

package struct SystemRandom: RandomSource {
  package init() {}

  package func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // RAND_bytes fails only where the system has no entropy source at all:
    // https://docs.openssl.org/3.0/man3/RAND_bytes/
    let drawn = unsafe bytes.withUnsafeMutableBufferPointer {
      unsafe RAND_bytes($0.baseAddress, Int32(count))
    }
    precondition(drawn == 1, "the system has no source of randomness")
    return bytes
  }
}

/// SplitMix64: seeded, the same sequence everywhere. For tests, sampling and graph levels, never for secrets.
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
