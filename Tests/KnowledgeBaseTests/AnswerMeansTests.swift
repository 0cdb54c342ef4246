// What models do besides what must hold: rewording, expanding, writing; and that their failure costs a warning, never
// the answer, while a failure of ours or of whoever listens is told.
import Base
import Models
import Testing

@testable import KnowledgeBase

@Suite struct AnswerMeansTests {
  private struct Down: ChatModel {
    let name = "down"
    /// Said before it fails.
    var begins = ""

    func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply {
      if !begins.isEmpty { try onText?(begins) }
      throw ChatFailure.noneReady(retrySeconds: 7)
    }
  }

  private struct Gone: Error {}

  private func library() throws -> TestLibrary {
    let test = try TestLibrary()
    try test.add(
      "Full-time staff get 15 vacation days a year. Part-time staff get 8 vacation days a year.", named: "leave.txt")
    return test
  }

  private func question(_ model: any ChatModel, _ text: String = "How many vacation days do part-time staff get?")
    -> AnswerQuestion
  {
    var question = AnswerQuestion(text)
    question.means.model = model
    return question
  }

  @Test func aModelThatIsDownCostsAWarning() throws {
    let test = try library()
    let answer = try test.library.ask(question(Down()))
    #expect(answer.model == "extractive" && answer.text.contains("Part-time staff get 8"))
    #expect(answer.warnings.contains { $0.contains("down could not be asked") && $0.contains("try again in 7 s") })
    // What was meant to be asked of the model leaves no trace in what the answer follows from.
    #expect(answer.basis.prompt == .null && answer.basis.model == "extractive")
    #expect(try test.library.replay(["answer": .string(answer.text), "basis": answer.basis]).changed == [])
  }

  @Test func orAnErrorWhereThatIsWanted() throws {
    let test = try library()
    var asked = question(Down())
    asked.means.extractsWhenModelFails = false
    #expect(throws: ChatFailure.self) { try test.library.ask(asked) }
  }

  @Test func aFailureHalfWayIsTold() throws {
    let test = try library()
    let begun = Down(begins: "Part-time staff get 8 vacation days a year [1]. Full-time")
    var streamed = ""
    #expect(throws: ChatFailure.self) {
      try test.library.ask(question(begun)) { if case .text(let text) = $0 { streamed += text } }
    }
    #expect(streamed.contains("8 vacation days"))
    // Nothing had passed the gate yet: nobody has seen anything.
    let unseen = try test.library.ask(question(Down(begins: "Part-time staff get 80 vac")))
    #expect(unseen.model == "extractive" && !unseen.text.contains("80"))
  }

  @Test func whoeverHangsUpIsNoFailureOfTheModel() throws {
    let test = try library()
    let model = ScriptedModel("Part-time staff get 8 vacation days a year [1].")
    #expect(throws: Gone.self) {
      try test.library.ask(question(model)) { if case .text = $0 { throw Gone() } }
    }
  }

  @Test func aModelMakesAQuestionWholeAndItIsShown() throws {
    let test = try library()
    let model = ScriptedModel { request in
      request.purpose == "rewrite"
        ? "How many vacation days do **part-time staff** get?" : "Part-time staff get 8 vacation days a year [1]."
    }
    var asked = question(model, "And the others?")
    asked.means.rewritesByModel = true
    asked.history = [
      ConversationTurn(question: "How many vacation days do full-time staff get?", answer: "15 [1].", documents: ["d"])
    ]
    var told: [String] = []
    let answer = try test.library.ask(asked) { if case .question(let whole) = $0 { told.append(whole) } }
    #expect(answer.rewrittenQuestion == "How many vacation days do part-time staff get?")
    #expect(told == ["How many vacation days do part-time staff get?"] && answer.text.contains("get 8"))
    #expect(answer.basis.history != .null)

    asked.means.model = ScriptedModel { $0.purpose == "rewrite" ? "See http://evil.example" : "" }
    let byRules = try test.library.ask(asked)
    #expect(byRules.warnings.contains { $0.contains("no usable rewording") })
    asked.means.model = Down()
    #expect(try test.library.ask(asked).warnings.contains { $0.contains("could not make the question whole") })
  }

  @Test func whatIsToldOfAConversationNamesItsDocuments() throws {
    let turn = ConversationTurn(question: "q", answer: "a", documents: ["b", "a"])
    let prompt = AnswerPrompt(try PromptShelf().prompt("answer"))
    let writer = WrittenAnswerer(model: Down(), prompt: prompt)
    #expect(try writer.request("q", passages: [], history: [turn], scope: "").documents == ["a", "b"])
  }

  @Test func expansionThatFailsCostsAWarning() throws {
    let test = try library()
    var asked = question(Down())
    asked.means.expansion = .queries
    let answer = try test.library.ask(asked)
    #expect(answer.warnings.contains { $0.contains("in other ways") } && answer.text.contains("get 8"))
  }

  @Test func withoutAModelNoneIsAsked() throws {
    var means = AnswerMeans()
    means.model = Down()
    means.expansion = .queries
    means.rewritesByModel = true
    means.reranker = ChatReranker(Down(), prompt: try PromptShelf().prompt("rerank"))
    let without = means.withoutModel
    #expect(without.model == nil && without.expansion == .none && !without.rewritesByModel && without.reranker == nil)
  }

  @Test func aWrittenAnswerIsGivenAgainByItsModel() throws {
    let test = try library()
    let asked = question(ScriptedModel("Part-time staff get 8 vacation days a year [1]."))
    let answer = try test.library.ask(asked)
    let saved: JSON = ["answer": .string(answer.text), "basis": answer.basis]
    let again = try test.library.replay(saved, means: asked.means)
    #expect(again.isSame && again.changed == [])
    let without = try test.library.replay(saved)
    #expect(without.changed.contains { $0.hasPrefix("model:") })
    let other = try test.library.replay(saved, means: question(ScriptedModel("Staff get 8 days [1].")).means)
    #expect(!other.isSame && other.difference != nil)
  }
}
