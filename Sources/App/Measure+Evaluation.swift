// footnote eval: the figures of a set of questions as the contract's shape, with what each question came to, and
// whether anything fell since a baseline.
package import Base
import KnowledgeBase
import Store

package struct EvaluationRun: Sendable {
  package var file: String
  package let configuration: Configuration
  /// Where what happened to each question is written, as JSONL.
  package var outcomesPath: String?
  package var besidePlain = false
  package var keepsCandidates = false
  /// Even where a model is configured, none is asked.
  package var isExtracted = false

  package init(file: String, configuration: Configuration) {
    self.file = file
    self.configuration = configuration
  }
}

extension Measure {
  package static func evaluate(_ run: EvaluationRun, progress: (Int) -> Void) throws -> JSON {
    let questions = try EvaluationQuestion.read(FileAccess.read(run.file, bytesMax: Limits.uploadBytesMax))
    let library = try Session.openLibrary(
      in: DataDirectory(path: run.configuration.dataDirectory), run.configuration)
    try library.refreshCalibration()
    var options = EvaluationOptions()
    options.besidePlain = run.besidePlain
    options.keepsCandidates = run.keepsCandidates
    let means = try Answering.means(run.configuration, library: library)
    options.means = run.isExtracted ? means.withoutModel : means
    let report = try library.evaluate(questions, options: options, progress: progress)
    if let path = run.outcomesPath {
      let lines = report.outcomes.map { outcome($0).text + "\n" }
      try FileAccess.write(Array(lines.joined().utf8), to: path)
    }
    return shape(report)
  }

  /// What models did not give, each kind of failure once, with the questions that it befell: the most frequent first.
  private static func failures(_ report: EvaluationReport) -> JSON {
    var kinds: [(failure: MeansFailure, questions: [String])] = []
    for outcome in report.outcomes {
      for failure in outcome.failures {
        if let at = kinds.firstIndex(where: { $0.failure == failure }) {
          kinds[at].questions.append(outcome.id)
        } else {
          kinds.append((failure, [outcome.id]))
        }
      }
    }
    let count = kinds.reduce(0) { $0 + $1.questions.count }
    let listed = kinds.enumerated().sorted {
      ($1.element.questions.count, $0.offset) < ($0.element.questions.count, $1.offset)
    }.prefix(failureKindsListed).map(\.element)
    return [
      "count": .integer(count), "questions_not_answered": .integer(report.failedQuestions),
      "kinds": .array(
        listed.map { kind in
          [
            "step": .string(kind.failure.step.rawValue), "what": .string(kind.failure.warning),
            "count": .integer(kind.questions.count), "questions": JSON(Array(kind.questions.prefix(questionsNamed))),
          ]
        }),
    ]
  }

  /// Of a report; the outcomes have them all.
  private static let failureKindsListed = 20
  private static let questionsNamed = 10

  private static func outcome(_ outcome: EvaluationOutcome) -> JSON {
    var shape: JSONObject = [
      "id": .string(outcome.id), "question": .string(outcome.question), "answer": .string(outcome.answer),
      "first_quote": .string(outcome.firstQuote), "plain": JSON(outcome.plainSentence),
      "refused": .bool(outcome.isRefused), "unanswerable": .bool(outcome.isUnanswerable),
      "contains": outcome.containsAnswer.map { .bool($0) } ?? .null, "document_rank": JSON(outcome.documentRank),
      "answer_rank": JSON(outcome.answerRank),
      "evidence": Shapes.evidence(outcome.evidence),
    ]
    if let whole = outcome.rewrittenQuestion { shape["rewritten_question"] = .string(whole) }
    if !outcome.failures.isEmpty {
      shape["failures"] = .array(
        outcome.failures.map { ["step": .string($0.step.rawValue), "what": .string($0.warning)] })
      shape["failed"] = .bool(outcome.isFailed)
    }
    if !outcome.candidates.isEmpty {
      shape["candidates"] = .array(
        outcome.candidates.map {
          [
            "text": .string($0.text), "passage": .integer($0.passage), "score": .number(Shapes.rounded($0.score)),
            "features": .array($0.features.map { .number(Shapes.rounded($0)) }),
          ]
        })
    }
    return .object(shape)
  }

  private static func figure(_ value: Double?) -> JSON { JSON(value.map(Shapes.rounded)) }

  /// Each figure, and over how many questions it holds.
  private static func judged(_ report: JudgedReport?) -> JSON {
    var shape: JSONObject = ["by": .string(report?.isByModel == true ? "model" : "support")]
    var over = JSONObject()
    for judged in report?.figures ?? [] {
      shape[judged.name] = figure(judged.mean)
      over[judged.name] = .integer(judged.questions)
    }
    shape["over"] = .object(over)
    return .object(shape)
  }

  static func shape(_ report: EvaluationReport) -> JSON {
    func byCount(_ figures: [(k: Int, share: Double?)]) -> JSON {
      var members = JSONObject()
      for (k, share) in figures { members["\(k)"] = figure(share) }
      return .object(members)
    }
    return [
      "questions": .integer(report.questions), "recall": byCount(report.recall), "mrr10": figure(report.mrr10),
      "ndcg10": figure(report.ndcg10), "answer_in_top": byCount(report.answerInTop),
      "answer": [
        "contains": figure(report.answerContains), "in_first_sentence": figure(report.answerInFirstSentence),
        "f1": figure(report.answerF1), "citation_valid": figure(report.citationValid),
        "words_median": figure(report.answerWordsMedian), "plain_contains": figure(report.plainContains),
        "plain_words_median": figure(report.plainWordsMedian),
      ],
      "refusal": [
        "true_refusals": figure(report.trueRefusals), "false_refusals": figure(report.falseRefusals),
        "confidence_min": figure(report.confidenceMin),
        "curve": .array(
          report.riskCurve.map {
            [
              "confidence_min": figure($0.confidenceMin), "answered": figure($0.answered),
              "falsely_answered": figure($0.falselyAnswered), "wrong": figure($0.wrong),
            ]
          }),
      ],
      "follow_ups": ["questions": .integer(report.followUps), "made_whole": .integer(report.madeWhole)],
      "judged": judged(report.judged), "failures": failures(report),
      "latency_ms": [
        "p50": figure(report.latencyMs.p50), "p95": figure(report.latencyMs.p95),
        "p99": figure(report.latencyMs.p99), "stages_p50": Shapes.stages(report.stageMs),
      ],
    ]
  }
}
