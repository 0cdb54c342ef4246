// Counts what a set of questions came to, one answer after the other, and makes the report of it.
import Base
import Foundation
import Text

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
  private var followUps = 0
  private var madeWhole = 0
  var judged: [JudgedFigures] = []

  mutating func count(
    _ question: EvaluationQuestion, _ answer: Answer, plain plainSentence: String?, failures: [MeansFailure],
    gate: CitationGate
  ) throws {
    if !question.history.isEmpty {
      followUps += 1
      if answer.rewrittenQuestion != nil { madeWhole += 1 }
    }
    latenciesMs.append(answer.elapsedMs)
    for stage in answer.stages {
      if let at = stages.firstIndex(where: { $0.name == stage.stage }) {
        stages[at].ms.append(stage.ms)
      } else {
        stages.append((stage.stage, [stage.ms]))
      }
    }
    // In the order in which they were found, or put by a reranker.
    let passages = answer.sources.map(\.passage)
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
        isUnanswerable: question.isUnanswerable, candidates: answer.candidates,
        rewrittenQuestion: answer.rewrittenQuestion, failures: answer.meansFailures + failures))
  }

  mutating func count(_ question: EvaluationQuestion, failedBy failure: MeansFailure) {
    outcomes.append(
      EvaluationOutcome(
        id: question.id, question: question.question, answer: "", isRefused: false, containsAnswer: nil,
        documentRank: nil, answerRank: nil, evidence: AnswerEvidence(), firstQuote: "", plainSentence: nil,
        isUnanswerable: question.isUnanswerable, candidates: [], failures: [failure], isFailed: true))
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
    report.judged = JudgedReport(judged)
    report.followUps = followUps
    report.madeWhole = madeWhole
    report.failedQuestions = outcomes.count(where: \.isFailed)
    return report
  }

  /// From answering everything that has a best unit to answering nothing.
  private func riskCurve() -> [RiskPoint] {
    let asked = outcomes.filter { !$0.isFailed }
    let answerable = asked.filter { !$0.isUnanswerable }
    let unanswerable = asked.filter(\.isUnanswerable)
    return (0..<20).map { Double($0) / 20 }.map { least in
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
