// footnote eval from end to end: its reports and files, the gate against a baseline, and a judge that fails.
import Base
import Foundation
import ScriptedEndpoint
import Testing

@Suite struct EvaluationCommandTests {
  private let folder = Folder()

  private func questions() throws -> String {
    let files = try [
      folder.write("leave.md", "# Time off\n\nFull-time staff get 15 vacation days a year.\n"),
      folder.write("desk.txt", "Desks are cleaned on Fridays by the office team.\n"),
    ]
    #expect(try Binary.run(["add"] + files, data: folder.data).status == 0)
    return try folder.write(
      "questions.jsonl",
      """
      {"id":"leave","question":"How many vacation days do full-time staff get?","answers":["15"],"document":"leave.md"}
      {"id":"desk","question":"When are desks cleaned?","answers":["Fridays"],"document":"desk.txt"}
      {"id":"none","question":"Who won the chess championship in 1921?","unanswerable":true}
      """)
  }

  private func eval(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
    try Binary.run(["eval"] + arguments, data: folder.data, environment: environment)
  }

  @Test func reportsAreWrittenAndABaselineIsHeld() throws {
    let questions = try questions()
    let paths = ["markdown", "html", "outcomes"].map { "\(folder.path)/report.\($0)" }
    let outcome = try eval(
      [questions, "--json", "--markdown", paths[0], "--html", paths[1], "--outcomes", paths[2]])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let report = try JSON(parsing: outcome.output)
    #expect(report.judged?.by?.string == "support" && report.judged?.over?.faithfulness?.int == 2)
    #expect(report.failures?.count?.int == 0 && report.failures?.kinds == [])
    let curve = try #require(report.refusal?.curve?.array)
    #expect(curve.count == 20 && curve.first?.answered?.double == 1 && curve.first?.falsely_answered?.double == 1)
    let written = try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }
    #expect(written[0].contains("## Risk and coverage") && written[1].contains("<meter"))
    let ids = try written[2].split(separator: "\n").map { try JSON(parsing: String($0)).id?.string }
    #expect(ids == ["leave", "desk", "none"])

    let baseline = try folder.write("baseline.json", outcome.output)
    #expect(try eval([questions, "--json", "--baseline", baseline]).status == 0)
    #expect(try Binary.run(["remove", "desk.txt"], data: folder.data).status == 0)
    let fallen = try eval([questions, "--json", "--baseline", baseline])
    #expect(fallen.status == 1 && fallen.errors.contains("figures fell") && fallen.errors.contains("recall.1"))
    #expect(try JSON(parsing: fallen.output).questions?.int == 3)
  }

  @Test func aJudgeThatFailsOnceIsTold() throws {
    let questions = try questions()
    let endpoint = try ScriptedEndpoint { request, _ in
      let asked = request.json.messages?.array?.last?.content?.string ?? ""
      if asked.contains("Statement: Desks are cleaned") { return .error(400, "judge is out") }
      if asked.contains("Statement: ") { return ChatScript.reply(["yes"]) }
      guard asked.contains("Question: ") else { return ChatScript.reply(["What is said?"]) }
      return ChatScript.reply([
        asked.contains("desks")
          ? "Desks are cleaned on Fridays by the office team [1]."
          : "Full-time staff get 15 vacation days a year [1]."
      ])
    }
    defer { endpoint.stop() }
    let page = "\(folder.path)/report.md"
    let outcome = try eval(
      [questions, "--json", "--markdown", page],
      environment: [
        "FOOTNOTE_LLM_URL": endpoint.url, "FOOTNOTE_LLM_MODEL": "m", "FOOTNOTE_LLM_ATTEMPTS": "1",
      ])
    #expect(outcome.status == 0 && outcome.errors.contains("1 times a model gave nothing"), "\(outcome.errors)")
    let report = try JSON(parsing: outcome.output)
    #expect(report.judged?.by?.string == "model" && report.judged?.over?.faithfulness?.int == 1)
    #expect(report.judged?.over?.answer_relevancy?.int == 2 && report.failures?.count?.int == 1)
    let kind = try #require(report.failures?.kinds?.array?.first)
    #expect(kind.step?.string == "judge" && kind.questions == ["desk"])
    #expect(kind.what?.string?.contains("judge is out") == true)
    #expect(try String(contentsOfFile: page, encoding: .utf8).contains("- 1 × judge: faithfulness could not be judged"))
  }
}
