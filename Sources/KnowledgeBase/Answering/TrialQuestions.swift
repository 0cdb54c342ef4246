// Questions made from a library's own sentences, to learn what its answers and its near misses look like: a fact is
// taken out and asked for; for a near miss two terms are swapped for those of another sentence.
// Must not: draw on chance that is not given to it, or keep any text.
import Text

struct TrialQuestions {
  struct Statement {
    /// The sentence and the passage that it stands in.
    let sentence: String
    let passage: String
  }

  /// The question that a sentence answers; nil where it states nothing that can be asked for.
  static func question(_ statement: Statement) -> String? {
    let facts = TextFacts(statement.sentence)
    let tokens = FactTokens.all(in: statement.sentence)
    if let quantity = facts.quantities.first(where: { $0.dimension != .plain }) ?? facts.quantities.first {
      let opening =
        switch quantity.dimension {
        case .money: "How much"
        case .time: "How long"
        case .percent: "What percentage"
        default: "How many"
        }
      return asked(opening, tokens, without: quantity.range)
    }
    if let date = facts.dates.first { return asked("When", tokens, without: date.range) }
    if let name = facts.names.dropFirst().first, let token = tokens.first(where: { $0.text == name }) {
      return asked("Who", tokens, without: token.start..<token.end)
    }
    return asked("What", tokens, without: 0..<0)
  }

  /// The same about something else: two of its words are those of another sentence, which the passage does not have.
  static func swapped(_ statement: Statement, with other: Statement) -> String? {
    guard let question = question(statement) else { return nil }
    let held = TextFacts(statement.passage).stems
    let tokens = FactTokens.all(in: question)
    var stemmer = Stemmer(.english)
    func weight(_ token: FactToken) -> (Int, Int) { (token.isCapitalized ? 1 : 0, token.text.count) }
    let replacements = FactTokens.all(in: other.sentence).filter { token in
      token.isWord && token.text.count > 3 && !StopWords.long.contains(token.folded)
        && !held.contains(stemmer.stem(token.folded))
    }.sorted { weight($0) > weight($1) }.prefix(2)
    let replaced = tokens.dropFirst(2).filter { $0.isWord && !StopWords.long.contains($0.folded) }
      .sorted { weight($0) > weight($1) }.prefix(2)
    guard replacements.count == 2, replaced.count == 2 else { return nil }
    var text = question
    // From the back, so that the places before stay what they are.
    for (old, new) in zip(replaced.sorted { $0.start > $1.start }, replacements) {
      text = text.scalarSlice(0..<old.start) + new.text + text.scalarSlice(old.end..<text.unicodeScalars.count)
    }
    return text
  }

  /// As people ask: few words, not all of them the sentence's.
  private static let contentWordsMax = 5

  /// The opening and some of the sentence's words, without the fact and without every third word.
  private static func asked(_ opening: String, _ tokens: [FactToken], without fact: Range<Int>) -> String? {
    var kept: [String] = []
    var content = 0
    for token in tokens where token.isWord || token.isNumber {
      guard !fact.overlaps(token.start..<token.end) else { continue }
      if !StopWords.long.contains(token.folded) {
        content += 1
        if content % 3 == 0, !token.isCapitalized { continue }
        if content > contentWordsMax * 3 / 2 { break }
      }
      kept.append(token.text)
    }
    return content >= 3 ? "\(opening) \(kept.joined(separator: " "))?" : nil
  }
}
