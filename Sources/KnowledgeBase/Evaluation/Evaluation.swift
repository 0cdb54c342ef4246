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
  package var judged: JudgedFigures?
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
      var asked = AnswerQuestion(question.question)
      asked.sourceCount = 10
      asked.keepsCandidates = options.keepsCandidates
      asked.means = options.means
      asked.search.filter = question.filter
      let answer = try ask(asked)
      let plain = options.besidePlain ? try plainSentence(question.question, answer) : nil
      try tally.count(question, answer, plain: plain, gate: CitationGate(texts: texts))
      tally.judged.append(try judge.judge(question, answer))
      progress(index + 1)
    }
    var report = tally.report()
    report.confidenceMin = try confidenceMin()
    return report
  }

  /// Of the best passage, the sentence that is nearest to the question: what anybody would do first.
  private func plainSentence(_ question: String, _ answer: Answer) throws -> String? {
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

struct EvaluationTally {
  private var documentRanks: [Int?] = []
  private var answerRanks: [Int?] = []
  private var contains: [Bool] = []
  private var inFirst: [Bool] = []
  private var f1: [Double] = []
  private var words: [Int] = []
  private var refusedUnanswerable: [Bool] = []
  private var refusedAnswerable: [Bool] = []
  private var citationsHeld = 0
  private var citationsSeen = 0
  private var latenciesMs: [Double] = []
  private var outcomes: [EvaluationOutcome] = []
  private var plain: [Bool] = []
  private var plainWords: [Int] = []
  private var stages: [(name: String, ms: [Double])] = []
  var judged: [JudgedFigures] = []

  mutating func count(
    _ question: EvaluationQuestion, _ answer: Answer, plain plainSentence: String?, gate: CitationGate
  ) throws {
    latenciesMs.append(answer.elapsedMs)
    for stage in answer.stages {
      if let at = stages.firstIndex(where: { $0.name == stage.stage }) {
        stages[at].ms.append(stage.ms)
      } else {
        stages.append((stage.stage, [stage.ms]))
      }
    }
    // Sources list those cited first; the search's own order is by relevance.
    let passages = answer.sources.map(\.passage).sorted { $0.hit.score > $1.hit.score }
    for citation in answer.citations {
      guard let source = answer.sources.first(where: { $0.id == citation.source }) else { continue }
      citationsSeen += 1
      if try gate.holds(
        quote: citation.quote, start: citation.start, end: citation.end, versionID: source.passage.versionID)
      {
        citationsHeld += 1
      }
    }
    var documentRank: Int?
    var answerRank: Int?
    var containsAnswer: Bool?
    if question.isUnanswerable {
      refusedUnanswerable.append(answer.isRefused)
    } else {
      refusedAnswerable.append(answer.isRefused)
      if let document = question.document {
        var seen: [String] = []
        for passage in passages where !seen.contains(passage.documentID) { seen.append(passage.documentID) }
        documentRank = seen.firstIndex { id in
          id == document || passages.contains { $0.documentID == id && $0.filename == document }
        }.map { $0 + 1 }
        documentRanks.append(documentRank)
      }
      if !question.answers.isEmpty {
        let wanted = question.answers.map(EvaluationTally.normalized)
        answerRank = passages.firstIndex { EvaluationTally.holds(wanted, in: $0.text) }.map { $0 + 1 }
        answerRanks.append(answerRank)
        let said = answer.isRefused ? "" : answer.text
        containsAnswer = EvaluationTally.holds(wanted, in: said)
        contains.append(containsAnswer == true)
        if let plainSentence {
          plain.append(EvaluationTally.holds(wanted, in: plainSentence))
          plainWords.append(plainSentence.split { $0.isWhitespace }.count)
        }
        inFirst.append(EvaluationTally.holds(wanted, in: answer.citations.first?.quote ?? ""))
        f1.append(wanted.map { EvaluationTally.f1(EvaluationTally.normalized(said), $0) }.max() ?? 0)
        if !answer.isRefused { words.append(said.split { $0.isWhitespace }.count) }
      }
    }
    outcomes.append(
      EvaluationOutcome(
        id: question.id, question: question.question, answer: answer.text, isRefused: answer.isRefused,
        containsAnswer: containsAnswer, documentRank: documentRank, answerRank: answerRank, evidence: answer.evidence,
        firstQuote: answer.citations.first?.quote ?? "", plainSentence: plainSentence,
        isUnanswerable: question.isUnanswerable, candidates: answer.candidates))
  }

  func report() -> EvaluationReport {
    var report = EvaluationReport()
    report.questions = outcomes.count
    report.recall = [1, 3, 5, 10].map { k in (k, share(documentRanks) { ($0 ?? .max) <= k }) }
    report.mrr10 = mean(documentRanks.map { $0.map { $0 <= 10 ? 1 / Double($0) : 0 } ?? 0 })
    // One right document: the ideal gain is 1.
    report.ndcg10 = mean(documentRanks.map { $0.map { $0 <= 10 ? 1 / log2(Double($0) + 1) : 0 } ?? 0 })
    report.answerInTop = [1, 5].map { k in (k, share(answerRanks) { ($0 ?? .max) <= k }) }
    report.answerContains = share(contains) { $0 }
    report.answerInFirstSentence = share(inFirst) { $0 }
    report.answerF1 = mean(f1)
    report.citationValid = citationsSeen > 0 ? Double(citationsHeld) / Double(citationsSeen) : nil
    report.answerWordsMedian = words.isEmpty ? nil : percentile(words.map(Double.init), 0.5)
    report.trueRefusals = share(refusedUnanswerable) { $0 }
    report.falseRefusals = share(refusedAnswerable) { $0 }
    report.latencyMs = (percentile(latenciesMs, 0.5), percentile(latenciesMs, 0.95), percentile(latenciesMs, 0.99))
    report.outcomes = outcomes
    report.stageMs = stages.map { StageTime(stage: $0.name, ms: percentile($0.ms, 0.5)) }
    report.plainContains = share(plain) { $0 }
    report.plainWordsMedian = plainWords.isEmpty ? nil : percentile(plainWords.map(Double.init), 0.5)
    report.riskCurve = riskCurve()
    report.judged = JudgedFigures.mean(of: judged)
    return report
  }

  /// From answering everything that has a best unit to answering nothing.
  private func riskCurve() -> [RiskPoint] {
    let answerable = outcomes.filter { !$0.isUnanswerable }
    let unanswerable = outcomes.filter(\.isUnanswerable)
    return stride(from: 0.0, through: 0.95, by: 0.05).map { least in
      let answered = answerable.filter { $0.evidence.confidence >= least }
      // What was refused as the library stands now has no words to be right or wrong.
      let told = answered.filter { !$0.isRefused && $0.containsAnswer != nil }
      return RiskPoint(
        confidenceMin: least, answered: share(answerable) { $0.evidence.confidence >= least },
        falselyAnswered: share(unanswerable) { $0.evidence.confidence >= least },
        wrong: share(told) { $0.containsAnswer == false })
    }
  }

  private func share<Element>(_ elements: [Element], _ holds: (Element) -> Bool) -> Double? {
    elements.isEmpty ? nil : Double(elements.count(where: holds)) / Double(elements.count)
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func percentile(_ values: [Double], _ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }

  /// Lower case, letters and digits only, no articles: as answers are compared in the field.
  static func normalized(_ text: String) -> String {
    let words = text.lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    return words.filter { !["a", "an", "the"].contains($0) }.joined(separator: " ")
  }

  static func holds(_ wanted: [String], in text: String) -> Bool {
    let said = " \(normalized(text)) "
    return wanted.contains { !$0.isEmpty && said.contains(" \($0) ") }
  }

  private static func f1(_ said: String, _ wanted: String) -> Double {
    let saidWords = said.split(separator: " ")
    let wantedWords = wanted.split(separator: " ")
    var left: [Substring: Int] = [:]
    for word in wantedWords { left[word, default: 0] += 1 }
    var common = 0
    for word in saidWords where (left[word] ?? 0) > 0 {
      left[word]? -= 1
      common += 1
    }
    guard common > 0 else { return 0 }
    let precision = Double(common) / Double(saidWords.count)
    let recall = Double(common) / Double(wantedWords.count)
    return 2 * precision * recall / (precision + recall)
  }
}
