// What a vector index is made with, what it tells about itself, and what a search gives back.
internal import Base

package struct GraphOptions: Sendable, Equatable {
  package var dimension: Int
  /// Links a node on the upper levels; twice as many on the ground.
  package var m: Int
  /// How many candidates the neighbours of a new node are chosen from.
  package var efConstruction: Int
  /// Decides which slots stand on the upper levels. The same seed and records give the same graph.
  package var seed: UInt64

  package init(dimension: Int, m: Int = 16, efConstruction: Int = 200, seed: UInt64 = 0x466F_6F74_6E6F_7465) {
    self.dimension = dimension
    self.m = m
    self.efConstruction = efConstruction
    self.seed = seed
  }

  /// SplitMix64 of seed and slot: each level holds one m-th of the one below.
  func level(of slot: UInt32) -> Int {
    var random = SeededRandom(seed: seed &+ UInt64(slot) &* 0xD134_2543_DE82_EF95)
    let drawn = random.next()
    var bar = UInt64.max / UInt64(m)
    var level = 0
    while drawn < bar && level < GraphOptions.levelMax {
      level += 1
      bar /= UInt64(m)
    }
    return level
  }

  static let levelMax = 12
}

package struct GraphStatistics: Sendable, Equatable {
  package var count = 0
  /// Removed, but still walked through until the graph is next repaired.
  package var deleted = 0
  /// Pages in use for codes, links and bits, as far as slots reach.
  package var bytes = 0
  /// Nodes that stand on each level, the ground first.
  package var levels: [Int] = []
  /// Inner products computed by searches and by the writer since the index was made.
  package var distanceComputations: UInt64 = 0
}
