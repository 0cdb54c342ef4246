// What is a price and what is not: single rules by name, then precision and recall over labelled entries, of which one
// half was not looked at while the rules were made.
import Base
import Foundation
import Testing

@testable import DealPricing

@Suite struct PriceRulesTests {
  private func price(_ title: String, _ summary: String = "") -> Money? {
    if case .price(let money, _, _) = PriceRules.read(title: title, summary: summary) { money } else { nil }
  }

  @Test(arguments: [
    ("Kettle $1,299.99", 1_299.99, "USD"), ("Kettle 1.299,00 €", 1_299, "EUR"), ("Kettle Rs. 1,49,999", 149_999, "INR"),
    ("Kettle £8.16 delivered", 8.16, "GBP"), ("Kettle 99¢", 0.99, "USD"), ("Kettle CDN$ 45", 45, "CAD"),
    ("Kettle 3 490 kr", 3_490, "SEK"), ("Kettle $1.2k", 1_200, "USD"), ("Kettle 22.50 USD", 22.5, "USD"),
    ("Kettle ¥12,800", 12_800, "JPY"), ("Kettle $.99", 0.99, "USD"), ("Kettle € 7,50", 7.5, "EUR"),
    ("Kettle was $79, now $49", 49, "USD"), ("Kettle $129 -> $79", 79, "USD"), ("Kettle $75 $120", 75, "USD"),
    ("Kettle for $73 + free shipping", 73, "USD"), ("Kettle $25 after $5 coupon", 25, "USD"),
    ("Kettle $19.99 - $6 coupon = $13.99", 13.99, "USD"),
  ])
  func prices(_ title: String, _ amount: Double, _ currency: String) {
    #expect(price(title) == Money(amount: amount, currency: currency), "\(title)")
  }

  @Test(arguments: [
    ("$30 off kettles", PriceRefusal.savingOnly), ("Kettles from $5", .boundOnly), ("Kettles $20-$45", .boundOnly),
    ("Phone plan $25/month", .perTime), ("$15 off $50 coupon", .savingOnly), ("Kettles up to 70% off", .boundOnly),
    ("Buy one, get one free", .conditional), ("Everything under $20", .severalProducts), ("A kettle", .noAmount),
    ("Kettle $0", .nothingToPay), ("Kettles, pans $17, pots $14 & more", .severalProducts),
    ("Save $40 on kettles", .savingOnly),
  ])
  func refusals(_ title: String, _ reason: PriceRefusal) {
    #expect(PriceRules.read(title: title, summary: "") == .none(reason), "\(title)")
  }

  @Test func aTextMaySayWhatATitleDoesNot() {
    #expect(price("Copper kettle", "It is now $39 at the shop. List price $60.") == Money(amount: 39, currency: "USD"))
    #expect(price("Kettle deals", "A kettle for $39 and a pan for $59.") == nil)
    #expect(price("Copper kettle", "Save $39 on it.") == nil)
  }

  @Test func names() {
    #expect(ProductName.of(title: "Horn Hunter Combo for $73 + free shipping") == "Horn Hunter Combo")
    #expect(ProductName.of(title: "$42: Electric toothbrush, 8 heads") == "Electric toothbrush, 8 heads")
    #expect(ProductName.of(title: "Kettle 1.7L steel: was $79, now $49") == "Kettle 1.7L steel")
    #expect(ProductName.of(title: "No price here") == "No price here")
  }

  @Test func anyTextIsReadInTime() {
    var random = SeededRandom(seed: 3)
    let pieces = [
      "$", "1", ",", ".", "€", "rs", "off", " ", "for", "-", "~", "=", "9", "kr", "é", "\u{202F}", "(", "/mo",
    ]
    for _ in 0..<300 {
      let text = (0..<80).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      _ = PriceRules.read(title: text, summary: text)
      _ = ProductName.of(title: text)
    }
    _ = PriceRules.read(title: String(repeating: "$1,", count: 20_000), summary: String(repeating: "9", count: 100_000))
  }

  private struct Row {
    let title: String
    let summary: String
    let money: Money?
    let side: String
  }

  private func rows() throws -> [Row] {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures/deals/entries.jsonl").path()
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
      let json = try JSON(parsing: String(line))
      let amount = json.price?.double
      return Row(
        title: json.title?.string ?? "", summary: json.summary?.string ?? "",
        money: amount.map { Money(amount: $0, currency: json.currency?.string ?? "") }, side: json.side?.string ?? "")
    }
  }

  /// Of what is called a price, how much is the right one; of the right ones, how many are found.
  @Test(arguments: ["tune", "held"])
  func precisionAndRecall(_ side: String) throws {
    let rows = try rows().filter { $0.side == side }
    #expect(rows.count > 70)
    var (told, right, there) = (0, 0, 0)
    for row in rows {
      let found = price(row.title, row.summary)
      told += found == nil ? 0 : 1
      there += row.money == nil ? 0 : 1
      if found != nil, found == row.money { right += 1 }
      if found != row.money, side == "tune" || ProcessInfo.processInfo.environment["SHOW_HELD"] != nil {
        print("\(side): \(row.title) | \(row.summary) -> \(String(describing: found))")
      }
    }
    let precision = Double(right) / Double(max(1, told))
    let recall = Double(right) / Double(there)
    print("price rules, \(side): precision \(precision), recall \(recall) of \(there) in \(rows.count)")
    #expect(precision >= 0.9 && recall >= 0.9)
  }
}
