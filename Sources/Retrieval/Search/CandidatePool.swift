// The records that either side brought up for one request, as flat columns by ascending slot, and behind them those
// that came with their source: a few hundred at most, so that all later work is bounded by them and not by the
// collection.

struct CandidatePool {
  private(set) var slots: [UInt32] = []
  var semantic: [Float?] = []
  /// From 1, in the side's own list; 0 where it did not bring the record up.
  private(set) var semanticRank: [Int] = []
  private(set) var keywordRank: [Int] = []
  private(set) var keyword: [Float?] = []
  /// Of a hybrid search: each text against the question's words.
  private(set) var matches: [KeywordMatcher.Match] = []
  private(set) var earned: [Float] = []
  private(set) var wordCount = 0
  private(set) var ceiling = 0.0
  var fused: [Fused] = []

  /// Both lists best first, a slot at most once in each.
  init(semantic found: [ScoredSlot], keyword matched: [ScoredSlot]) {
    var entries: [(slot: UInt32, rank: Int, isSemantic: Bool)] = []
    entries.reserveCapacity(found.count + matched.count)
    for (index, hit) in found.enumerated() { entries.append((hit.slot, index, true)) }
    for (index, hit) in matched.enumerated() { entries.append((hit.slot, index, false)) }
    entries.sort { $0.slot < $1.slot }
    for entry in entries {
      if slots.last != entry.slot {
        slots.append(entry.slot)
        semantic.append(nil)
        keyword.append(nil)
        semanticRank.append(0)
        keywordRank.append(0)
      }
      let last = slots.count - 1
      if entry.isSemantic {
        semantic[last] = found[entry.rank].score
        semanticRank[last] = entry.rank + 1
      } else {
        keyword[last] = matched[entry.rank].score
        keywordRank[last] = entry.rank + 1
      }
    }
    fused = [Fused](repeating: Fused(), count: slots.count)
  }

  /// Takes in what neither side brought up.
  mutating func append(_ others: [ScoredSlot]) {
    for other in others {
      slots.append(other.slot)
      semantic.append(other.score)
      keyword.append(nil)
      semanticRank.append(0)
      keywordRank.append(0)
      fused.append(Fused())
    }
  }

  /// Reads the words of candidates that are new since it was last called. Where the question quotes phrases, only what
  /// the keyword side found holds them.
  mutating func readWords(_ matcher: inout KeywordMatcher, hasPhrases: Bool) {
    wordCount = matcher.wordCount
    ceiling = matcher.ceiling
    earned.reserveCapacity(slots.count * wordCount)
    for index in matches.count..<slots.count {
      if hasPhrases, keywordRank[index] == 0 {
        earned.append(contentsOf: repeatElement(0, count: wordCount))
        matches.append(KeywordMatcher.Match())
        continue
      }
      let match = matcher.match(slots[index], earned: &earned)
      matches.append(match)
      if keyword[index] == nil, match.score > 0 { keyword[index] = match.score }
    }
  }

  /// Scores of a search on one side.
  mutating func scoreBySemantics() {
    for index in slots.indices {
      let score = Double(min(max(semantic[index] ?? 0, 0), 1))
      // Below nought there is still an order to keep; the side's rank tells it.
      fused[index] = Fused(score: score, semantic: score)
    }
  }

  mutating func scoreByWords(ceiling: Double) {
    for index in slots.indices {
      let share = ceiling > 0 ? min(max(Double(keyword[index] ?? 0) / ceiling, 0), 1) : 0
      fused[index] = Fused(score: share, keyword: share)
    }
  }

  /// Indices, best first.
  func order() -> [Int] {
    slots.indices.sorted { left, right in
      if fused[left].score != fused[right].score { return fused[left].score > fused[right].score }
      let ranks = (
        semanticRank[left] + keywordRank[left], semanticRank[right] + keywordRank[right]
      )
      return ranks.0 != ranks.1 && min(ranks.0, ranks.1) > 0 ? ranks.0 < ranks.1 : slots[left] < slots[right]
    }
  }
}
