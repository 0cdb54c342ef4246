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

  static func mean(of figures: [JudgedFigures]) -> JudgedFigures? {
    guard !figures.isEmpty else { return nil }
    func mean(_ value: (JudgedFigures) -> Double?) -> Double? {
      let known = figures.compactMap(value)
      return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
    }
    return JudgedFigures(
      faithfulness: mean(\.faithfulness), relevancy: mean(\.relevancy), contextPrecision: mean(\.contextPrecision),
      contextRecall: mean(\.contextRecall), isByModel: figures.contains(where: \.isByModel))
  }
}

struct AnswerJudge {
  let model: (any ChatModel)?
  let embedder: any Embedder
  let texts: TextCache
  let prompts: PromptShelf

  func judge(_ question: EvaluationQuestion, _ answer: Answer) throws -> JudgedFigures {
    let passages = answer.sources.map(\.passage)
    var figures = JudgedFigures()
    guard !passages.isEmpty else { return figures }
    let carries = try carrier(passages, documents: passages.map(\.documentID))
    if !answer.isRefused {
      let statements = Sentences.ranges(in: answer.text).map { answer.text.scalarSlice($0) }
      figures.faithfulness = try share(of: statements, carries)
      let batch = try embedder.embed([answer.question, answeredQuestion(answer)], isUrgent: true)
      figures.relevancy = max(0, Double(zip(batch[0], batch[1]).reduce(Float(0)) { $0 + $1.0 * $1.1 }))
    }
    if let expected = question.answers.first, !question.isUnanswerable {
      figures.contextRecall = try share(of: Sentences.ranges(in: expected).map { expected.scalarSlice($0) }, carries)
      var hits = 0
      var precisions: [Double] = []
      for (index, passage) in passages.enumerated() {
        let holds = try question.answers.contains { wanted in
          if EvaluationTally.holds([EvaluationTally.normalized(wanted)], in: passage.text) { return true }
          return try model != nil && carrier([passage], documents: [passage.documentID])(wanted)
        }
        guard holds else { continue }
        hits += 1
        precisions.append(Double(hits) / Double(index + 1))
      }
      figures.contextPrecision = precisions.isEmpty ? 0 : precisions.reduce(0, +) / Double(precisions.count)
    }
    figures.isByModel = model != nil
    return figures
  }

  /// The question that the answer answers, as the model reads it; without a model the answer stands for it.
  private func answeredQuestion(_ answer: Answer) throws -> String {
    let said = Claim(answer.text).text
    guard let model else { return said }
    let request = ChatRequest(purpose: "judge", try prompts.prompt("judge-question").messages(["text": said]))
    return try model.reply(to: request, onText: nil).text
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
      return try model.reply(to: request, onText: nil).text.lowercased().contains("yes")
    }
  }
}
