// Sources that say different things about the same: found among the units that answer a question, by their values after
// units are made equal. Equal values in other units, other subjects and other years raise no alarm.
// Must not: decide who is right. The newer is named first.
import Base
import Text

package struct Disagreement: Sendable {
  package struct Statement: Sendable {
    /// As in the answer's sources.
    package let source: Int
    package let filename: String
    /// When its document says that it is from, else when it came in: 2025-09-01.
    package let dated: String
    package let quote: String
    package let start: Int
    package let end: Int
    /// What the sources differ in, as it stands there: '$349.00'.
    package let values: [String]
  }

  /// The newest first.
  package let statements: [Statement]
}

enum Disagreements {
  /// Below this share of the question's terms that the best unit holds, another unit speaks of something else.
  private static let coverageShareMin = 0.85
  private static let overlapMin = 0.5

  static func find(
    _ best: ExtractiveAnswerer.Scored, among ranked: [ExtractiveAnswerer.Scored], terms: QuestionTerms,
    passages: [Passage], texts: TextCache
  ) throws -> [Disagreement] {
    let own = Statement(best, terms)
    guard !own.values.isEmpty else { return [] }
    var others: [Statement] = []
    for candidate in ranked where candidate.unit.start != best.unit.start || candidate.unit.passage != best.unit.passage
    {
      let passage = passages[candidate.unit.passage]
      guard passage.documentID != passages[best.unit.passage].documentID else { continue }
      guard !others.contains(where: { passages[$0.scored.unit.passage].documentID == passage.documentID }) else {
        continue
      }
      let other = Statement(candidate, terms)
      if contradicts(own, other, terms) { others.append(other) }
    }
    guard !others.isEmpty else { return [] }
    let statements = try ([own] + others).map { statement in
      let unit = statement.scored.unit
      let passage = passages[unit.passage]
      return Disagreement.Statement(
        source: unit.passage + 1, filename: passage.filename, dated: try DocumentDate.of(passage, texts: texts),
        quote: unit.text, start: unit.start, end: unit.end,
        values: statement.values.map { unit.shown.scalarSlice($0) })
    }
    // Stable: of two from the same day the better answer stays first.
    return [
      Disagreement(
        statements: statements.enumerated().sorted {
          $0.element.dated != $1.element.dated
            ? $0.element.dated > $1.element.dated : $0.offset < $1.offset
        }.map(\.element))
    ]
  }

  /// A unit with what it states that the question does not already say.
  struct Statement {
    let scored: ExtractiveAnswerer.Scored
    let facts: TextFacts
    let quantities: [Quantity]
    let dates: [DateFact]

    init(_ scored: ExtractiveAnswerer.Scored, _ terms: QuestionTerms) {
      self.scored = scored
      facts = TextFacts(scored.unit.shown)
      let asked = terms.facts
      quantities = facts.quantities.filter { quantity in
        quantity.dimension != .plain && !asked.quantities.contains { $0.agrees(with: quantity) }
      }
      dates =
        terms.kind == .time
        ? facts.dates.filter { date in date.month != nil && !asked.dates.contains { date.isStated(by: $0) } } : []
    }

    var values: [Range<Int>] { quantities.map(\.range) + dates.map(\.range) }
  }

  private static func contradicts(_ one: Statement, _ other: Statement, _ terms: QuestionTerms) -> Bool {
    let features = (one.scored.features, other.scored.features)
    guard features.1.coverageWithContext >= coverageShareMin * features.0.coverageWithContext,
      features.1.anchors >= features.0.anchors
    else { return false }
    let common = one.facts.stems.intersection(other.facts.stems).count
    let least = min(one.facts.stems.count, other.facts.stems.count)
    guard least > 0, Double(common) >= overlapMin * Double(least) else { return false }
    guard speakOfTheSame(one, other, terms) else { return false }
    if terms.kind == .time, !one.dates.isEmpty, !other.dates.isEmpty {
      return !one.dates.contains { date in other.dates.contains { date.agrees(with: $0) } }
    }
    // In some dimension both state something, and nothing of it is the same.
    let dimensions = Set(one.quantities.map(\.dimension)).intersection(other.quantities.map(\.dimension))
    return dimensions.contains { dimension in
      let left = one.quantities.filter { $0.dimension == dimension }
      let right = other.quantities.filter { $0.dimension == dimension }
      return !left.contains { quantity in right.contains { $0.agrees(with: quantity) } }
    }
  }

  /// Each naming something that the other does not name, they speak of two things; each for its own year, of two times.
  private static func speakOfTheSame(_ one: Statement, _ other: Statement, _ terms: QuestionTerms) -> Bool {
    let left = names(one, terms)
    let right = names(other, terms)
    if !left.subtracting(right).isEmpty && !right.subtracting(left).isEmpty { return false }
    let years = (Set(one.facts.dates.compactMap(\.year)), Set(other.facts.dates.compactMap(\.year)))
    if terms.kind != .time, !years.0.isEmpty, !years.1.isEmpty, years.0.isDisjoint(with: years.1) { return false }
    // Bare numbers tell things apart ('Rillo 8', 'Rillo 12', 'grade 3').
    let plain = (
      Set(one.facts.quantities.filter { $0.dimension == .plain }.map(\.value)),
      Set(other.facts.quantities.filter { $0.dimension == .plain }.map(\.value))
    )
    if !plain.0.isEmpty, !plain.1.isEmpty, plain.0.isDisjoint(with: plain.1) { return false }
    return true
  }

  private static func names(_ statement: Statement, _ terms: QuestionTerms) -> Set<String> {
    Set(statement.facts.names.map { $0.lowercased() }).subtracting(terms.known)
  }
}

/// When a document says that it is from.
enum DocumentDate {
  /// A date named in the metadata, the file name or the head of the text, in this order; else when it came in.
  static func of(_ passage: Passage, texts: TextCache) throws -> String {
    for key in ["date", "effective", "effective_date", "published", "updated", "issued"] {
      if let text = passage.metadata[key]?.string, let seconds = CalendarDate.seconds(text) {
        return CalendarDate.day(seconds)
      }
    }
    let name = passage.filename.replacing("_", with: " ")
    let named = TextFacts(name).dates.filter { $0.year != nil }
    if let date = named.first(where: { $0.month != nil }) { return shown(date) }
    if let stamp = yearAndMonth(in: name) { return stamp }
    let text = try texts.text(ofVersion: passage.versionID)
    let head = text.slice(0..<min(600, text.scalarCount))
    if let date = TextFacts(head).dates.first(where: { $0.year != nil && $0.month != nil }) { return shown(date) }
    if let date = named.first { return shown(date) }
    return CalendarDate.day(passage.versionCreatedAt)
  }

  private static func shown(_ date: DateFact) -> String {
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    guard let year = date.year else { return "" }
    guard let month = date.month else { return "\(year)" }
    return "\(year)-\(padded(month))" + (date.day.map { "-\(padded($0))" } ?? "")
  }

  /// 'price-list-2025-09'.
  private static func yearAndMonth(in name: String) -> String? {
    let tokens = FactTokens.all(in: name)
    for index in tokens.indices.dropLast(2) where DateFact.isYear(tokens[index]) && tokens[index + 1].text == "-" {
      if let month = tokens[index + 2].value, month >= 1, month <= 12, tokens[index + 2].text.count == 2 {
        return "\(tokens[index].text)-\(tokens[index + 2].text)"
      }
    }
    return nil
  }
}
