// Which candidates become hits: relevance against novelty (maximal marginal relevance), what says again what a better
// hit said left out, and no source crowding out the rest. Greedy: the next hit is the one whose relevance, less what
// better hits have said of it already, is highest.
// Invariants: scores never rise from hit to hit; the first hits do not depend on how many are asked for; where no two
// candidates are near-duplicates it is the order of relevance and no score is touched.

struct Selection {
  enum Fate: Equatable {
    /// From 1.
    case kept(rank: Int)
    case thinned(by: UInt32)
    /// Its source has its share; from this share on it would not be so.
    case capped(shareMin: Int)
  }

  struct Kept {
    /// Of the candidate in its pool.
    var index: Int
    /// The relevance that is left of it.
    var score: Double
    /// 0...1: how far better hits say it already.
    var repetition: Double
  }

  private(set) var kept: [Kept] = []
  /// Of the candidates that were looked at before the hits were complete, by index.
  private(set) var fates: [Int: Fate] = [:]

  private struct Waiting {
    var index: Int
    var score: Double
    var similarity: Float = -1
    /// How many of the kept it was compared with.
    var compared = 0
  }

  init(
    from pool: CandidatePool, of generation: Generation, _ request: SearchRequest, _ fusion: Fusion, limit: Int
  ) {
    // By what each can be worth at most: a value only falls as hits are added, so one whose value is above the next
    // one's bound is the best of all, and the others need not be compared at all.
    var queue = pool.order().map { Waiting(index: $0, score: pool.fused[$0].score) }
    var head = 0
    var keptSlots: [UInt32] = []
    var shares: [Int64: (kept: Int, capped: Int)] = [:]
    while head < queue.count, kept.count < limit {
      var next = queue[head]
      let slot = pool.slots[next.index]
      if request.lambda < 1, next.compared < keptSlots.count {
        let others = Array(keptSlots[next.compared...])
        let similarities = generation.vectors.similarities(of: others, to: slot)
        next.compared = keptSlots.count
        if let same = similarities.firstIndex(where: { Double($0) >= fusion.duplicateSimilarityMin }) {
          fates[next.index] = .thinned(by: others[same])
          head += 1
          continue
        }
        next.similarity = max(next.similarity, similarities.max() ?? -1)
        next.score = pool.fused[next.index].score * (1 - (1 - request.lambda) * fusion.repetition(next.similarity))
        if head + 1 < queue.count, queue[head + 1].score > next.score {
          // Its turn comes later, before the first that cannot be worth as much.
          var place = head
          while place + 1 < queue.count, queue[place + 1].score > next.score {
            queue[place] = queue[place + 1]
            place += 1
          }
          queue[place] = next
          continue
        }
      }
      head += 1
      let group = generation.groups[slot]
      let share = shares[group, default: (0, 0)]
      if let max = request.perGroupMax, share.kept >= max {
        let other = queue[head...].first {
          shares[generation.groups[pool.slots[$0.index]], default: (0, 0)].kept < max
        }
        if let other, other.score >= fusion.crowdedShareMin * next.score {
          shares[group] = (share.kept, share.capped + 1)
          fates[next.index] = .capped(shareMin: share.kept + share.capped + 1)
          continue
        }
      }
      shares[group] = (share.kept + 1, share.capped)
      keptSlots.append(slot)
      kept.append(
        Kept(index: next.index, score: next.score, repetition: fusion.repetition(next.similarity)))
      fates[next.index] = .kept(rank: kept.count)
    }
  }
}

extension Fusion {
  /// How far a passage with this cosine to another only repeats it, 0...1.
  func repetition(_ similarity: Float) -> Double {
    let range = duplicateSimilarityMin - repetitionSimilarityMin
    return min(max((Double(similarity) - repetitionSimilarityMin) / range, 0), 1)
  }
}
