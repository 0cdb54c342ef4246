// Which records an index holds, for whoever knows which it should hold.

extension RetrievalIndex {
  package var ids: [Int64] {
    let now = snapshot
    var ids: [Int64] = []
    ids.reserveCapacity(now.liveCount)
    now.live.forEach { ids.append(now.ids[$0]) }
    return ids
  }
}
