// A price out of what a model said, strictly: the reply is one amount and nothing else, in the currency that was asked
// for. A range, a sign, a sentence or another currency is no price: half a reading is worse than none.
package import Base

enum PriceReply {
  private static let scalarsMax = 60
  private static let members = ["price", "estimate", "prediction", "result", "output", "value"]

  static func amount(in reply: String, currency: String) -> Double? {
    let text = reply.trimmed
    guard !text.isEmpty, text.unicodeScalars.count <= scalarsMax else { return nil }
    var tokens = MoneyScanner.tokens(text)
    if tokens.count > 1, tokens.last?.text == "." { tokens.removeLast() }
    guard tokens.count == 1 else { return nil }
    switch tokens[0].kind {
    case .money(let money): return money.currency == currency ? sound(money.amount) : nil
    case .number: return MoneyScanner.tokens("\(currency) \(text)").first?.money.flatMap { sound($0.amount) }
    case .word, .mark: return nil
    }
  }

  /// What a completion begins with: its first line, for a model that was not trained to stop goes on.
  static func completion(_ reply: String, currency: String) -> Double? {
    let line = reply.drop(while: \.isWhitespace).prefix { !$0.isNewline }
    return amount(in: String(line), currency: currency)
  }

  /// A number, a text that is one, or an object with one under a name that says so.
  static func amount(in json: JSON, currency: String) -> Double? {
    if let number = json.double { return sound(number) }
    if let text = json.string { return amount(in: text, currency: currency) }
    for name in members {
      guard let member = json[name] else { continue }
      if let number = member.double { return sound(number) }
      if let text = member.string { return amount(in: text, currency: currency) }
    }
    return nil
  }

  private static func sound(_ amount: Double) -> Double? {
    amount.isFinite && amount > 0 && amount <= Limits.priceMax ? amount : nil
  }
}

extension String {
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start.prefix(through: last))
  }
}

package struct NoPriceSaid: Failure, Equatable {
  let who: String
  let said: String

  package var kind: FailureKind { .upstream }
  package var code: String { "not_a_price" }
  package var message: String { "\(who) named no price: '\(said)'" }
  package var hint: String { "look at the model and its prompt: footnote prompts" }

  init(_ who: String, said: String) {
    self.who = who
    self.said = String(said.prefix(120)).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
