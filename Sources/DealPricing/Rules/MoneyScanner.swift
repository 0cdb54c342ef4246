// Amounts of money in a line of text, with the words around them: '$1,299.99', '1.299,00 €', 'Rs. 1,49,999', '99¢',
// 'CDN$ 45', '3 490 kr'. What an amount means is for PriceRules to say.
// Invariants: one walk over the text, no backtracking; places count in the Unicode scalars of the given text; an amount
// without a currency is a number, not money.

package struct Money: Sendable, Equatable {
  package let amount: Double
  /// ISO 4217; a bare '$' is USD.
  package let currency: String

  package init(amount: Double, currency: String) {
    self.amount = amount
    self.currency = currency
  }
}

struct DealToken: Equatable {
  enum Kind: Equatable {
    case word
    case number
    case money(Money)
    case mark
  }

  let kind: Kind
  /// Lower case.
  let text: String
  let start: Int
  let end: Int

  var money: Money? {
    if case .money(let money) = kind { money } else { nil }
  }
}

struct MoneyScanner {
  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var tokens: [DealToken] = []

  static func tokens(_ text: String) -> [DealToken] {
    var scanner = MoneyScanner(scalars: Array(text.unicodeScalars).map(lowered))
    scanner.run()
    return scanner.tokens
  }

  private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

  /// Lower case that keeps places; dashes and spaces of all kinds become one.
  private static func lowered(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0x41...0x5A: Unicode.Scalar(UInt8(scalar.value + 0x20))
    case 0xA0, 0x2000...0x200A, 0x202F, 0x3000: " "
    case 0x2010...0x2015, 0x2212: "-"
    case 0xFF04: "$"
    case 0xFFE5: "\u{A5}"
    default: scalar
    }
  }

  /// Longest first, so that 'us$' is not 's' and '$'.
  private static let before: [(mark: [Unicode.Scalar], currency: String)] = [
    ("cdn$", "CAD"), ("us $", "USD"), ("us$", "USD"), ("ca$", "CAD"), ("au$", "AUD"), ("au $", "AUD"), ("nz$", "NZD"),
    ("hk$", "HKD"), ("mx$", "MXN"), ("sg$", "SGD"), ("usd", "USD"), ("eur", "EUR"), ("gbp", "GBP"), ("cad", "CAD"),
    ("aud", "AUD"), ("inr", "INR"), ("jpy", "JPY"), ("chf", "CHF"), ("sek", "SEK"), ("nok", "NOK"), ("dkk", "DKK"),
    ("pln", "PLN"), ("rs.", "INR"), ("rs", "INR"), ("c$", "CAD"), ("a$", "AUD"), ("r$", "BRL"), ("$", "USD"),
    ("£", "GBP"), ("€", "EUR"), ("¥", "JPY"), ("₹", "INR"), ("₩", "KRW"),
  ].map { (Array($0.0.unicodeScalars), $0.1) }

  private static let after: [(mark: [Unicode.Scalar], currency: String)] = [
    ("usd", "USD"), ("eur", "EUR"), ("euro", "EUR"), ("gbp", "GBP"), ("cad", "CAD"), ("aud", "AUD"), ("inr", "INR"),
    ("chf", "CHF"), ("sek", "SEK"), ("nok", "NOK"), ("dkk", "DKK"), ("pln", "PLN"), ("zł", "PLN"), ("kr", "SEK"),
    ("cents", "¢"), ("€", "EUR"), ("£", "GBP"), ("¢", "¢"), ("$", "USD"),
  ].map { (Array($0.0.unicodeScalars), $0.1) }

  private mutating func run() {
    while at < scalars.count {
      let scalar = scalars[at]
      if scalar.properties.isWhitespace {
        at += 1
      } else if let money = moneyAfterMark() {
        add(.money(money.money), to: money.end)
      } else if Self.isDigit(scalar) {
        number()
      } else if scalar.properties.isAlphabetic {
        word()
      } else {
        add(.mark, to: at + 1)
      }
    }
  }

  private mutating func add(_ kind: DealToken.Kind, to end: Int) {
    tokens.append(DealToken(kind: kind, text: text(at, end), start: at, end: end))
    at = end
  }

  private func text(_ start: Int, _ end: Int) -> String { String(String.UnicodeScalarView(scalars[start..<end])) }
  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { (0x30...0x39).contains(scalar.value) }
  private func digit(at place: Int) -> Bool { place < scalars.count && Self.isDigit(scalars[place]) }

  private func stands(_ mark: [Unicode.Scalar], at place: Int) -> Bool {
    place + mark.count <= scalars.count && scalars[place..<(place + mark.count)].elementsEqual(mark)
  }

  private func moneyAfterMark() -> (money: Money, end: Int)? {
    for (mark, currency) in Self.before where stands(mark, at: at) {
      var start = at + mark.count
      // A name of letters stands alone: 'hours 5' holds no rupees.
      if mark[0].properties.isAlphabetic, at > 0, scalars[at - 1].properties.isAlphabetic { continue }
      if let last = mark.last, last.properties.isAlphabetic, start < scalars.count,
        scalars[start].properties.isAlphabetic
      {
        continue
      }
      while start < scalars.count, scalars[start] == " ", start - at - mark.count < 2 { start += 1 }
      guard digit(at: start) || start + 1 < scalars.count && scalars[start] == "." && digit(at: start + 1),
        let (amount, end) = amount(from: start, currency: currency, spaced: false)
      else { continue }
      return (Money(amount: amount, currency: currency), end)
    }
    return nil
  }

  private mutating func number() {
    for spaced in [true, false] {
      guard let (amount, end) = amount(from: at, currency: "", spaced: spaced) else { continue }
      var next = end
      if next < scalars.count, scalars[next] == " " { next += 1 }
      for (mark, currency) in Self.after where stands(mark, at: next) {
        let stop = next + mark.count
        let isName = mark[0].properties.isAlphabetic
        if isName, stop < scalars.count, scalars[stop].properties.isAlphabetic { continue }
        // '5 $20 bills': a sign that a number follows is that number's.
        if !isName, stop < scalars.count, digit(at: stop) { continue }
        if !isName, currency != "¢", currency == "USD", next != end { continue }
        let read = self.amount(from: at, currency: currency, spaced: spaced)?.amount ?? amount
        let money =
          currency == "¢" ? Money(amount: read / 100, currency: "USD") : Money(amount: read, currency: currency)
        return add(.money(money), to: stop)
      }
    }
    let end = amount(from: at, currency: "", spaced: false)?.end ?? at + 1
    var stop = end
    // '55"', '4k', '1.7l' are one token with their unit.
    while stop < scalars.count, scalars[stop].properties.isAlphabetic || Self.isDigit(scalars[stop]) { stop += 1 }
    add(stop == end ? .number : .word, to: stop)
  }

  private mutating func word() {
    var end = at
    while end < scalars.count,
      scalars[end].properties.isAlphabetic || Self.isDigit(scalars[end])
        || (scalars[end] == "'" || scalars[end] == "\u{2019}") && end + 1 < scalars.count
          && scalars[end + 1].properties.isAlphabetic
    {
      end += 1
    }
    add(.word, to: end)
  }

  /// Digits with their separators. Which of '.' and ',' parts the cents is told by what follows it: two digits at the
  /// end, or one; three make a group, and so do two where Indian lakhs are written.
  private func amount(from start: Int, currency: String, spaced: Bool) -> (amount: Double, end: Int)? {
    var end = start
    while end < scalars.count {
      if Self.isDigit(scalars[end]) {
        end += 1
      } else if [".", ",", "'"].contains(scalars[end]), digit(at: end + 1) {
        end += 1
      } else if spaced, scalars[end] == " ", (1...3).allSatisfy({ digit(at: end + $0) }), !digit(at: end + 4) {
        end += 1
      } else {
        break
      }
    }
    guard end > start, end - start <= 24 else { return nil }
    let written = Array(scalars[start..<end])
    let separators = written.indices.filter { [".", ","].contains(written[$0]) }
    var decimals = 0
    if let last = separators.last {
      let tail = written.count - last - 1
      let isRepeated = separators.count > 1 && separators.allSatisfy { written[$0] == written[last] }
      let isGroup =
        tail == 3
        && (written[last] == "," || ["EUR", "BRL", "PLN", "SEK", "CHF"].contains(currency) || separators.count > 1)
      if !isRepeated, !isGroup, tail > 0 { decimals = tail }
      if written[0] == "." { decimals = tail }
    }
    let digits = String(String.UnicodeScalarView(written.filter(Self.isDigit)))
    guard let whole = Double(digits), digits.count <= 15 else { return nil }
    var value = whole
    for _ in 0..<decimals { value /= 10 }
    value = (value * 1_000).rounded() / 1_000
    // '$1.2k', but not '$5 kit'.
    if end < scalars.count, scalars[end] == "k", !currency.isEmpty,
      end + 1 == scalars.count || !scalars[end + 1].properties.isAlphabetic && !digit(at: end + 1)
    {
      return (value * 1_000, end + 1)
    }
    return (value, end)
  }
}
