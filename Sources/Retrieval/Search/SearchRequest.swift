// A question to one collection and what comes back. Pure data: nothing here knows how an answer is found.

package enum SearchMode: String, Sendable, CaseIterable {
  /// Both sides and what else the best sources hold, by a weighted sum of calibrated scores: the default, chosen by
  /// measurement.
  case hybrid
  /// Both sides, by reciprocal rank.
  case ranks
  case semantic, keyword

  /// All names, as a person would list them.
  package static var names: String { "hybrid, ranks, semantic or keyword" }
}

package struct SearchRequest: Sendable {
  package var text: String
  /// The embedded question; without it only words can find.
  package var vector: [Float]?
  package var mode: SearchMode
  package var limit: Int
  package var filter: Filter?
  /// What relevance weighs against novelty, 0...1: the part of its score that a near-duplicate of a better hit keeps.
  /// At 1 relevance alone counts, and even what says the same again is shown.
  package var lambda: Double
  /// Asked before a near-duplicate is left out: whether it says no more than the better hit, given as ids. Vectors of
  /// texts that differ in one number are as near as copies. nil: nearness decides.
  package var saysTheSame: (@Sendable (_ id: Int64, _ better: Int64) -> Bool)?
  /// How many hits of one group there may be while other groups have hits nearly as good.
  package var perGroupMax: Int?
  package var explain: Bool

  package static let lambdaStandard = 0.7

  package init(
    text: String, vector: [Float]? = nil, mode: SearchMode = .hybrid, limit: Int = 10, filter: Filter? = nil,
    lambda: Double = SearchRequest.lambdaStandard, perGroupMax: Int? = nil, explain: Bool = false
  ) {
    self.text = text
    self.vector = vector
    self.mode = mode
    self.limit = limit
    self.filter = filter
    self.lambda = lambda
    self.perGroupMax = perGroupMax
    saysTheSame = nil
    self.explain = explain
  }
}

package struct SearchHit: Sendable, Equatable {
  package var id: Int64
  package var group: Int64
  /// 0...1, comparable between questions and collections: what is shown as 'relevance'. Less where a better hit says
  /// nearly the same.
  package var score: Double
  /// Cosine of question and passage; nil where the record or the request has no vector or the mode is keyword.
  package var semantic: Double?
  /// BM25; nil where the passage holds none of the words or the mode is semantic.
  package var keyword: Double?
  /// From 1, before fusion; nil where that side did not bring the record up. Both nil: it came with its source.
  package var semanticRank: Int?
  package var keywordRank: Int?
  package var explanation: Explanation?
}

/// Where a score came from, part by part.
package struct Explanation: Sendable, Equatable {
  /// What one word of the question gave to the keyword score.
  package struct Term: Sendable, Equatable {
    /// The stem, which all forms of the word share.
    package var term: String
    /// The form that was asked for.
    package var word: String
    package var contribution: Double
  }

  /// The strongest first.
  package var terms: [Term]
  /// All on the common scale of 0...1, before weighting: the passage by meaning and by words, the best of its source
  /// by either, and what the question's words earn by standing close together in the passage.
  package var semanticScore: Double
  package var keywordScore: Double
  package var sourceSemanticScore: Double
  package var sourceKeywordScore: Double
  package var closenessScore: Double
  /// How far better hits say the same, 0...1; the score is less for it.
  package var repetition: Double
  /// The share of the keyword side in the mixture, 0...1.
  package var keywordWeight: Double
  /// One line a person can read.
  package var fusion: String

  init(terms: [Term], parts: Fused, weights: Fusion, repetition: Double, mode: SearchMode) {
    self.terms = terms
    self.repetition = repetition
    semanticScore = parts.semantic
    keywordScore = parts.keyword
    sourceSemanticScore = parts.sourceSemantic
    sourceKeywordScore = parts.sourceKeyword
    closenessScore = parts.closeness
    func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
    switch mode {
    case .semantic:
      keywordWeight = 0
      fusion = "meaning alone: \(percent(parts.score))"
    case .keyword:
      keywordWeight = 1
      fusion = "words alone: \(percent(parts.score)) of what they could earn"
    case .ranks:
      keywordWeight = 0.5
      fusion =
        "rank by meaning \(percent(parts.semantic)), by words \(percent(parts.keyword)); "
        + "together \(percent(parts.score))"
    case .hybrid:
      keywordWeight = weights.keywordWeight
      fusion =
        "meaning \(percent(parts.semantic)), words \(percent(parts.keyword)), "
        + "close together \(percent(parts.closeness)); "
        + "its source: meaning \(percent(parts.sourceSemantic)), words \(percent(parts.sourceKeyword)); "
        + "together \(percent(parts.score))"
    }
    if repetition > 0 { fusion += "; \(percent(repetition)) of the way to repeating a better one" }
  }
}
