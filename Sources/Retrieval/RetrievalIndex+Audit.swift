// How an index is held against what it should be: which records it holds, and how much of what is truly near the graph
// still finds. Changes nothing, and readers and writers go on meanwhile.

/// Of neighbours that a scan of everything finds, how many the graph finds.
package struct GraphRecall: Sendable, Equatable {
  package var found = 0
  package var wanted = 0

  package init(found: Int = 0, wanted: Int = 0) {
    self.found = found
    self.wanted = wanted
  }

  /// nil where nothing was asked.
  package var share: Double? { wanted == 0 ? nil : Double(found) / Double(wanted) }

  package mutating func add(_ other: GraphRecall) {
    found += other.found
    wanted += other.wanted
  }
}

extension RetrievalIndex {
  package var ids: [Int64] {
    let now = snapshot
    var ids: [Int64] = []
    ids.reserveCapacity(now.liveCount)
    now.live.forEach { ids.append(now.ids[$0]) }
    return ids
  }

  /// Asked as a search asks, for every record's own vector.
  package func recall(near records: [Int64], k: Int = 10) -> GraphRecall {
    let vectors = snapshot.vectors
    return vectors.pinned {
      let now = snapshot
      var recall = GraphRecall()
      for id in records {
        guard let slot = now.slot(of: id), let query = vectors.vector(slot) else { continue }
        // Itself aside, which is no feat to find.
        var others = now.live
        others.remove(slot)
        let truth = Set(vectors.exactSearch(query, k: k, accept: others).map(\.slot))
        let found = vectors.search(query, k: k, ef: max(SearchPass.efMin, k), accept: others)
        recall.add(GraphRecall(found: found.count { truth.contains($0.slot) }, wanted: truth.count))
      }
      return recall
    }
  }
}
