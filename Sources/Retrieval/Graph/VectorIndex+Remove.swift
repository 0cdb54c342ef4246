// Removing. A removed slot is no result from that moment on; walks still pass through it until the graph is repaired
// around it: at once when many are gone, else when its slot is wanted again or a snapshot written. Repair gives every
// row that led to removed slots the links of those in their stead, then wipes and frees the slots.
internal import Base
import Synchronization
internal import Vectors

extension VectorIndex {
  /// Slots that are not live are passed over.
  package func remove(slots: [UInt32], threads: Int = 1) {
    writer.withLock { writer in
      for slot in slots where contains(slot) {
        SharedBits.clear(alive, slot)
        deletedCount.add(1, ordering: .acquiringAndReleasing)
        liveCount.subtract(1, ordering: .acquiringAndReleasing)
      }
      let deleted = deletedCount.load(ordering: .relaxed)
      if deleted * VectorIndex.deletedShareMax > count { repair(&writer, threads: threads) }
    }
  }

  /// Frees every removed slot now.
  package func compact(threads: Int = 1) {
    writer.withLock { writer in repair(&writer, threads: threads) }
  }

  /// One removed slot in so many live ones is left standing.
  private static let deletedShareMax = 64

  func repair(_ writer: inout GraphWriter, threads: Int) {
    guard deletedCount.load(ordering: .relaxed) > 0 else { return }
    let team = writer.team(of: threads, codes: codes)
    let dead = removedSlots(writer)
    if let entry = loadEntry(), !SharedBits.contains(alive, entry.slot) { chooseEntry() }
    let slots = [UInt32](0..<UInt32(bound.load(ordering: .relaxed)))
    var standing = slots.filter { options.level(of: $0) > 0 }
    var height = 1
    while !standing.isEmpty {
      _ = repairRows(on: height, among: standing, team)
      height += 1
      standing.removeAll { options.level(of: $0) < height }
    }
    enrich(repairRows(on: 0, among: slots, team), team)
    lookAfterOrphans(of: dead, &writer, team)
    distances.add(team.takeDistances(), ordering: .relaxed)
    // No link leads to them now; readers that still stand on one leave before it is wiped.
    readers.waitForThoseInside()
    for slot in dead {
      codes.wipe(slot)
      for height in 0...options.level(of: slot) { self.level(height).setLinks(of: slot, to: []) }
      writer.setLinked(slot, false)
    }
    deletedCount.store(0, ordering: .releasing)
  }

  /// Those that removed slots led to may have lost the last link to them.
  private func lookAfterOrphans(of dead: [UInt32], _ writer: inout GraphWriter, _ team: Team) {
    writer.changedSinceReach += dead.count
    if writer.changedSinceReach * VectorIndex.changedShareMax > count { return reconnect(&writer, team) }
    var left: Set<UInt32> = []
    for slot in dead {
      level(0).forEachLink(of: slot) { if SharedBits.contains(alive, $0) { left.insert($0) } }
    }
    adoptOrphans(left.sorted())
  }

  private func removedSlots(_ writer: GraphWriter) -> [UInt32] {
    var dead: [UInt32] = []
    for (index, word) in writer.linked.enumerated() {
      var bits = word & ~SharedBits.word(alive, index)
      while bits != 0 {
        dead.append(UInt32(index * 64 + bits.trailingZeroBitCount))
        bits &= bits - 1
      }
    }
    return dead
  }

  /// The first live slot of the highest level; none when nothing is live.
  private func chooseEntry() {
    var best: Entry?
    for slot in 0..<UInt32(bound.load(ordering: .relaxed)) where SharedBits.contains(alive, slot) {
      let level = options.level(of: slot)
      if level > best?.level ?? -1 { best = Entry(slot: slot, level: level) }
    }
    entry.store(best?.packed ?? 0, ordering: .releasing)
  }

  /// Returns those whose rows are left nearly empty.
  private func repairRows(on height: Int, among slots: [UInt32], _ team: Team) -> [UInt32] {
    let level = level(height)
    let hurt = team.lead.hurt(level, among: slots, alive: alive, bound: bound.load(ordering: .relaxed))
    // Rows of removed slots stay as they are, and no other row but its own is read: the order does not matter.
    let left = team.map(hurt.count, atOnce: 16) { index, workspace in
      let slot = hurt[index]
      let candidates = heirs(of: slot, level)
      workspace.setQuery(slot: slot)
      workspace.clear()
      unsafe candidates.withUnsafeBufferPointer { unsafe workspace.fold($0, keep: options.efConstruction) }
      var row: [UInt32] = []
      level.forEachLink(of: slot) { row.append($0) }
      var links = workspace.choose(limit: level.degree)
      // Links that the row had fill the places it had: choosing anew each time would thin the graph out.
      for link in row
      where links.count < row.count && SharedBits.contains(alive, link) && !links.contains(link) {
        links.append(link)
      }
      level.setLinks(of: slot, to: links)
      return links.count
    }
    return zip(hurt, left).filter { $0.1 < options.m / 2 }.map(\.0)
  }

  /// The live links of a row, and in the place of dead ones theirs, as deep as it takes, up to a bound.
  private func heirs(of slot: UInt32, _ level: GraphLevel) -> [UInt32] {
    var seen: Set<UInt32> = [slot]
    var live: [UInt32] = []
    var dead: [UInt32] = []
    func visit(_ link: UInt32) {
      guard seen.insert(link).inserted else { return }
      if SharedBits.contains(alive, link) { live.append(link) } else { dead.append(link) }
    }
    level.forEachLink(of: slot, visit)
    var next = 0
    while next < dead.count && live.count < options.efConstruction && next < 4 * level.degree {
      level.forEachLink(of: dead[next], visit)
      next += 1
    }
    return live
  }
}
