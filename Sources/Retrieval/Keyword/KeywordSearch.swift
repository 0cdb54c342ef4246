// Searching one generation: the terms of a question are looked up in each segment and handed to the kernel.
// Invariants: the result is that of scoring every living, accepted text that holds a word of the question and every
// phrase; best first, ties by slot.
import Vectors

extension KeywordGeneration {
  /// The best k of the slots that `accept` holds (bit `slot`; nil for all).
  package func search(_ query: KeywordQuery, k: Int, accept: [UInt64]? = nil) -> [ScoredSlot] {
    let plan = KeywordPlan(query, self)
    guard k > 0, !plan.words.isEmpty else { return [] }
    var best = KeywordHeap(k: min(k, documents))
    workspaces.withWorkspace { workspace in
      for part in parts.indices {
        let phrases = query.phrases.isEmpty ? nil : holding(query.phrases, part: part)
        search(plan, part: part, only: phrases, accept: accept, workspace, &best)
      }
    }
    return best.sorted().map { ScoredSlot(slot: $0.slot, score: KeywordScale.score($0.score)) }
  }

  /// Adds the best texts of one part to the heap. `only` narrows the living ones.
  private func search(
    _ plan: KeywordPlan, part index: Int, only: [UInt64]?, accept: [UInt64]?,
    _ workspace: borrowing KeywordWorkspace, _ best: inout KeywordHeap
  ) {
    let part = parts[index]
    let postings = KeywordPostings(
      postings: part.segment.postings, impacts: impacts, slots: part.segment.slots, alive: only ?? part.alive)
    workspace.search(postings, terms: terms(plan, part: index), accept: accept, best: &best)
  }

  /// The terms of the question that the part holds, by falling bound.
  private func terms(_ plan: KeywordPlan, part: Int) -> [KeywordTerm] {
    var terms: [KeywordTerm] = []
    terms.reserveCapacity(2 * plan.words.count)
    func append(_ list: Int, _ weight: UInt32, and second: UInt32? = nil) {
      let range = parts[part].segment.listRange(list)
      if range.isEmpty { return }
      let peak = peak(of: list, part: part)
      let secondBound = second.map { KeywordScale.contribution(impact: peak, weight: $0) } ?? 0
      terms.append(
        KeywordTerm(
          range: range, weight: weight, secondWeight: second,
          bound: KeywordScale.contribution(impact: peak, weight: weight) + secondBound))
    }
    for (word, lists) in zip(plan.words, plan.lists[part]) {
      guard let stem = lists.stem else { continue }
      let form = word.formWeight > 0 ? lists.form : nil
      append(stem, word.stemWeight, and: form == stem ? word.formWeight : nil)
      if let form, form != stem { append(form, word.formWeight) }
    }
    terms.sort { $0.bound > $1.bound }
    return terms
  }

  /// The scores of given slots, nil where a slot holds none of the words or no text. Reads the texts' chains of
  /// words: a fraction of a microsecond each. Phrases are not asked for.
  package func scores(_ query: KeywordQuery, of slots: [UInt32]) -> [Float?] {
    let plan = KeywordPlan(query, self)
    return slots.map { slot in
      guard let place = place(of: slot) else { return nil }
      let score = contributions(plan, place).reduce(0) { $0 + $1.score }
      return score > 0 ? KeywordScale.score(score) : nil
    }
  }

  /// What a text would score at most that held every word of the question again and again: the scale of its scores.
  package func ceiling(_ query: KeywordQuery) -> Float {
    KeywordScale.score(KeywordPlan(query, self).ceiling)
  }
}
