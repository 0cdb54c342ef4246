// Searching one generation: the terms of a question are looked up in each segment and handed to the kernel.
// Invariants: the result is that of scoring every living, accepted text that holds a word of the question and every
// phrase; best first, ties by slot.
import CKernels
import Text

/// A word of a question with its weights over the whole generation: any form of its stem earns the one, the very form
/// asked for the other on top.
struct WeightedWord {
  let word: KeywordQuery.Word
  let stem: [UInt8]
  let form: [UInt8]
  let stemIdf: Double
  let formIdf: Double
  let stemWeight: UInt32
  let formWeight: UInt32
}

extension KeywordIndex {
  /// The best k of the slots that `accept` holds (bit `slot`; nil for all).
  package func search(_ query: KeywordQuery, k: Int, accept: [UInt64]? = nil) -> [ScoredSlot] {
    search(query, k: k, accept: accept, in: generation)
  }

  /// In a generation that a reader holds.
  func search(
    _ query: KeywordQuery, k: Int, accept: [UInt64]?, in generation: KeywordGeneration
  ) -> [ScoredSlot] {
    let words = generation.weigh(query)
    guard k > 0, !words.isEmpty else { return [] }
    var best = KeywordHeap(k: min(k, generation.documents))
    workspaces.withWorkspace { workspace in
      for part in generation.parts.indices {
        let phrases = query.phrases.isEmpty ? nil : generation.holding(query.phrases, part: part)
        generation.search(words, part: part, only: phrases, accept: accept, workspace, &best)
      }
    }
    return best.sorted()
  }

  package func search(
    _ text: String, k: Int, stopWords: StopWordPolicy = .short, accept: [UInt64]? = nil
  ) -> [ScoredSlot] {
    search(KeywordQuery(text, language: options.language, stopWords: stopWords), k: k, accept: accept)
  }
}

extension KeywordGeneration {
  /// The words of the question that any text holds, with their weights.
  func weigh(_ query: KeywordQuery) -> [WeightedWord] {
    query.words.compactMap { word in
      let stem = Array(word.stem.utf8)
      let form = Array(word.folded.utf8)
      var stemHolding = 0
      var formHolding = 0
      for part in parts {
        if let list = part.segment.stemList(stem.span) { stemHolding += part.frequency(of: list) }
        if let list = part.segment.formList(form.span) { formHolding += part.frequency(of: list) }
      }
      guard stemHolding > 0 else { return nil }
      let stemIdf = KeywordScale.idf(documents: documents, holding: stemHolding)
      let formIdf = formHolding > 0 ? KeywordScale.idf(documents: documents, holding: formHolding) : 0
      let count = Double(word.count)
      return WeightedWord(
        word: word, stem: stem, form: form, stemIdf: stemIdf, formIdf: formIdf,
        stemWeight: KeywordScale.weight(stemIdf * count * (1 - options.exactShare)),
        formWeight: KeywordScale.weight(formIdf * count * options.exactShare))
    }
  }

  /// Adds the best texts of one part to the heap. `only` narrows the living ones.
  fileprivate func search(
    _ words: [WeightedWord], part index: Int, only: [UInt64]?, accept: [UInt64]?,
    _ workspace: borrowing KeywordWorkspace, _ best: inout KeywordHeap
  ) {
    let part = parts[index]
    let segment = part.segment
    unsafe segment.postings.withUnsafeBufferPointer { postings in
      var terms: [fn_keyword_term] = unsafe []
      unsafe terms.reserveCapacity(2 * words.count)
      func append(_ list: Int, _ first: UInt32, _ second: UInt32?) {
        let range = segment.listRange(list)
        guard !range.isEmpty, let base = postings.baseAddress else { return }
        let peak = peak(of: list, part: index)
        let bound =
          KeywordScale.contribution(impact: peak, weight: first)
          + (second.map { KeywordScale.contribution(impact: peak, weight: $0) } ?? 0)
        unsafe terms.append(
          fn_keyword_term(
            postings: unsafe base + range.lowerBound, count: UInt32(range.count), weight: first,
            second_weight: second ?? 0, floor: second == nil ? 1 : 2, bound: bound))
      }
      for word in words {
        guard let stemList = segment.stemList(word.stem.span) else { continue }
        let formList = segment.formList(word.form.span)
        append(stemList, word.stemWeight, formList == stemList ? word.formWeight : nil)
        if let formList, formList != stemList { append(formList, word.formWeight, nil) }
      }
      unsafe terms.sort { unsafe $0.bound > $1.bound }
      let alive = only ?? part.alive
      unsafe Self.withPointers(segment.slots, alive, accept) { filter in
        unsafe workspace.run(terms, impacts: impacts, filter: filter, heap: &best)
      }
    }
  }

  private static func withPointers(
    _ slots: [UInt32], _ alive: [UInt64]?, _ accept: [UInt64]?, _ body: (fn_keyword_filter) -> Void
  ) {
    unsafe slots.withUnsafeBufferPointer { slots in
      unsafe (alive ?? []).withUnsafeBufferPointer { aliveBits in
        unsafe (accept ?? []).withUnsafeBufferPointer { acceptBits in
          // An empty set is no missing set: an accept list of nothing accepts nothing.
          var none: UInt64 = 0
          unsafe withUnsafePointer(to: &none) { nothing in
            unsafe body(
              fn_keyword_filter(
                slots: slots.baseAddress, alive: alive == nil ? nil : aliveBits.baseAddress,
                accept: accept == nil ? nil : acceptBits.baseAddress ?? nothing,
                accept_words: acceptBits.count))
          }
        }
      }
    }
  }
}
