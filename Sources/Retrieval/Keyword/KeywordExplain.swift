// Every score explains itself: the same arithmetic as the search, term by term, for one record.
import Text

extension KeywordIndex {
  /// Nil when the slot holds no text.
  package func explain(_ query: KeywordQuery, slot: UInt32) -> KeywordExplanation? {
    let generation = generation
    guard let place = generation.place(of: slot) else { return nil }
    let part = generation.parts[place.part]
    let segment = part.segment
    let code = KeywordScale.lengthCode(segment.lengths[place.document])
    var total: UInt32 = 0
    var terms: [TermContribution] = []
    for word in generation.weigh(query) {
      let found = segment.occurrences(of: word, document: place.document)
      guard found.stem > 0 else { continue }
      let stemCode = KeywordScale.countCode(UInt32(clamping: found.stem))
      let formCode = KeywordScale.countCode(UInt32(clamping: found.form))
      var contribution = KeywordScale.contribution(
        impact: generation.impacts[Int(stemCode << 8 | code)], weight: word.stemWeight)
      if found.form > 0 {
        contribution += KeywordScale.contribution(
          impact: generation.impacts[Int(formCode << 8 | code)], weight: word.formWeight)
      }
      total += contribution
      terms.append(
        TermContribution(
          term: word.word.folded, stem: word.word.stem, idf: Float(word.stemIdf),
          occurrences: Int(KeywordScale.countOfCode[Int(stemCode)]), exactOccurrences: found.form,
          contribution: KeywordScale.score(contribution)))
    }
    let holding =
      query.phrases.isEmpty
      || {
        let bits = generation.holding(query.phrases, part: place.part)
        return bits[place.document >> 6] & (1 << UInt64(place.document & 63)) != 0
      }()
    return KeywordExplanation(
      score: KeywordScale.score(total), terms: terms, words: Int(segment.lengths[place.document]),
      averageWords: Float(generation.averageLength),
      lengthNorm: Float(
        KeywordScale.lengthNorm(code: code, averageLength: generation.averageLength, options: options)),
      matchesPhrases: holding)
  }
}

extension KeywordSegment {
  /// How often a text holds a word in any form and in the form asked for, read from its chain of words.
  func occurrences(of word: WeightedWord, document: Int) -> (stem: Int, form: Int) {
    guard let stem = vocabulary.find(word.stem.span) else { return (0, 0) }
    let form = vocabulary.find(word.form.span)
    var count = (stem: 0, form: 0)
    forEachWord(of: document) { id in
      if stems[Int(id)] == stem { count.stem += 1 }
      if id == form { count.form += 1 }
    }
    return count
  }
}
