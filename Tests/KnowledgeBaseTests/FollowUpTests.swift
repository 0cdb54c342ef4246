// Questions that lean on the ones before, against a small labelled set of our own in corpus/.
import Base
import Foundation
import Testing

@testable import KnowledgeBase

@Suite struct FollowUpTests {
  private struct Labelled {
    let turn: ConversationTurn
    let question: String
    let leans: Bool
    let whole: String?
  }

  private func labelled() throws -> [Labelled] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appendingPathComponent("corpus/follow_ups.jsonl"), encoding: .utf8)
    return try text.split(separator: "\n").map { line in
      let value = try JSON(parsing: String(line))
      return Labelled(
        turn: ConversationTurn(question: value.before?.string ?? "", answer: value.answer?.string ?? ""),
        question: value.question?.string ?? "", leans: value.leans?.bool ?? false, whole: value.whole?.string)
    }
  }

  @Test func whatLeansIsMadeWholeAndTheRestIsLeftAlone() throws {
    var rewritten = 0
    var rightly = 0
    var leaning = 0
    for entry in try labelled() {
      let whole = FollowUp.whole(entry.question, after: [entry.turn])
      leaning += entry.leans ? 1 : 0
      rewritten += whole.isRewritten ? 1 : 0
      rightly += whole.isRewritten && entry.leans ? 1 : 0
      if whole.isRewritten != entry.leans { print("follow-up missed: \(entry.question) -> \(whole.text)") }
    }
    print("follow-ups: precision \(rightly) of \(rewritten), recall \(rightly) of \(leaning)")
    #expect(Double(rightly) >= 0.95 * Double(rewritten))
    #expect(Double(rightly) >= 0.9 * Double(leaning))
  }

  /// Of the words of the question as a person would make it whole, the share that ours has.
  @Test func theWholeQuestionHoldsWhatIsAskedAbout() throws {
    var alone = 0.0
    var made = 0.0
    var count = 0.0
    for entry in try labelled() {
      guard let whole = entry.whole else { continue }
      func share(_ text: String) -> Double {
        let wanted = TextFacts(whole).stems
        return Double(TextFacts(text).stems.intersection(wanted).count) / Double(max(1, wanted.count))
      }
      alone += share(entry.question)
      let text = FollowUp.whole(entry.question, after: [entry.turn]).text
      if share(text) < 0.99 { print("follow-up incomplete: \(text) for \(whole)") }
      made += share(text)
      count += 1
    }
    print("follow-ups: words held \(made / count), as asked \(alone / count)")
    #expect(made / count > 0.9 && alone / count < 0.5)
  }

  @Test(arguments: [
    // What stands behind the same preposition, a code for a code, a name for a name.
    ("What is the fee for a child?", "And for a senior?", "What is the fee for a senior?"),
    ("How long is leave for the first child?", "And for the second child?", "How long is leave for the second child?"),
    ("What does error E-11 mean?", "And E-12?", "What does error E-12 mean?"),
    ("What does the Rillo 8 weigh?", "And the Rillo 12?", "What does the Rillo 12 weigh?"),
    // What something is said of.
    ("How long are security logs kept?", "What about meeting recordings?", "How long are meeting recordings kept?"),
    ("How many holidays do cooks get?", "What about drivers?", "How many holidays do drivers get?"),
    ("What does the pump weigh?", "And its cable?", "What does the pump's cable weigh?"),
    // A pronoun that nothing in its clause explains; the name asked about, else what was spoken of.
    ("How heavy is the Rillo 8?", "How many sensors can it handle?", "How many sensors can Rillo 8 handle?"),
    ("What is the price of the Loam 2 in Oslo?", "Which battery fits it?", "Which battery fits Loam 2?"),
    ("When was Canopy 4.6 released?", "How many sites tested it?", "How many sites tested Canopy 4.6?"),
    ("How can the gateway be reset?", "Which port does it use for MQTT?", "Which port does gateway use for MQTT?"),
    ("Where is the spare key kept?", "Which door does it open?", "Which door does spare key open?"),
  ])
  func whatIsLeftOpenIsTakenFromItsPlace(before: String, question: String, whole: String) {
    #expect(FollowUp.whole(question, after: [ConversationTurn(question: before, answer: "")]).text == whole)
  }

  @Test(arguments: [
    "What does a tenant do when the landlord needs it?", "Who pays if the parcel is lost and it rains?",
    "Which form do employees fill in to report it?", "What should Dana say, if it rains?",
  ])
  func whatItsOwnWordsExplainIsLeftAlone(question: String) {
    let turn = ConversationTurn(question: "How long is the lease of the Rillo 8?", answer: "")
    #expect(!FollowUp.whole(question, after: [turn]).isRewritten)
  }

  @Test func aFirstQuestionLeansOnNothing() {
    #expect(FollowUp.whole("How long does it last?", after: []).isRewritten == false)
  }

  @Test func theAnswerShowsHowTheQuestionWasUnderstood() throws {
    let test = try TestLibrary()
    try test.add(
      "Full-time staff get 15 vacation days a year. Part-time staff get 8 vacation days a year.", named: "a.txt")
    var asked = AnswerQuestion("And for part-time staff?")
    asked.history = [ConversationTurn(question: "How many vacation days do full-time staff get?", answer: "15 [1].")]
    let answer = try test.library.ask(asked)
    #expect(answer.rewrittenQuestion == "How many vacation days do part-time staff get?")
    #expect(answer.text.contains("Part-time staff get 8"))
  }
}
