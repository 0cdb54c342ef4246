// The batcher with its threads, on an embedder that can be held and counts what it is asked.
import Base
import Foundation
import Synchronization
import Testing

@testable import Embedding

/// A text's vector is its length; texts "fail" throw. While held, `embed` waits.
private final class CountingEmbedder: Embedder {
  let identity = EmbedderIdentity(name: "counting", fingerprint: "0", dimension: 1)
  let windowTokens = 256
  private let batches = Mutex<[[String]]>([])
  private let gate = DispatchSemaphore(value: 0)
  private let entered = DispatchSemaphore(value: 0)
  private let isHeld: Bool

  init(isHeld: Bool = false) { self.isHeld = isHeld }

  var seen: [[String]] { batches.withLock { $0 } }

  func waitUntilBusy() { entered.wait() }
  func release() { gate.signal() }
  func tokenCount(_ text: String) -> Int { text.utf8.count }

  func embed(_ texts: [String]) throws -> EmbeddingBatch {
    batches.withLock { $0.append(texts) }
    if isHeld {
      entered.signal()
      gate.wait()
    }
    if texts.contains("fail") { throw EmbeddingFailure.modelMissing(path: "nowhere") }
    return EmbeddingBatch(
      dimension: 1, vectors: texts.map { Float($0.utf8.count) }, tokensCut: texts.map { _ in 0 })
  }
}

@Suite struct BatcherTests {
  @Test func everyCallerGetsItsOwnVectorsInOrder() async throws {
    let batcher = Batcher(CountingEmbedder(), settings: .init(workers: 2))
    try await withThrowingTaskGroup(of: Void.self) { group in
      for caller in 1...40 {
        group.addTask {
          let texts = (0..<caller % 7).map { String(repeating: "x", count: caller + $0) }
          let batch = try await batcher.embed(texts, isUrgent: caller % 2 == 0)
          #expect(batch.vectors == texts.map { Float($0.utf8.count) })
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func textsOfDifferentCallersShareABatchWhileTheEngineIsBusy() async throws {
    let engine = CountingEmbedder(isHeld: true)
    let batcher = Batcher(engine)
    async let first = batcher.embed(["a"], isUrgent: true)
    await Task.detached { engine.waitUntilBusy() }.value
    async let second = batcher.embed(["bb"], isUrgent: true)
    async let third = batcher.embed(["ccc"], isUrgent: true)
    while batcher.queuedCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
    engine.release()
    engine.release()
    let vectors = try await [first, second, third].map(\.vectors)
    #expect(vectors == [[1], [2], [3]])
    #expect(engine.seen.count == 2 && Set(engine.seen[1]) == ["bb", "ccc"])
  }

  @Test func whatIsCancelledBeforeItsTurnIsNeverEmbedded() async throws {
    let engine = CountingEmbedder(isHeld: true)
    let batcher = Batcher(engine)
    async let first = batcher.embed(["a"], isUrgent: true)
    await Task.detached { engine.waitUntilBusy() }.value
    let doomed = Task { try await batcher.embed(["doomed"], isUrgent: true) }
    while batcher.queuedCount < 1 { try await Task.sleep(for: .milliseconds(1)) }
    doomed.cancel()
    await #expect(throws: (any Error).self) { try await doomed.value }
    engine.release()
    _ = try await first
    #expect(engine.seen == [["a"]])
  }

  @Test func aFailureReachesEveryCallerOfTheBatchAndTheNextBatchRuns() throws {
    let batcher = Batcher(CountingEmbedder())
    #expect(throws: EmbeddingFailure.self) { try batcher.embedWaiting(["fail"], isUrgent: false) }
    #expect(try batcher.embedWaiting(["fine"], isUrgent: false).vectors == [4])
  }

  @Test func pastTheQueuesBoundCallersAreRefused() async throws {
    let engine = CountingEmbedder(isHeld: true)
    var settings = Batcher.Settings()
    settings.textsQueuedMax = 2
    let batcher = Batcher(engine, settings: settings)
    async let first = batcher.embed(["a"], isUrgent: true)
    await Task.detached { engine.waitUntilBusy() }.value
    async let second = batcher.embed(["b", "c"], isUrgent: true)
    while batcher.queuedCount < 2 { try await Task.sleep(for: .milliseconds(1)) }
    await #expect(throws: EmbeddingFailure.self) { try await batcher.embed(["d"], isUrgent: true) }
    engine.release()
    engine.release()
    _ = try await (first, second)
  }

  @Test func throughTheEmbeddersFaceQuestionsOvertakeIngest() {
    let engine = CountingEmbedder(isHeld: true)
    let embedder = BatchedEmbedder(engine, workers: 1)
    #expect(embedder.identity == engine.identity && embedder.windowTokens == 256)
    let vectors = Mutex<[String: [Float]]>([:])
    let callers = DispatchGroup()
    // Callers that wait need threads of their own: the tests' pool has one a core.
    func call(_ text: String, _ embed: @escaping @Sendable ([String]) throws -> EmbeddingBatch) {
      callers.enter()
      Thread {
        let batch = try? embed([text])
        vectors.withLock { $0[text] = batch?.vectors }
        callers.leave()
      }.start()
    }
    call("a") { try embedder.embed($0) }
    engine.waitUntilBusy()
    call("bb") { try embedder.embed($0) }
    while embedder.queuedCount < 1 { Thread.sleep(forTimeInterval: 0.001) }
    call("ccc") { try embedder.embed($0, isUrgent: true) }
    while embedder.queuedCount < 2 { Thread.sleep(forTimeInterval: 0.001) }
    for _ in 0..<3 { engine.release() }
    callers.wait()
    #expect(vectors.withLock { $0 } == ["a": [1], "bb": [2], "ccc": [3]])
    #expect(engine.seen == [["a"], ["ccc"], ["bb"]])
  }

  @Test func whatACallerThatHasGoneHadInTheQueueIsDropped() {
    let engine = CountingEmbedder(isHeld: true)
    let embedder = BatchedEmbedder(engine, workers: 1)
    let hasGone = Mutex(false)
    let failures = Mutex(0)
    let callers = DispatchGroup()
    func call(_ text: String) {
      callers.enter()
      Thread {
        Caller.whileAsked({ text == "gone" && hasGone.withLock { $0 } }) {
          do { _ = try embedder.embed([text]) } catch { failures.withLock { $0 += 1 } }
        }
        callers.leave()
      }.start()
    }
    call("a")
    engine.waitUntilBusy()
    call("gone")
    while embedder.queuedCount < 1 { Thread.sleep(forTimeInterval: 0.001) }
    hasGone.withLock { $0 = true }
    // Bounded, and both are let through then: a text that is not dropped is seen below, and nobody waits for ever.
    for _ in 0..<5_000 where embedder.queuedCount > 0 { Thread.sleep(forTimeInterval: 0.001) }
    engine.release()
    engine.release()
    callers.wait()
    #expect(failures.withLock { $0 } == 1)
    #expect(engine.seen == [["a"]])
  }

  @Test func noTextsAreAnsweredAtOnce() throws {
    #expect(try Batcher(CountingEmbedder()).embedWaiting([], isUrgent: true).count == 0)
  }
}
