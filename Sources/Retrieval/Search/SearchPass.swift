// One request over one generation: both sides find candidates under the same filter, what one side found the other
// scores too, the scores are fused, repetitions thinned and sources capped. Work is bounded by the candidates, never by
// the collection.
import Base

struct SearchPass {
  let generation: Generation
  let request: SearchRequest
  let limit: Int

  struct Candidate {
    var slot: UInt32
    var semantic: Double?
    var keyword: Double?
    var semanticRank: Int?
    var keywordRank: Int?
    var fused = Fused(score: 0, semantic: 0, keyword: 0)
  }

  /// Why a candidate is or is not among the hits.
  enum Fate: Equatable {
    case kept
    case thinned(by: UInt32)
    case capped
    case pastLimit
  }

  init(_ generation: Generation, _ request: SearchRequest) {
    self.generation = generation
    self.request = request
    limit = min(max(request.limit, 0), Limits.candidatesMax)
  }

  /// How far down each side looks; enough that a record which is middling on both sides is not lost.
  var depth: Int { min(max(100, 4 * limit), Limits.candidatesMax) }

  func hits() -> [SearchHit] {
    guard limit > 0 else { return [] }
    let fusion = Fusion(request, ceiling: generation.keywords.ceiling(of: request.text))
    let ranked = ranked(by: fusion)
    return zip(ranked, fates(of: ranked, limit: limit)).filter { $0.1 == .kept }.map { hit(of: $0.0, fusion) }
  }

  /// All candidates, best first.
  func ranked(by fusion: Fusion) -> [Candidate] {
    var candidates = candidates()
    for index in candidates.indices {
      candidates[index].fused = fusion.fused(
        semantic: candidates[index].semantic, keyword: candidates[index].keyword)
    }
    candidates.sort { ($1.fused.score, $0.slot) < ($0.fused.score, $1.slot) }
    return candidates
  }

  private func candidates() -> [Candidate] {
    let allowed = generation.allowed(by: request.filter)
    var candidates: [UInt32: Candidate] = [:]
    if request.mode != .keyword, let vector = request.vector {
      for (rank, found) in generation.vectors.nearest(to: vector, count: depth, among: allowed).enumerated() {
        candidates[found.slot] = Candidate(
          slot: found.slot, semantic: Double(found.similarity), semanticRank: rank + 1)
      }
    }
    if request.mode != .semantic {
      for (rank, found) in generation.keywords.best(request.text, count: depth, among: allowed).enumerated() {
        candidates[found.slot, default: Candidate(slot: found.slot)].keyword = found.score
        candidates[found.slot]?.keywordRank = rank + 1
      }
    }
    if request.mode == .hybrid, let vector = request.vector {
      for (slot, candidate) in candidates {
        if candidate.semantic == nil {
          candidates[slot]?.semantic = generation.vectors.similarity(of: slot, to: vector).map(Double.init)
        }
        if candidate.keyword == nil {
          candidates[slot]?.keyword = generation.keywords.score(request.text, of: slot)
        }
      }
    }
    return Array(candidates.values)
  }

  /// One fate a candidate, in order.
  func fates(of ranked: [Candidate], limit: Int) -> [Fate] {
    var fates = [Fate](repeating: .pastLimit, count: ranked.count)
    var kept: [Int] = []
    var groups: [Int64: Int] = [:]
    for index in ranked.indices {
      if kept.count == limit { break }
      let group = request.perGroupMax == nil ? 0 : generation.group(of: ranked[index].slot)
      if let max = request.perGroupMax, groups[group, default: 0] >= max {
        fates[index] = .capped
        continue
      }
      if request.diversify, let better = kept.first(where: { repeats(ranked[index].slot, ranked[$0].slot) }) {
        fates[index] = .thinned(by: ranked[better].slot)
        continue
      }
      fates[index] = .kept
      groups[group, default: 0] += 1
      kept.append(index)
    }
    return fates
  }

  private func repeats(_ slot: UInt32, _ better: UInt32) -> Bool {
    guard let similarity = generation.vectors.similarity(between: slot, and: better) else { return false }
    return Double(similarity) >= Fusion.duplicateSimilarityMin
  }

  private func hit(of candidate: Candidate, _ fusion: Fusion) -> SearchHit {
    SearchHit(
      id: generation.id(of: candidate.slot), group: generation.group(of: candidate.slot),
      score: candidate.fused.score, semantic: candidate.semantic, keyword: candidate.keyword,
      semanticRank: candidate.semanticRank, keywordRank: candidate.keywordRank,
      explanation: request.explain ? explanation(of: candidate, fusion) : nil)
  }

  private func explanation(of candidate: Candidate, _ fusion: Fusion) -> Explanation {
    Explanation(
      terms: request.mode == .semantic ? [] : generation.keywords.terms(of: request.text, in: candidate.slot),
      semanticScore: candidate.fused.semantic, keywordScore: candidate.fused.keyword,
      keywordWeight: fusion.keywordWeight, fusion: fusion.sentence(for: candidate.fused))
  }
}
