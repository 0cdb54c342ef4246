// Runs an embedder for many callers: texts of different documents and requests share batches, questions go before
// ingest, and what nobody waits for any more is dropped. BatchQueue decides; here are the threads and the waiting.
// Invariants: every request is answered exactly once; the embedder runs on the batcher's own threads, never on a
// caller's and never on the cooperative pool; no lock is held while it runs.
package import Base
import Foundation
import Synchronization

package final class Batcher: Sendable {
  package struct Settings: Sendable {
    /// About what one thread embeds in ten milliseconds: larger batches are hardly faster and keep questions waiting.
    package var tokenBudget = 192
    /// How long ingest waits for company.
    package var patienceMs = 3.0
    package var workers = 1
    package var textsQueuedMax = Limits.embeddingTextsQueuedMax

    package init(workers: Int = 1) { self.workers = workers }
  }

  private let shared: Shared

  /// `embedder` should use one thread itself where there are several workers.
  package init(_ embedder: any Embedder, settings: Settings = Settings(), clock: any Clock = SystemClock()) {
    let shared = Shared(embedder, settings, clock)
    self.shared = shared
    for number in 0..<max(1, settings.workers) {
      let thread = Thread { shared.work() }
      thread.name = "embed-\(number)"
      thread.start()
    }
  }

  deinit { shared.stop() }

  package var identity: EmbedderIdentity { shared.embedder.identity }

  /// Texts that wait for their batch.
  package var queuedCount: Int { shared.queuedCount }

  /// Cancelling the task takes out of the queue what has not been embedded yet.
  package func embed(_ texts: [String], isUrgent: Bool) async throws -> EmbeddingBatch {
    let request = shared.nextRequest()
    return try await withTaskCancellationHandler {
      try Task.checkCancellation()
      return try await withCheckedThrowingContinuation { continuation in
        shared.submit(request, texts, isUrgent: isUrgent) { continuation.resume(with: $0) }
        // A cancellation that came before the request was known has found nothing to take out.
        if Task.isCancelled { shared.cancel(request) }
      }
    } onCancel: {
      shared.cancel(request)
    }
  }

  /// How often a waiting thread looks whether its caller has gone.
  private static let lookMs = 20

  /// For threads that may wait. What a caller that has gone still had in the queue is taken out.
  package func embedWaiting(_ texts: [String], isUrgent: Bool) throws -> EmbeddingBatch {
    let answer = Mutex<Result<EmbeddingBatch, any Error>?>(nil)
    let answered = DispatchSemaphore(value: 0)
    let request = shared.nextRequest()
    shared.submit(request, texts, isUrgent: isUrgent) { result in
      answer.withLock { $0 = result }
      answered.signal()
    }
    while answered.wait(timeout: .now() + .milliseconds(Self.lookMs)) == .timedOut {
      // Answered with a failure then, unless the answer came first: either way the next wait ends.
      if Caller.hasGone() { shared.cancel(request) }
    }
    guard let result = answer.withLock({ $0 }) else { preconditionFailure("the signal follows the answer") }
    return try result.get()
  }
}

/// What workers and callers share; lives until the last of them is gone.
// @unchecked Sendable: `state` is touched only while `condition` is locked; the rest never changes.
private final class Shared: @unchecked Sendable {
  typealias Completion = @Sendable (Result<EmbeddingBatch, any Error>) -> Void

  private struct Request {
    let texts: [String]
    var vectors: [Float]
    var tokensCut: [Int]
    var textsLeft: Int
    let completion: Completion
  }

  private struct State {
    var queue: BatchQueue
    var requests: [BatchQueue.RequestID: Request] = [:]
    var isStopped = false
  }

  let embedder: any Embedder
  private let textsQueuedMax: Int
  private let clock: any Clock
  private let lastRequest = Atomic<UInt64>(0)
  private let condition = NSCondition()
  private var state: State

  init(_ embedder: any Embedder, _ settings: Batcher.Settings, _ clock: any Clock) {
    self.embedder = embedder
    self.clock = clock
    textsQueuedMax = settings.textsQueuedMax
    state = State(
      queue: BatchQueue(tokenBudget: settings.tokenBudget, patienceSeconds: settings.patienceMs / 1e3))
  }

  var queuedCount: Int { condition.withLock { state.queue.count } }

  func nextRequest() -> BatchQueue.RequestID { lastRequest.wrappingAdd(1, ordering: .relaxed).newValue }

  func submit(
    _ id: BatchQueue.RequestID, _ texts: [String], isUrgent: Bool, _ completion: @escaping Completion
  ) {
    let dimension = embedder.identity.dimension
    if texts.isEmpty {
      return completion(.success(EmbeddingBatch(dimension: dimension, vectors: [], tokensCut: [])))
    }
    // Counting reads the whole text, so it happens on the caller's thread and outside the lock.
    let tokens = texts.map { min(embedder.windowTokens, embedder.tokenCount($0) + 2) }
    let now = clock.monotonicSeconds()
    let refusal: EmbeddingFailure? = condition.withLock {
      if state.isStopped { return .cancelled }
      // A request of any size is taken when nothing waits; it is cut into batches anyway.
      if state.queue.count > 0, state.queue.count + texts.count > textsQueuedMax {
        return .overloaded(queuedMax: textsQueuedMax)
      }
      state.requests[id] = Request(
        texts: texts, vectors: Array(repeating: 0, count: texts.count * dimension),
        tokensCut: Array(repeating: 0, count: texts.count), textsLeft: texts.count, completion: completion)
      for index in texts.indices {
        state.queue.add(
          BatchQueue.Item(request: id, index: index, tokens: tokens[index], arrivedAt: now),
          isUrgent: isUrgent)
      }
      condition.broadcast()
      return nil
    }
    if let refusal { completion(.failure(refusal)) }
  }

  func cancel(_ id: BatchQueue.RequestID) {
    let request = condition.withLock {
      _ = state.queue.cancel(id)
      return state.requests.removeValue(forKey: id)
    }
    request?.completion(.failure(EmbeddingFailure.cancelled))
  }

  func stop() {
    let requests = condition.withLock {
      state.isStopped = true
      defer { state.requests.removeAll() }
      condition.broadcast()
      return Array(state.requests.values)
    }
    for request in requests { request.completion(.failure(EmbeddingFailure.cancelled)) }
  }

  // MARK: a worker's life

  private typealias Job = (item: BatchQueue.Item, text: String)

  func work() {
    while let jobs = nextJobs() {
      if jobs.isEmpty { continue }
      let outcome = Result { try embedder.embed(jobs.map(\.text)) }
      for answer in conclude(jobs, outcome) { answer() }
    }
  }

  private func nextJobs() -> [Job]? {
    condition.withLock {
      while !state.isStopped {
        let now = clock.monotonicSeconds()
        switch state.queue.next(now: now) {
        case .run(let items):
          return items.compactMap { item in
            state.requests[item.request].map { (item, $0.texts[item.index]) }
          }
        case .wait(let until): _ = condition.wait(until: Date(timeIntervalSinceNow: max(0, until - now)))
        case .idle: condition.wait()
        }
      }
      return nil
    }
  }

  /// Puts the vectors where they belong; gives back the answers that are complete now, to be told outside the lock.
  private func conclude(_ jobs: [Job], _ outcome: Result<EmbeddingBatch, any Error>) -> [() -> Void] {
    condition.withLock {
      switch outcome {
      case .success(let batch): return jobs.indices.compactMap { deliver(batch, row: $0, of: jobs[$0].item) }
      case .failure(let error):
        return Set(jobs.map(\.item.request)).sorted().compactMap { id in
          _ = state.queue.cancel(id)
          guard let request = state.requests.removeValue(forKey: id) else { return nil }
          return { request.completion(.failure(error)) }
        }
      }
    }
  }

  private func deliver(_ batch: EmbeddingBatch, row: Int, of item: BatchQueue.Item) -> (() -> Void)? {
    let dimension = batch.dimension
    guard state.requests[item.request] != nil else { return nil }  // cancelled meanwhile
    state.requests[item.request]?.vectors.replaceSubrange(
      item.index * dimension..<(item.index + 1) * dimension, with: batch[row])
    state.requests[item.request]?.tokensCut[item.index] = batch.tokensCut[row]
    state.requests[item.request]?.textsLeft -= 1
    guard let request = state.requests[item.request], request.textsLeft == 0 else { return nil }
    state.requests[item.request] = nil
    return {
      request.completion(
        .success(
          EmbeddingBatch(dimension: dimension, vectors: request.vectors, tokensCut: request.tokensCut)))
    }
  }
}
