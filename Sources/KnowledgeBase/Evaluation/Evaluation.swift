// How well the library finds and answers, by a set of questions. A figure whose ground truth is absent is nil.
import Base
import Embedding
import Foundation
import Models
import Retrieval
import Text

package struct EvaluationReport: Sendable {
  package var questions = 0
  package var recall: [(k: Int, share: Double?)] = []
  package var mrr10: Double?
  package var ndcg10: Double?
  package var answerInTop: [(k: Int, share: Double?)] = []
  package var answerContains: Double?
  package var answerInFirstSentence: Double?
  package var answerF1: Double?
  package var citationValid: Double?
  package var answerWordsMedian: Double?
  package var trueRefusals: Double?
  package var falseRefusals: Double?
  package var latencyMs: (p50: Double, p95: Double, p99: Double) = (0, 0, 0)
  /// The median of each stage, in the order of the way.
  package var stageMs: [StageTime] = []
  /// The plain way beside it: the sentence of the best passage that is nearest to the question.
  package var plainContains: Double?
  package var plainWordsMedian: Double?
  /// By the least confidence that an answer must reach: what is answered, and what of it wrongly.
  package var riskCurve: [RiskPoint] = []
  package var confidenceMin = 0.0
  package var judged: JudgedReport?
  /// Questions that lean on earlier ones, and how many of them were made whole.
  package var followUps = 0
  package var madeWhole = 0
  /// Questions that no figure counts: a model failed, and nothing stood in for it.
  package var failedQuestions = 0
  /// What happened to each question, for whoever wants to look.
  package var outcomes: [EvaluationOutcome] = []
}

package struct EvaluationOutcome: Sendable {
  package let id: String
  package let question: String
  package let answer: String
  package let isRefused: Bool
  package let containsAnswer: Bool?
  package let documentRank: Int?
  /// Of the first passage that holds an expected answer; nil: none does, or none is expected.
  package let answerRank: Int?
  package let evidence: AnswerEvidence
  package let firstQuote: String
  package let plainSentence: String?
  package let isUnanswerable: Bool
  package let candidates: [AnswerCandidate]
  /// The follow-up as it was made whole.
  package var rewrittenQuestion: String?
  /// What models did not give, while it was answered and judged.
  package var failures: [MeansFailure] = []
  /// No figure counts it.
  package var isFailed = false
}

package struct RiskPoint: Sendable {
  package let confidenceMin: Double
  /// The share of the answerable questions that is answered, and of the unanswerable ones.
  package let answered: Double?
  package let falselyAnswered: Double?
  /// Of the answers given to answerable questions, the share that does not hold the expected words.
  package let wrong: Double?
}

package struct EvaluationOptions: Sendable {
  /// Answers the plain way too.
  package var besidePlain = false
  package var keepsCandidates = false
  /// As questions are answered; its model judges, too. Without one the built-in judge does, by support.
  package var means = AnswerMeans()

  package init() {}
}

extension Library {
  package func evaluate(
    _ questions: [EvaluationQuestion], options: EvaluationOptions = EvaluationOptions(),
    progress: (Int) -> Void = { _ in }
  ) throws -> EvaluationReport {
    var tally = EvaluationTally()
    let judge = AnswerJudge(
      model: options.means.model, embedder: answerEmbedder, texts: texts, prompts: try prompts())
    for (index, question) in questions.enumerated() {
      do {
        let answer = try ask(asked(question, options))
        let plain = options.besidePlain ? try plainSentence(answer) : nil
        let (figures, failures) = try judge.judge(question, answer)
        try tally.count(question, answer, plain: plain, failures: failures, gate: CitationGate(texts: texts))
        tally.judged.append(figures)
      } catch let error where MeansFailure.isOfAModel(error) {
        // Figures of hundreds of questions, paid for, are not lost to one call.
        let warning = "the question could not be answered: \(PlainFailure.describing(error))"
        tally.count(question, failedBy: MeansFailure(step: .ask, warning: warning))
      }
      progress(index + 1)
    }
    var report = tally.report()
    report.confidenceMin = try confidenceMin()
    return report
  }

  private func asked(_ question: EvaluationQuestion, _ options: EvaluationOptions) throws -> AnswerQuestion {
    var asked = AnswerQuestion(question.question)
    asked.sourceCount = 10
    asked.means = options.means
    asked.search.filter = question.filter
    for turn in question.history {
      guard turn.answer == nil else {
        asked.history.append(ConversationTurn(question: turn.question, answer: turn.answer ?? ""))
        continue
      }
      var earlier = asked
      earlier.search.text = turn.question
      asked.history.append(ConversationTurn(try ask(earlier)))
    }
    asked.keepsCandidates = options.keepsCandidates
    return asked
  }

  /// Of the best passage, the sentence that is nearest to the question: what anybody would do first.
  private func plainSentence(_ answer: Answer) throws -> String? {
    let question = answer.rewrittenQuestion ?? answer.question
    guard let passage = answer.sources.map(\.passage).max(by: { $0.hit.score < $1.hit.score }) else { return nil }
    let sentences = Sentences.ranges(in: passage.text).map { passage.text.scalarSlice($0) }
    guard !sentences.isEmpty else { return nil }
    let batch = try answerEmbedder.embed([question] + sentences, isUrgent: true)
    let nearness = sentences.indices.map { index in
      zip(batch[0], batch[index + 1]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
    }
    guard let best = nearness.indices.max(by: { nearness[$0] < nearness[$1] }) else { return nil }
    return sentences[best]
  }
}
