// What the words of a question are worth in one text: term by term as the keyword index scores them, and besides how
// close together they stand: neighbours in the question that are near each other, and the best stretch of the text.
// Reads the text's chain of words once, so it is for candidates, never for a collection.

struct KeywordMatcher {
  /// Neighbours of the question within so many words of a text are near each other.
  static let nearWords = 8
  /// About a sentence.
  static let spanWords = 24
  /// Of a very long text only so many matching words are looked at for pairs.
  private static let matchesMax = 512

  /// What the words could earn in a text that says each of them without end.
  let ceiling: Double
  var wordCount: Int { plan.words.count }

  private struct Pair {
    var first: Int
    var second: Int
    var weight: Double
  }

  private struct SegmentWords {
    var stems: [UInt32]
    var forms: [UInt32]
    /// One bit a stem, modulo 64: most words of a text are told apart at one glance.
    var mask: UInt64
  }

  private struct Place {
    var position: Int
    var word: Int
  }

  private let keywords: KeywordGeneration
  private let plan: KeywordPlan
  private let pairs: [Pair]
  private var segments: [SegmentWords?]
  private var matches: [Place] = []
  private var stemCounts: [Int]
  private var formCounts: [Int]
  private var spanCounts: [Int]
  private let idfSum: Double

  struct Match {
    var score: Float = 0
    /// On the scale of `ceiling`: neighbours of the question not far from each other.
    var near: Double = 0
    /// The share of the question's words, by their rarity, that one stretch of `spanWords` holds at best.
    var span: Double = 0
  }

  init(_ query: KeywordQuery, in keywords: KeywordGeneration) {
    self.keywords = keywords
    let plan = KeywordPlan(query, keywords)
    self.plan = plan
    let words = plan.words
    segments = [SegmentWords?](repeating: nil, count: keywords.parts.count)
    stemCounts = [Int](repeating: 0, count: words.count)
    formCounts = stemCounts
    spanCounts = stemCounts
    idfSum = words.reduce(0) { $0 + $1.stemIdf }
    var places: [Int?] = []
    var known = 0
    var ceiling = 0.0
    let unknownIdf = KeywordScale.idf(documents: keywords.documents, holding: 0)
    for word in query.words {
      if known < words.count, words[known].word == word {
        places.append(known)
        ceiling += Double(words[known].stemWeight + words[known].formWeight) / KeywordScale.scoreUnit
        known += 1
      } else {
        places.append(nil)
        ceiling += Double(word.count) * unknownIdf
      }
    }
    self.ceiling = ceiling
    pairs = zip(places, places.dropFirst()).compactMap { first, second in
      guard let first, let second, words[first].word.stem != words[second].word.stem else { return nil }
      return Pair(
        first: first, second: second, weight: (words[first].stemIdf + words[second].stemIdf) / 2)
    }
  }

  /// Appends what each word earns in the slot's text, in order of the plan.
  mutating func match(_ slot: UInt32, earned: inout [Float]) -> Match {
    guard let place = keywords.place(of: slot) else {
      earned.append(contentsOf: repeatElement(0, count: wordCount))
      return Match()
    }
    let segment = keywords.parts[place.part].segment
    count(in: segment, part: place.part, document: place.document)
    let lengthCode = KeywordScale.lengthCode(segment.lengths[place.document])
    var total: UInt32 = 0
    for (index, word) in plan.words.enumerated() {
      var contribution: UInt32 = 0
      for (count, weight) in [
        (stemCounts[index], word.stemWeight), (formCounts[index], word.formWeight),
      ] where count > 0 {
        let code = KeywordScale.countCode(UInt32(clamping: count))
        contribution += KeywordScale.contribution(
          impact: keywords.impacts[Int(code << 8 | lengthCode)], weight: weight)
      }
      total += contribution
      earned.append(KeywordScale.score(contribution))
    }
    var match = Match(score: KeywordScale.score(total))
    for pair in pairs where stemCounts[pair.first] > 0 && stemCounts[pair.second] > 0 {
      let count = nearOccurrences(of: pair)
      guard count > 0 else { continue }
      let code = KeywordScale.countCode(UInt32(clamping: count))
      match.near += pair.weight * Double(keywords.impacts[Int(code << 8 | lengthCode)]) / 65_536
    }
    match.span = bestSpan()
    return match
  }

  /// Fills the counts and the places of the question's words in one text.
  private mutating func count(in segment: KeywordSegment, part: Int, document: Int) {
    let wanted = segments[part] ?? resolve(segment, part)
    segments[part] = wanted
    for index in plan.words.indices {
      stemCounts[index] = 0
      formCounts[index] = 0
    }
    var found = matches
    matches = []
    found.removeAll(keepingCapacity: true)
    var stemsSeen = stemCounts
    var formsSeen = formCounts
    var position = 0
    segment.forEachWord(of: document) { id in
      let stem = segment.stems[Int(id)]
      if wanted.mask & (1 << UInt64(stem & 63)) != 0 {
        for index in wanted.stems.indices where wanted.stems[index] == stem {
          stemsSeen[index] += 1
          if wanted.forms[index] == id { formsSeen[index] += 1 }
          if found.count < Self.matchesMax { found.append(Place(position: position, word: index)) }
        }
      }
      // An identifier in one piece stands at the place of its first part.
      if segment.traits[Int(id)] != .whole { position += 1 }
    }
    stemCounts = stemsSeen
    formCounts = formsSeen
    matches = found
  }

  private func resolve(_ segment: KeywordSegment, _ part: Int) -> SegmentWords {
    var resolved = SegmentWords(stems: [], forms: [], mask: 0)
    for (word, lists) in zip(plan.words, plan.lists[part]) {
      // The list of a stem is its number in the vocabulary.
      if let stem = lists.stem { resolved.mask |= 1 << UInt64(stem & 63) }
      resolved.stems.append(lists.stem.map { UInt32($0) } ?? .max)
      resolved.forms.append(segment.vocabulary.find(Array(word.word.folded.utf8).span) ?? .max)
    }
    return resolved
  }

  private func nearOccurrences(of pair: Pair) -> Int {
    matches.count { place in
      place.word == pair.first
        && matches.contains { $0.word == pair.second && abs($0.position - place.position) < Self.nearWords }
    }
  }

  /// Slides one stretch over the places that match.
  private mutating func bestSpan() -> Double {
    guard idfSum > 0 else { return 0 }
    for index in spanCounts.indices { spanCounts[index] = 0 }
    var best = 0.0
    var held = 0.0
    var first = 0
    for place in matches {
      if spanCounts[place.word] == 0 { held += plan.words[place.word].stemIdf }
      spanCounts[place.word] += 1
      while matches[first].position <= place.position - Self.spanWords {
        let left = matches[first].word
        spanCounts[left] -= 1
        if spanCounts[left] == 0 { held -= plan.words[left].stemIdf }
        first += 1
      }
      best = max(best, held)
    }
    return min(best / idfSum, 1)
  }
}
