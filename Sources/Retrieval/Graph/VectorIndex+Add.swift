// Adding. Records are linked in batches: the neighbours of all members are sought at once, each against the graph as it
// was before the batch and against the members before it; then the rows that get new links are settled, each by one
// thread. Every step works on what the step before left, so the number of threads changes the time and nothing else.
internal import Base
import Synchronization
internal import Vectors

extension VectorIndex {
  /// Adds the vector in row i of `vectors` (row-major, finite numbers) as slot i of `slots`. The slots are not live.
  package func add(slots: [UInt32], vectors: [Float], threads: Int = 1) {
    unsafe vectors.withUnsafeBufferPointer { unsafe add(slots: slots, vectors: $0, threads: threads) }
  }

  package func add(slots: [UInt32], vectors: UnsafeBufferPointer<Float>, threads: Int = 1) {
    precondition(vectors.count == slots.count * options.dimension && threads > 0)
    guard let highest = slots.max() else { return }
    precondition(Int(highest) < Limits.vectorsPerIndexMax && Set(slots).count == slots.count)
    writer.withLock { writer in
      precondition(!slots.contains { contains($0) }, "a slot is removed before it is used again")
      if slots.contains(where: { writer.isLinked($0) }) { repair(&writer, threads: threads) }
      open(count: Int(highest) + 1)
      let team = writer.team(of: threads, codes: codes)
      let dimension = options.dimension
      team.forEach(slots.count, atOnce: 256) { index, _ in
        unsafe codes.set(
          slots[index],
          to: UnsafeBufferPointer(rebasing: vectors[index * dimension..<(index + 1) * dimension]))
      }
      for slot in slots { giveUpperRows(to: slot) }
      bound.store(max(bound.load(ordering: .relaxed), Int(highest) + 1), ordering: .releasing)
      var start = 0
      while start < slots.count {
        let end = min(start + VectorIndex.batchMax, slots.count)
        link(Array(slots[start..<end]), &writer, team)
        start = end
      }
      liveCount.add(slots.count, ordering: .acquiringAndReleasing)
      writer.changedSinceReach += slots.count
      if writer.changedSinceReach * VectorIndex.changedShareMax > count { reconnect(&writer, team) }
      distances.add(team.takeDistances(), ordering: .relaxed)
    }
  }

  static let batchMax = 256
  /// One slot in so many may have changed before the whole graph is looked at again.
  static let changedShareMax = 64

  /// Rows for the levels above the ground: given once, for a slot's level never changes.
  func giveUpperRows(to slot: UInt32) {
    let level = options.level(of: slot)
    guard level > 0, unsafe upperRow.base[Int(slot)] == 0 else { return }
    let first = upperRowCount.add(level, ordering: .relaxed).oldValue
    upperLinks.open(count: (first + level) * options.m)
    unsafe upperRow.base[Int(slot)] = UInt32(first)
  }

  /// Links a batch whose codes are set and which no link leads to yet.
  private func link(_ batch: [UInt32], _ writer: inout GraphWriter, _ team: Team) {
    let entry = loadEntry()
    let edges = team.map(batch.count, atOnce: 4) { index, workspace in
      chooseNeighbours(of: batch[index], after: batch[0..<index], from: entry, workspace)
    }
    for slot in batch {
      writer.setLinked(slot, true)
      SharedBits.set(alive, slot)
    }
    settle(edges.flatMap { $0 }.sorted(), team)
    adoptOrphans(batch)
    var top = entry
    for slot in batch where options.level(of: slot) > top?.level ?? -1 {
      top = Entry(slot: slot, level: options.level(of: slot))
    }
    if let top { self.entry.store(top.packed, ordering: .releasing) }
  }

  /// Fills the rows of a slot and returns the links that should lead back to it.
  func chooseNeighbours(
    of slot: UInt32, after mates: ArraySlice<UInt32>, from entry: Entry?, _ workspace: GraphWorkspace
  ) -> [Edge] {
    let own = options.level(of: slot)
    var edges: [Edge] = []
    workspace.setQuery(slot: slot)
    var at = entry.map { descend(from: $0, downTo: own, workspace) } ?? 0
    for height in stride(from: own, through: 0, by: -1) {
      workspace.clear()
      if let entry, height <= entry.level {
        gather(on: height, from: at, except: slot, workspace)
        if workspace.count > 0 { at = workspace.candidate(0).slot }
      }
      let peers = height == 0 ? mates : ArraySlice(mates.filter { options.level(of: $0) >= height })
      unsafe peers.withUnsafeBufferPointer { unsafe workspace.fold($0, keep: options.efConstruction) }
      let chosen = workspace.choose(limit: height == 0 ? 2 * options.m : options.m)
      level(height).setLinks(of: slot, to: chosen)
      for neighbour in chosen { edges.append(Edge(height: height, target: neighbour, source: slot)) }
    }
    return edges
  }

  /// The nearest slot on the levels above `level`, for the workspace's query.
  func descend(from entry: Entry, downTo level: Int, _ workspace: GraphWorkspace) -> UInt32 {
    var at = entry.slot
    for above in stride(from: entry.level, to: level, by: -1) {
      at = workspace.descend(self.level(above), from: at, bound: bound.load(ordering: .relaxed))
    }
    return at
  }

  /// Leaves the candidates for the neighbours of a slot in the workspace's list.
  func gather(on height: Int, from start: UInt32, except slot: UInt32, _ workspace: GraphWorkspace) {
    let bound = self.bound.load(ordering: .relaxed)
    let removed = deletedCount.load(ordering: .relaxed) > 0
    workspace.prepare(bound: bound)
    _ = unsafe workspace.walk(
      level(height), from: start, ef: options.efConstruction, bound: bound, alive: removed ? alive : nil)
    workspace.keepAccepted(except: slot)
  }

  /// Gives each target the links that lead back; where a row is full, the best of all stay.
  func settle(_ edges: [Edge], _ team: Team) {
    var starts: [Int] = []
    for index in edges.indices where index == 0 || !edges[index].hasRow(of: edges[index - 1]) {
      starts.append(index)
    }
    team.forEach(starts.count, atOnce: 16) { group, workspace in
      let end = group + 1 < starts.count ? starts[group + 1] : edges.count
      let row = edges[starts[group]]
      let level = level(row.height)
      var links: [UInt32] = []
      level.forEachLink(of: row.target) { links.append($0) }
      for edge in edges[starts[group]..<end] where !links.contains(edge.source) { links.append(edge.source) }
      if links.count > level.degree {
        workspace.setQuery(slot: row.target)
        workspace.clear()
        unsafe links.withUnsafeBufferPointer { unsafe workspace.fold($0, keep: links.count) }
        links = workspace.choose(limit: level.degree)
      }
      level.setLinks(of: row.target, to: links)
    }
  }
}

/// A link to be: on this level, from the target's row to the source. Sorts by row.
struct Edge: Comparable {
  private let packed: UInt64

  init(height: Int, target: UInt32, source: UInt32) {
    packed = UInt64(height) << 60 | UInt64(target) << 30 | UInt64(source)
  }

  var height: Int { Int(packed >> 60) }
  var target: UInt32 { UInt32(truncatingIfNeeded: packed >> 30) & (1 << 30 - 1) }
  var source: UInt32 { UInt32(truncatingIfNeeded: packed) & (1 << 30 - 1) }

  func hasRow(of other: Edge) -> Bool { packed >> 30 == other.packed >> 30 }
  static func < (left: Edge, right: Edge) -> Bool { left.packed < right.packed }
}
