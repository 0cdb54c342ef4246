// The threads that run handlers: a fixed number, fed from a queue that has an end. A place in the queue is reserved
// before the work is described, so that a refusal costs nothing.

final class WorkerPool: Sendable {
  private struct State {
    var jobs: [@Sendable () -> Void] = []
    var head = 0
    /// Reserved, waiting or running.
    var taken = 0
    var isStopped = false
  }

  private let state = Monitor(State())
  private let takenMax: Int

  init(workers: Int, queuedMax: Int) {
    precondition(workers > 0 && queuedMax >= 0)
    takenMax = workers + queuedMax
    for _ in 0..<workers {
      let started = startThread { [state] in WorkerPool.work(state) }
      precondition(started, "the system refuses to start threads")
    }
  }

  /// Work that has begun or waits.
  var load: Int { state.withLock { $0.taken } }

  func reserve() -> Bool {
    state.withLock { state in
      guard !state.isStopped, state.taken < takenMax else { return false }
      state.taken += 1
      return true
    }
  }

  /// To be called once for every successful `reserve`.
  func submit(_ job: @escaping @Sendable () -> Void) {
    state.withLock { $0.jobs.append(job) }
    state.wakeOne()
  }

  /// Threads end when they have done what they are at; what still waits is dropped.
  func stop() {
    state.withLock { state in
      state.isStopped = true
      state.jobs = []
      state.head = 0
    }
    state.wakeAll()
  }

  private static func work(_ state: Monitor<State>) {
    while true {
      let next: (@Sendable () -> Void)?? = state.wait { state in
        if state.isStopped { return .some(nil) }
        guard state.head < state.jobs.count else { return nil }
        let job = state.jobs[state.head]
        state.head += 1
        if state.head == state.jobs.count {
          state.jobs.removeAll(keepingCapacity: true)
          state.head = 0
        } else if state.head >= 256 {
          state.jobs.removeFirst(state.head)
          state.head = 0
        }
        return job
      }
      guard case .some(.some(let job)) = next else { return }
      job()
      state.withLock { $0.taken -= 1 }
    }
  }
}
