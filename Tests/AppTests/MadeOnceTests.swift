// What takes long to make is made once for a generation, by one of all who ask for it.
import App
import Base
import Foundation
import Synchronization
import Testing

@Suite final class MadeOnceTests: Sendable {
  private let made = MadeOnce<Int>(keysMax: 2)
  private let count = Atomic<Int>(0)

  private func value(_ key: String, _ generation: Int) throws -> Int {
    try made.value(key, generation: generation) { count.wrappingAdd(1, ordering: .relaxed).newValue }
  }

  @Test func onceForAGeneration() throws {
    #expect(try [value("a", 1), value("a", 1), value("b", 1), value("a", 1)] == [1, 1, 2, 1])
    // Another state of what it is made of.
    #expect(try [value("a", 2), value("a", 2), value("b", 1)] == [3, 3, 2])
    // A third key takes the place of what was held.
    #expect(try [value("c", 1), value("a", 2)] == [4, 5])
  }

  @Test func whoAsksMeanwhileWaitsForTheSame() throws {
    let found = Mutex<Set<Int>>([])
    DispatchQueue.concurrentPerform(iterations: 8) { _ in
      let value = try? made.value("a", generation: 1) {
        usleep(20_000)
        return count.wrappingAdd(1, ordering: .relaxed).newValue
      }
      found.withLock { _ = $0.insert(value ?? -1) }
    }
    #expect(found.withLock { $0 } == [1])
  }

  @Test func aFailureIsNotKept() throws {
    #expect(throws: PlainFailure.self) {
      try made.value("a", generation: 1) { throw PlainFailure(.usage, "x", "x") }
    }
    #expect(try value("a", 1) == 1)
  }
}
