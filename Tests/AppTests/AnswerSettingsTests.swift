// The settings of answering, through the built binary: each reaches the answer, and one that lacks what it needs is
// refused with the way out.
import Base
import Foundation
import ScriptedEndpoint
import Testing

@Suite struct AnswerSettingsTests {
  private let folder = Folder()

  private func ask(_ environment: [String: String], _ more: String...) throws -> Outcome {
    let file = try folder.write(
      "leave.md", "# Time off\n\nFull-time staff get 15 vacation days a year.\n\nThe canteen serves soup.\n")
    let other = try folder.write("canteen.md", "# Canteen\n\nThe canteen serves vacation soup to staff for 15 days.\n")
    try #require(try Binary.run(["add", file, other], data: folder.data).status == 0)
    return try Binary.run(
      ["ask", "How many vacation days do full-time staff get?", "--json"] + more, data: folder.data,
      environment: environment)
  }

  @Test(arguments: ["cohere", "tei"])
  func aServiceReranks(_ form: String) throws {
    let endpoint = try ScriptedEndpoint { request, _ in
      let texts = request.json.documents?.array ?? request.json.texts?.array ?? []
      let scores = texts.indices.map { JSON.object(["index": .integer($0), "relevance_score": .number(Double($0))]) }
      return .json(form == "tei" ? .array(scores) : ["results": .array(scores)])
    }
    defer { endpoint.stop() }
    let plain = try JSON(parsing: ask([:]).output)
    let answer = try JSON(
      parsing: ask([
        "FOOTNOTE_RERANK": form, "FOOTNOTE_RERANK_URL": form == "tei" ? endpoint.url : "\(endpoint.url)/v2",
        "FOOTNOTE_RERANK_MODEL": "judge", "FOOTNOTE_RERANK_KEY": "rk-topsecret",
      ]).output)
    let request = try #require(endpoint.requests.first)
    #expect(request.path == (form == "tei" ? "/rerank" : "/v2/rerank"))
    #expect(request.header("authorization") == "Bearer rk-topsecret")
    let files = { (answer: JSON) in answer.sources?.array?.map { $0.filename?.string } }
    #expect(files(answer) == files(plain)?.reversed())
    #expect(answer.basis?.reranker == "judge" && !answer.text.contains("topsecret"))
  }

  @Test func aServiceThatFailsCostsAWarning() throws {
    let endpoint = try ScriptedEndpoint { _, _ in .error(401, "bad key rk-topsecret") }
    defer { endpoint.stop() }
    let outcome = try ask([
      "FOOTNOTE_RERANK": "cohere", "FOOTNOTE_RERANK_URL": endpoint.url, "FOOTNOTE_RERANK_MODEL": "judge",
      "FOOTNOTE_RERANK_KEY": "rk-topsecret",
    ])
    let answer = try JSON(parsing: outcome.output)
    #expect(answer.warnings?.array?.contains { $0.string?.contains("reranked") == true } == true)
    #expect(answer.answer?.string?.contains("15 vacation days") == true && !outcome.output.contains("topsecret"))
  }

  @Test(arguments: [
    (["FOOTNOTE_RERANK": "cohere"], "answers.rerank_url"), (["FOOTNOTE_RERANK": "model"], "llm.url"),
    (["FOOTNOTE_EXPANSION": "queries"], "llm.url"), (["FOOTNOTE_REWRITE": "model"], "llm.url"),
    (["FOOTNOTE_RERANK": "cohere", "FOOTNOTE_RERANK_URL": "http://127.0.0.1:1"], "answers.rerank_model"),
    (["FOOTNOTE_RERANK": "best"], "answers.rerank"), (["FOOTNOTE_FALSE_ANSWER_RATE": "1.5"], "answers.false_rate"),
  ])
  func whatIsMissingIsNamed(_ environment: [String: String], _ named: String) throws {
    let outcome = try ask(environment)
    #expect(outcome.status != 0 && outcome.errors.contains(named), "\(outcome.errors)")
  }

  @Test func theRateMovesTheThreshold() throws {
    func least(_ rate: String) throws -> Double {
      let answer = try JSON(parsing: ask(["FOOTNOTE_FALSE_ANSWER_RATE": rate]).output)
      return answer.basis?.confidence_min?.double ?? -1
    }
    let (strict, usual, lax) = (try least("0.01"), try least("0.05"), try least("0.3"))
    #expect(strict > usual && usual > lax && lax > 0)
  }

  @Test func everythingIsOffByDefault() throws {
    let shown = try JSON(parsing: Binary.run(["config", "--json"], data: folder.data).output)
    func value(_ key: String) -> JSON? { shown.settings?.array?.first { $0.key?.string == key }?.value }
    #expect(value("answers.expansion") == "none" && value("answers.rerank") == "none")
    #expect(value("answers.rewrite") == "rules" && value("answers.when_model_fails") == "extract")
    #expect(value("answers.false_rate") == 0.05)
  }
}
