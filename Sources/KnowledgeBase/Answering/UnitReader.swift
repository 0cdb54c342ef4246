// Reads a unit against a question: everything that speaks for it but its nearness in meaning.
import Retrieval
import Text

struct UnitReader {
  let terms: QuestionTerms
  let tokenizer: WordTokenizer
  /// How rare a stem is in the library; a rare one says more.
  let weight: (String) -> Double
  let passages: [Passage]

  struct Read {
    let unit: AnswerUnit
    let stems: Set<String>
    let features: UnitFeatures
  }

  /// The units of one passage. `context`: what stands above it.
  func read(_ units: [AnswerUnit], ofPassage index: Int, title: String) -> [Read] {
    let passage = passages[index]
    let above = Set(tokenizer.words(in: "\(title)\n\(passage.heading)").map(\.stem))
    let aboveWords = Set(FactTokens.all(in: "\(title)\n\(passage.heading)").map(\.folded))
    let best = passages.map(\.hit.score).max() ?? 0
    var previous: Set<String> = []
    return units.map { unit in
      let words = tokenizer.words(in: unit.shown)
      let stems = Set(words.map(\.stem))
      let tokens = FactTokens.all(in: unit.shown)
      var features = UnitFeatures()
      features.coverage = terms.coverage(by: stems, weight: weight)
      features.coverageWithContext = terms.coverage(by: stems.union(above), weight: weight)
      features.coverageWithPrevious = terms.coverage(by: stems.union(above).union(previous), weight: weight)
      features.relevance = best > 0 ? passage.hit.score / best : 0
      features.passageSimilarity = passage.hit.semantic ?? 0
      features.rank = 1 / Double(index + 1)
      features.kind = terms.kind.fit(
        TextFacts(unit.shown), words: tokens, nouns: terms.targets, known: terms.known)
      (features.proximity, features.order) = closeness(words)
      let held = aboveWords.union(tokens.map(\.folded))
      features.anchors = share(of: terms.anchors, in: held)
      features.targets = share(of: terms.targets, in: stems)
      let wordCount = tokens.count { $0.isWord || $0.isNumber }
      features.isShort = wordCount < 6 ? 1 : wordCount < 9 ? 0.5 : 0
      features.isLong = min(1, max(0, Double(wordCount - 35) / 40))
      let opening = tokens.first { $0.isWord }?.folded ?? ""
      let pronouns: Set = ["it", "they", "this", "these", "he", "she", "that", "those", "its", "their", "such"]
      features.opensWithPronoun = pronouns.contains(opening) ? 1 : 0
      features.opensDefinition = terms.kind == .definition && opensDefinition(words) ? 1 : 0
      features.isRow = unit.isTableRow ? 1 : 0
      features.isItem = unit.isListItem ? 1 : 0
      let contentWords = words.filter { !StopWords.long.contains($0.folded) }
      let new = contentWords.count { !terms.stems.contains($0.stem) }
      features.novelty = contentWords.isEmpty ? 0 : Double(new) / Double(contentWords.count)
      previous = unit.isTableRow ? [] : stems
      return Read(unit: unit, stems: stems, features: features)
    }
  }

  private func share(of wanted: Set<String>, in held: Set<String>) -> Double {
    wanted.isEmpty ? 1 : Double(wanted.count(where: held.contains)) / Double(wanted.count)
  }

  /// 'A subnet is …', 'Churn means …': the subject, then what it is, within the first words.
  private func opensDefinition(_ words: [WordTokenizer.Word]) -> Bool {
    let opening = words.prefix(10)
    let copulas: Set = ["is", "are", "means", "refers", "was", "were", "describes", "denotes"]
    guard let copula = opening.firstIndex(where: { copulas.contains($0.folded) }) else { return false }
    let subject = Set(opening[..<copula].map(\.stem))
    return !subject.isDisjoint(with: terms.stems) && subject.count <= terms.stems.count + 3
  }

  /// How close together the question's terms stand, and how many neighbours of the question are neighbours here.
  private func closeness(_ words: [WordTokenizer.Word]) -> (proximity: Double, order: Double) {
    guard terms.stems.count > 1 else { return (1, 1) }
    var places: [String: [Int]] = [:]
    for (place, word) in words.enumerated() where terms.stems.contains(word.stem) {
      places[word.stem, default: []].append(place)
    }
    guard places.count > 1 else { return (0, 0) }
    // The smallest window that holds each held term once.
    let events = places.flatMap { stem, at in at.map { (place: $0, stem: stem) } }.sorted { $0.place < $1.place }
    var counts: [String: Int] = [:]
    var left = 0
    var window = Int.max
    for event in events {
      counts[event.stem, default: 0] += 1
      while counts.count == places.count {
        window = min(window, event.place - events[left].place + 1)
        let leaving = events[left].stem
        counts[leaving] = counts[leaving].map { $0 - 1 }
        if counts[leaving] == 0 { counts[leaving] = nil }
        left += 1
      }
    }
    let share = Double(places.count) / Double(terms.stems.count)
    let proximity = share * min(1, 2 * Double(places.count) / Double(max(window, places.count)))
    var pairs = 0
    for (first, second) in zip(terms.stems, terms.stems.dropFirst()) {
      guard let firsts = places[first], let seconds = places[second] else { continue }
      if firsts.contains(where: { place in seconds.contains { $0 > place && $0 - place <= 3 } }) { pairs += 1 }
    }
    return (proximity, Double(pairs) / Double(terms.stems.count - 1))
  }
}
