// Browsers that have shown a key: a cookie stands for it, so that the page never keeps the key itself.
// Invariants: a session opens what its key opens at this moment, so a revoked key ends it; sessions do not survive the
// process; only their digests are held.
import Base
import HTTPKit
import Synchronization

final class Sessions: Sendable {
  static let cookie = "footnote_session"
  static let seconds = 12.0 * 3_600
  static let sessionsMax = 10_000

  private struct Session {
    let key: SHA256Digest
    let endsAt: Double
  }

  private let open = Mutex<[SHA256Digest: Session]>([:])
  private let clock: any Clock
  private let random: any RandomSource

  init(clock: any Clock = SystemClock(), random: any RandomSource = SystemRandom()) {
    self.clock = clock
    self.random = random
  }

  /// The cookie's value.
  func begin(key: SHA256Digest) -> String {
    let value = hexadecimal(random.bytes(32))
    let now = clock.monotonicSeconds()
    open.withLock { open in
      if open.count >= Sessions.sessionsMax {
        open = open.filter { $0.value.endsAt > now }
        if open.count >= Sessions.sessionsMax, let oldest = open.min(by: { $0.value.endsAt < $1.value.endsAt }) {
          open[oldest.key] = nil
        }
      }
      open[SHA256Digest(of: value.utf8)] = Session(key: key, endsAt: now + Sessions.seconds)
    }
    return value
  }

  func key(of cookie: String) -> SHA256Digest? {
    let session = open.withLock { $0[SHA256Digest(of: cookie.utf8)] }
    return session.flatMap { $0.endsAt > clock.monotonicSeconds() ? $0.key : nil }
  }

  func end(_ cookie: String) { open.withLock { $0[SHA256Digest(of: cookie.utf8)] = nil } }

  /// For Set-Cookie; no value ends it. Strict: no request that another site causes carries it.
  static func header(_ value: String?, isSecure: Bool) -> String {
    "\(cookie)=\(value ?? ""); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(value == nil ? 0 : Int(seconds))"
      + (isSecure ? "; Secure" : "")
  }
}
