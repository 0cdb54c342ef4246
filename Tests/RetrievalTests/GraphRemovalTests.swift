// Slots taken out of the graph: gone from every answer, and what is left stays as easy to find.
import Base
import Retrieval
import Testing

@Suite struct GraphRemovalTests {
  @Test func recallHoldsAfterHalfIsRemoved() {
    let index = GraphFixture.index(GraphFixture.vectors(5_000, seed: 3))
    index.remove(slots: (0..<5_000).filter { $0 % 2 == 0 }.map(UInt32.init), threads: 2)
    #expect(index.count == 2_500)
    let found = recall(of: index, GraphFixture.vectors(60, seed: 4)) { query in
      let found = index.search(query, k: 10, ef: 60)
      #expect(found.allSatisfy { $0.slot % 2 == 1 })
      return found
    }
    #expect(found >= 0.98)
  }

  /// What is left after many removals is as good a graph as one built of the survivors.
  @Test func repairIsAsGoodAsBuildingAnew() {
    let vectors = GraphFixture.vectors(4_000, seed: 15)
    let queries = GraphFixture.vectors(60, seed: 16)
    let index = GraphFixture.index(vectors)
    for part in 0..<15 {
      index.remove(slots: (0..<4_000).filter { $0 % 20 == part }.map(UInt32.init))
      index.compact()
    }
    let left = (0..<4_000).filter { $0 % 20 >= 15 }
    let fresh = GraphFixture.index(left.map { vectors[$0] })
    let repaired = recall(of: index, queries) { index.search($0, k: 10, ef: 12) }
    let built = recall(of: fresh, queries) { fresh.search($0, k: 10, ef: 12) }
    #expect(repaired >= built - 0.015, "built anew: \(built)")
  }

  @Test func aWholeNeighbourhoodCanGo() {
    let vectors = GraphFixture.vectors(4_000, seed: 5, centres: 4)
    let queries = GraphFixture.vectors(40, seed: 6, centres: 4)
    let index = GraphFixture.index(vectors)
    let before = recall(of: index, queries) { index.search($0, k: 10, ef: 60) }
    let gone = Set(index.exactSearch(vectors[0], k: 1_000).map(\.slot))
    index.remove(slots: gone.sorted())
    let after = recall(of: index, queries) { query in
      let found = index.search(query, k: 10, ef: 60)
      #expect(found.allSatisfy { !gone.contains($0.slot) })
      return found
    }
    #expect(after >= before - 0.02, "before \(before)")
  }

  /// Many rounds of adding and removing leave things where they began.
  @Test func roundsReclaimWhatTheyTook() {
    let index = GraphFixture.index(GraphFixture.vectors(1_500, seed: 8))
    let queries = GraphFixture.vectors(40, seed: 9)
    let bytesBefore = index.snapshotBytes().count
    let recallBefore = recall(of: index, queries) { index.search($0, k: 10, ef: 40) }
    var random = SeededRandom(seed: 10)
    let pool = GraphFixture.vectors(500, seed: 10)
    for _ in 0..<40 {
      let slots = Array((0..<1_500).map(UInt32.init).shuffled(using: &random).prefix(75))
      index.remove(slots: slots)
      let vectors = slots.map { _ in pool[Int.random(in: 0..<500, using: &random)] }
      index.add(slots: slots, vectors: Array(vectors.joined()))
    }
    #expect(index.snapshotBytes().count == bytesBefore)
    let recallAfter = recall(of: index, queries) { index.search($0, k: 10, ef: 40) }
    #expect(recallAfter >= recallBefore - 0.02, "before \(recallBefore)")
  }

  @Test func everySlotIsFoundByItsOwnVector() {
    let vectors = GraphFixture.vectors(4_000, seed: 14, centres: 300)
    let index = GraphFixture.index(vectors, m: 4)
    index.remove(slots: (0..<4_000).filter { $0 % 4 == 1 }.map(UInt32.init))
    let lost = (0..<4_000).filter {
      $0 % 4 != 1 && index.search(vectors[$0], k: 1, ef: 100).first?.slot != UInt32($0)
    }
    #expect(lost.count <= 3)
  }

  @Test func everythingCanGoAndComeBack() {
    let vectors = GraphFixture.vectors(500, seed: 7)
    let index = GraphFixture.index(vectors)
    index.remove(slots: (0..<500).map(UInt32.init))
    #expect(index.count == 0 && index.search(vectors[0], k: 10, ef: 50).isEmpty)
    index.add(slots: (0..<500).map(UInt32.init), vectors: Array(vectors.joined()))
    #expect(index.count == 500)
    #expect(index.search(vectors[42], k: 1, ef: 50).first?.slot == 42)
  }

  /// Random operations against a dictionary that is searched exactly.
  @Test(arguments: [UInt64(11), 12, 13])
  func behavesLikeADictionary(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pool = GraphFixture.vectors(3_000, seed: seed)
    let index = VectorIndex(
      options: GraphOptions(dimension: GraphFixture.dimension, m: 8, efConstruction: 60))
    var model = ExactOracle()
    for step in 0..<60 {
      let free = (0..<3_000).map(UInt32.init).filter { model.vectors[$0] == nil }
      switch Int.random(in: 0..<3, using: &random) {
      case 0, 1:
        let slots = Array(free.shuffled(using: &random).prefix(Int.random(in: 1...120, using: &random)))
        let vectors = slots.map { _ in pool[Int.random(in: 0..<3_000, using: &random)] }
        index.add(slots: slots, vectors: Array(vectors.joined()), threads: step % 2 + 1)
        for (slot, vector) in zip(slots, vectors) { model.vectors[slot] = vector }
      default:
        let most = step % 10 == 9 ? model.vectors.count : 60
        let slots = model.vectors.keys.sorted().shuffled(using: &random)
          .prefix(Int.random(in: 0...most, using: &random))
        index.remove(slots: Array(slots))
        for slot in slots { model.vectors[slot] = nil }
      }
      #expect(index.count == model.vectors.count)
      let query = pool[Int.random(in: 0..<3_000, using: &random)]
      let exact = model.best(10, for: query)
      let found = index.search(query, k: 10, ef: 80)
      #expect(found.count == exact.count)
      #expect(found.allSatisfy { model.vectors[$0.slot] != nil })
      // Equal vectors may stand for each other, so scores are compared, not slots.
      for (left, right) in zip(found, exact) {
        #expect(abs(left.score - right.score) < 0.05, "seed \(seed) step \(step)")
      }
    }
  }
}
