// A text cut into words, numbers and signs, each with its place: what facts are read from.
// Invariants: tokens rise and do not overlap; offsets count Unicode scalars of the text; linear time.

struct FactToken: Equatable {
  enum Kind: Equatable {
    case word
    /// Its value where it is a plain number; a version such as 2.1.0 has none.
    case number(Double?)
    case sign
  }

  let kind: Kind
  /// As it stands there.
  let text: String
  /// In lower case, without a possessive ending.
  let folded: String
  let start: Int
  let end: Int
  /// Nothing stands between it and the token before.
  let isGlued: Bool

  var isWord: Bool { kind == .word }
  var value: Double? { if case .number(let value) = kind { value } else { nil } }
  var isNumber: Bool { if case .number = kind { true } else { false } }
  var isCapitalized: Bool { text.unicodeScalars.first.map { $0.properties.isUppercase } ?? false }
}

enum FactTokens {
  static func all(in text: String) -> [FactToken] {
    let scalars = Array(text.unicodeScalars)
    var tokens: [FactToken] = []
    var at = 0
    while at < scalars.count {
      let scalar = scalars[at]
      if isSpace(scalar) {
        at += 1
        continue
      }
      let start = at
      var kind = FactToken.Kind.sign
      if isDigit(scalar) {
        at = numberEnd(scalars, at)
        kind = .number(NumberWriting.value(of: scalars[start..<at]))
      } else if isLetter(scalar) {
        at = wordEnd(scalars, at)
        kind = .word
      } else {
        at += 1
      }
      let shown = string(scalars[start..<at])
      tokens.append(
        FactToken(
          kind: kind, text: shown, folded: kind == .word ? folded(shown) : shown, start: start, end: at,
          isGlued: tokens.last?.end == start))
    }
    return tokens
  }

  private static func wordEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int {
    var at = start
    while at < scalars.count {
      let isApostrophe = scalars[at] == "'" || scalars[at] == "\u{2019}"
      guard isLetter(scalars[at]) || (isApostrophe && at + 1 < scalars.count && isLetter(scalars[at + 1])) else {
        break
      }
      at += 1
    }
    return at
  }

  private static func numberEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int {
    var at = start
    while at < scalars.count {
      let isMark = scalars[at] == "." || scalars[at] == ","
      guard isDigit(scalars[at]) || (isMark && at + 1 < scalars.count && isDigit(scalars[at + 1])) else { break }
      at += 1
    }
    return at
  }

  private static func folded(_ word: String) -> String {
    var lower = word.lowercased().replacing("\u{2019}", with: "'")
    if lower.hasSuffix("'s") { lower.removeLast(2) }
    return lower
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    String(String.UnicodeScalarView(scalars))
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x30 && scalar.value <= 0x39 }

  static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x80 {
      return (scalar.value | 0x20) >= 0x61 && (scalar.value | 0x20) <= 0x7A
    }
    return scalar.properties.isAlphabetic
  }

  static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x80 ? scalar.value == 0x20 || (9...13).contains(scalar.value) : scalar.properties.isWhitespace
  }
}

/// Numbers as they are written in English and on the continent.
enum NumberWriting {
  static func value(of digits: ArraySlice<Unicode.Scalar>) -> Double? {
    let commas = digits.count { $0 == "," }
    let points = digits.count { $0 == "." }
    var decimal: Unicode.Scalar?
    if commas > 0 && points > 0 {
      decimal = digits.last { $0 == "," || $0 == "." }
      if (decimal == "," ? commas : points) > 1 { return nil }
    } else if points == 1 {
      decimal = "."
    } else if points > 1 {
      // 1.299.000, but not 2.1.0.
      guard hasGroupsOfThree(digits, mark: ".") else { return nil }
    } else if commas > 0, !hasGroupsOfThree(digits, mark: ",") {
      guard commas == 1 else { return nil }
      decimal = ","
    }
    var plain = ""
    for scalar in digits {
      if scalar == decimal {
        plain.append(".")
      } else if scalar != "," && scalar != "." {
        plain.unicodeScalars.append(scalar)
      }
    }
    return Double(plain)
  }

  private static func hasGroupsOfThree(_ digits: ArraySlice<Unicode.Scalar>, mark: Unicode.Scalar) -> Bool {
    let groups = digits.split(separator: mark, omittingEmptySubsequences: false)
    guard let first = groups.first, (1...3).contains(first.count) else { return false }
    // Indian grouping has pairs before the last three.
    return groups.dropFirst().dropLast().allSatisfy { $0.count == 3 || $0.count == 2 } && groups.last?.count == 3
  }

  private static let small: [String: Double] = [
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "dozen": 12,
  ]
  private static let tens: [String: Double] = [
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
  ]
  static let magnitudes: [String: Double] = [
    "hundred": 100, "thousand": 1_000, "million": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9, "mn": 1e6,
    "lakh": 1e5, "crore": 1e7,
  ]

  /// A number in words that begins at a place; how many tokens it takes. 'one' is one only before a unit, which the
  /// caller knows.
  static func words(_ tokens: ArraySlice<FactToken>) -> (value: Double, count: Int)? {
    guard let first = tokens.first, first.isWord else { return nil }
    var value: Double
    var used = 1
    if let digit = small[first.folded] {
      value = digit
    } else if let ten = tens[first.folded] {
      value = ten
      var next = tokens.startIndex + 1
      if next < tokens.endIndex, tokens[next].text == "-" { next += 1 }
      if next < tokens.endIndex, let unit = small[tokens[next].folded] ?? one(tokens[next]), unit > 0, unit < 10 {
        value += unit
        used = next - tokens.startIndex + 1
      }
    } else if first.folded == "a" || first.folded == "one",
      tokens.count > 1, let magnitude = magnitudes[tokens[tokens.startIndex + 1].folded]
    {
      return (magnitude, 2)
    } else {
      return nil
    }
    if used < tokens.count, let magnitude = magnitudes[tokens[tokens.startIndex + used].folded] {
      value *= magnitude
      used += 1
    }
    return (value, used)
  }

  private static func one(_ token: FactToken) -> Double? { token.folded == "one" ? 1 : nil }
}
