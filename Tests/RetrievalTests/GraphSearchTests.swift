// Searches of the graph against exact answers.
import Base
import Retrieval
import Testing

@Suite struct GraphSearchTests {
  static let vectors = GraphFixture.vectors(5_000, seed: 1)
  static let queries = GraphFixture.vectors(60, seed: 2)
  static let index = GraphFixture.index(vectors)
  static let oracle = ExactOracle(vectors)

  @Test func findsWhatAnExactScanFinds() {
    let found = recall(of: Self.index, Self.queries) { Self.index.search($0, k: 10, ef: 100) }
    #expect(found >= 0.99)
  }

  @Test func exactSearchIsExact() {
    var hits = 0
    for query in Self.queries.prefix(12) {
      let best = Set(Self.oracle.best(10, for: query).map(\.slot))
      hits += Self.index.exactSearch(query, k: 10).count { best.contains($0.slot) }
    }
    #expect(hits >= 119)
  }

  @Test func scoresAreTheInnerProducts() {
    for query in Self.queries {
      let found = Self.index.search(query, k: 10, ef: 64)
      #expect(found.count == 10)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
      #expect(Set(found.map(\.slot)).count == 10)
      for result in found {
        let vector = Self.vectors[Int(result.slot)]
        let product = zip(query, vector).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(result.score - product) < 0.001)
      }
    }
  }

  @Test(arguments: [2, 10, 100, 1_000], [30, 100])
  func findsUnderAFilter(oneIn: UInt32, ef: Int) {
    let accept: (UInt32) -> Bool = { ($0 &* 2_654_435_761) >> 7 % oneIn == 0 }
    let set = SlotSet(capacity: Self.vectors.count, where: accept)
    let found = recall(of: Self.index, Self.queries, accept: set) { query in
      let found = Self.index.search(query, k: 10, ef: ef, accept: set)
      #expect(found.allSatisfy { accept($0.slot) })
      #expect(found.count == min(10, set.count))
      return found
    }
    #expect(found >= (ef < 100 ? 0.97 : 0.99))
  }

  /// A filter that leaves only what is far from the query: the walk must not stop among the rejected.
  @Test func findsUnderAFilterAgainstTheQuery() {
    for query in Self.queries.prefix(10) {
      let near = Set(Self.index.exactSearch(query, k: 1_000).map(\.slot))
      let set = SlotSet(capacity: Self.vectors.count) { !near.contains($0) }
      let exact = Self.index.exactSearch(query, k: 10, accept: set)
      let found = Self.index.search(query, k: 10, ef: 30, accept: set)
      #expect(found.count == 10 && found.allSatisfy { !near.contains($0.slot) })
      // So far from the query scores lie close together: what counts is that these are as good.
      for (left, right) in zip(found, exact) { #expect(abs(left.score - right.score) < 0.02) }
    }
  }

  @Test func theSameBytesOnOneThreadAndTwo() {
    let other = GraphFixture.index(Self.vectors, threads: 1)
    for query in Self.queries {
      #expect(Self.index.search(query, k: 10, ef: 20) == other.search(query, k: 10, ef: 20))
    }
  }

  @Test func smallIndexesAnswer() {
    let empty = VectorIndex(options: GraphOptions(dimension: GraphFixture.dimension))
    #expect(empty.search(Self.queries[0], k: 10, ef: 10).isEmpty)
    #expect(empty.exactSearch(Self.queries[0], k: 10).isEmpty)
    empty.add(slots: [5], vectors: Self.vectors[0])
    #expect(empty.search(Self.queries[0], k: 10, ef: 10).map(\.slot) == [5])
    #expect(empty.search(Self.queries[0], k: 10, ef: 10, accept: SlotSet(capacity: 0)).isEmpty)
    #expect(empty.search(Self.queries[0], k: 10, ef: 10, accept: SlotSet(allOf: 6)).map(\.slot) == [5])
    #expect(empty.count == 1 && empty.contains(5) && !empty.contains(4))
  }

  @Test func equalVectorsAreAllFound() {
    let same = [[Float]](repeating: Self.vectors[0], count: 400)
    let index = GraphFixture.index(same + Self.vectors.prefix(3_000))
    let found = index.search(Self.vectors[0], k: 100, ef: 200)
    #expect(found.count == 100)
    #expect(found.count { $0.score > 0.999 } == 100)
  }
}
