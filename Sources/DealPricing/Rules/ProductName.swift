// What is sold, out of a deal's title: the words before the price phrase, or behind it where it comes first.
// Must not: cut into the product's own words; where nothing is left, the whole title is the name.

package enum ProductName {
  private static let joints: Set<String> = [
    "for", "now", "only", "just", "at", "was", "were", "from", "w", "with", "after", "reg", "orig", "msrp", "list",
    "is",
    "price", "drop", "deal", "on", "sale", "down", "use", "normally", "statt", "f\u{FC}r", "save", "regularly",
    "usually",
    "today", "in", "cart", "uvp",
  ]

  package static func of(title: String) -> String {
    let scalars = Array(title.unicodeScalars)
    let tokens = MoneyScanner.tokens(title)
    func part(_ range: ArraySlice<DealToken>) -> String {
      guard let first = range.first, let last = range.last else { return "" }
      return String(String.UnicodeScalarView(scalars[first.start..<last.end]))
    }
    guard let firstMoney = tokens.firstIndex(where: { $0.money != nil }) else { return title }
    var end = firstMoney
    while end > 0, isJoint(tokens[end - 1]) { end -= 1 }
    let before = tokens[..<end]
    if before.count(where: { $0.kind == .word }) >= 2 { return part(before) }
    var start = (tokens.lastIndex { $0.money != nil } ?? firstMoney) + 1
    while start < tokens.count, isJoint(tokens[start]) { start += 1 }
    let after = tokens[start...]
    return after.count(where: { $0.kind == .word }) >= 2 ? part(after) : title
  }

  private static func isJoint(_ token: DealToken) -> Bool {
    switch token.kind {
    case .mark: token.text != "\"" && token.text != ")"
    case .word: joints.contains(token.text)
    case .number, .money: false
    }
  }
}
