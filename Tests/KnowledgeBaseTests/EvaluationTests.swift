// What eval counts: figures with and without ground truth, what models failed to give, and what the options change.
import Base
import Models
import Testing

@testable import KnowledgeBase

@Suite struct EvaluationTests {
  @Test func countsWhatItSees() throws {
    let test = try TestLibrary()
    try test.add("Full-time staff get 15 vacation days a year.", named: "leave.txt")
    try test.add("The canteen serves soup on Mondays.", named: "canteen.txt")
    let lines = """
      {"question":"How many vacation days do staff get?","answers":["15 vacation days"],"document":"leave.txt"}
      {"question":"When does the canteen serve soup?","answers":["on Fridays"],"document":"canteen.txt"}
      {"question":"Who painted the ceiling of the chapel?","unanswerable":true}
      """
    let report = try test.library.evaluate(EvaluationQuestion.read(Array(lines.utf8)))
    #expect(report.questions == 3)
    #expect(report.recall.first?.share == 1)
    #expect(report.answerContains == 0.5)
    #expect(report.citationValid == 1)
    #expect(report.trueRefusals == 1 && report.falseRefusals == 0)
    // By the built-in judge, and from answering everything on.
    let judged = try #require(report.judged)
    #expect(!judged.isByModel && judged.figures.map(\.mean)[0] == 1 && judged.figures.map(\.questions) == [2, 2, 2, 2])
    #expect(report.riskCurve.count == 20 && report.riskCurve[0].answered == 1)
    let falselyAnswered = report.riskCurve.compactMap(\.falselyAnswered)
    #expect(falselyAnswered.count == 20 && falselyAnswered == falselyAnswered.sorted(by: >))
  }

  @Test func aFigureWithoutGroundTruthIsAbsent() throws {
    let test = try TestLibrary()
    try test.add("The canteen serves soup on Mondays.", named: "canteen.txt")
    let report = try test.library.evaluate(EvaluationQuestion.read(Array(#"{"question":"Soup?"}"#.utf8)))
    #expect(report.mrr10 == nil && report.answerContains == nil && report.trueRefusals == nil)
  }

  @Test func aWrongLineIsNamed() {
    let error = #expect(throws: PlainFailure.self) {
      try EvaluationQuestion.read(Array("{\"question\":\"a\"}\n{\"q\":1}".utf8))
    }
    #expect(error?.message == "line 2: there is no question")
  }

  @Test func aWrongLineIsNamedWhereBlankOnesStandBefore() {
    let error = #expect(throws: PlainFailure.self) {
      try EvaluationQuestion.read(Array("\n\n{\"question\":\"a\",\"history\":[{\"q\":1}]}".utf8))
    }
    #expect(error?.message.hasPrefix("line 3: 'history' is not a list") == true)
  }

  // MARK: With a model

  private struct Scripted: ChatModel {
    let name = "scripted"
    let script: @Sendable (ChatRequest) throws -> String

    func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply {
      let text = try script(request)
      try onText?(text)
      return ChatReply(text: text, model: name, usage: ChatUsage(inputTokens: 1, outputTokens: 1))
    }
  }

  private static let down = ChatFailure.garbled(host: "judge.example", why: "no choices")

  /// Three questions that have an answer, each about a number of its own.
  private func evaluate(
    by script: @escaping @Sendable (ChatRequest) throws -> String, _ change: (inout AnswerMeans) -> Void = { _ in }
  ) throws -> EvaluationReport {
    let test = try TestLibrary(confidenceMin: 0.05)
    let subjects = ["staff", "pilots", "cooks"]
    for (index, subject) in subjects.enumerated() {
      try test.add("The \(subject) get \(index + 11) vacation days a year.", named: "\(subject).txt")
    }
    let lines = subjects.enumerated().map { index, subject in
      let question = "How many vacation days do the \(subject) get?"
      return #"{"id":"\#(subject)","question":"\#(question)","answers":["\#(index + 11)"]}"#
    }
    var options = EvaluationOptions()
    options.means.model = Scripted(script: script)
    change(&options.means)
    return try test.library.evaluate(
      EvaluationQuestion.read(Array(lines.joined(separator: "\n").utf8)), options: options)
  }

  /// Writes what the first passage says, whatever it is asked.
  private static func written(_ request: ChatRequest) -> String {
    let said = request.messages.last?.text.split(separator: "\n").first { $0.contains("vacation days a year") } ?? ""
    return String(said).replacing(".", with: " [1].")
  }

  @Test func oneFailingCallOfTheJudgeCostsOneFigureOfOneQuestion() throws {
    let report = try evaluate { request in
      guard request.purpose == "judge" else { return EvaluationTests.written(request) }
      let asked = request.messages.last?.text ?? ""
      guard asked.contains("Statement: ") else { return "How many vacation days do they get?" }
      if asked.contains("Statement: The pilots get") { throw EvaluationTests.down }
      return "Yes."
    }
    let judged = try #require(report.judged)
    #expect(judged.isByModel && judged.figures.map(\.name).first == "faithfulness")
    #expect(judged.figures.map(\.questions) == [2, 3, 3, 3])
    #expect(judged.figures.first?.mean == 1)
    let failed = report.outcomes.filter { !$0.failures.isEmpty }
    #expect(failed.map(\.id) == ["pilots"] && failed.first?.isFailed == false)
    #expect(failed.first?.failures.map(\.step) == [.judge])
    #expect(failed.first?.failures.first?.warning.contains("faithfulness could not be judged: judge.example") == true)
    #expect(report.answerContains == 1 && report.failedQuestions == 0)
  }

  @Test func aJudgeThatSaysNeitherYesNorNoHasNotJudged() throws {
    let replies: [(String, Bool?)] = [
      ("Yes", true), ("no.", false), ("**No**, because yes is wrong", false), ("The answer is yes", true), ("", nil),
      ("Yesterday", nil), ("yes and no", true), ("It may be yes, or no", nil),
    ]
    for (reply, verdict) in replies {
      #expect(AnswerJudge.verdict(reply) == verdict, "\(reply)")
    }
    let report = try evaluate { $0.purpose == "judge" ? "1234" : EvaluationTests.written($0) }
    #expect(report.judged?.figures.first?.mean == nil && report.judged?.figures.first?.questions == 0)
    #expect(report.outcomes.allSatisfy { $0.failures.contains { $0.warning.contains("neither yes nor no") } })
    // Nor has one that names no question.
    #expect(report.outcomes.allSatisfy { $0.failures.contains { $0.warning.contains("named no question") } })
  }

  @Test func aQuestionThatNobodyAnswersIsLeftOutAndNamed() throws {
    let report = try evaluate {
      if $0.messages.last?.text.contains("Question: How many vacation days do the cooks") == true {
        throw EvaluationTests.down
      }
      return $0.purpose == "judge" ? "yes" : EvaluationTests.written($0)
    } _: {
      $0.extractsWhenModelFails = false
    }
    #expect(report.questions == 3 && report.failedQuestions == 1)
    #expect(report.outcomes.map(\.isFailed) == [false, false, true])
    #expect(report.answerContains == 1 && report.falseRefusals == 0 && report.riskCurve.first?.answered == 1)
    #expect(report.judged?.figures.first?.questions == 2)
    #expect(report.outcomes.last?.failures.map(\.step) == [.ask])
  }

  @Test func whatStoodInForAModelIsCounted() throws {
    let report = try evaluate(by: { _ in throw EvaluationTests.down }, { $0.expansion = .queries })
    #expect(report.answerContains == 1)
    let steps = report.outcomes.map { $0.failures.map(\.step) }
    #expect(steps.allSatisfy { $0.prefix(2) == [.expand, .write] && $0.contains(.judge) }, "\(steps)")
  }

  @Test func whoeverHangsUpEndsIt() throws {
    #expect(throws: ChatFailure.cancelled) { try evaluate { _ in throw ChatFailure.cancelled } }
  }

  // MARK: Options

  private struct Last: Reranker {
    let name = "last"
    func order(_ texts: [String], for question: String) throws -> [Int] { texts.indices.reversed() }
  }

  /// A reranker's order is what the figures see.
  @Test func rerankingShowsInTheFigures() throws {
    let test = try TestLibrary(confidenceMin: 0.05)
    try test.add("The staff get 11 vacation days a year.", named: "staff.txt")
    try test.add("The canteen serves soup on vacation days.", named: "canteen.txt")
    let questions = try EvaluationQuestion.read(
      Array(#"{"question":"How many vacation days do the staff get?","answers":["11"],"document":"staff.txt"}"#.utf8))
    var options = EvaluationOptions()
    let plain = try test.library.evaluate(questions, options: options)
    options.means.reranker = Last()
    let turned = try test.library.evaluate(questions, options: options)
    #expect(plain.mrr10 == 1 && plain.answerInTop.first?.share == 1)
    #expect(turned.mrr10 == 0.5 && turned.answerInTop.first?.share == 0)
  }

  @Test func expansionShowsInTheFigures() throws {
    let test = try TestLibrary(confidenceMin: 0.05)
    for number in 0..<12 {
      try test.add("Annual entitlement number \(number) of depots.", named: "depot-\(number).txt")
    }
    try test.add("Holidays come to 25 days for everybody.", named: "leave.txt")
    let questions = try EvaluationQuestion.read(
      Array(#"{"question":"annual vacation entitlement","answers":["25"],"document":"leave.txt"}"#.utf8))
    var options = EvaluationOptions()
    #expect(try test.library.evaluate(questions, options: options).mrr10 == 0)
    options.means.model = Scripted { $0.purpose == "expand" ? "how many holidays come to everybody" : "yes" }
    options.means.expansion = .queries
    #expect(try test.library.evaluate(questions, options: options).mrr10 ?? 0 > 0)
  }

  @Test func aFollowUpIsAskedBehindItsTurns() throws {
    let test = try TestLibrary(confidenceMin: 0.05)
    try test.add("Full-time staff get 15 vacation days a year.", named: "full.txt")
    try test.add("Part-time staff get 8 vacation days a year.", named: "part.txt")
    let first = "How many vacation days do full-time staff get?"
    for turn in [#""\#(first)""#, #"{"question":"\#(first)","answer":"15 days."}"#] {
      let line = #"{"question":"And part-time staff?","answers":["8"],"document":"part.txt","history":[\#(turn)]}"#
      let report = try test.library.evaluate(EvaluationQuestion.read(Array(line.utf8)))
      #expect(report.followUps == 1 && report.madeWhole == 1 && report.answerContains == 1)
      #expect(report.outcomes.first?.rewrittenQuestion == "How many vacation days do part-time staff get?")
    }
    // The turn without an answer is asked, and the model that rewrites is told what was answered.
    var options = EvaluationOptions()
    options.means.rewritesByModel = true
    options.means.model = Scripted { request in
      guard request.purpose == "rewrite" else { return request.purpose == "judge" ? "yes" : "15 [1]." }
      return request.messages.last?.text.contains("Answer: 15") == true ? "Who gets 8 vacation days?" : "?"
    }
    let line = #"{"question":"And 8?","answers":["Part-time"],"history":["\#(first)"]}"#
    let report = try test.library.evaluate(EvaluationQuestion.read(Array(line.utf8)), options: options)
    #expect(report.outcomes.first?.rewrittenQuestion == "Who gets 8 vacation days?")
  }
}
