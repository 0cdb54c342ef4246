// What the graph finds of what a scan of all vectors finds: a check of the index in use, on its own codes.

extension RetrievalIndex {
  private static let nearest = 10

  /// Of the ten nearest, how many a search like any other brings up. nil where so little is held that a search scans
  /// anyway.
  package func recall(of vector: [Float]) -> (found: Int, wanted: Int)? {
    let vectors = snapshot.vectors
    let cost = SearchCost(known: vectors.count, accepted: vectors.count, wanted: SearchPass.efMin)
    guard vector.count == dimension, !cost.scanIsCheaper else { return nil }
    return vectors.pinned {
      let live = snapshot.live
      let exact = vectors.exactSearch(vector, k: Self.nearest, accept: live)
      let walked = Set(
        vectors.search(vector, k: Self.nearest, ef: SearchPass.efMin, accept: live).map(\.slot))
      return (exact.count { walked.contains($0.slot) }, exact.count)
    }
  }
}
