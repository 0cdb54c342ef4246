// What shared words hide: a clause of which the source knows nothing, names that change places, a share or an order
// that is another, digits of another script, an address that no scheme gives away.
// Must not: forgive for the sake of style. A sentence that fails here is said in the source's own words, which costs
// little.
import Text

extension SupportJudge {
  /// Words by which a model refers to its sources; they state nothing.
  private static let tellingStems: Set<String> = {
    var stemmer = Stemmer(.english)
    let words = [
      "according", "document", "passage", "source", "policy", "text", "handbook", "section", "says", "states",
      "mentions", "page",
    ]
    return Set(words.map { stemmer.stem($0) })
  }()
  private static let clauseBreaks: Set<String> = [
    ",", ";", ":", "(", ")", "-", "–", "—", "and", "but", "or", "plus", "with", "including", "while", "whereas",
    "which", "because", "so", "although", "unless", "until", "when", "if", "without",
  ]
  /// So many words in a row that the source does not have are a statement of their own.
  private static let strangersMax = 2

  /// 'Staff get 15 days and free lunches': most of the words are carried, a clause is not.
  func hasInventedClause(_ claim: Claim, held: Set<String>) -> Bool {
    var stemmer = Stemmer(.english)
    var known = 0
    var strangers = 0
    var row = 0
    for token in FactTokens.all(in: claim.text) {
      if Self.clauseBreaks.contains(token.folded) {
        if strangers > 0, known == 0 { return true }
        (known, strangers, row) = (0, 0, 0)
        continue
      }
      if token.isNumber { known += 1 }
      guard token.isWord, !StopWords.long.contains(token.folded) else { continue }
      let stem = stemmer.stem(token.folded)
      if Self.tellingStems.contains(stem) { continue }
      if held.contains(stem) {
        known += 1
        row = 0
      } else {
        strangers += 1
        row += 1
        if row > Self.strangersMax { return true }
      }
    }
    return strangers > 0 && known == 0
  }

  /// 'Half' for 'two thirds', 'all staff' for 'full-time staff', 'the second' for 'the first'.
  func amountWordsAgree(_ claim: Claim, held: Set<String>) -> Bool {
    claim.words.allSatisfy { word in
      guard let alike = AmountWords.alike[word] else { return true }
      return !alike.isDisjoint(with: held)
    }
  }

  /// Superscripts, fractions, digits of other scripts: what counts and is no plain digit must stand there as it is.
  func foreignDigitsStand(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let foreign = claim.text.unicodeScalars.filter { $0.value > 0x7F && $0.properties.numericType != nil }
    return foreign.allSatisfy { evidence.text.unicodeScalars.contains($0) }
  }

  /// 'shop.example', 'someone@shop.example': addresses without a scheme, as the source has them or not at all.
  func bareAddressesStand(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let source = evidence.text.lowercased()
    return claim.text.lowercased().split(whereSeparator: \.isWhitespace).allSatisfy { word in
      let core = String(word).trimmingSuffix { !$0.isLetter && !$0.isNumber }.drop { !$0.isLetter && !$0.isNumber }
      guard SupportJudge.isAddress(core), !source.contains(String(core)) else { return true }
      // The file's own name.
      return core.split { !$0.isLetter && !$0.isNumber }.allSatisfy { evidence.context.words.contains(String($0)) }
    }
  }

  private static func isAddress(_ word: Substring) -> Bool {
    if word.contains("@") || word.contains("://") || word.contains("\\") { return true }
    let host = word.prefix { $0 != "/" && $0 != ":" && $0 != "?" }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, last.count >= 2, last.allSatisfy(\.isLetter) else { return false }
    return labels.allSatisfy { $0.count >= 2 && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" } }
  }

  /// Who does what to whom: names in the source's order, and each with what is said of it there.
  func namesKeepTheirPlaces(_ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let names = claim.facts.names.map { $0.lowercased() }.filter(evidence.words.contains)
    guard names.count > 1 || evidence.facts.names.count > 1 else { return true }
    let said = FactTokens.all(in: claim.text).map(\.folded)
    let there = FactTokens.all(in: evidence.text).map(\.folded)
    if said.contains("by") == there.contains("by") {
      let order = names.compactMap { name in
        there.count { $0 == name } == 1 ? there.firstIndex(of: name) : nil
      }
      if order != order.sorted() { return false }
    }
    return !isSaidOfAnother(names, claim, evidence)
  }

  /// A clause about one name says what the source says of another.
  private func isSaidOfAnother(_ names: [String], _ claim: Claim, _ evidence: GateEvidence) -> Bool {
    let clauses = Clauses.words(in: evidence.text)
    let others = Set(evidence.facts.names.map { $0.lowercased() }).subtracting(names)
    let all = Set(names).union(others)
    for clause in Clauses.words(in: claim.text) {
      let own = clause.intersection(names)
      guard !own.isEmpty else { continue }
      let about = clause.subtracting(all)
      let ofOwn = clauses.filter { !$0.isDisjoint(with: own) }.reduce(into: Set<String>()) { $0.formUnion($1) }
      for rival in clauses where !rival.isDisjoint(with: all) && rival.isDisjoint(with: own) {
        let speaksForRival = about.intersection(rival.subtracting(ofOwn)).count
        let speaksForOwn = about.intersection(ofOwn.subtracting(rival)).count
        if speaksForRival > speaksForOwn { return true }
      }
    }
    return false
  }
}

/// Words that say how much, how often or the how-many-eth, each with those that say the same.
enum AmountWords {
  static let alike: [String: Set<String>] = {
    let groups = [
      "half halves halved 50", "third thirds 3rd", "quarter quarters quarterly fourth fourths 25 4th",
      "fifth fifths 5th",
      "dozen dozens 12 twelve", "double doubled doubles twice two 2", "triple tripled thrice three 3",
      "first 1st initial initially", "second 2nd", "sixth 6th", "seventh 7th", "eighth 8th", "ninth 9th", "tenth 10th",
      "all every each any everybody everyone everything whole entire", "only solely exclusively just",
      "always every each all any", "most majority mostly", "few", "several some many", "once one 1",
      "daily day", "weekly week", "monthly month", "yearly annually annual year", "hourly hour",
      "guaranteed guarantees guarantee", "unlimited limitless",
    ]
    var alike: [String: Set<String>] = [:]
    for group in groups {
      let words = Set(group.split(separator: " ").map(String.init))
      for word in words where !(word.first?.isNumber ?? false) && word.count > 2 {
        alike[word, default: []].formUnion(words)
      }
    }
    // Words of these groups that also mean something else.
    let plain = [
      "two", "three", "twelve", "one", "some", "many", "any", "each", "just", "day", "week", "month", "year", "hour",
      "second", "whole", "quarter", "quarters", "several", "initial", "initially", "annual", "everything",
    ]
    for word in plain { alike[word] = nil }
    return alike
  }()
}
