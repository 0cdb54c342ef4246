// The graph's codes asked directly: how near given slots are to a question or to each other. No walk.
import Vectors

extension VectorIndex: CandidateVectors {
  /// In the order of the slots; nil where a slot holds no vector.
  func similarities(of slots: [UInt32], to query: [Float]) -> [Float?] {
    precondition(query.count == options.dimension)
    let held = slots.filter { contains($0) }
    let scores = readers.visit { workspace in
      unsafe query.withUnsafeBufferPointer { unsafe workspace.setQuery($0) }
      return workspace.fineScores(held)
    }
    guard held.count < slots.count else { return scores }
    var next = 0
    return slots.map { slot in
      guard next < held.count, held[next] == slot else { return nil }
      next += 1
      return scores[next - 1]
    }
  }

  /// The k nearest of the slots, best first, equal scores by slot; those without a vector left out. Where there are
  /// many slots the graph is asked.
  func nearest(_ k: Int, of slots: [UInt32], to query: [Float]) -> [ScoredSlot] {
    guard slots.count <= Self.comparedMax else {
      var accept = SlotSet(capacity: Int(slots.max() ?? 0) + 1)
      accept.insert(contentsOf: slots)
      return search(query, k: k, ef: max(k, SearchPass.efMin), accept: accept)
    }
    let scored = zip(slots, similarities(of: slots, to: query)).compactMap { slot, score in
      score.map { ScoredSlot(slot: slot, score: $0) }
    }
    let sorted = scored.sorted { $0.score != $1.score ? $0.score > $1.score : $0.slot < $1.slot }
    return Array(sorted.prefix(k))
  }

  /// As many products cost less than a walk.
  private static let comparedMax = 1_024

  /// As far as the codes tell; -1 where either holds no vector.
  func similarities(of slots: [UInt32], to slot: UInt32) -> [Float] {
    guard contains(slot), let vector = vector(slot) else { return slots.map { _ in -1 } }
    return similarities(of: slots, to: vector).map { $0 ?? -1 }
  }
}
