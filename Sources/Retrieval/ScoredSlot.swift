// What either index gives back: a slot and how well it fits, the best first, ties by slot.

package struct ScoredSlot: Sendable, Equatable {
  package let slot: UInt32
  /// Of the vector index the inner product with the query, of the keyword index the BM25 score.
  package let score: Float

  package init(slot: UInt32, score: Float) {
    self.slot = slot
    self.score = score
  }
}
