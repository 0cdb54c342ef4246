// Two scores become one. Both are brought to a common scale of 0...1 that does not depend on the other candidates, so
// that scores compare between questions and collections; the mixture depends on the question.

struct Fused: Equatable {
  var score: Double
  var semantic: Double
  var keyword: Double
}

struct Fusion {
  /// From this cosine on one passage repeats another; measured on overlapping windows and revised copies.
  static let duplicateSimilarityMin = 0.98

  let keywordWeight: Double
  private let ceiling: Double

  /// `ceiling` is the keyword score of a passage that holds every word of the question.
  init(_ request: SearchRequest, ceiling: Double) {
    self.ceiling = ceiling
    keywordWeight =
      switch request.mode {
      case .semantic: 0
      case .keyword: 1
      case .hybrid: request.vector == nil ? 1 : ceiling > 0 ? 0.5 : 0
      }
  }

  func fused(semantic: Double?, keyword: Double?) -> Fused {
    let semanticScore = min(max(semantic ?? 0, 0), 1)
    let keywordScore = ceiling > 0 ? min(max((keyword ?? 0) / ceiling, 0), 1) : 0
    return Fused(
      score: (1 - keywordWeight) * semanticScore + keywordWeight * keywordScore,
      semantic: semanticScore, keyword: keywordScore)
  }

  func sentence(for fused: Fused) -> String {
    "\(percent(1 - keywordWeight)) meaning at \(percent(fused.semantic)) and "
      + "\(percent(keywordWeight)) words at \(percent(fused.keyword)) make \(percent(fused.score))"
  }

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
}
