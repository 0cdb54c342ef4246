// Seeded vectors for the graph's tests, and the oracle: inner products of what was given, in double precision.
import Base
import Retrieval

enum GraphFixture {
  static let dimension = 48

  /// Unit vectors around seeded centres, as embeddings lie: near ones and far ones.
  static func vectors(_ count: Int, seed: UInt64, centres: Int = 60) -> [[Float]] {
    var random = SeededRandom(seed: seed)
    var shared = SeededRandom(seed: 99)
    let middles = (0..<centres).map { _ in noise(&shared) }
    return (0..<count).map { _ in
      let middle = middles[Int.random(in: 0..<centres, using: &random)]
      return unit(zip(middle, noise(&random)).map { $0 + 0.7 * $1 })
    }
  }

  private static func noise(_ random: inout SeededRandom) -> [Float] {
    (0..<dimension).map { _ in (0..<4).reduce(0) { sum, _ in sum + Float.random(in: -1...1, using: &random) }
    }
  }

  private static func unit(_ vector: [Float]) -> [Float] {
    let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return vector.map { $0 / norm }
  }

  static func index(_ vectors: [[Float]], m: Int = 8, threads: Int = 2) -> VectorIndex {
    let index = VectorIndex(options: GraphOptions(dimension: dimension, m: m, efConstruction: 80))
    index.add(slots: (0..<vectors.count).map(UInt32.init), vectors: Array(vectors.joined()), threads: threads)
    return index
  }
}

/// What the index should hold: the vectors as they were given.
struct ExactOracle {
  var vectors: [UInt32: [Float]] = [:]

  init(_ vectors: [[Float]] = []) {
    for (slot, vector) in vectors.enumerated() { self.vectors[UInt32(slot)] = vector }
  }

  func best(_ k: Int, for query: [Float], where accept: (UInt32) -> Bool = { _ in true }) -> [ScoredSlot] {
    let scored = vectors.filter { accept($0.key) }.map { slot, vector in
      (slot, zip(query, vector).reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
    }
    return scored.sorted { $0.1 != $1.1 ? $0.1 > $1.1 : $0.0 < $1.0 }.prefix(k)
      .map { ScoredSlot(slot: $0.0, score: Float($0.1)) }
  }
}

/// The share of the true best that was found, over all queries. The true best come from the index's own exact scan,
/// which GraphSearchTests holds against the oracle: it is fast enough for many queries.
func recall(
  of index: VectorIndex, _ queries: [[Float]], k: Int = 10, accept: SlotSet? = nil,
  search: ([Float]) -> [ScoredSlot]
) -> Double {
  var hits = 0
  var wanted = 0
  for query in queries {
    let best = Set(index.exactSearch(query, k: k, accept: accept).map(\.slot))
    hits += search(query).count { best.contains($0.slot) }
    wanted += best.count
  }
  return wanted == 0 ? 1 : Double(hits) / Double(wanted)
}

extension SlotSet {
  init(capacity: Int, where accept: (UInt32) -> Bool) {
    self.init(capacity: capacity)
    for slot in 0..<UInt32(capacity) where accept(slot) { insert(slot) }
  }
}
