// One request over one generation: both sides find candidates under the same filter, the sources that the question
// seems to mean bring more, what one side found the other scores too, the scores are fused, repetitions thinned and
// sources capped. Made and used inside VectorIndex.pinned.
import Base

struct SearchPass {
  let generation: Generation
  let request: SearchRequest
  let fusion: Fusion
  let limit: Int
  private let query: KeywordQuery

  init(_ generation: Generation, _ request: SearchRequest, fusion: Fusion = .standard) {
    self.generation = generation
    self.request = request
    self.fusion = fusion
    limit = min(max(request.limit, 0), Limits.candidatesMax)
    query = KeywordQuery(
      request.mode == .semantic ? "" : request.text, language: generation.words.options.language,
      stopWords: .long)
  }

  /// How far down each side looks: enough that what is middling on both sides is not lost, and the same for every
  /// ordinary limit, so that asking for more hits does not reorder the first.
  private var depth: Int { min(max(Limits.resultsMax, limit), Limits.candidatesMax) }

  private var vector: [Float]? { request.mode == .keyword ? nil : request.vector }

  func hits() -> [SearchHit] {
    guard limit > 0 else { return [] }
    let pool = ranked()
    return Timeline.lap("select", .retrieval) {
      selection(from: pool, limit: limit).kept.map { hit($0, of: pool) }
    }
  }

  /// All candidates, scored.
  func ranked() -> CandidatePool {
    let accept = acceptance()
    var found: [ScoredSlot] = []
    if let vector, generation.vectors.count > 0 {
      found = Timeline.lap("vector", .retrieval) {
        generation.vectors.search(vector, k: depth, ef: max(depth, Self.efMin), accept: accept)
      }
    }
    var matched: [ScoredSlot] = []
    if request.mode != .semantic, !query.isEmpty {
      matched = Timeline.lap("keyword", .retrieval) {
        generation.keywords.search(query, k: depth, accept: accept.words)
      }
    }
    return Timeline.lap("fusion", .retrieval) {
      fused(CandidatePool(semantic: found, keyword: matched), accept: accept)
    }
  }

  private func fused(_ candidates: CandidatePool, accept: SlotSet) -> CandidatePool {
    var pool = candidates
    switch request.mode {
    case .semantic: pool.scoreBySemantics()
    case .keyword: pool.scoreByWords(ceiling: KeywordMatcher(query, in: generation.keywords).ceiling)
    case .ranks: pool.scoreByRanks(fusion)
    case .hybrid:
      var matcher = KeywordMatcher(query, in: generation.keywords)
      if let vector {
        pool.readWords(&matcher, hasPhrases: !query.phrases.isEmpty)
        pool.semantic = generation.vectors.similarities(of: pool.slots, to: vector)
        var sources = CandidateSources(of: pool, generation.groups)
        let others = othersOfSources(sources.meant(fusion), besides: pool, near: vector, accept: accept)
        if !others.isEmpty {
          pool.append(others)
          pool.readWords(&matcher, hasPhrases: !query.phrases.isEmpty)
          sources = CandidateSources(of: pool, generation.groups)
        }
        pool.fuse(fusion, sources: sources, query: vector, vectors: generation.vectors)
      } else {
        pool.scoreByWords(ceiling: matcher.ceiling)
      }
    }
    return pool
  }

  /// Among many sources of one kind, as contracts are, the hundred nearest passages are the same clause of a hundred of
  /// them and the hundred with most of the words are title pages; what the source that is asked about says may be in
  /// neither list. So the sources that earn most bring up the rest of what they hold, the nearest of it.
  private func othersOfSources(
    _ meant: [Int64], besides pool: CandidatePool, near vector: [Float], accept: SlotSet
  ) -> [ScoredSlot] {
    guard generation.vectors.count > 0 else { return [] }
    let held = Set(pool.slots)
    return meant.flatMap { group -> [ScoredSlot] in
      let others = generation.slots(ofGroup: group).filter { accept.contains($0) && !held.contains($0) }
      guard !others.isEmpty else { return [] }
      return generation.vectors.nearest(fusion.widenedCandidates, of: others, to: vector)
    }
  }

  /// Wide enough that the first ten found are the true ones in 99 of 100 cases.
  static let efMin = 128

  private func acceptance() -> SlotSet { generation.allowed(by: request.filter) }

  func selection(from pool: CandidatePool, limit: Int) -> Selection {
    Selection(from: pool, of: generation, request, fusion, limit: limit)
  }

  private func hit(_ kept: Selection.Kept, of pool: CandidatePool) -> SearchHit {
    let index = kept.index
    let slot = pool.slots[index]
    func rank(_ rank: Int) -> Int? { rank > 0 ? rank : nil }
    return SearchHit(
      id: generation.ids[slot], group: generation.groups[slot], score: kept.score,
      semantic: pool.semantic[index].map(Double.init), keyword: pool.keyword[index].map(Double.init),
      semanticRank: rank(pool.semanticRank[index]), keywordRank: rank(pool.keywordRank[index]),
      explanation: request.explain ? explanation(kept, of: pool) : nil)
  }

  private func explanation(_ kept: Selection.Kept, of pool: CandidatePool) -> Explanation {
    let index = kept.index
    let found = pool.keyword[index].flatMap { _ in generation.keywords.explain(query, slot: pool.slots[index]) }
    let terms = (found?.terms ?? []).sorted { $0.contribution > $1.contribution }.map {
      Explanation.Term(term: $0.stem, word: $0.term, contribution: Double($0.contribution))
    }
    return Explanation(
      terms: terms, parts: pool.fused[index], weights: fusion, repetition: kept.repetition,
      mode: request.vector == nil ? .keyword : request.mode)
  }
}
