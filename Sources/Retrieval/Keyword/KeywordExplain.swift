// Every score explains itself: the same arithmetic as the search, term by term, for one record.

extension KeywordGeneration {
  /// Nil when the slot holds no text.
  package func explain(_ query: KeywordQuery, slot: UInt32) -> KeywordExplanation? {
    guard let place = place(of: slot) else { return nil }
    let plan = KeywordPlan(query, self)
    let length = parts[place.part].segment.lengths[place.document]
    let found = contributions(plan, place)
    let terms = zip(plan.words, found).filter { $1.score > 0 }.map { word, found in
      TermContribution(
        term: word.word.folded, stem: word.word.stem, idf: Float(word.stemIdf), occurrences: found.stems,
        exactOccurrences: found.forms, contribution: KeywordScale.score(found.score))
    }
    let norm = KeywordScale.lengthNorm(
      code: KeywordScale.lengthCode(length), averageLength: averageLength, options: options)
    return KeywordExplanation(
      score: KeywordScale.score(found.reduce(0) { $0 + $1.score }), terms: terms, words: Int(length),
      averageWords: Float(averageLength), lengthNorm: Float(norm), matchesPhrases: holds(query.phrases, place)
    )
  }

  /// What one text earns by each word of a plan.
  func contributions(_ plan: KeywordPlan, _ place: Place) -> [(stems: Int, forms: Int, score: UInt32)] {
    let segment = parts[place.part].segment
    var found = [(stems: Int, forms: Int, score: UInt32)](repeating: (0, 0, 0), count: plan.words.count)
    let wanted = zip(plan.words, plan.lists[place.part]).map { word, lists in
      (stem: lists.stem, form: segment.vocabulary.find(Array(word.word.folded.utf8).span))
    }
    segment.forEachWord(of: place.document) { id in
      let stem = Int(segment.stems[Int(id)])
      for index in wanted.indices where wanted[index].stem == stem {
        found[index].stems += 1
        if wanted[index].form == id { found[index].forms += 1 }
      }
    }
    let length = KeywordScale.lengthCode(segment.lengths[place.document])
    func contribution(_ count: Int, _ weight: UInt32) -> UInt32 {
      guard count > 0 else { return 0 }
      let code = KeywordScale.countCode(UInt32(clamping: count)) << 8 | length
      return KeywordScale.contribution(impact: impacts[Int(code)], weight: weight)
    }
    for index in found.indices {
      found[index].score =
        contribution(found[index].stems, plan.words[index].stemWeight)
        + contribution(
          plan.words[index].formWeight > 0 ? found[index].forms : 0, plan.words[index].formWeight)
    }
    return found
  }
}
