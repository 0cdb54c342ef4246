// What the measuring commands do: evaluation on a set of questions, vectors of a file, the engines' benchmarks.
package import Base
import Embedding
import Foundation
import KnowledgeBase
import Store

package enum Measure {
  package static let cores = Machine.cores

  package static func evaluate(
    file: String, dataDirectory: String, outcomesPath: String?, progress: (Int) -> Void
  ) throws -> JSON {
    let questions = try EvaluationQuestion.read(FileAccess.read(file, bytesMax: Limits.uploadBytesMax))
    let library = try Session.openLibrary(in: DataDirectory(path: dataDirectory))
    let report = try library.evaluate(questions, progress: progress)
    if let outcomesPath {
      let lines = report.outcomes.map { outcome in
        JSON.object([
          "id": .string(outcome.id), "question": .string(outcome.question), "answer": .string(outcome.answer),
          "refused": .bool(outcome.isRefused), "contains": outcome.containsAnswer.map { .bool($0) } ?? .null,
          "document_rank": JSON(outcome.documentRank), "evidence": Shapes.evidence(outcome.evidence),
        ]).text + "\n"
      }
      try FileAccess.write(Array(lines.joined().utf8), to: outcomesPath)
    }
    return shape(report)
  }

  private static func shape(_ report: EvaluationReport) -> JSON {
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
        "words_median": figure(report.answerWordsMedian),
      ],
      "refusal": [
        "true_refusals": figure(report.trueRefusals), "false_refusals": figure(report.falseRefusals),
      ],
      "latency_ms": [
        "p50": figure(report.latencyMs.p50), "p95": figure(report.latencyMs.p95),
        "p99": figure(report.latencyMs.p99),
      ],
    ]
  }
}

extension Measure {
  /// Vectors of the texts of a JSONL file, row after row.
  package static func embed(input: String, output: String, threads: Int) throws -> JSON {
    let clock = SystemClock()
    let embedder = try MiniLM(modelDirectory: DataLocation.modelDirectory(), threads: threads)
    let lines = try FileAccess.read(input, bytesMax: Limits.measuredBytesMax).split(separator: UInt8(ascii: "\n"))
    var texts: [String] = []
    for (index, line) in lines.enumerated() {
      guard let text = (try? JSON(parsing: Array(line)))?["text"]?.string else {
        throw PlainFailure(
          .usage, "bad_line", "line \(index + 1) of \(input) has no text", hint: "lines are {\"text\"}")
      }
      texts.append(text)
    }
    let started = clock.monotonicSeconds()
    let batch = try embedder.embed(texts)
    let seconds = clock.monotonicSeconds() - started
    try FileAccess.write(unsafe batch.vectors.withUnsafeBytes { unsafe Array($0) }, to: output)
    return [
      "texts": .integer(texts.count), "dimension": .integer(batch.dimension),
      "cut": .integer(batch.tokensCut.count { $0 > 0 }), "seconds": .number(Shapes.rounded(seconds)),
      "model": .string(embedder.identity.name), "fingerprint": .string(embedder.identity.fingerprint),
    ]
  }

  /// One engine's benchmark; the last line is a JSON object.
  package static func bench(task: String, values: [String: String]) throws -> String {
    throw PlainFailure(.usage, "no_such_task", "there is no task '\(task)'")
  }
}
