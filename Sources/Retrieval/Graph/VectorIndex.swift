// The vector graph (HNSW): records are slots, vectors are kept as codes, neighbours as rows of slots. Held to:
// - One writer at a time; readers never wait (ReaderCells.swift). Base addresses never move (Slab).
// - A slot is free, live, or removed but still linked. Links lead only to linked slots, so every link can be followed.
// - The rows of a slot that a link leads to are complete; a free slot is written only when no reader can know it.
// - The same options and the same calls give the same bytes, on any number of threads and any instruction set.
// It must not know what a record is, and it must not keep the vectors it was given: only their codes.
internal import Base
import Synchronization
internal import Vectors

package final class VectorIndex: Sendable {
  package let options: GraphOptions
  let codes: CodedVectors
  let groundLinks: Slab<UInt32>
  let upperLinks: Slab<UInt32>
  /// Where a slot's rows for the levels above the ground begin, in rows. Given once, for a slot's level never changes.
  let upperRow: Slab<UInt32>
  /// May be a result.
  let alive: Slab<UInt64>
  /// Level + 1 << 32 | slot; zero while the graph is empty.
  let entry = Atomic<UInt64>(0)
  /// One past the highest slot that was ever linked.
  let bound = Atomic<Int>(0)
  let liveCount = Atomic<Int>(0)
  let deletedCount = Atomic<Int>(0)
  /// Rows handed out in `upperLinks`; row 0 stands for none.
  let upperRowCount = Atomic<Int>(1)
  let distances = Atomic<UInt64>(0)
  let readers: ReaderCells
  let writer: Mutex<GraphWriter>

  package init(options: GraphOptions, reserve: Int = 0) {
    precondition(options.m >= 2 && 2 * options.m <= GraphLevel.degreeMax)
    precondition(options.efConstruction > 0 && options.efConstruction <= Limits.candidatesMax)
    self.options = options
    let slotsMax = Limits.vectorsPerIndexMax
    codes = CodedVectors(dimension: options.dimension, countMax: slotsMax)
    groundLinks = Slab(countMax: slotsMax * 2 * options.m)
    // One slot in m stands on level 1, one in m squared on level 2: for m of 2 that is a row a slot, give or take
    // chance.
    upperLinks = Slab(countMax: slotsMax * 2 * options.m)
    upperRow = Slab(countMax: slotsMax)
    alive = Slab(countMax: (slotsMax + 63) / 64)
    readers = ReaderCells(codes: codes)
    writer = Mutex(GraphWriter())
    open(count: reserve)
  }

  /// Makes room for slots below count. The writer's, or before the index is shared.
  func open(count: Int) {
    codes.open(count: count)
    groundLinks.open(count: count * 2 * options.m)
    upperRow.open(count: count)
    alive.open(count: (count + 63) / 64)
  }

  func level(_ level: Int) -> GraphLevel {
    level == 0
      ? GraphLevel(links: groundLinks, stride: 2 * options.m, rowOf: nil, degree: 2 * options.m)
      : GraphLevel(
        links: upperLinks, firstPlace: (level - 1) * options.m, stride: options.m, rowOf: upperRow,
        degree: options.m)
  }

  /// Where every walk begins: the slot and its level.
  struct Entry {
    let slot: UInt32
    let level: Int

    init?(packed: UInt64) {
      guard packed != 0 else { return nil }
      slot = UInt32(truncatingIfNeeded: packed)
      level = Int(packed >> 32) - 1
    }

    init(slot: UInt32, level: Int) {
      self.slot = slot
      self.level = level
    }

    var packed: UInt64 { UInt64(level + 1) << 32 | UInt64(slot) }
  }

  func loadEntry() -> Entry? { Entry(packed: entry.load(ordering: .acquiring)) }

  // MARK: What it tells about itself

  package var count: Int { liveCount.load(ordering: .acquiring) }

  package func contains(_ slot: UInt32) -> Bool {
    Int(slot) < bound.load(ordering: .acquiring) && SharedBits.contains(alive, slot)
  }

  /// The vector of a live slot, as its codes tell it.
  package func vector(_ slot: UInt32) -> [Float]? {
    readers.stay { contains(slot) ? codes.vector(slot) : nil }
  }

  /// While body runs, no slot that was live at its start is given to another record. The body must not write.
  package func pinned<Result>(_ body: () throws -> Result) rethrows -> Result {
    try readers.stay(body)
  }

  /// Does not wait for the writer: while one is at work, the parts may be of slightly different moments.
  package var statistics: GraphStatistics {
    var statistics = GraphStatistics()
    statistics.count = count
    statistics.deleted = deletedCount.load(ordering: .acquiring)
    let slots = bound.load(ordering: .acquiring)
    statistics.bytes =
      slots * (codes.bytesPerVector + (2 * options.m + 1) * 4) + slots / 8
      + upperRowCount.load(ordering: .relaxed) * options.m * 4
    for slot in 0..<UInt32(slots) where SharedBits.contains(alive, slot) {
      let level = options.level(of: slot)
      while statistics.levels.count <= level { statistics.levels.append(0) }
      for level in 0...level { statistics.levels[level] += 1 }
    }
    statistics.distanceComputations = distances.load(ordering: .relaxed)
    return statistics
  }
}

/// What only the writer touches, under its lock.
struct GraphWriter: @unchecked Sendable {
  // Sendable: it never leaves the lock; workspaces are lent to the threads of one call, which ends before the lock
  // does.
  /// Slots that links may lead to: the live ones and the removed ones not yet repaired around.
  var linked: [UInt64] = []
  /// Slots added and removed since it was last seen to that all can be reached.
  var changedSinceReach = 0
  var workspaces: [GraphWorkspace] = []

  func isLinked(_ slot: UInt32) -> Bool {
    let word = Int(slot >> 6)
    return word < linked.count && linked[word] >> UInt64(slot & 63) & 1 != 0
  }

  mutating func setLinked(_ slot: UInt32, _ value: Bool) {
    let word = Int(slot >> 6)
    while linked.count <= word { linked.append(0) }
    let mask: UInt64 = 1 << UInt64(slot & 63)
    if value { linked[word] |= mask } else { linked[word] &= ~mask }
  }
}
