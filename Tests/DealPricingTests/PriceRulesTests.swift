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

  static let labels = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/deals/entries.jsonl").path()

  @Test(arguments: ["tune", "held"])
  func precisionAndRecall(_ side: String) throws {
    let labelled = try LabelledEntry.all(in: String(contentsOfFile: Self.labels, encoding: .utf8))
    let report = PriceRulesReport(labelled.filter { $0.side == side })
    #expect(report.entries > 70)
    print("price rules, \(side): precision \(report.precision), recall \(report.recall)")
    #expect(report.precision >= 0.9 && report.recall >= 0.9)
  }

  @Test func theReportCountsWhatIsWrong() throws {
    let lines = """
      {"title": "Kettle $20", "price": 20, "currency": "USD"}
      {"title": "Kettle $20", "price": 30, "currency": "USD"}
      {"title": "Kettle $20", "price": null}
      {"title": "A kettle", "price": 10, "currency": "USD"}
      {"title": "$30 off kettles", "price": null}
      """
    let report = PriceRulesReport(try LabelledEntry.all(in: lines))
    #expect(report.entries == 5 && report.prices == 3 && report.called == 3 && report.right == 1)
    #expect(report.misses.count == 3 && report.precision == 1.0 / 3 && report.recall == 1.0 / 3)
    for bad in ["{}", "no", #"{"title":"a","price":"20"}"#, #"{"title":"a","price":20}"#] {
      #expect(throws: PlainFailure.self, "\(bad)") { try LabelledEntry.all(in: bad) }
    }
  }
}
