// How sure an answer must be in this very library, so that of the questions that it cannot answer no more than the
// share asked for is answered all the same. Learned from questions made of its own sentences, from near misses of them,
// and from questions about the world at large; kept with the library, made anew when it has changed by a fifth.
// Must not: stop a question. Until it is made, the figure fitted in general holds.
import Base
import Embedding
import Foundation
import Ingest
import Retrieval
import Store
import Synchronization
import Text

package struct Calibration: Sendable, Equatable {
  /// How sure the answers to questions were that have one, and to those that have none; both rising.
  package let answerable: [Double]
  package let unanswerable: [Double]
  /// Of the library that it was made for.
  package let chunkCount: Int
  package let embedder: String

  /// What was learned of the development sets: of their near misses, this share is surer than the figure
  /// (docs/decisions/0013-checked-answers.md).
  private static let general: [(rate: Double, confidence: Double)] = [
    (0.01, 0.76), (0.03, 0.65), (0.05, 0.53), (0.08, 0.46), (0.10, 0.43), (0.15, 0.40), (0.20, 0.35), (0.50, 0.18),
  ]
  /// So many questions of the library's own weigh as much as what was learned in general. Many, because made questions
  /// are a harder measure than those that people ask.
  private static let generalCount = 400.0
  private static let bounds = 0.2...0.92

  /// The least confidence at which no more than `rate` of the unanswerable are answered, where nothing is known of the
  /// library.
  static func confidenceInGeneral(falseAnswerRate rate: Double) -> Double {
    guard let above = general.firstIndex(where: { $0.rate >= rate }) else {
      return general[general.count - 1].confidence
    }
    guard above > 0 else { return general[0].confidence }
    let (low, high) = (general[above - 1], general[above])
    let share = (rate - low.rate) / (high.rate - low.rate)
    return low.confidence + share * (high.confidence - low.confidence)
  }

  /// The same for this library: what its own questions say, drawn towards what holds in general the fewer they are.
  package func confidenceMin(falseAnswerRate rate: Double) -> Double {
    let inGeneral = Calibration.confidenceInGeneral(falseAnswerRate: rate)
    guard unanswerable.count >= 20 else { return inGeneral }
    let place = min(unanswerable.count - 1, Int((Double(unanswerable.count) * (1 - rate)).rounded(.up)))
    let own = min(max(unanswerable[place], 0.001), 0.999)
    let weight = Double(unanswerable.count) / (Double(unanswerable.count) + Self.generalCount)
    let sum = weight * logit(own) + (1 - weight) * logit(inGeneral)
    return min(max(1 / (1 + exp(-sum)), Self.bounds.lowerBound), Self.bounds.upperBound)
  }

  private func logit(_ chance: Double) -> Double { log(chance / (1 - chance)) }

  var json: JSON {
    [
      "answerable": .array(answerable.map { .number($0) }), "unanswerable": .array(unanswerable.map { .number($0) }),
      "chunks": .integer(chunkCount), "embedder": .string(embedder), "form": .integer(Calibration.form),
    ]
  }

  /// Raised when the figures behind a confidence change: what was learned of the old ones says nothing of the new.
  private static let form = 4

  init(answerable: [Double], unanswerable: [Double], chunkCount: Int, embedder: String) {
    self.answerable = answerable.sorted()
    self.unanswerable = unanswerable.sorted()
    self.chunkCount = chunkCount
    self.embedder = embedder
  }

  init?(_ json: JSON) {
    guard json.form?.int == Calibration.form, let answerable = json.answerable?.array?.compactMap(\.double),
      let unanswerable = json.unanswerable?.array?.compactMap(\.double), let chunks = json.chunks?.int,
      let embedder = json.embedder?.string
    else { return nil }
    self.init(answerable: answerable, unanswerable: unanswerable, chunkCount: chunks, embedder: embedder)
  }
}

extension Library {
  private static let statementsMax = 48

  /// What an answer must reach here and now.
  package func confidenceMin() throws -> Double {
    if let fixed = settings.answerConfidenceMin { return fixed }
    return try calibration()?.confidenceMin(falseAnswerRate: settings.falseAnswerRate)
      ?? Calibration.confidenceInGeneral(falseAnswerRate: settings.falseAnswerRate)
  }

  package func calibration() throws -> Calibration? {
    if let known = calibrated.withLock({ $0 }) { return known }
    guard let text = try database.read({ try $0.setting("calibration") }),
      let kept = (try? JSON(parsing: text)).flatMap({ Calibration($0) }),
      kept.embedder == answerEmbedder.identity.fingerprint
    else { return nil }
    calibrated.withLock { $0 = kept }
    return kept
  }

  /// Makes the calibration anew where the library has changed by more than a fifth since; costs a second or two.
  package func refreshCalibration() throws {
    let chunks = try statistics().chunkCount
    if let known = try calibration(), abs(known.chunkCount - chunks) * 5 <= max(known.chunkCount, 1) { return }
    guard let made = try makeCalibration(chunkCount: chunks) else { return }
    try database.write { try $0.setSetting("calibration", to: made.json.text) }
    calibrated.withLock { $0 = made }
  }

  /// nil where the library holds too little to learn from.
  func makeCalibration(chunkCount: Int) throws -> Calibration? {
    let statements = try statementsForTrial(Library.statementsMax, chunkCount: chunkCount)
    guard statements.count >= 8 else { return nil }
    func confidences(_ questions: [String]) throws -> [Double] {
      try questions.map { question in
        var search = SearchQuestion(question)
        search.limit = Library.passagesRead
        search.explains = true
        return try weigh(search.text, self.search(search)).evidence.confidence
      }
    }
    let answerable = statements.compactMap(TrialQuestions.question)
    let swapped = statements.indices.compactMap { index in
      TrialQuestions.swapped(statements[index], with: statements[(index + statements.count / 2) % statements.count])
    }
    return Calibration(
      answerable: try confidences(answerable),
      unanswerable: try confidences(ForeignQuestions.all + swapped),
      chunkCount: chunkCount, embedder: answerEmbedder.identity.fingerprint)
  }

  /// Sentences from all over the library, evenly spaced, those that state most first.
  private func statementsForTrial(_ countMax: Int, chunkCount: Int) throws -> [TrialQuestions.Statement] {
    guard chunkCount > 0 else { return [] }
    let step = max(1, chunkCount / (countMax * 2))
    var seen = 0
    var found: [TrialQuestions.Statement] = []
    for held in try documents() where found.count < countMax {
      let chunks = try chunks(of: held)
      let wanted = chunks.indices.filter { (seen + $0) % step == 0 }
      seen += chunks.count
      guard !wanted.isEmpty else { continue }
      let text = try texts.text(ofVersion: held.version.id)
      for index in wanted where found.count < countMax {
        let passage = text.slice(chunks[index].start..<chunks[index].end)
        let sentences = Sentences.ranges(in: passage).map { passage.scalarSlice($0) }.filter { sentence in
          let words = sentence.split { $0.isWhitespace }.count
          return words >= 7 && words <= 40 && !sentence.contains("|") && sentence.hasSuffix(".")
        }
        let best = sentences.max { facts($0) < facts($1) }
        if let best { found.append(TrialQuestions.Statement(sentence: best, passage: passage)) }
      }
    }
    return found
  }

  private func facts(_ sentence: String) -> Int {
    let facts = TextFacts(sentence)
    return min(2, facts.quantities.count) + min(2, facts.dates.count) + min(2, facts.names.count)
  }
}
