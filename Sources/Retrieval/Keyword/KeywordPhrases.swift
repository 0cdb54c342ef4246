// Phrases: which texts of a segment hold given words one after another, in the very forms asked for.
// The rarest term's postings name the candidates, the chains of words decide. Works on words, not on characters:
// case, diacritics and punctuation between the words do not matter.

extension KeywordGeneration {
  /// One bit a text: alive, and every phrase stands in it.
  func holding(_ phrases: [[String]], part index: Int) -> [UInt64] {
    let part = parts[index]
    let segment = part.segment
    var bits = [UInt64](repeating: 0, count: (segment.count + 63) / 64)
    let wanted = phrases.compactMap { segment.wordIds(of: $0) }
    guard wanted.count == phrases.count else { return bits }
    let lists = wanted.joined().compactMap { segment.formList(ofWord: Int($0)) }
    guard let shortest = lists.min(by: { segment.listCount($0) < segment.listCount($1) }) else { return bits }
    for posting in segment.postings[segment.listRange(shortest)] {
      let document = Int(posting >> 16)
      if part.isAlive(document), wanted.allSatisfy({ segment.holds($0, document: document) }) {
        bits[document >> 6] |= 1 << UInt64(document & 63)
      }
    }
    return bits
  }
}

extension KeywordGeneration {
  /// Whether every phrase stands in one living text.
  func holds(_ phrases: [[String]], _ place: Place) -> Bool {
    let segment = parts[place.part].segment
    return phrases.allSatisfy { phrase in
      segment.wordIds(of: phrase).map { segment.holds($0, document: place.document) } ?? false
    }
  }
}

extension KeywordSegment {
  /// Nil when some word stands nowhere in the segment.
  fileprivate func wordIds(of phrase: [String]) -> [UInt32]? {
    var ids: [UInt32] = []
    for word in phrase {
      guard let id = vocabulary.find(Array(word.utf8).span), traits[Int(id)].isPlain else { return nil }
      ids.append(id)
    }
    return ids
  }

  /// Knuth, Morris and Pratt: linear whatever the words are.
  fileprivate func holds(_ phrase: [UInt32], document: Int) -> Bool {
    if phrase.count == 1 {
      var isFound = false
      forEachWord(of: document) { if $0 == phrase[0] { isFound = true } }
      return isFound
    }
    let borders = Self.borders(of: phrase)
    var matched = 0
    var isFound = false
    forEachWord(of: document) { word in
      guard !isFound, traits[Int(word)].isPlain else { return }
      while matched > 0, phrase[matched] != word { matched = borders[matched - 1] }
      if phrase[matched] == word { matched += 1 }
      if matched == phrase.count { isFound = true }
    }
    return isFound
  }

  /// For each prefix, the length of its longest proper prefix that is also its end.
  private static func borders(of phrase: [UInt32]) -> [Int] {
    var borders = [Int](repeating: 0, count: phrase.count)
    var length = 0
    for index in phrase.indices.dropFirst() {
      while length > 0, phrase[index] != phrase[length] { length = borders[length - 1] }
      if phrase[index] == phrase[length] { length += 1 }
      borders[index] = length
    }
    return borders
  }
}
