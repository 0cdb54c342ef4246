// The naive scorer: every living text is read word by word and scored, nothing is pruned, no posting is looked at.
// Tests and the benchmark hold the fast search against it, to the last bit.
extension KeywordGeneration {
  package func naiveSearch(_ query: KeywordQuery, k: Int, accept: [UInt64]? = nil) -> [ScoredSlot] {
    var scored: [(slot: UInt32, score: UInt32)] = []
    let weights = naiveWeights(query)
    for part in parts {
      let segment = part.segment
      for document in 0..<segment.count where part.isAlive(document) {
        let slot = segment.slots[document]
        if let accept, !isSet(slot, in: accept) { continue }
        let words = segment.spelledWords(of: document)
        guard query.phrases.allSatisfy({ contains(words.filter(\.isPlain).map(\.form), $0) }) else {
          continue
        }
        var score: UInt32 = 0
        let length = KeywordScale.lengthCode(UInt32(words.count { $0.isPlain }))
        for (word, weight) in zip(query.words, weights) {
          let stems = words.count { $0.stem == word.stem }
          let forms = words.count { $0.form == word.folded }
          if stems > 0 { score += naiveContribution(stems, length, weight.stem) }
          if forms > 0, weight.form > 0 { score += naiveContribution(forms, length, weight.form) }
        }
        if score > 0 { scored.append((slot, score)) }
      }
    }
    scored.sort { $0.score != $1.score ? $0.score > $1.score : $0.slot < $1.slot }
    return scored.prefix(k).map { ScoredSlot(slot: $0.slot, score: KeywordScale.score($0.score)) }
  }

  private func naiveContribution(_ count: Int, _ length: UInt32, _ weight: UInt32) -> UInt32 {
    let code = KeywordScale.countCode(UInt32(count)) << 8 | length
    return KeywordScale.contribution(impact: impacts[Int(code)], weight: weight)
  }

  private func isSet(_ slot: UInt32, in bits: [UInt64]) -> Bool {
    Int(slot >> 6) < bits.count && bits[Int(slot >> 6)] >> UInt64(slot & 63) & 1 == 1
  }

  private func contains(_ words: [String], _ phrase: [String]) -> Bool {
    guard words.count >= phrase.count else { return false }
    return (0...(words.count - phrase.count)).contains { start in
      phrase.indices.allSatisfy { words[start + $0] == phrase[$0] }
    }
  }
}

extension KeywordGeneration {
  /// Weights from counts taken by reading every text.
  fileprivate func naiveWeights(_ query: KeywordQuery) -> [(stem: UInt32, form: UInt32)] {
    var stems = [Int](repeating: 0, count: query.words.count)
    var forms = stems
    for part in parts {
      for document in 0..<part.segment.count where part.isAlive(document) {
        let words = part.segment.spelledWords(of: document)
        let stemSet = Set(words.map(\.stem))
        let formSet = Set(words.map(\.form))
        for (index, word) in query.words.enumerated() {
          if stemSet.contains(word.stem) { stems[index] += 1 }
          if formSet.contains(word.folded) { forms[index] += 1 }
        }
      }
    }
    return query.words.indices.map { index in
      let count = Double(query.words[index].count)
      let stemIdf = KeywordScale.idf(documents: documents, holding: stems[index])
      let formIdf = forms[index] > 0 ? KeywordScale.idf(documents: documents, holding: forms[index]) : 0
      return (
        KeywordScale.weight(stemIdf * count * (1 - options.exactShare)),
        KeywordScale.weight(formIdf * count * options.exactShare)
      )
    }
  }
}

extension KeywordSegment {
  /// The words of a text as strings.
  func spelledWords(of document: Int) -> [(form: String, stem: String, isPlain: Bool)] {
    var words: [(form: String, stem: String, isPlain: Bool)] = []
    forEachWord(of: document) { id in
      words.append((vocabulary.string(id), vocabulary.string(stems[Int(id)]), traits[Int(id)].isPlain))
    }
    return words
  }
}
