// A spreadsheet's number format, and numbers as it shows them: 0.00, #,##0, 0%, dates and times.
// ECMA-376 part 1, 18.8.30 and 18.8.31. Built-in formats that follow the user's country are shown in ISO order, since
// the file does not say whose they are.
// Must not: guess a currency or a language; names of months and days are English.

struct NumberFormat {
  private let sections: [String]
  private let isDate: Bool

  static let builtIn: [Int: String] = [
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy-mm-dd",
    15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "0.0E+0", 49: "@",
  ]

  init(_ code: String) {
    sections = Self.split(code)
    isDate = NumberPattern.tokens(sections.first ?? "").contains { if case .date = $0 { true } else { false } }
  }

  func text(_ number: Double, countsFrom1904: Bool = false) -> String {
    guard number.isFinite else { return "" }
    if isDate {
      let shift = countsFrom1904 ? 1_462.0 : 0
      guard number >= 0, number + shift < 2_958_466 else { return DecimalText(number).general }
      return DatePattern.text(number + shift, NumberPattern.tokens(sections[0]))
    }
    let section = number < 0 && sections.count > 1 ? 1 : number == 0 && sections.count > 2 ? 2 : 0
    let shown = number < 0 && section == 1 ? -number : number
    return NumberPattern.text(shown, sections[section])
  }

  private static func split(_ code: String) -> [String] {
    var sections = [""]
    var inQuotes = false
    var isEscaped = false
    for character in code.prefix(255) {
      if character == ";", !inQuotes, !isEscaped {
        sections.append("")
      } else {
        sections[sections.count - 1].append(character)
      }
      if character == "\"", !isEscaped { inQuotes.toggle() }
      isEscaped = character == "\\" && !isEscaped
    }
    return sections
  }
}

enum NumberPattern {
  enum Token {
    case literal(String)
    /// A run of one letter of y, m, d, h, s, or AM/PM as "A"; `isElapsed` in brackets.
    case date(String, isElapsed: Bool)
    /// The digits' own pattern: '#,##0.00', 'General', '0.00E+00'.
    case digits(String)
    case percent
    case text
  }

  static func tokens(_ section: String) -> [Token] {
    var tokens: [Token] = []
    let characters = Array(section)
    var index = 0
    func isDigitMark(_ character: Character) -> Bool { "0#?.,".contains(character) }
    while index < characters.count {
      let character = characters[index]
      switch character {
      case "\"":
        let rest = characters[(index + 1)...].prefix { $0 != "\"" }
        tokens.append(.literal(String(rest)))
        index = rest.endIndex
      case "\\":
        if index + 1 < characters.count { tokens.append(.literal(String(characters[index + 1]))) }
        index += 1
      case "_":
        index += 1
        tokens.append(.literal(" "))
      case "*": index += 1
      case "[":
        let inside = characters[(index + 1)...].prefix { $0 != "]" }
        let content = String(inside).lowercased()
        if let first = content.first, "hms".contains(first), content.allSatisfy({ $0 == first }) {
          tokens.append(.date(content, isElapsed: true))
        } else if content.hasPrefix("$") {
          let sign = String(inside).dropFirst().prefix { $0 != "-" }
          if !sign.isEmpty { tokens.append(.literal(String(sign))) }
        }
        index = inside.endIndex
      case "%": tokens.append(.percent)
      case "@": tokens.append(.text)
      case "A", "a":
        let rest = String(characters[index...].prefix(5)).uppercased()
        if rest == "AM/PM" || rest.hasPrefix("A/P") {
          tokens.append(.date("A", isElapsed: false))
          index += rest == "AM/PM" ? 4 : 2
        } else {
          tokens.append(.literal(String(character)))
        }
      case "G", "g":
        if String(characters[index...].prefix(7)).lowercased() == "general" {
          tokens.append(.digits("General"))
          index += 6
        }
      case "y", "Y", "m", "M", "d", "D", "h", "H", "s", "S":
        let letter = character.lowercased()
        let run = characters[index...].prefix { $0.lowercased() == letter }
        tokens.append(.date(String(repeating: letter, count: run.count), isElapsed: false))
        index = run.endIndex - 1
      case "0", "#", "?", ".", ",":
        var run = Array(characters[index...].prefix(while: isDigitMark))
        var end = index + run.count
        if end + 1 < characters.count, characters[end] == "E", "+-".contains(characters[end + 1]) {
          run += characters[end..<end + 2] + characters[(end + 2)...].prefix { $0 == "0" || $0 == "#" }
          end = index + run.count
        }
        tokens.append(run.contains { "0#?".contains($0) } ? .digits(String(run)) : .literal(String(run)))
        index = end - 1
      default: tokens.append(.literal(String(character)))
      }
      index += 1
    }
    return tokens
  }

  static func text(_ number: Double, _ section: String) -> String {
    let tokens = tokens(section)
    let percents = tokens.count { if case .percent = $0 { true } else { false } }
    var patterns = 0
    for token in tokens { if case .digits = token { patterns += 1 } }
    // A fraction ('# ?/?') or a pattern torn in parts is shown as the plain number.
    if patterns > 1 || (patterns == 0 && (tokens.isEmpty || percents > 0)) { return DecimalText(number).general }
    var shown = ""
    for token in tokens {
      switch token {
      case .literal(let text): shown += text
      case .percent: shown += "%"
      case .text: shown += DecimalText(number).general
      case .date: break
      case .digits(let pattern):
        var value = DecimalText(number)
        value.shift(by: percents * 2)
        shown += digits(value, pattern)
      }
    }
    return (number < 0 && patterns == 1 ? "-" : "") + shown.trimmingBlanks()
  }

  private static func digits(_ number: DecimalText, _ pattern: String) -> String {
    if pattern == "General" { return number.general.drop { $0 == "-" }.description }
    if pattern.contains("E") {
      let decimals = pattern.prefix { $0 != "E" }.drop { $0 != "." }.count { $0 == "0" }
      return number.scientific(decimals: decimals)
    }
    var value = number
    var pattern = pattern[...]
    while pattern.last == "," {
      pattern.removeLast()
      value.shift(by: -3)
    }
    let fraction = pattern.drop { $0 != "." }.dropFirst()
    let whole = pattern.prefix { $0 != "." }
    return value.fixed(
      decimals: fraction.count { "0#?".contains($0) }, decimalsMin: fraction.count { $0 == "0" },
      wholeMin: whole.count { $0 == "0" }, isGrouped: whole.contains(","))
  }
}

/// A number in decimal digits, rounded as people round: half away from zero, of the 15 digits that a sheet keeps.
struct DecimalText {
  private var isNegative: Bool
  /// 0.d₁d₂d₃… × 10^exponent
  private var digits: [UInt8]
  private var exponent: Int

  init(_ number: Double) {
    isNegative = number < 0
    digits = []
    exponent = 0
    // Swift's description is the shortest that reads back as the same number.
    let text = "\(number.magnitude)"
    let parts = text.split(separator: "e")
    var seenPoint = false
    for character in parts.first ?? "" {
      if character == "." {
        seenPoint = true
      } else if let digit = character.wholeNumberValue {
        digits.append(UInt8(digit))
        if !seenPoint { exponent += 1 }
      }
    }
    if parts.count == 2 { exponent += Int(parts[1]) ?? 0 }
    let leading = digits.prefix { $0 == 0 }.count
    digits.removeFirst(leading)
    exponent -= leading
    round(to: 15)
  }

  mutating func shift(by places: Int) { exponent += places }

  /// Keeps so many digits.
  private mutating func round(to count: Int) {
    guard count >= 0 else {
      digits = []
      return
    }
    if digits.count > count {
      let up = digits[count] >= 5
      digits.removeLast(digits.count - count)
      if up { increment() }
    }
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { exponent = 0 }
  }

  private mutating func increment() {
    var index = digits.count - 1
    while index >= 0 {
      if digits[index] < 9 {
        digits[index] += 1
        return
      }
      digits[index] = 0
      index -= 1
    }
    digits.insert(1, at: 0)
    exponent += 1
  }

  private func digit(_ index: Int) -> Character {
    let digit = digits.indices.contains(index) ? digits[index] : 0
    return Character(Unicode.Scalar(0x30 + digit))
  }

  /// Without a sign: where it stands is the format's affair.
  func fixed(decimals: Int, decimalsMin: Int, wholeMin: Int, isGrouped: Bool) -> String {
    var number = self
    number.round(to: number.exponent + decimals)
    guard number.exponent < 300 else { return general }
    var whole = ""
    for index in 0..<max(number.exponent, 0) { whole.append(number.digit(index)) }
    while whole.count < wholeMin { whole = "0" + whole }
    if isGrouped {
      var grouped = ""
      for (index, character) in whole.enumerated() {
        if index > 0, (whole.count - index) % 3 == 0 { grouped.append(",") }
        grouped.append(character)
      }
      whole = grouped
    }
    var fraction = ""
    for place in 0..<decimals { fraction.append(number.digit(number.exponent + place)) }
    while fraction.count > decimalsMin, fraction.last == "0" { fraction.removeLast() }
    return fraction.isEmpty ? whole : whole + "." + fraction
  }

  func scientific(decimals: Int) -> String {
    var number = self
    number.round(to: decimals + 1)
    var text = String(number.digit(0))
    if decimals > 0 {
      text += "."
      for place in 1...decimals { text.append(number.digit(place)) }
    }
    let power = number.digits.isEmpty ? 0 : number.exponent - 1
    return text + "E" + (power < 0 ? "-" : "+") + (abs(power) < 10 ? "0" : "") + String(abs(power))
  }

  /// As a cell without a format shows it: at most 11 digits, scientific where it is very large or small.
  var general: String {
    var number = self
    number.round(to: 11)
    let sign = isNegative && !number.digits.isEmpty ? "-" : ""
    if number.digits.isEmpty { return "0" }
    if number.exponent > 11 || number.exponent < -8 {
      return sign + number.scientific(decimals: min(max(number.digits.count - 1, 0), 5))
    }
    return sign + number.fixed(decimals: 20, decimalsMin: 0, wholeMin: 1, isGrouped: false)
  }
}

/// Serial days as dates and times: https://learn.microsoft.com/office/dev/add-ins/excel (day 60 is the leap day that
/// 1900 never had).
enum DatePattern {
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
  ]
  private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

  static func text(_ serial: Double, _ tokens: [NumberPattern.Token]) -> String {
    let secondsOfAll = Int((serial * 86_400).rounded())
    let day = secondsOfAll / 86_400
    let seconds = secondsOfAll % 86_400
    let date = civil(daysSince1970: day - 25_569 + (day < 60 ? 1 : 0))
    let isHalfDay = tokens.contains { if case .date("A", _) = $0 { true } else { false } }
    var shown = ""
    for (index, token) in tokens.enumerated() {
      switch token {
      case .literal(let text): shown += text
      case .date(let code, let isElapsed):
        if isElapsed {
          let unit = code.first == "h" ? 3_600 : code.first == "m" ? 60 : 1
          shown += padded(secondsOfAll / unit, code.count)
        } else if code.first == "m", isMinutes(tokens, at: index) {
          shown += padded(seconds / 60 % 60, min(code.count, 2))
        } else {
          shown += part(code, date, day: day, seconds: seconds, isHalfDay: isHalfDay)
        }
      case .digits(let pattern) where pattern.hasPrefix("."):
        shown += "." + pattern.dropFirst().map { _ in "0" }.joined()
      case .digits(let pattern): shown += pattern
      case .percent, .text: break
      }
    }
    return shown
  }

  private static func part(
    _ code: String, _ date: (year: Int, month: Int, day: Int), day: Int, seconds: Int, isHalfDay: Bool
  ) -> String {
    switch (code.first, code.count) {
    case ("y", ...2): padded(date.year % 100, 2)
    case ("y", _): padded(date.year, 4)
    case ("m", 3): String(months[date.month - 1].prefix(3))
    case ("m", 4): months[date.month - 1]
    case ("m", 5...): String(months[date.month - 1].prefix(1))
    case ("m", let width): padded(date.month, width)
    case ("d", 3): String(weekdays[(day + 6) % 7].prefix(3))
    case ("d", 4...): weekdays[(day + 6) % 7]
    case ("d", let width): padded(date.day, width)
    case ("h", let width):
      padded(isHalfDay ? (seconds / 3_600 + 11) % 12 + 1 : seconds / 3_600, min(width, 2))
    case ("s", let width): padded(seconds % 60, min(width, 2))
    case ("A", _): seconds < 43_200 ? "AM" : "PM"
    default: ""
    }
  }

  /// 'm' is minutes after hours or before seconds.
  private static func isMinutes(_ tokens: [NumberPattern.Token], at index: Int) -> Bool {
    func letter(_ token: NumberPattern.Token) -> Character? {
      if case .date(let code, _) = token { code.first } else { nil }
    }
    let before = tokens[..<index].reversed().lazy.compactMap(letter).first
    let after = tokens[(index + 1)...].lazy.compactMap(letter).first
    return before == "h" || after == "s"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(width - text.count, 0)) + text
  }

  /// https://howardhinnant.github.io/date_algorithms.html#civil_from_days
  private static func civil(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
