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
