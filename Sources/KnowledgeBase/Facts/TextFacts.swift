// What a text states that can be checked without understanding it: numbers with their units, dates, names, and what it
// denies. Two texts that say the same agree in all four, whatever words they use.
// Must not: guess. What is not clearly a fact is none.
import Text

struct TextFacts {
  private(set) var quantities: [Quantity] = []
  private(set) var dates: [DateFact] = []
  /// Names as they stand there, each once.
  private(set) var names: [String] = []
  /// Stems of content words that stand under a negation.
  private(set) var denied: Set<String> = []
  /// Of those, the first behind each negation.
  private(set) var deniedFirst: Set<String> = []
  private(set) var hasNegation = false
  /// Stems of the words that carry meaning.
  private(set) var stems: Set<String> = []

  init(_ text: String) {
    let tokens = FactTokens.all(in: text)
    readNumbers(tokens)
    readNames(tokens)
    readWords(tokens)
  }

  // MARK: Numbers and dates

  private mutating func readNumbers(_ tokens: [FactToken]) {
    var at = 0
    while at < tokens.count {
      let rest = tokens[at...]
      if let (date, count) = DateFact.read(rest), !isMeasured(tokens, from: at, to: at + count, date) {
        dates.append(date)
        at += count
        continue
      }
      if let (quantity, count) = quantity(tokens, at) {
        quantities.append(quantity)
        at += count
        continue
      }
      at += 1
    }
  }

  /// '1500 km' and '$2000' are no years.
  private func isMeasured(_ tokens: [FactToken], from start: Int, to end: Int, _ date: DateFact) -> Bool {
    guard date.month == nil else { return false }
    if start > 0, Units.currency(sign: tokens[start - 1].text) != nil { return true }
    guard end < tokens.count else { return false }
    if tokens[end].text == "%" { return true }
    return Units.unit(tokens[end]) != nil || NumberWriting.magnitudes[tokens[end].folded] != nil
  }

  private func quantity(_ tokens: [FactToken], _ at: Int) -> (Quantity, count: Int)? {
    let first = tokens[at]
    var value: Double
    var next: Int
    if first.isNumber {
      guard let number = first.value else { return nil }
      // The second half of a word such as 'SKU4471' or 'B-12' names a thing and counts nothing.
      if first.isGlued, at > 0, tokens[at - 1].isWord, tokens[at - 1].text.count > 1 { return nil }
      value = number
      next = at + 1
      if next < tokens.count, let magnitude = NumberWriting.magnitudes[tokens[next].folded] {
        value *= magnitude
        next += 1
      } else if next < tokens.count, tokens[next].isGlued, ["k", "K", "M", "B"].contains(tokens[next].text) {
        value *= ["k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9][tokens[next].text] ?? 1
        next += 1
      }
    } else if let words = NumberWriting.words(tokens[at...]) {
      (value, next) = (words.value, at + words.count)
      // 'twelve (12)' says it once.
      if next + 1 < tokens.count, tokens[next].text == "(", tokens[next + 1].value == value {
        next += next + 2 < tokens.count && tokens[next + 2].text == ")" ? 3 : 2
      }
    } else if first.folded == "one", at + 1 < tokens.count, Units.unit(tokens[at + 1], isNext: false) != nil {
      (value, next) = (1, at + 1)
    } else {
      return nil
    }
    if at > 0, let currency = currency(before: tokens, at) {
      return (made(.money(currency), value, 1, tokens, at - 1, next), next - at)
    }
    if next < tokens.count, tokens[next].text == "%" {
      return (made(.percent, value, 1, tokens, at, next + 1), next + 1 - at)
    }
    if next + 1 < tokens.count, tokens[next].folded == "per", tokens[next + 1].folded == "cent" {
      return (made(.percent, value, 1, tokens, at, next + 2), next + 2 - at)
    }
    if next < tokens.count, tokens[next].text == "°", next + 1 < tokens.count {
      let isFahrenheit = tokens[next + 1].text == "F"
      let celsius = isFahrenheit ? (value - 32) / 1.8 : value
      return (made(.temperature, celsius, isFahrenheit ? 1.8 : 1, tokens, at, next + 2), next + 2 - at)
    }
    // A few words may stand before the unit: '15 paid vacation days', '5 (five) business days', 'a 30-day notice'.
    var ahead = next
    var words = 0
    while ahead < tokens.count, words <= 3 {
      let token = tokens[ahead]
      if let unit = Units.unit(token, isNext: ahead == next) {
        return (made(unit.dimension, value * unit.factor, unit.factor, tokens, at, ahead + 1), next - at)
      }
      if token.isWord {
        if StopWords.long.contains(token.folded) { break }
        words += 1
      } else if token.text != "-" && token.text != "‑" {
        break
      }
      ahead += 1
    }
    return (made(.plain, value, 1, tokens, at, next), next - at)
  }

  private func currency(before tokens: [FactToken], _ at: Int) -> String? {
    Units.currency(sign: tokens[at - 1].text) ?? Units.currency(code: tokens[at - 1].text)
  }

  private func made(
    _ dimension: Quantity.Dimension, _ value: Double, _ factor: Double, _ tokens: [FactToken], _ from: Int, _ to: Int
  ) -> Quantity {
    Quantity(
      dimension: dimension, value: value, factor: factor,
      range: tokens[from].start..<tokens[min(to, tokens.count) - 1].end)
  }

  // MARK: Names

  private mutating func readNames(_ tokens: [FactToken]) {
    var seen: Set<String> = []
    for (index, token) in tokens.enumerated() where token.isWord {
      let isCode = index + 1 < tokens.count && tokens[index + 1].isNumber && tokens[index + 1].isGlued
      guard token.isCapitalized || isCode else { continue }
      if DateFact.months[token.folded] != nil || StopWords.long.contains(token.folded) { continue }
      let hasInnerCapital = token.text.dropFirst().contains { $0.isUppercase }
      let opens = index == 0 || [".", "!", "?", ":", "•", "|", "\""].contains(tokens[index - 1].text)
      // The first word of a sentence is written large whatever it is.
      if opens && !hasInnerCapital && !isCode {
        guard index + 1 < tokens.count, tokens[index + 1].isWord, tokens[index + 1].isCapitalized else { continue }
      }
      if seen.insert(token.folded).inserted { names.append(token.text) }
    }
  }

  // MARK: Words and what denies them

  private static let negators: Set<String> = [
    "not", "no", "never", "cannot", "without", "neither", "nor", "none", "nobody", "nothing", "except", "unless",
    "excluding", "excluded", "prohibited", "forbidden", "denied", "lacks", "fails", "failed", "refuses", "refused",
    "isn't", "aren't", "wasn't", "weren't", "don't", "doesn't", "didn't", "hasn't", "haven't", "hadn't", "can't",
    "couldn't", "won't", "wouldn't", "shouldn't", "mustn't", "needn't", "hardly", "rarely", "seldom",
  ]
  /// How many content words behind a negation stand under it.
  private static let reach = 4

  private mutating func readWords(_ tokens: [FactToken]) {
    var stemmer = Stemmer(.english)
    var left = 0
    for token in tokens {
      guard token.isWord || token.isNumber else {
        // What follows the comma is said anew.
        if token.text == "," || token.text == ";" || token.text == "." || token.text == ":" { left = 0 }
        continue
      }
      if TextFacts.negators.contains(token.folded) {
        hasNegation = true
        left = TextFacts.reach
        continue
      }
      if token.folded == "but" { left = 0 }
      guard token.isWord, !StopWords.long.contains(token.folded) else { continue }
      let stem = stemmer.stem(token.folded)
      stems.insert(stem)
      if left > 0 {
        denied.insert(stem)
        if left == TextFacts.reach { deniedFirst.insert(stem) }
        left -= 1
      }
    }
  }
}
