// Searching: through the graph, or by exact scan where the filter leaves so little that a scan is cheaper. Both end the
// same way: the best few by their codes are scored again with the residual.
internal import Base
import Synchronization
internal import Vectors

extension VectorIndex {
  /// The k best accepted slots by inner product, best first; equal scores by slot. Fewer where fewer are accepted.
  package func search(_ query: [Float], k: Int, ef: Int, accept: SlotSet? = nil) -> [ScoredSlot] {
    precondition(query.count == options.dimension && k > 0 && k <= Limits.candidatesMax)
    let wanted = min(max(ef, k), Limits.candidatesMax)
    return readers.visit { workspace in
      guard let entry = loadEntry() else { return [] }
      defer { distances.add(workspace.takeDistances(), ordering: .relaxed) }
      unsafe query.withUnsafeBufferPointer { unsafe workspace.setQuery($0) }
      let bound = self.bound.load(ordering: .acquiring)
      let known = max(liveCount.load(ordering: .acquiring), 1)
      let left = accept.map { acceptedCount($0, bound: bound) } ?? known
      guard left > 0 else { return [] }
      let cost = SearchCost(known: known, accepted: left, wanted: wanted)
      if cost.scanIsCheaper
        || !walk(workspace, from: entry, ef: wanted, bound: bound, accept: accept, cost: cost)
      {
        scan(workspace, keep: rescored(k), bound: bound, accept: accept)
      }
      return best(k, of: workspace)
    }
  }

  /// The same by a scan of every accepted slot.
  package func exactSearch(_ query: [Float], k: Int, accept: SlotSet? = nil) -> [ScoredSlot] {
    precondition(query.count == options.dimension && k > 0 && k <= Limits.candidatesMax)
    return readers.visit { workspace in
      defer { distances.add(workspace.takeDistances(), ordering: .relaxed) }
      unsafe query.withUnsafeBufferPointer { unsafe workspace.setQuery($0) }
      scan(workspace, keep: rescored(k), bound: bound.load(ordering: .acquiring), accept: accept)
      return best(k, of: workspace)
    }
  }

  /// How many of the best by code are scored again. The codes misplace few, and those not far.
  private func rescored(_ k: Int) -> Int { k + max(k, 16) }

  private func walk(
    _ workspace: GraphWorkspace, from entry: Entry, ef: Int, bound: Int, accept: SlotSet?, cost: SearchCost
  ) -> Bool {
    workspace.prepare(bound: bound)
    var at = entry.slot
    for above in stride(from: entry.level, to: 0, by: -1) {
      at = workspace.descend(level(above), from: at, bound: bound)
    }
    let removed = deletedCount.load(ordering: .acquiring) > 0
    guard let accept else {
      return unsafe workspace.walk(level(0), from: at, ef: ef, bound: bound, alive: removed ? alive : nil)
    }
    return unsafe accept.words.withUnsafeBufferPointer { words in
      unsafe workspace.walk(
        level(0), from: at, ef: ef, bound: bound, alive: removed ? alive : nil, filter: words,
        filterBound: accept.capacity, distancesMax: cost.distancesMax)
    }
  }

  /// Leaves the `keep` best accepted slots in the workspace's list.
  private func scan(_ workspace: GraphWorkspace, keep: Int, bound: Int, accept: SlotSet?) {
    workspace.clear()
    unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 256 + 64) { slots in
      var filled = 0
      for word in 0..<(bound + 63) / 64 {
        var bits = acceptedBits(word, accept)
        while bits != 0 {
          unsafe slots[filled] = UInt32(word * 64 + bits.trailingZeroBitCount)
          filled += 1
          bits &= bits - 1
        }
        if filled >= 256 {
          unsafe workspace.fold(UnsafeBufferPointer(rebasing: slots[0..<filled]), keep: keep)
          filled = 0
        }
      }
      unsafe workspace.fold(UnsafeBufferPointer(rebasing: slots[0..<filled]), keep: keep)
    }
  }

  private func acceptedBits(_ word: Int, _ accept: SlotSet?) -> UInt64 {
    let live = SharedBits.word(alive, word)
    guard let accept else { return live }
    return word < accept.words.count ? live & accept.words[word] : 0
  }

  private func acceptedCount(_ accept: SlotSet, bound: Int) -> Int {
    var count = 0
    for word in 0..<min((bound + 63) / 64, accept.words.count) {
      count += (SharedBits.word(alive, word) & accept.words[word]).nonzeroBitCount
    }
    return count
  }

  /// Scores the head of the workspace's list again, with the residuals, and keeps the k best.
  private func best(_ k: Int, of workspace: GraphWorkspace) -> [ScoredSlot] {
    var slots: [UInt32] = []
    slots.reserveCapacity(rescored(k))
    var index = 0
    while index < workspace.count && slots.count < rescored(k) {
      if workspace.isAccepted(index) { slots.append(workspace.candidate(index).slot) }
      index += 1
    }
    let scores = workspace.fineScores(slots)
    var found: [ScoredSlot] = []
    found.reserveCapacity(slots.count)
    for (slot, score) in zip(slots, scores) { found.append(ScoredSlot(slot: slot, score: score)) }
    found.sort { $0.score != $1.score ? $0.score > $1.score : $0.slot < $1.slot }
    return Array(found.prefix(k))
  }
}

/// Products that a scan and a walk would take. A scan reads memory in order and is at least twice as fast a product.
struct SearchCost {
  let scan: Double
  let walk: Double

  init(known: Int, accepted: Int, wanted: Int) {
    let share = min(Double(accepted) / Double(known), 1)
    scan = Double(accepted) * 0.5
    walk = Double(wanted) * SearchCost.productsPerCandidate / share
  }

  var scanIsCheaper: Bool { scan <= walk }
  /// A walk that takes longer than the scan would have gives up and scans.
  var distancesMax: UInt64 { UInt64(max(scan, 2 * walk)) }

  private static let productsPerCandidate = 18.0
}
