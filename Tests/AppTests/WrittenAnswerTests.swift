// A model that is configured writes the answers, through the same gate; --no-llm does without it; its failure is told.
import Base
import Foundation
import ScriptedEndpoint
import Testing

@Suite struct WrittenAnswerTests {
  private let folder = Folder()
  private let question = "How many vacation days do full-time staff get?"

  private func add() throws {
    let file = try folder.write(
      "leave.md",
      "# Time off\n\nFull-time staff get 15 vacation days a year. After three years the number rises to 20.\n")
    #expect(try Binary.run(["add", file], data: folder.data).status == 0)
  }

  private func ask(_ endpoint: ScriptedEndpoint, _ more: String..., whenItFails: String = "extract") throws -> Outcome {
    try Binary.run(
      ["ask", question, "--json"] + more, data: folder.data,
      environment: [
        "FOOTNOTE_LLM_URL": endpoint.url, "FOOTNOTE_LLM_MODEL": "m", "FOOTNOTE_LLM_KEY": "sk-topsecret",
        "FOOTNOTE_LLM_PRICES": #"{"models":{"m":{"input":1000000,"output":1000000}}}"#, "FOOTNOTE_LLM_ATTEMPTS": "1",
        "FOOTNOTE_WHEN_MODEL_FAILS": whenItFails,
      ])
  }

  @Test func aModelWritesAndTheGateChecks() throws {
    try add()
    let endpoint = try ScriptedEndpoint { _, _ in
      ChatScript.reply(
        ["Full-time staff get 15 vac", "ation days a year [1]. ", "They get 99 days in Paris [1]."],
        usage: ChatScript.usage(200, 20))
    }
    defer { endpoint.stop() }
    let answer = try JSON(parsing: ask(endpoint).output)
    #expect(answer.model?.string == "scripted" && answer.cost?.double == 220)
    #expect(answer.answer?.string?.contains("15 vacation days") == true)
    #expect(answer.answer?.string?.contains("99") == false)
    #expect(answer.usage?.input_tokens?.int == 200 && answer.cached?.bool == false)
    let sent = endpoint.requests[0].json.messages?.array?.last?.content?.string ?? ""
    #expect(sent.contains("Passage [1] from leave.md") && sent.hasSuffix("Question: \(question)"))

    let again = try JSON(parsing: ask(endpoint).output)
    #expect(again.cached?.bool == true && again.cost?.double == 0 && again.answer == answer.answer)
    let extracted = try JSON(parsing: ask(endpoint, "--no-llm").output)
    #expect(extracted.model?.string == "extractive")
    #expect(endpoint.requests.count == 1)
  }

  @Test func aModelThatFailsIsTold() throws {
    try add()
    let endpoint = try ScriptedEndpoint { _, _ in .error(401, "bad key sk-topsecret") }
    defer { endpoint.stop() }
    let extracted = try ask(endpoint)
    let answer = try JSON(parsing: extracted.output)
    #expect(extracted.status == 0 && answer.model?.string == "extractive")
    #expect(answer.answer?.string?.contains("15 vacation days") == true)
    #expect(answer.warnings?.array?.contains { $0.string?.contains("check its key") == true } == true)
    #expect(!(extracted.output + extracted.errors).contains("topsecret"))
    let outcome = try ask(endpoint, whenItFails: "error")
    #expect(outcome.status == 1 && outcome.errors.contains("check its key"))
    #expect(!(outcome.output + outcome.errors).contains("topsecret"))
  }
}
