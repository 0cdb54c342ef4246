// Two sides become one score. Everything is brought to scales of 0...1 that do not depend on the other candidates'
// scores, so that scores compare between questions and collections: the cosine as it is, the keyword score as a share
// of what the question's words could earn. Four things besides the passage's own two scores decide
// (docs/decisions/0006-fusion.md has what each gave and how the figures were chosen):
//   - its source: what the passages of one source earn together, word by word, and how near the nearest of them is;
//   - within its source, words that every passage there holds tell little, so they count less;
//   - words that are neighbours in the question and in the passage;
//   - how near the passage is to the first few found (pseudo-relevance feedback, on the vectors at hand).

struct Fusion: Sendable, Equatable {
  /// From this cosine on one passage repeats another.
  var duplicateSimilarityMin = 0.98
  var keywordWeight = 0.45
  var sourceKeywordWeight = 0.5
  var sourceSemanticWeight = 0.3
  /// The share of a word's worth that it loses where all passages of the source hold it.
  var commonWordLoss = 0.5
  /// Sources with fewer candidates are too small to tell which of their words are common.
  var commonWordCandidatesMin = 4
  var inOrderWeight = 0.4
  var nearWeight = 0.8
  /// How far the question moves towards the passages first found, and how many these are.
  var feedbackWeight = 0.6
  var feedbackCount = 3

  static let standard = Fusion()

  /// What all parts at their best would add up to, but for pairs, which few questions and passages share.
  var sum: Double { 1 + sourceKeywordWeight + sourceSemanticWeight }
}

/// The parts of one fused score, each on 0...1.
struct Fused: Equatable {
  var score = 0.0
  var semantic = 0.0
  var keyword = 0.0
  var sourceSemantic = 0.0
  var sourceKeyword = 0.0
  var pairs = 0.0
}

extension CandidatePool {
  /// Fills in the fused scores of a hybrid search. `similarities` answers a question vector with the cosines of all
  /// slots.
  mutating func fuse(
    _ fusion: Fusion, groups: PagedColumn<Int64>, query: [Float],
    similarities: ([Float]) -> [Float?], vector: (UInt32) -> [Float]?
  ) {
    let sources = Sources(of: self, groups)
    let local = sources.localKeyword(self, fusion)
    let scale = ceiling > 0 ? 1 / ceiling : 0
    for index in slots.indices {
      var parts = Fused()
      parts.semantic = semantic[index].map { Double(max($0, 0)) } ?? 0
      parts.keyword =
        scale
        * ((1 - fusion.commonWordLoss) * Double(matches[index].score) + fusion.commonWordLoss * local[index])
      parts.pairs =
        scale * (fusion.inOrderWeight * matches[index].inOrder + fusion.nearWeight * matches[index].near)
      parts.sourceKeyword = min(scale * sources.keyword[sources.place[index]], 1)
      parts.sourceSemantic = sources.semantic[sources.place[index]]
      fused[index] = parts
      rescore(index, fusion)
    }
    guard fusion.feedbackWeight > 0 else { return }
    let first = order().prefix(fusion.feedbackCount).compactMap { vector(slots[$0]) }
    guard !first.isEmpty else { return }
    var moved = query
    for found in first {
      for place in moved.indices {
        moved[place] += Float(fusion.feedbackWeight) * found[place] / Float(first.count)
      }
    }
    let length = moved.reduce(0) { $0 + $1 * $1 }.squareRoot()
    guard length > 0 else { return }
    for (index, similarity) in similarities(moved.map { $0 / length }).enumerated() {
      fused[index].semantic = similarity.map { Double(max($0, 0)) } ?? 0
      rescore(index, fusion)
    }
  }

  private mutating func rescore(_ index: Int, _ fusion: Fusion) {
    let parts = fused[index]
    let sum =
      (1 - fusion.keywordWeight) * parts.semantic + fusion.keywordWeight * (parts.keyword + parts.pairs)
      + fusion.sourceKeywordWeight * parts.sourceKeyword + fusion.sourceSemanticWeight * parts.sourceSemantic
    fused[index].score = min(sum / fusion.sum, 1)
  }
}

/// The candidates by the source they came from.
private struct Sources {
  /// Of each candidate.
  var place: [Int] = []
  var count: [Int] = []
  var keyword: [Double] = []
  var semantic: [Double] = []

  init(of pool: CandidatePool, _ groups: PagedColumn<Int64>) {
    var places: [Int64: Int] = [:]
    for slot in pool.slots {
      let group = groups[slot]
      let next = places.count
      let found = places[group, default: next]
      if found == next {
        places[group] = next
        count.append(0)
      }
      count[found] += 1
      place.append(found)
    }
    let wordCount = pool.wordCount
    // Per source and word the most that any passage earns: the source need not say all in one place.
    var best = [Float](repeating: 0, count: count.count * wordCount)
    semantic = [Double](repeating: 0, count: count.count)
    for (index, source) in place.enumerated() {
      semantic[source] = max(semantic[source], Double(pool.semantic[index] ?? 0))
      for word in 0..<wordCount {
        let cell = source * wordCount + word
        best[cell] = max(best[cell], pool.earned[index * wordCount + word])
      }
    }
    keyword = count.indices.map { source in
      best[source * wordCount..<(source + 1) * wordCount].reduce(0) { $0 + Double($1) }
    }
  }

  /// Each candidate's keyword score with its words weighed by how rare they are among the candidates of its source.
  func localKeyword(_ pool: CandidatePool, _ fusion: Fusion) -> [Double] {
    let wordCount = pool.wordCount
    var holding = [Int](repeating: 0, count: count.count * wordCount)
    for (index, source) in place.enumerated() {
      for word in 0..<wordCount where pool.earned[index * wordCount + word] > 0 {
        holding[source * wordCount + word] += 1
      }
    }
    var weights = [Double](repeating: 1, count: holding.count)
    for source in count.indices where count[source] >= fusion.commonWordCandidatesMin {
      let highest = KeywordScale.idf(documents: count[source], holding: 0)
      for word in 0..<wordCount {
        let cell = source * wordCount + word
        let idf = KeywordScale.idf(documents: count[source], holding: holding[cell])
        weights[cell] = min(idf / highest, 1)
      }
    }
    return place.enumerated().map { index, source in
      (0..<wordCount).reduce(0) { sum, word in
        sum + Double(pool.earned[index * wordCount + word]) * weights[source * wordCount + word]
      }
    }
  }
}
