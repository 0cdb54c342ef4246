// The same work for each number below a count, on a few threads. Results lie in the order of the numbers, whoever made
// them, so that one thread and two give the same.
import Dispatch
import Synchronization

package func mapParallel<Result: Sendable>(
  _ count: Int, threads: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
  guard threads > 1, count > 1 else { return (0..<count).map(body) }
  let made = Mutex<[Result?]>([Result?](repeating: nil, count: count))
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = body(index)
      made.withLock { $0[index] = result }
    }
  }
  return made.withLock { $0.compactMap { $0 } }
}
