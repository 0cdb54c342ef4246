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
    /// What stands above it and, where the question names it, what its document is called.
    let subject: String
    /// The sentence before it: 'they' and 'there' stand for something in it.
    let before: String
  }

  /// Of the sentence before, the last so many characters are read along.
  private static let beforeScalarsMax = 200

  /// The units of one passage. `context`: what stands above it.
  func read(_ units: [AnswerUnit], ofPassage index: Int, title: String) -> [Read] {
    let passage = passages[index]
    let above = Set(tokenizer.words(in: "\(title)\n\(passage.heading)").map(\.stem))
    let asked = termsBeside(title, ofDocument: passage.documentID)
    let aboveWords = Set(FactTokens.all(in: "\(title)\n\(passage.heading)").map(\.folded))
    let best = passages.map(\.hit.score).max() ?? 0
    let subject = self.subject(title: title, heading: passage.heading)
    var previous: Set<String> = []
    var before = ""
    return units.map { unit in
      let words = tokenizer.words(in: unit.shown)
      let stems = Set(words.map(\.stem))
      let tokens = FactTokens.all(in: unit.shown)
      var features = UnitFeatures()
      features.coverage = terms.coverage(by: stems, of: asked, weight: weight)
      features.coverageWithContext = terms.coverage(by: stems.union(above), of: asked, weight: weight)
      features.coverageWithPrevious = terms.coverage(by: stems.union(above).union(previous), of: asked, weight: weight)
      features.relevance = best > 0 ? passage.hit.score / best : 0
      features.passageSimilarity = passage.hit.semantic ?? 0
      features.rank = 1 / Double(index + 1)
      features.kind = terms.kind.fit(
        TextFacts(unit.shown), words: tokens, nouns: terms.targets, known: terms.known)
      (features.proximity, features.order) = closeness(words, of: asked)
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
      features.saysNothing = new == 0 || isFragment(unit) ? 1 : 0
      defer {
        previous = unit.isTableRow ? [] : stems
        before = unit.isTableRow ? "" : String(unit.text.unicodeScalars.suffix(Self.beforeScalarsMax)) + " "
      }
      return Read(
        unit: unit, stems: stems, features: features, subject: subject, before: unit.isTableRow ? "" : before)
    }
  }

  /// What the question asks besides naming the document: its name says which document, and in it no sentence speaks for
  /// itself by saying it again. The name is what the file is called, and of a label what the document's passages hold.
  private func termsBeside(_ title: String, ofDocument id: String) -> [String] {
    var naming = Set(tokenizer.words(in: title).map(\.stem))
    if !terms.label.isEmpty {
      for passage in passages where passage.documentID == id {
        let held = tokenizer.words(in: "\(passage.heading)\n\(passage.text)").map(\.stem)
        naming.formUnion(terms.label.intersection(held))
      }
    }
    let rest = terms.stems.filter { !naming.contains($0) }
    return rest.isEmpty ? terms.stems : rest
  }

  private func subject(title: String, heading: String) -> String {
    let named = tokenizer.words(in: title).contains {
      terms.stems.contains($0.stem) && !terms.label.contains($0.stem)
    }
    return (named ? [title, heading] : [heading]).filter { !$0.isEmpty }.map { $0 + ": " }.joined()
  }

  private func isFragment(_ unit: AnswerUnit) -> Bool {
    guard !unit.isTableRow, !unit.isListItem, let last = unit.text.unicodeScalars.last else { return false }
    return last.properties.isAlphabetic || last.properties.numericType != nil
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
  private func closeness(
    _ words: [WordTokenizer.Word], of asked: [String]
  ) -> (proximity: Double, order: Double) {
    guard asked.count > 1 else { return (1, 1) }
    var places: [String: [Int]] = [:]
    for (place, word) in words.enumerated() where asked.contains(word.stem) {
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
    let share = Double(places.count) / Double(asked.count)
    let proximity = share * min(1, 2 * Double(places.count) / Double(max(window, places.count)))
    var pairs = 0
    for (first, second) in zip(asked, asked.dropFirst()) {
      guard let firsts = places[first], let seconds = places[second] else { continue }
      if firsts.contains(where: { place in seconds.contains { $0 > place && $0 - place <= 3 } }) { pairs += 1 }
    }
    return (proximity, Double(pairs) / Double(asked.count - 1))
  }
}
