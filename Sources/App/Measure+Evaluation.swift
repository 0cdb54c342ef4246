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

  private static func outcome(_ outcome: EvaluationOutcome) -> JSON {
    var shape: JSONObject = [
      "id": .string(outcome.id), "question": .string(outcome.question), "answer": .string(outcome.answer),
      "first_quote": .string(outcome.firstQuote), "plain": JSON(outcome.plainSentence),
      "refused": .bool(outcome.isRefused), "unanswerable": .bool(outcome.isUnanswerable),
      "contains": outcome.containsAnswer.map { .bool($0) } ?? .null, "document_rank": JSON(outcome.documentRank),
      "answer_rank": JSON(outcome.answerRank),
      "evidence": Shapes.evidence(outcome.evidence),
    ]
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

  static func shape(_ report: EvaluationReport) -> JSON {
    func figure(_ value: Double?) -> JSON { JSON(value.map(Shapes.rounded)) }
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
      "judged": [
        "by": .string(report.judged?.isByModel == true ? "model" : "support"),
        "faithfulness": figure(report.judged?.faithfulness), "answer_relevancy": figure(report.judged?.relevancy),
        "context_precision": figure(report.judged?.contextPrecision),
        "context_recall": figure(report.judged?.contextRecall),
      ],
      "latency_ms": [
        "p50": figure(report.latencyMs.p50), "p95": figure(report.latencyMs.p95),
        "p99": figure(report.latencyMs.p99), "stages_p50": Shapes.stages(report.stageMs),
      ],
    ]
  }
}
