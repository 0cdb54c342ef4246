// Places where a test may have the process killed, named by FOOTNOTE_CRASH_AT=name:count: at the count-th time that the
// place is reached, the process ends as by a power cut, with nothing put away. Without the variable nothing happens.
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

package enum CrashPoint {
  private static let plan: (name: String, count: Int)? = {
    guard let text = ProcessInfo.processInfo.environment["FOOTNOTE_CRASH_AT"] else { return nil }
    let parts = text.split(separator: ":")
    guard parts.count == 2, let count = Int(parts[1]), count > 0 else { return nil }
    return (String(parts[0]), count)
  }()
  private static let passed = Atomic<Int>(0)

  package static func reached(_ name: StaticString) {
    guard let plan, plan.name == "\(name)" else { return }
    if passed.wrappingAdd(1, ordering: .relaxed).newValue == plan.count { kill(getpid(), SIGKILL) }
  }
}
