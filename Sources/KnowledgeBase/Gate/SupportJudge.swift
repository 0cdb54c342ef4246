// How well words of a source carry a sentence. Shared words and nearness of meaning are not enough: what the sentence
// states (numbers with their units, dates, names, what it denies, what it puts in quotation marks) must be what the
// source states.
import Text

/// Why a sentence is not carried by what stands in the sources.
package enum GateFault: String, Sendable, CaseIterable {
  case invented
  case number
  case date
  case name
  case negation
  case opposite
  case quotation
  case instruction
  case link
  case tooLong = "too_long"

  /// In a sentence for people: 'the sources …'.
  package var said: String {
    switch self {
    case .invented: "the sources do not say it"
    case .number: "the sources give another number"
    case .date: "the sources give another date"
    case .name: "the sources name somebody or something else"
    case .negation: "the sources say the opposite"
    case .opposite: "the sources say the opposite"
    case .quotation: "the words quoted do not stand in the sources"
    case .instruction: "it follows an instruction hidden in a document"
    case .link: "it was a link or a picture"
    case .tooLong: "it did not end"
    }
  }
}

/// Words of a source that may carry a sentence: one unit, or neighbours, with what stands above them.
struct GateEvidence {
  let passage: Int
  let start: Int
  let end: Int
  let text: String
  let facts: TextFacts
  let words: Set<String>
  /// What stands above it (headings, title, name of the file) states things too: the year, the product.
  let context: GateContext
}

struct GateContext {
  let facts: TextFacts
  let words: Set<String>

  init(_ text: String) {
    facts = TextFacts(text)
    words = GateContext.words(of: text)
  }

  static func words(of text: String) -> Set<String> {
    Set(FactTokens.all(in: text).filter { $0.isWord || $0.isNumber }.map(\.folded))
  }
}

struct SupportJudge {
  /// Of a sentence's words that carry meaning, the share that the source must hold.
  static let coverageMin = 0.6
  /// With less the sentence may still say the same in other words; it must then be near in meaning.
  static let coverageOfParaphraseMin = 0.4
  static let similarityOfParaphraseMin = 0.72

  /// Words of the passages that stand there in small letters: no names.
  let commonWords: Set<String>

  struct Verdict {
    /// From 0 to 1, by words alone.
    let coverage: Double
    let fault: GateFault?
  }

  func judge(_ claim: Claim, by evidence: GateEvidence) -> Verdict {
    let held = evidence.facts.stems.union(evidence.context.facts.stems)
    let stems = claim.facts.stems
    let coverage = stems.isEmpty ? 1 : Double(stems.intersection(held).count) / Double(stems.count)
    return Verdict(coverage: coverage, fault: fault(claim, evidence, held: held))
  }

  private func fault(_ claim: Claim, _ evidence: GateEvidence, held: Set<String>) -> GateFault? {
    if !bareAddressesStand(claim, evidence) { return .link }
    if !quotationsStand(claim, evidence) { return .quotation }
    if !numbersAgree(claim, evidence) || !unitWordsAgree(claim, evidence) { return .number }
    if !foreignDigitsStand(claim, evidence) { return .number }
    if !amountWordsAgree(claim, held: evidence.words.union(evidence.context.words)) { return .number }
    if !datesAgree(claim, evidence) { return .date }
    if !namesAgree(claim, evidence) || !namesKeepTheirPlaces(claim, evidence) { return .name }
    if !denialsAgree(claim.facts, evidence.facts) { return .negation }
    if Opposites.meet(claim.words, evidence.words) { return .opposite }
    return hasInventedClause(claim, held: held) ? .invented : nil
  }

  private func quotationsStand(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    guard !claim.quotations.isEmpty else { return true }
    let said = SupportJudge.inOneLine(evidence.text)
    return claim.quotations.allSatisfy { said.contains(SupportJudge.inOneLine($0)) }
  }

  static func inOneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ").lowercased()
      .trimmingSuffix { $0 == "." || $0 == "," }
  }

  // MARK: Numbers

  private func numbersAgree(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let held = evidence.facts.quantities + evidence.context.facts.quantities
    // A bare number may be the year of a date there, and a year a bare number.
    let years = evidence.facts.dates.compactMap(\.year) + evidence.context.facts.dates.compactMap(\.year)
    return claim.facts.quantities.allSatisfy { quantity in
      let found = held.filter { $0.agrees(with: quantity) || isBareTwin($0, quantity) }
      if found.isEmpty {
        return quantity.dimension == .plain && years.contains { Double($0) == quantity.value }
      }
      return !isTakenFromAnother(quantity, claim, evidence)
    }
  }

  /// '20 remote' for '20 days of remote work': one of them does not say the unit.
  private func isBareTwin(_ held: Quantity, _ said: Quantity) -> Bool {
    said.dimension == .plain && abs(held.value / held.factor - said.value) < 1e-9
  }

  /// Two things with a number each in the source: the number said must be that of the thing that it is said of.
  private func isTakenFromAnother(_ quantity: Quantity, _ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let rivals = evidence.facts.quantities.filter {
      $0.dimension == quantity.dimension && !$0.agrees(with: quantity)
    }
    guard !rivals.isEmpty,
      let own = evidence.facts.quantities.first(where: { $0.agrees(with: quantity) })
    else { return false }
    let clauses = Clauses.words(around: evidence.facts.quantities, in: evidence.text)
    let said = Clauses.words(around: claim.facts.quantities, in: claim.text)[quantity.range.lowerBound] ?? claim.words
    guard let ownWords = clauses[own.range.lowerBound] else { return false }
    return rivals.contains { rival in
      guard let rivalWords = clauses[rival.range.lowerBound] else { return false }
      let speaksForRival = said.intersection(rivalWords.subtracting(ownWords)).count
      let speaksForOwn = said.intersection(ownWords.subtracting(rivalWords)).count
      return speaksForRival > speaksForOwn
    }
  }

  /// A unit that is said without a number ('carry weeks over') where the source has another of the kind.
  private func unitWordsAgree(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let held = evidence.words.union(evidence.context.words)
    let heldDimensions = Set(evidence.words.compactMap(Units.dimension(ofWord:)))
    return claim.words.allSatisfy { word in
      guard let dimension = Units.dimension(ofWord: word), heldDimensions.contains(dimension) else { return true }
      return held.contains(word) || held.contains(word + "s") || held.contains(String(word.dropLast()))
        || !claim.facts.quantities.isEmpty
    }
  }

  private func datesAgree(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let held = evidence.facts.dates + evidence.context.facts.dates
    let numbers = evidence.facts.quantities.filter { $0.dimension == .plain }.map(\.value)
    return claim.facts.dates.allSatisfy { date in
      if held.contains(where: { date.isStated(by: $0) }) { return true }
      // '2019' and 'May' may stand apart there.
      if let year = date.year, date.month == nil { return numbers.contains(Double(year)) }
      if date.year != nil, date.month != nil {
        var withoutYear = date
        withoutYear.year = nil
        return held.contains { withoutYear.isStated(by: $0) && $0.year == nil }
          && held.contains { $0.year == date.year }
      }
      return false
    }
  }

  // MARK: Names

  private func namesAgree(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let held = evidence.words.union(evidence.context.words)
    func isHeld(_ word: String) -> Bool {
      held.contains(word) || (word.hasSuffix("s") && held.contains(String(word.dropLast())))
        || held.contains(word + "s")
    }
    for name in claim.facts.names {
      let folded = name.lowercased().replacing("\u{2019}s", with: "").replacing("'s", with: "")
      if !isHeld(folded) && !commonWords.contains(folded) { return false }
    }
    // The first word is written large anyway; one that nobody writes small is a name.
    if let first = FactTokens.all(in: claim.text).first, first.isWord, first.isCapitalized,
      !StopWords.long.contains(first.folded), !isHeld(first.folded), !commonWords.contains(first.folded),
      DateFact.months[first.folded] == nil
    {
      return false
    }
    return true
  }

  private func denialsAgree(_ claim: TextFacts, _ evidence: TextFacts) -> Bool {
    if claim.hasNegation && !evidence.hasNegation { return false }
    // What is denied first is what the denial is about; how far it reaches is not sure.
    guard claim.deniedFirst.intersection(evidence.stems).isSubset(of: evidence.denied),
      evidence.deniedFirst.intersection(claim.stems).isSubset(of: claim.denied)
    else { return false }
    let deniedHere = claim.denied.intersection(evidence.stems)
    let deniedThere = evidence.denied.intersection(claim.stems)
    if deniedHere.isEmpty && deniedThere.isEmpty { return true }
    return !claim.denied.intersection(evidence.denied).isEmpty
  }
}

/// The parts of a text between its marks and conjunctions, as far as they hold a number each.
enum Clauses {
  /// The words of the clause that each quantity stands in, without the number itself, by where the quantity begins.
  static func words(around quantities: [Quantity], in text: String) -> [Int: Set<String>] {
    let clauses = tokens(in: text)
    var found: [Int: Set<String>] = [:]
    for quantity in quantities {
      guard let clause = clauses.first(where: { $0.contains { quantity.range.contains($0.start) } }) else { continue }
      let words = clause.filter { token in
        !quantity.range.contains(token.start) && (token.isNumber || token.isWord)
          && !StopWords.long.contains(token.folded)
      }
      found[quantity.range.lowerBound] = Set(words.map(\.folded))
    }
    return found
  }

  /// The words of each clause that carry meaning.
  static func words(in text: String) -> [Set<String>] {
    tokens(in: text).map { clause in
      Set(clause.filter { ($0.isWord || $0.isNumber) && !StopWords.long.contains($0.folded) }.map(\.folded))
    }
  }

  private static func tokens(in text: String) -> [[FactToken]] {
    let breaks: Set<String> = [",", ";", "|", "and", "but", "while", "whereas", "or", "(", ")", ":", ".", "!", "?"]
    var clauses: [[FactToken]] = [[]]
    for token in FactTokens.all(in: text) {
      if breaks.contains(token.folded) { clauses.append([]) } else { clauses[clauses.count - 1].append(token) }
    }
    return clauses
  }
}

/// Pairs of words of which one turns what the other says.
enum Opposites {
  private static let pairs: [(String, String)] = [
    ("before", "after"), ("more", "less"), ("more", "fewer"), ("above", "below"), ("over", "under"), ("least", "most"),
    ("minimum", "maximum"), ("increase", "decrease"), ("increased", "decreased"), ("increases", "decreases"),
    ("rose", "fell"), ("rises", "falls"), ("higher", "lower"), ("highest", "lowest"), ("first", "last"),
    ("allowed", "prohibited"), ("allowed", "forbidden"), ("permitted", "prohibited"), ("include", "exclude"),
    ("includes", "excludes"), ("included", "excluded"), ("always", "never"), ("mandatory", "optional"),
    ("required", "optional"), ("paid", "unpaid"), ("internal", "external"), ("employer", "employee"),
    ("buyer", "seller"), ("may", "must"), ("accept", "reject"), ("accepted", "rejected"), ("approved", "rejected"),
    ("open", "closed"), ("opens", "closes"), ("start", "end"), ("starts", "ends"), ("begins", "ends"), ("gain", "loss"),
    ("profit", "loss"), ("win", "lose"), ("won", "lost"), ("north", "south"), ("east", "west"), ("left", "right"),
    ("public", "private"), ("enabled", "disabled"), ("enable", "disable"), ("earlier", "later"),
  ]

  static func meet(_ said: Set<String>, _ held: Set<String>) -> Bool {
    pairs.contains { left, right in
      said.contains(left) && !held.contains(left) && held.contains(right) && !said.contains(right)
        || said.contains(right) && !held.contains(right) && held.contains(left) && !said.contains(left)
    }
  }
}

extension String {
  func trimmingSuffix(_ isTrimmed: (Character) -> Bool) -> String {
    var text = self
    while let last = text.last, isTrimmed(last) { text.removeLast() }
    return text
  }
}
