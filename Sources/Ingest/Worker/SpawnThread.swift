// The one thread that starts workers. The kernel ends a child marked with PR_SET_PDEATHSIG when the *thread* that made
// it ends (https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html), so children are made by a thread that
// lives as long as the process.
import Dispatch
import Foundation
import Synchronization

enum SpawnThread {
  private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
    let isThere = DispatchSemaphore(value: 0)
  }

  private static let jobs = Mutex<[@Sendable () -> Void]>([])
  private static let arrived: DispatchSemaphore = {
    let arrived = DispatchSemaphore(value: 0)
    let thread = Thread {
      while true {
        arrived.wait()
        jobs.withLock { $0.removeFirst() }()
      }
    }
    thread.name = "spawner"
    thread.start()
    return arrived
  }()

  /// What `work` gives, done on the thread that never ends.
  static func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) -> Value {
    let outcome = Outcome<Value>()
    jobs.withLock { jobs in
      jobs.append {
        let value = work()
        outcome.value.withLock { $0 = value }
        outcome.isThere.signal()
      }
    }
    arrived.signal()
    while true {
      outcome.isThere.wait()
      if let value = outcome.value.withLock({ $0 }) { return value }
    }
  }
}
