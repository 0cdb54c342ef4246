// What a question asks for, read off its words: the terms that an answer should hold, the kind of thing expected, and
// the names and numbers that must be there if it is to be answered at all.
import Text

struct QuestionTerms {
  /// Stems of the words that carry meaning, each once, in their order.
  let stems: [String]
  let kind: AskedKind
  /// Asks about a subject as a whole ('What is the remote work policy?') and not for one fact.
  let isBroad: Bool
  /// Stems of what is asked for: 'vacation days' in 'how many vacation days', 'insurer' in 'which insurer'.
  let targets: Set<String>
  /// What must be held as it is: names, codes, numbers and years, in small letters.
  let anchors: Set<String>
  /// Every word of the question, folded: saying it again answers nothing.
  let known: Set<String>
  let facts: TextFacts
  /// The question word by word, with the stems of those that carry meaning; without what stands before a colon.
  let words: [(text: String, stem: String?)]
  /// Stems of what stands before a colon: 'Brackwater agreement' in 'Brackwater agreement: which law governs?'. It says
  /// what is asked about, and the rest asks.
  let label: Set<String>
  /// The terms as they were written, with their stems.
  let spelled: [(word: String, stem: String)]

  init(_ question: String, tokenizer: WordTokenizer) {
    let words = tokenizer.words(in: question)
    var seen: Set<String> = []
    stems = words.filter { !StopWords.long.contains($0.folded) && $0.kind != .whole }
      .map(\.stem).filter { seen.insert($0).inserted }
    let scalars = Array(question.unicodeScalars)
    spelled = words.filter { $0.kind != .whole && !StopWords.long.contains($0.folded) }.map { word in
      (String(String.UnicodeScalarView(scalars[word.scalarRange])), word.stem)
    }
    let tokens = FactTokens.all(in: question)
    let asking = QuestionTerms.asking(question)
    let askingWords = words.filter { $0.scalarRange.lowerBound >= asking }
    let folded = askingWords.map(\.folded)
    label = Set(words.filter { $0.scalarRange.lowerBound < asking }.map(\.stem)).intersection(stems)
    facts = TextFacts(question)
    var stemmer = Stemmer(.english)
    self.words = tokens.filter { $0.start >= asking }.map { token in
      let carries = (token.isWord || token.isNumber) && !StopWords.long.contains(token.folded)
      return (token.text, carries ? stemmer.stem(token.folded) : nil)
    }
    known = Set(words.map(\.folded)).union(tokens.map(\.folded))
    targets = QuestionTerms.targets(askingWords)
    anchors = QuestionTerms.anchors(tokens, facts)
    let asked = AskedKind(folded)
    let isDefinition =
      asked == .anything && stems.count <= 3 && folded.count <= 7
      && ["is", "are", "does"].contains(folded.dropFirst().first ?? "") && folded.first == "what"
    kind = isDefinition ? .definition : asked
    let broadSubjects: Set<String> = [
      "polici", "process", "procedur", "rule", "requir", "benefit", "guidelin", "step", "term", "offer", "includ",
      "provid", "need", "support", "plan", "option",
    ]
    isBroad = asked == .anything && (stems.count <= 2 || stems.contains { broadSubjects.contains($0) })
  }

  /// Where the question begins: behind a colon that a question follows, else at the start. In Unicode scalars.
  private static func asking(_ question: String) -> Int {
    let scalars = Array(question.unicodeScalars)
    let openings: Set = [
      "what", "which", "who", "whom", "whose", "when", "where", "why", "how", "is", "are", "was", "were", "do", "does",
      "did", "can", "could", "may", "must", "should", "will", "would", "has", "have",
    ]
    for (index, scalar) in scalars.enumerated() where scalar == ":" && index > 0 {
      let rest = String(String.UnicodeScalarView(scalars[(index + 1)...]))
      guard rest.first?.isWhitespace == true else { continue }
      let words = rest.split { !$0.isLetter && $0 != "'" && $0 != "’" }
      if words.count >= 3, let first = words.first, openings.contains(first.lowercased()) { return index + 1 }
    }
    return 0
  }

  /// The words between the question word and the verb.
  private static func targets(_ words: [WordTokenizer.Word]) -> Set<String> {
    guard
      let at = words.indices.first(where: { index in
        let next = index + 1 < words.count ? words[index + 1].folded : ""
        return ["what", "which"].contains(words[index].folded)
          || (words[index].folded == "how" && ["many", "much"].contains(next))
      })
    else { return [] }
    var found: Set<String> = []
    var index = words[at].folded == "how" ? at + 2 : at + 1
    let passed: Set = ["kind", "type", "sort", "of", "the", "a", "an", "other", "number", "amount", "name"]
    while index < words.count, found.count < 3 {
      let word = words[index]
      if !passed.contains(word.folded) {
        if StopWords.long.contains(word.folded) { break }
        found.insert(word.stem)
      }
      index += 1
    }
    return found
  }

  private static func anchors(_ tokens: [FactToken], _ facts: TextFacts) -> Set<String> {
    var anchors = Set(
      facts.names.map { name in
        let lower = name.lowercased().replacing("\u{2019}s", with: "")
        return lower.hasSuffix("'s") ? String(lower.dropLast(2)) : lower
      })
    for token in tokens where token.isNumber { anchors.insert(token.folded) }
    return anchors
  }

  /// The share of the question's terms, or of some of them, that the stems hold, weighed by how rare each term is.
  func coverage(by held: Set<String>, of some: [String]? = nil, weight: (String) -> Double) -> Double {
    var total = 0.0
    var found = 0.0
    for stem in some ?? stems {
      let value = weight(stem)
      total += value
      if held.contains(stem) { found += value }
    }
    return total > 0 ? found / total : 0
  }

  /// The rarest term that is not held, as a share of the rarest of all.
  func rarestMissing(_ held: Set<String>, weight: (String) -> Double) -> Double {
    let most = stems.map(weight).max() ?? 0
    guard most > 0 else { return 0 }
    return (stems.filter { !held.contains($0) }.map(weight).max() ?? 0) / most
  }
}
