// Numbers with their units, dates, names and denials, as texts state them.
import Testing

@testable import KnowledgeBase

@Suite struct FactsTests {
  @Test(arguments: [
    ("2 weeks", "14 days"), ("1,299.99 USD", "$1299.99"), ("90 days", "three months"), ("5 km", "5,000 m"),
    ("30 percent", "30 %"), ("30 per cent", "30%"), ("1.5 million dollars", "$1,500,000"),
    ("twelve (12) months", "1 year"),
    ("25 Mbps", "25,000 kbps"), ("68 °F", "20 °C"), ("€1.299,00", "1299 euros"), ("15 paid vacation days", "15 days"),
    ("twenty-one days", "3 weeks"), ("2 kg", "2,000 grams"), ("$3M", "3 million dollars"),
  ])
  func theSameInOtherWords(_ one: String, _ other: String) throws {
    let left = try #require(TextFacts(one).quantities.first, "\(one)")
    let right = try #require(TextFacts(other).quantities.first, "\(other)")
    #expect(left.agrees(with: right), "\(left) \(right)")
  }

  @Test(arguments: [
    ("15 days", "15 weeks"), ("$15", "€15"), ("$329.00", "$349.00"), ("5 km", "5 miles"), ("30 %", "30 days"),
    ("2.1 GB", "2.1 MB"), ("90 days", "6 months"),
  ])
  func notTheSame(_ one: String, _ other: String) throws {
    let left = try #require(TextFacts(one).quantities.first)
    let right = try #require(TextFacts(other).quantities.first)
    #expect(!left.agrees(with: right), "\(left) \(right)")
  }

  @Test(arguments: [
    ("March 31, 2026", 2026, 3, 31), ("31 March 2026", 2026, 3, 31), ("2026-03-31", 2026, 3, 31),
    ("the 31st of March 2026", 2026, 3, 31), ("03/31/2026", 2026, 3, 31), ("Sept. 1, 2025", 2025, 9, 1),
  ])
  func datesAreRead(_ text: String, _ year: Int, _ month: Int, _ day: Int) throws {
    let date = try #require(TextFacts(text).dates.first, "\(text)")
    #expect(date.year == year && date.month == month && date.day == day, "\(date)")
  }

  @Test func aYearIsADateAndAMeasureIsNot() {
    #expect(TextFacts("It was founded in 1998.").dates.map(\.year) == [1998])
    #expect(TextFacts("It is 1500 km long and costs $2000.").dates.isEmpty)
  }

  @Test func namesAreWordsThatAreWrittenLarge() {
    #expect(TextFacts("The plan was signed by Dana Reyes in Oslo.").names == ["Dana", "Reyes", "Oslo"])
    #expect(TextFacts("Employees get lunch.").names.isEmpty)
  }

  @Test func whatIsDeniedIsKnown() {
    let facts = TextFacts("Contractors may not work remotely, but staff may.")
    #expect(facts.hasNegation && facts.denied.contains("work") && !facts.denied.contains("staff"))
  }

  @Test func numbersThatAreNone() {
    #expect(TextFacts("Version 2.1.0 of SKU4471").quantities.isEmpty)
  }
}
