// The kind of thing that a question asks for, read off its words, and how well a text holds one.
// Must not: know the words of any one set of questions.
import Text

enum AskedKind: Equatable {
  case number
  case percent
  case amount
  case duration
  case time
  case person
  case place
  /// 'What is a subnet?'
  case definition
  case reason
  case manner
  case anything

  init(_ words: [String]) {
    self = .anything
    for (index, word) in words.enumerated() {
      let next = index + 1 < words.count ? words[index + 1] : ""
      if let kind = AskedKind.kind(word, next, isFirst: index == 0, in: words) {
        self = kind
        return
      }
    }
  }

  private static func kind(_ word: String, _ next: String, isFirst: Bool, in words: [String]) -> AskedKind? {
    let money: Set = [
      "cost", "costs", "price", "fee", "pay", "paid", "salary", "budget", "spend", "spent", "money", "charge",
      "revenue",
      "worth", "deposit", "fine", "allowance", "amount", "rent", "premium", "tax", "taxes",
    ]
    switch (word, next) {
    case ("how", "many"): return words.dropFirst().contains("percent") ? .percent : .number
    case ("how", "much"): return words.contains(where: money.contains) ? .amount : .number
    case ("how", "long"), ("how", "soon"), ("how", "quickly"), ("how", "often"), ("how", "frequently"): return .duration
    case ("how", "old"), ("how", "fast"), ("how", "far"), ("how", "large"), ("how", "big"), ("how", "high"),
      ("how", "heavy"), ("how", "tall"), ("how", "deep"), ("how", "wide"):
      return .number
    case ("what", "percentage"), ("what", "percent"), ("what", "share"), ("what", "proportion"),
      ("which", "percentage"):
      return .percent
    case ("when", _), ("what", "year"), ("what", "date"), ("what", "day"), ("what", "time"), ("which", "year"),
      ("what", "month"), ("which", "day"), ("which", "month"), ("what", "century"), ("what", "decade"):
      return isFirst || word != "when" || !words.contains(where: { ["what", "which", "who", "how"].contains($0) })
        ? .time : nil
    case ("who", _), ("whom", _), ("whose", _): return .person
    case ("where", _), ("what", "city"), ("what", "country"), ("which", "city"), ("which", "country"), ("what", "town"),
      ("what", "place"), ("which", "state"), ("what", "location"):
      return .place
    case ("why", _): return .reason
    case ("how", "do"), ("how", "can"), ("how", "to"), ("how", "should"), ("how", "does"), ("how", "is"),
      ("how", "are"),
      ("how", "did"):
      return .manner
    case ("what", "number"): return .number
    case ("price", _), ("cost", _), ("costs", _): return isFirst || words.first == "what" ? .amount : nil
    case ("fee", _), ("revenue", _), ("salary", _), ("deposit", _), ("rent", _), ("premium", _), ("budget", _):
      // 'What was the revenue in 2020?', not 'What is the fee for?'.
      return words.first == "what" && ["is", "was", "are", "were"].contains(words.dropFirst().first) && next != "for"
        ? .amount : nil
    default: return nil
    }
  }

  /// From 0, nothing of the kind, to 1. `nouns`: stems of what is counted. `known`: what the question itself says.
  func fit(_ facts: TextFacts, words: [FactToken], nouns: Set<String>, known: Set<String>) -> Double {
    let fresh = facts.quantities.filter { !isKnown($0, words, known) }
    switch self {
    case .anything, .definition, .manner: return 1
    case .number:
      guard !fresh.isEmpty || !facts.dates.isEmpty else { return 0 }
      if fresh.isEmpty { return 0.2 }
      return nouns.isEmpty || fresh.contains { isBeside($0, nouns, words) } ? 1 : 0.6
    case .percent: return fresh.contains { $0.dimension == .percent } ? 1 : fresh.isEmpty ? 0 : 0.3
    case .amount:
      let isMoney = fresh.contains { if case .money = $0.dimension { true } else { false } }
      if isMoney { return 1 }
      return fresh.contains { $0.dimension == .percent } ? 0.6 : fresh.isEmpty ? 0 : 0.4
    case .duration:
      if fresh.contains(where: { $0.dimension == .time }) { return 1 }
      let often: Set = [
        "daily", "weekly", "monthly", "quarterly", "annually", "yearly", "twice", "once", "immediately", "every",
        "each",
        "until", "permanently", "indefinitely", "regularly", "forever", "since",
      ]
      return words.contains { often.contains($0.folded) } ? 0.8 : fresh.isEmpty && facts.dates.isEmpty ? 0 : 0.3
    case .time:
      if facts.dates.contains(where: { date in !(date.year.map { known.contains("\($0)") } ?? false) }) { return 1 }
      let whens: Set = [
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "morning", "noon", "midnight",
        "evening", "daily", "weekly", "monthly", "quarterly", "annually", "century", "am", "pm", "today", "annual",
        "spring", "summer", "autumn", "winter", "upon", "after", "before", "during", "within", "once", "until", "when",
      ]
      if words.contains(where: { whens.contains($0.folded) && !known.contains($0.folded) }) { return 0.6 }
      return fresh.contains { $0.dimension == .time } ? 0.7 : fresh.isEmpty ? 0 : 0.3
    case .person:
      let new = facts.names.filter { !known.contains($0.lowercased()) }
      if new.count >= 2 { return 1 }
      let roles: Set = [
        "manager", "director", "team", "officer", "head", "employee", "employees", "president", "committee",
        "department",
        "staff", "supervisor", "company", "customer", "owner", "king", "queen", "people", "party", "provider",
      ]
      if words.contains(where: { roles.contains($0.folded) && !known.contains($0.folded) }) { return 0.7 }
      return new.isEmpty ? 0 : 0.7
    case .place:
      let new = facts.names.filter { !known.contains($0.lowercased()) }
      let places: Set = ["in", "at", "near", "from", "on", "under", "inside", "between", "to", "outside"]
      return new.isEmpty ? (words.contains { places.contains($0.folded) } ? 0.5 : 0) : 1
    case .reason:
      let because: Set = [
        "because", "due", "since", "reason", "reasons", "therefore", "caused", "cause", "so", "result", "order",
        "ensure",
        "prevent", "avoid", "allow", "allows", "as", "to",
      ]
      let strong: Set = ["because", "due", "reason", "reasons", "therefore", "caused", "ensure", "prevent"]
      if words.contains(where: { strong.contains($0.folded) }) { return 1 }
      return words.contains { because.contains($0.folded) } ? 0.5 : 0.2
    }
  }

  /// The number is one that the question brings along.
  private func isKnown(_ quantity: Quantity, _ words: [FactToken], _ known: Set<String>) -> Bool {
    words.contains { $0.isNumber && quantity.range.contains($0.start) && known.contains($0.folded) }
  }

  /// What is counted stands within a few words of the number.
  private func isBeside(_ quantity: Quantity, _ nouns: Set<String>, _ words: [FactToken]) -> Bool {
    guard let at = words.firstIndex(where: { $0.start >= quantity.range.lowerBound }) else { return false }
    var stemmer = Stemmer(.english)
    return words[max(0, at - 4)..<min(words.count, at + 6)].contains { nouns.contains(stemmer.stem($0.folded)) }
  }
}
