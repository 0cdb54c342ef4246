// The price that an entry asks for one product, found without a model: every amount gets its part in the sentence
// (price, former price, saving, bound, rate, fee), and only one clear price makes a deal.
// Invariants: an amount whose part is not clear is no price; currencies are never converted; what is refused has its
// reason, which is remembered with the entry.
package enum PriceRefusal: String, Sendable {
  case noAmount = "no_amount"
  case savingOnly = "saving_only"
  case boundOnly = "from_or_up_to"
  case perTime = "per_time_or_unit"
  case range
  case severalProducts = "several_products"
  case conditional
  case nothingToPay = "nothing_to_pay"
}

package enum PriceReading: Sendable, Equatable {
  /// `place` is where it stands in the title, in scalars; nil where the text below gave it.
  case price(Money, formerly: Double?, place: Range<Int>?)
  case none(PriceRefusal)
}

package enum PriceRules {
  package static func read(title: String, summary: String) -> PriceReading {
    let tokens = MoneyScanner.tokens(String(title.prefix(500)))
    let line = Line(tokens)
    if let veto = line.veto { return .none(veto) }
    let amounts = line.amounts()
    guard !amounts.isEmpty else { return readSummary(summary) }
    return choose(amounts, in: line)
  }

  /// A price that a feed gives in a field of its own, as '73.00' or '73.00 USD'.
  package static func amount(_ text: String, currency: String) -> Money? {
    let bare = String(text.prefix(40))
    let named = MoneyScanner.tokens(bare).first { $0.money != nil } ?? MoneyScanner.tokens("\(currency) \(bare)").first
    return named?.money
  }

  // MARK: Parts

  enum Part: Equatable {
    case price
    /// A sum that came out of others: '= $13.99'.
    case result
    case formerly
    case saving
    case bound
    case rate
    case fee
    case alternative
  }

  struct Amount: Equatable {
    let money: Money
    let token: Int
    var part: Part
  }

  private static func choose(_ amounts: [Amount], in line: Line) -> PriceReading {
    let formerly = amounts.filter { $0.part == .formerly }.map(\.money.amount).max()
    if let result = amounts.last(where: { $0.part == .result }) { return made(result, formerly, line) }
    let prices = amounts.filter { $0.part == .price }
    guard let first = prices.first else {
      let parts = Set(amounts.map(\.part))
      return .none(parts.contains(.rate) ? .perTime : parts.contains(.bound) ? .boundOnly : .savingOnly)
    }
    for (earlier, later) in zip(prices, prices.dropFirst()) {
      let between = line.wordsBetween(earlier.token, later.token)
      // '$75 $120': side by side, the lower one is asked, the higher one was.
      if between == 0, earlier.money.currency == later.money.currency, prices.count == 2 {
        let low = min(earlier.money.amount, later.money.amount)
        let asked = earlier.money.amount == low ? earlier : later
        return made(asked, max(earlier.money.amount, later.money.amount), line)
      }
      if between >= 2 { return .none(.severalProducts) }
    }
    return made(first, formerly, line)
  }

  private static func made(_ amount: Amount, _ formerly: Double?, _ line: Line) -> PriceReading {
    guard amount.money.amount > 0 else { return .none(.nothingToPay) }
    let token = line.tokens[amount.token]
    return .price(
      amount.money, formerly: formerly.flatMap { $0 > amount.money.amount ? $0 : nil }, place: token.start..<token.end)
  }

  /// A title that names no amount: the text may, if it names exactly one and says that it is the price.
  private static func readSummary(_ summary: String) -> PriceReading {
    let line = Line(MoneyScanner.tokens(String(summary.prefix(600))))
    let amounts = line.amounts()
    guard !amounts.isEmpty else { return .none(.noAmount) }
    let prices = amounts.filter { ($0.part == .price || $0.part == .result) && line.isAsked($0.token) }
    guard let first = prices.first else { return .none(.savingOnly) }
    guard prices.allSatisfy({ $0.money == first.money }) else { return .none(.severalProducts) }
    guard first.money.amount > 0 else { return .none(.nothingToPay) }
    let formerly = amounts.filter { $0.part == .formerly }.map(\.money.amount).max()
    return .price(first.money, formerly: formerly.flatMap { $0 > first.money.amount ? $0 : nil }, place: nil)
  }
}
