// The batcher's decisions, without threads or clocks.
import Testing

@testable import Embedding

@Suite struct BatchQueueTests {
  private func item(_ request: UInt64, _ index: Int, tokens: Int, at time: Double = 0) -> BatchQueue.Item {
    BatchQueue.Item(request: request, index: index, tokens: tokens, arrivedAt: time)
  }

  private func queue(bulk: [BatchQueue.Item] = [], urgent: [BatchQueue.Item] = []) -> BatchQueue {
    var queue = BatchQueue(tokenBudget: 100, patienceSeconds: 0.003)
    for item in bulk { queue.add(item, isUrgent: false) }
    for item in urgent { queue.add(item, isUrgent: true) }
    return queue
  }

  @Test func nothingToDoIsIdle() {
    var empty = queue()
    #expect(empty.next(now: 0) == .idle)
  }

  @Test func bulkWaitsForCompanyUntilItsDeadline() {
    let lonely = item(1, 0, tokens: 10, at: 5)
    var queue = queue(bulk: [lonely])
    #expect(queue.next(now: 5.001) == .wait(until: 5.003))
    #expect(queue.next(now: 5.003) == .run([lonely]))
    #expect(queue.next(now: 5.004) == .idle)
  }

  @Test func aFullBudgetGoesAtOnceAcrossRequests() {
    let items = [
      item(1, 0, tokens: 60), item(1, 1, tokens: 30), item(2, 0, tokens: 20), item(3, 0, tokens: 90),
    ]
    var queue = queue(bulk: items)
    #expect(queue.next(now: 0) == .run([items[0], items[1]]))
    #expect(queue.next(now: 0) == .run([items[2]]))
    #expect(queue.next(now: 0) == .wait(until: 0.003))
    #expect(queue.next(now: 1) == .run([items[3]]))
  }

  @Test func anItemLargerThanTheBudgetGoesAlone() {
    let items = [item(1, 0, tokens: 256), item(1, 1, tokens: 1)]
    var queue = queue(bulk: items)
    #expect(queue.next(now: 0) == .run([items[0]]))
  }

  @Test func urgentGoesFirstAtOnceAndAlone() {
    let ingest = item(1, 0, tokens: 100)
    let question = item(2, 0, tokens: 10)
    var queue = queue(bulk: [ingest], urgent: [question])
    #expect(queue.next(now: 0) == .run([question]))
    #expect(queue.next(now: 0) == .run([ingest]))
  }

  @Test func cancelledItemsNeverRun() {
    var queue = queue(
      bulk: [item(1, 0, tokens: 60), item(2, 0, tokens: 60), item(1, 1, tokens: 60)],
      urgent: [item(1, 2, tokens: 1)])
    #expect(queue.cancel(1) == 3)
    #expect(queue.count == 1)
    #expect(queue.next(now: 1) == .run([item(2, 0, tokens: 60)]))
    #expect(queue.next(now: 1) == .idle)
  }

  /// Random traffic against the invariants: each item once, in order, within the budget, cancelled ones never.
  @Test(arguments: 0..<20 as Range<UInt64>) func invariantsHoldUnderRandomTraffic(seed: UInt64) {
    var random = Seeded(state: seed)
    var queue = BatchQueue(tokenBudget: 100, patienceSeconds: 0.003)
    var (added, taken, cancelled): (Int, [BatchQueue.Item], Set<UInt64>) = (0, [], [])
    var now = 0.0
    for request in 0..<60 as Range<UInt64> {
      for index in 0..<Int.random(in: 1...8, using: &random) {
        queue.add(
          item(request, index, tokens: .random(in: 1...130, using: &random), at: now),
          isUrgent: request % 3 == 0)
        added += 1
      }
      if request % 7 == 6 {
        added -= queue.cancel(request - 1)
        cancelled.insert(request - 1)
      }
      now += .random(in: 0...0.004, using: &random)
      while case .run(let batch) = queue.next(now: now) {
        #expect(batch.count == 1 || batch.reduce(0) { $0 + $1.tokens } <= 100)
        #expect(batch.allSatisfy { !cancelled.contains($0.request) })
        taken += batch
      }
    }
    while case .run(let batch) = queue.next(now: now + 1) { taken += batch }
    #expect(taken.count == added && queue.count == 0)
    for request in 0..<60 as Range<UInt64> {
      let indices = taken.filter { $0.request == request }.map(\.index)
      #expect(indices == indices.sorted())
    }
  }

  private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }
}
