// Planted conflicts are told, newer first; equal values in other units and statements about other things are not.
import Testing

@testable import KnowledgeBase

@Suite struct DisagreementTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let question: String
    let one: String
    let other: String
    let isConflict: Bool
    var testDescription: String { "\(question) \(other)" }
  }

  static let cases = [
    Case(
      question: "What is the list price of the Rillo 8?", one: "The list price of the Rillo 8 is $329.00.",
      other: "The list price of the Rillo 8 is $349.00.", isConflict: true),
    Case(
      question: "How long is the notice period for managers?", one: "The notice period for managers is 3 months.",
      other: "The notice period for managers is 6 weeks.", isConflict: true),
    Case(
      question: "When does the lease of the Oslo office end?",
      one: "The lease of the Oslo office ends on June 30, 2027.",
      other: "The lease of the Oslo office ends on December 31, 2028.", isConflict: true),
    Case(
      question: "How much may a dinner cost on travel?", one: "A dinner on travel may cost up to $40.",
      other: "A dinner on travel may cost up to $55.", isConflict: true),
    Case(
      question: "What share of the premium does the company pay?", one: "The company pays 80 % of the premium.",
      other: "The company pays 75 % of the premium.", isConflict: true),
    Case(
      question: "How long is the warranty of the soil probe?", one: "The warranty of the soil probe is 24 months.",
      other: "The warranty of the soil probe is 3 years.", isConflict: true),
    Case(
      question: "How long is the warranty of the soil probe?", one: "The warranty of the soil probe is 24 months.",
      other: "The warranty of the soil probe is 2 years.", isConflict: false),
    Case(
      question: "How fast must the home network be?", one: "The home network must reach 25 Mbps.",
      other: "The home network must reach 25,000 kbps.", isConflict: false),
    Case(
      question: "What is the list price of the Rillo 8?", one: "The list price of the Rillo 8 is $349.00.",
      other: "The list price of the Rillo 12 is $549.00.", isConflict: false),
    Case(
      question: "What was the revenue in 2023?", one: "In 2023 the revenue was $4.1 million.",
      other: "In 2022 the revenue was $3.6 million.", isConflict: false),
    Case(
      question: "How long is the notice period for managers?", one: "The notice period for managers is 90 days.",
      other: "The notice period for managers is three months.", isConflict: false),
    Case(
      question: "How many days of leave do staff in Oslo get?", one: "Staff in Oslo get 25 days of leave.",
      other: "Staff in Berlin get 30 days of leave.", isConflict: false),
    Case(
      question: "How far may the sensor stand from the hub?", one: "The sensor may stand 2 km from the hub.",
      other: "The sensor may stand 2,000 m from the hub.", isConflict: false),
    Case(
      question: "How much does shipping cost?", one: "Shipping costs $12.",
      other: "Shipping takes 5 days.", isConflict: false),
  ]

  private func ask(_ entry: Case) throws -> Answer {
    let test = try TestLibrary()
    try test.add(entry.one, named: "first-2024-03-12.txt")
    try test.add(entry.other, named: "second-2025-09-01.txt")
    return try test.library.ask(AnswerQuestion(entry.question))
  }

  @Test func plantedConflictsAreFoundAndNothingElse() throws {
    var found = 0
    var alarms = 0
    var right = 0
    for entry in Self.cases {
      let isTold = try !ask(entry).disagreements.isEmpty
      found += isTold && entry.isConflict ? 1 : 0
      alarms += isTold ? 1 : 0
      right += entry.isConflict ? 1 : 0
      #expect(isTold == entry.isConflict, "\(entry.testDescription)")
    }
    print("planted conflicts: precision \(found) of \(alarms), recall \(found) of \(right)")
  }

  /// Word for word the same but for the number: as near as a copy, and the commonest conflict of all.
  @Test func aPolicyAndItsSuccessorAreNoRepetitions() throws {
    let test = try TestLibrary()
    let rest =
      " It is paid in spring to whoever keeps a yak on the north meadow, against a bill of the groomer, and "
      + "never for goats, sheep or ponies, whose keepers have a fund of their own, kept by the village treasurer."
    for (days, name) in [(310, "allowance-a"), (450, "allowance-b"), (450, "allowance-c")] {
      try test.add("The yak grooming allowance is \(days) dollars a year." + rest + rest + rest, named: "\(name).txt")
      test.clock.advance(86_400)
    }
    let answer = try test.library.ask(AnswerQuestion("How much is the yak grooming allowance?"))
    let statements = try #require(answer.disagreements.first?.statements)
    #expect(statements.map(\.values) == [["450 dollars"], ["310 dollars"]])
    #expect(try test.filenames("yak grooming allowance").count == 2)
  }

  @Test func theNewerStandsFirstWithItsDate() throws {
    let answer = try ask(Self.cases[0])
    let statements = try #require(answer.disagreements.first).statements
    #expect(statements.map(\.dated) == ["2025-09-01", "2024-03-12"])
    #expect(statements.map(\.values) == [["$349.00"], ["$329.00"]])
    #expect(answer.text.contains("$349.00") && answer.text.contains("$329.00"))
    #expect(answer.warnings.contains { $0.contains("disagree") })
    #expect(Set(answer.citations.map(\.source)).count == 2)
  }

  @Test func aMonthInAFileNameIsADate() throws {
    let test = try TestLibrary()
    try test.add(Self.cases[0].one, named: "minutes-2025-03-12.txt")
    try test.add(Self.cases[0].other, named: "price-list-2025-09.txt")
    let answer = try test.library.ask(AnswerQuestion(Self.cases[0].question))
    #expect(answer.disagreements.first?.statements.map(\.dated) == ["2025-09", "2025-03-12"])
  }
}
