// Faithfulness, answer relevancy, context precision and context recall, as RAGAS defines them. With a model the model
// judges; without one the built-in judge does, by support: the same judge that the citation gate asks.
// https://docs.ragas.io/en/stable/concepts/metrics/available_metrics/
import Base
import Embedding
import Models
import Text

package struct JudgedFigures: Sendable {
  /// Of the answer's statements, the share that the passages carry.
  package var faithfulness: Double?
  /// How near the question is to what the answer answers.
  package var relevancy: Double?
  /// Whether the passages that matter stand first: mean precision at the places of those that matter.
  package var contextPrecision: Double?
  /// Of the statements of the expected answer, the share that the passages carry.
  package var contextRecall: Double?
  package var isByModel = false
}

/// What was judged of all questions. A figure says over how many of them it holds: a call to the judge may have failed,
/// and not every question has what a figure is made of.
package struct JudgedReport: Sendable {
  package struct Figure: Sendable {
    package let name: String
    package let mean: Double?
    package let questions: Int
  }

  package let figures: [Figure]
  package let isByModel: Bool

  init?(_ all: [JudgedFigures]) {
    guard !all.isEmpty else { return nil }
    func figure(_ name: String, _ value: (JudgedFigures) -> Double?) -> Figure {
      let known = all.compactMap(value)
      return Figure(
        name: name, mean: known.isEmpty ? nil : known.reduce(0, +) / Double(known.count), questions: known.count)
    }
    figures = [
      figure("faithfulness", \.faithfulness), figure("answer_relevancy", \.relevancy),
      figure("context_precision", \.contextPrecision), figure("context_recall", \.contextRecall),
    ]
    isByModel = all.contains(where: \.isByModel)
  }
}

struct AnswerJudge {
  let model: (any ChatModel)?
  let embedder: any Embedder
  let texts: TextCache
  let prompts: PromptShelf

  /// A call to the judging model that gave nothing. It costs the figure that it was for, of this question alone.
  private struct CallFailure: Error {
    let why: String
  }

  func judge(
    _ question: EvaluationQuestion, _ answer: Answer
  ) throws -> (figures: JudgedFigures, failures: [MeansFailure]) {
    let passages = answer.sources.map(\.passage)
    var figures = JudgedFigures()
    var failures: [MeansFailure] = []
    guard !passages.isEmpty else { return (figures, failures) }
    func judged(_ name: String, _ figure: () throws -> Double?) throws -> Double? {
      do { return try figure() } catch let failure as CallFailure {
        failures.append(MeansFailure(step: .judge, warning: "\(name) could not be judged: \(failure.why)"))
        return nil
      }
    }
    let carries = try carrier(passages, documents: passages.map(\.documentID))
    if !answer.isRefused {
      let statements = Sentences.ranges(in: answer.text).map { answer.text.scalarSlice($0) }
      figures.faithfulness = try judged("faithfulness") { try share(of: statements, carries) }
      figures.relevancy = try judged("answer relevancy") {
        let asked = answer.rewrittenQuestion ?? answer.question
        let batch = try embedder.embed([asked, answeredQuestion(answer)], isUrgent: true)
        return max(0, Double(zip(batch[0], batch[1]).reduce(Float(0)) { $0 + $1.0 * $1.1 }))
      }
    }
    if let expected = question.answers.first, !question.isUnanswerable {
      figures.contextRecall = try judged("context recall") {
        try share(of: Sentences.ranges(in: expected).map { expected.scalarSlice($0) }, carries)
      }
      figures.contextPrecision = try judged("context precision") { try precision(question.answers, in: passages) }
    }
    figures.isByModel = model != nil
    return (figures, failures)
  }

  private func precision(_ answers: [String], in passages: [Passage]) throws -> Double {
    var hits = 0
    var precisions: [Double] = []
    for (index, passage) in passages.enumerated() {
      let holds = try answers.contains { wanted in
        if EvaluationTally.holds([EvaluationTally.normalized(wanted)], in: passage.text) { return true }
        return try model != nil && carrier([passage], documents: [passage.documentID])(wanted)
      }
      guard holds else { continue }
      hits += 1
      precisions.append(Double(hits) / Double(index + 1))
    }
    return precisions.isEmpty ? 0 : precisions.reduce(0, +) / Double(precisions.count)
  }

  /// The question that the answer answers, as the model reads it; without a model the answer stands for it.
  private func answeredQuestion(_ answer: Answer) throws -> String {
    let said = Claim(answer.text).text
    guard let model else { return said }
    let request = ChatRequest(purpose: "judge", try prompts.prompt("judge-question").messages(["text": said]))
    let question = try reply(of: model, to: request)
    guard question.contains(where: \.isLetter) else { throw CallFailure(why: "\(model.name) named no question") }
    return question
  }

  private func reply(of model: any ChatModel, to request: ChatRequest) throws -> String {
    do { return try model.reply(to: request, onText: nil).text } catch let error where MeansFailure.isOfAModel(error) {
      throw CallFailure(why: "\(PlainFailure.describing(error))")
    }
  }

  private func share(of statements: [String], _ carries: (String) throws -> Bool) throws -> Double? {
    guard !statements.isEmpty else { return nil }
    return Double(try statements.count(where: carries)) / Double(statements.count)
  }

  /// Whether the passages carry a statement.
  private func carrier(_ passages: [Passage], documents: [String]) throws -> (String) throws -> Bool {
    guard let model else {
      return { statement in
        // A few words are no sentence: they are carried where they stand.
        let wanted = EvaluationTally.normalized(Claim(statement).text)
        if passages.contains(where: { EvaluationTally.holds([wanted], in: $0.text) }) { return true }
        var gate = try AnswerGate(passages: passages, texts: texts)
        _ = try gate.take(statement)
        _ = try gate.finish()
        return gate.remarks.isEmpty && !gate.citations.isEmpty
      }
    }
    let fenced = WrittenAnswerer.fenced(passages)
    return { statement in
      var request = ChatRequest(
        purpose: "judge",
        try prompts.prompt("judge-statement").messages(["passages": fenced, "statement": Claim(statement).text]))
      request.documents = documents
      let said = try reply(of: model, to: request)
      guard let verdict = AnswerJudge.verdict(said) else {
        throw CallFailure(why: "\(model.name) said neither yes nor no, but “\(said.prefix(60))”")
      }
      return verdict
    }
  }

  /// Yes or no where a reply begins with it, or says one of them alone; else nil: that is no verdict.
  static func verdict(_ reply: String) -> Bool? {
    let words = reply.lowercased().split { !$0.isLetter }
    let said = Set(words.filter { $0 == "yes" || $0 == "no" })
    if let first = words.first, said.contains(first) { return first == "yes" }
    return said.count == 1 ? said.contains("yes") : nil
  }
}
