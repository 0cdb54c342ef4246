// What a question asks for, read off its words: the terms that an answer should hold, and the kind of thing expected.
import Text

struct QuestionTerms {
  enum Expected {
    case number
    case time
    case person
    case amount
    case anything
  }

  /// Stems of the words that carry meaning, each once, in their order.
  let stems: [String]
  let expected: Expected
  /// Asks about a subject as a whole ('What is the remote work policy?') and not for one fact.
  let isBroad: Bool

  init(_ question: String, tokenizer: WordTokenizer) {
    let words = tokenizer.words(in: question)
    var seen: Set<String> = []
    stems = words.filter { !StopWords.long.contains($0.folded) && $0.kind != .whole }
      .map(\.stem).filter { seen.insert($0).inserted }
    let folded = words.map(\.folded)
    expected = QuestionTerms.expectation(folded)
    let broadSubjects: Set<String> = [
      "polici", "process", "procedur", "rule", "requir", "benefit", "guidelin", "step", "term", "offer", "includ",
      "provid", "need", "support", "plan", "option",
    ]
    isBroad = expected == .anything && (stems.count <= 2 || stems.contains { broadSubjects.contains($0) })
  }

  private static func expectation(_ words: [String]) -> Expected {
    for (index, word) in words.enumerated() {
      let next = index + 1 < words.count ? words[index + 1] : ""
      switch (word, next) {
      case ("how", "many"), ("how", "long"), ("how", "often"), ("how", "old"), ("how", "fast"), ("how", "far"),
        ("how", "large"), ("how", "big"), ("how", "high"), ("how", "heavy"), ("what", "percentage"), ("what", "share"):
        return .number
      case ("how", "much"), ("what", "price"): return .amount
      case ("when", _), ("what", "year"), ("what", "date"), ("what", "day"), ("what", "time"), ("which", "year"):
        return .time
      case ("who", _), ("whom", _), ("whose", _): return .person
      case ("cost", _), ("costs", _), ("price", _): return .amount
      default: continue
      }
    }
    return .anything
  }

  /// The share of the question's terms that the stems hold, weighed by how rare each term is.
  func coverage(by held: Set<String>, weight: (String) -> Double) -> Double {
    var total = 0.0
    var found = 0.0
    for stem in stems {
      let value = weight(stem)
      total += value
      if held.contains(stem) { found += value }
    }
    return total > 0 ? found / total : 0
  }

  /// Whether a text holds the kind of thing that was asked for.
  func isAnswered(by text: String) -> Bool {
    switch expected {
    case .anything: return true
    case .number, .time:
      return text.utf8.contains { $0 >= 0x30 && $0 <= 0x39 } || QuestionTerms.holdsNumberWord(text)
    case .amount: return text.utf8.contains { $0 >= 0x30 && $0 <= 0x39 }
    case .person: return QuestionTerms.holdsName(text)
    }
  }

  private static let numberWords: Set<String> = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "fifteen",
    "twenty", "thirty", "hundred", "thousand", "once", "twice", "daily", "weekly", "monthly", "quarterly", "annually",
    "yearly", "immediately", "half", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december", "never", "always",
  ]

  private static func holdsNumberWord(_ text: String) -> Bool {
    text.lowercased().split { !$0.isLetter }.contains { numberWords.contains(String($0)) }
  }

  /// A capital letter inside a sentence, not at its beginning.
  private static func holdsName(_ text: String) -> Bool {
    text.split(separator: " ").dropFirst().contains { $0.first?.isUppercase == true }
  }
}
