// Two sides become one score. Everything is brought to scales of 0...1 that do not depend on the other candidates'
// scores, so that scores compare between questions and collections: the cosine as it is, the keyword score as a share
// of what the question's words could earn. Five things besides the passage's own two scores decide
// (docs/decisions/0006-fusion.md has what each gave and how the figures were chosen):
//   - its source: what the passages of one source earn together, word by word, and how near the nearest of them is;
//   - within its source, what all passages there share tells little: words that each of them holds count less, and so
//     does nearness along the direction in which they all lie;
//   - question words that stand close together in the passage;
//   - how near the passage is to the first few found (pseudo-relevance feedback, on the vectors at hand), to the very
//     first above all.

struct Fusion: Sendable, Equatable {
  /// From this cosine on a passage begins to repeat another, and loses relevance to it.
  var repetitionSimilarityMin = 0.85
  /// From this cosine on it says nothing else.
  var duplicateSimilarityMin = 0.98
  /// A source past its share of hits gives way to others that score at least this part of what it would have shown:
  /// nobody is crowded out by something clearly better.
  var crowdedShareMin = 0.95
  var keywordWeight = 0.45
  var sourceKeywordWeight = 0.5
  var sourceSemanticWeight = 0.5
  /// The share of a word's worth that it loses where all passages of the source hold it.
  var commonWordLoss = 0.5
  /// Sources with fewer candidates are too small to tell which of their words are common.
  var commonWordCandidatesMin = 4
  /// The share that a cosine loses of what it owes to the direction common to its source.
  var commonDirectionLoss = 0.65
  var nearWeight = 0.3
  var spanWeight = 0.5
  /// How far the question moves towards the passages first found, how many these are, and how far to the first.
  var feedbackWeight = 0.6
  var feedbackCount = 3
  var firstFeedbackWeight = 0.4
  /// How many sources, those that earn most, bring what else they hold among the candidates, and how much each.
  var widenedSources = 3
  var widenedCandidates = 32
  /// Of reciprocal rank fusion: the higher, the less the first ranks stand out.
  var rankOffset = 60.0

  static let standard = Fusion()

  /// What all parts at their best would add up to, but for near words, which few questions and passages share.
  var sum: Double { 1 + keywordWeight * spanWeight + sourceKeywordWeight + sourceSemanticWeight }

  /// What a source earns, and each of its candidates with it.
  func source(keyword: Double, semantic: Double) -> Double {
    sourceKeywordWeight * keyword + sourceSemanticWeight * semantic
  }
}

/// The parts of one fused score, each on 0...1.
struct Fused: Equatable {
  var score = 0.0
  var semantic = 0.0
  var keyword = 0.0
  var sourceSemantic = 0.0
  var sourceKeyword = 0.0
  var closeness = 0.0
}

/// Vectors asked for what a hybrid search wants to know of them.
protocol CandidateVectors {
  /// The cosines of the slots, nil where there is no vector.
  func similarities(of slots: [UInt32], to query: [Float]) -> [Float?]
  func vector(_ slot: UInt32) -> [Float]?
}

extension CandidatePool {
  /// Fills in the fused scores of a hybrid search; `sources` are those of the candidates as they are now.
  mutating func fuse(
    _ fusion: Fusion, sources: CandidateSources, query: [Float], vectors: some CandidateVectors
  ) {
    let local = sources.localKeyword(self, fusion)
    let directions = CommonDirections(sources.members, slots, vectors)
    let own = directions.unshared(semantic, loss: fusion.commonDirectionLoss)
    let scale = ceiling > 0 ? 1 / ceiling : 0
    for index in slots.indices {
      var parts = Fused()
      parts.semantic = own[index]
      parts.keyword =
        scale
        * ((1 - fusion.commonWordLoss) * Double(matches[index].score) + fusion.commonWordLoss * local[index])
      parts.closeness = fusion.nearWeight * scale * matches[index].near + fusion.spanWeight * matches[index].span
      parts.sourceKeyword = sources.keyword[sources.place[index]]
      parts.sourceSemantic = sources.semantic[sources.place[index]]
      fused[index] = parts
      rescore(index, fusion)
    }
    guard let moved = moved(query, fusion, vectors) else { return }
    let nearness = directions.unshared(
      vectors.similarities(of: slots, to: moved), loss: fusion.commonDirectionLoss)
    for index in slots.indices {
      fused[index].semantic = nearness[index]
      rescore(index, fusion)
    }
  }

  /// The sum of reciprocal ranks, as a share of what being first on both sides earns.
  mutating func scoreByRanks(_ fusion: Fusion) {
    for index in slots.indices {
      func share(_ rank: Int) -> Double {
        rank > 0 ? (fusion.rankOffset + 1) / (fusion.rankOffset + Double(rank)) : 0
      }
      let parts = (semantic: share(semanticRank[index]), keyword: share(keywordRank[index]))
      fused[index] = Fused(
        score: (parts.semantic + parts.keyword) / 2, semantic: parts.semantic, keyword: parts.keyword)
    }
  }

  /// The question moved towards what was first found; nil where that changes nothing.
  private func moved(_ query: [Float], _ fusion: Fusion, _ vectors: some CandidateVectors) -> [Float]? {
    let first = order().prefix(fusion.feedbackCount).compactMap { vectors.vector(slots[$0]) }
    guard !first.isEmpty else { return nil }
    var moved = query
    for (rank, found) in first.enumerated() {
      let share = fusion.feedbackWeight / Double(first.count) + (rank == 0 ? fusion.firstFeedbackWeight : 0)
      moved.add(found, times: Float(share))
    }
    let length = moved.length
    return length > 0 ? moved.map { $0 / length } : nil
  }

  private mutating func rescore(_ index: Int, _ fusion: Fusion) {
    let parts = fused[index]
    let sum =
      (1 - fusion.keywordWeight) * parts.semantic + fusion.keywordWeight * (parts.keyword + parts.closeness)
      + fusion.source(keyword: parts.sourceKeyword, semantic: parts.sourceSemantic)
    fused[index].score = min(sum / fusion.sum, 1)
  }
}

/// The candidates by the source they came from.
struct CandidateSources {
  private(set) var groups: [Int64] = []
  /// Of each candidate.
  private(set) var place: [Int] = []
  /// The candidates of each source.
  private(set) var members: [[Int]] = []
  /// Of each source, as a share of what all words earn where they are said best.
  private(set) var keyword: [Double] = []
  private(set) var semantic: [Double] = []

  init(of pool: CandidatePool, _ groups: PagedColumn<Int64>) {
    var places: [Int64: Int] = [:]
    for (index, slot) in pool.slots.enumerated() {
      let group = groups[slot]
      let next = places.count
      let found = places[group, default: next]
      if found == next {
        places[group] = next
        members.append([])
        self.groups.append(group)
      }
      members[found].append(index)
      place.append(found)
    }
    let wordCount = pool.wordCount
    // Per source and word the most that any passage earns: the source need not say all in one place.
    var best = [Float](repeating: 0, count: members.count * wordCount)
    semantic = [Double](repeating: 0, count: members.count)
    for (index, source) in place.enumerated() {
      semantic[source] = max(semantic[source], Double(pool.semantic[index] ?? 0))
      for word in 0..<wordCount {
        let cell = source * wordCount + word
        best[cell] = max(best[cell], pool.earned[index * wordCount + word])
      }
    }
    let scale = pool.ceiling > 0 ? 1 / pool.ceiling : 0
    keyword = members.indices.map { source in
      min(scale * best[source * wordCount..<(source + 1) * wordCount].reduce(0) { $0 + Double($1) }, 1)
    }
  }

  /// The sources that the question seems to mean, by what their candidates earn together; the best first.
  func meant(_ fusion: Fusion) -> [Int64] {
    let earned = members.indices.map { fusion.source(keyword: keyword[$0], semantic: semantic[$0]) }
    return earned.indices.sorted { (earned[$1], $0) < (earned[$0], $1) }.prefix(fusion.widenedSources).map {
      groups[$0]
    }
  }

  /// Each candidate's keyword score with its words weighed by how rare they are among the candidates of its source.
  func localKeyword(_ pool: CandidatePool, _ fusion: Fusion) -> [Double] {
    let wordCount = pool.wordCount
    var holding = [Int](repeating: 0, count: members.count * wordCount)
    for (index, source) in place.enumerated() {
      for word in 0..<wordCount where pool.earned[index * wordCount + word] > 0 {
        holding[source * wordCount + word] += 1
      }
    }
    var weights = [Double](repeating: 1, count: holding.count)
    for source in members.indices where members[source].count >= fusion.commonWordCandidatesMin {
      let count = members[source].count
      let highest = KeywordScale.idf(documents: count, holding: 0)
      for word in 0..<wordCount {
        let cell = source * wordCount + word
        let idf = KeywordScale.idf(documents: count, holding: holding[cell])
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
