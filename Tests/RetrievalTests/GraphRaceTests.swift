// The vector graph with readers and a writer at once, for the thread sanitizer and for plain runs.
import Base
import Dispatch
import Retrieval
import Synchronization
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Readers and the writer at once. Under the thread sanitizer this is the proof that nothing is shared unguarded;
/// without it, that no reader ever sees a slot with a vector that it never had. The sanitizer sees no loads of more
/// than 16 bytes: `FOOTNOTE_KERNELS=plain swift test --sanitize=thread --filter GraphRaceTests`.
@Suite struct GraphRaceTests {
  @Test func readersSeeOnlyWhatWasThere() {
    let stable = GraphFixture.vectors(600, seed: 31)
    let passing = GraphFixture.vectors(800, seed: 32)
    let queries = GraphFixture.vectors(40, seed: 33)
    let index = GraphFixture.index(stable)
    let done = Atomic<Bool>(false)
    let wrong = Atomic<Int>(0)
    let searches = Atomic<Int>(0)
    // Slot 600 + i holds passing[i] or passing[i + 400], changing places every round.
    DispatchQueue.concurrentPerform(iterations: 3) { member in
      if member == 0 {
        for round in 0..<12 {
          for part in 0..<4 {
            let slots = (0..<100).map { UInt32(600 + part * 100 + $0) }
            let first = (round % 2) * 400 + part * 100
            index.remove(slots: slots)
            index.add(slots: slots, vectors: Array(passing[first..<first + 100].joined()), threads: 2)
          }
        }
        done.store(true, ordering: .releasing)
      } else {
        var accept = SlotSet(capacity: 1_000)
        for slot in 0..<1_000 where slot % 3 != 0 { accept.insert(UInt32(slot)) }
        var next = member
        repeat {
          let query = queries[next % queries.count]
          let found = index.search(
            query, k: 10, ef: next % 3 == 0 ? 200 : 20, accept: next % 2 == 0 ? accept : nil)
          for result in found where !isTrue(result, query, stable, passing) {
            wrong.add(1, ordering: .relaxed)
          }
          if found.count != 10 { wrong.add(1, ordering: .relaxed) }
          searches.add(1, ordering: .relaxed)
          next += 1
        } while !done.load(ordering: .acquiring)
      }
    }
    let wrongCount = wrong.load(ordering: .relaxed)
    let searchCount = searches.load(ordering: .relaxed)
    #expect(wrongCount == 0)
    #expect(searchCount > 0)
    #expect(index.count == 1_000)
  }

  private func isTrue(_ result: ScoredSlot, _ query: [Float], _ stable: [[Float]], _ passing: [[Float]])
    -> Bool
  {
    let slot = Int(result.slot)
    let could = slot < 600 ? [stable[slot]] : [passing[slot - 600], passing[slot - 200]]
    return could.contains { vector in
      var product: Float = 0
      for (left, right) in zip(query, vector) { product += left * right }
      return abs(product - result.score) < 0.002
    }
  }

  @Test func pinnedSlotsKeepTheirRecord() {
    let vectors = GraphFixture.vectors(300, seed: 34)
    let index = GraphFixture.index(vectors)
    let pinned = Atomic<Bool>(false)
    let kept = Atomic<Bool>(true)
    DispatchQueue.concurrentPerform(iterations: 2) { member in
      if member == 0 {
        index.pinned {
          let slot = index.search(vectors[7], k: 1, ef: 20)[0].slot
          let before = index.vector(slot)
          pinned.store(true, ordering: .releasing)
          // Long enough for a writer that does not wait to be caught at it.
          for _ in 0..<100 {
            usleep(2_000)
            if index.contains(slot) && index.vector(slot) != before { kept.store(false, ordering: .relaxed) }
          }
        }
      } else {
        while !pinned.load(ordering: .acquiring) {}
        index.remove(slots: [7])
        index.add(slots: [7], vectors: vectors[8])
      }
    }
    let allKept = kept.load(ordering: .relaxed)
    #expect(allKept)
    #expect(index.search(vectors[8], k: 2, ef: 20).map(\.slot).contains(7))
  }
}
