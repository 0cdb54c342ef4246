// One line of a set of questions: what is asked, what answers it, where that stands, and whether anything can.
import Base

package struct EvaluationQuestion: Sendable {
  package let id: String
  package let question: String
  package let answers: [String]
  /// File name or id of the document that holds the answer.
  package let document: String?
  package let isUnanswerable: Bool
  /// Asked of what this filter admits only.
  package let filter: String?
  /// What was asked before, the first one first; a follow-up leans on it.
  package var history: [Turn] = []

  package struct Turn: Sendable, Equatable {
    package let question: String
    /// nil: whatever the library answers to it now.
    package let answer: String?
  }

  /// Reads the lines of a JSONL file; the line of a fault is named.
  package static func read(_ bytes: [UInt8]) throws -> [EvaluationQuestion] {
    var questions: [EvaluationQuestion] = []
    for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
      func refuse(_ why: String) -> PlainFailure {
        PlainFailure(
          .usage, "bad_question", "line \(index + 1): \(why)",
          hint: #"a line is {"id","question","answers":[…],"document","unanswerable","where","history":[…]}"#)
      }
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
      let value: JSON
      do { value = try JSON(parsing: Array(line)) } catch { throw refuse("\(error)") }
      guard let question = value.question?.string else { throw refuse("there is no question") }
      guard let history = turns(value.history) else {
        throw refuse("'history' is not a list of questions or of {\"question\",\"answer\"}")
      }
      questions.append(
        EvaluationQuestion(
          id: value.id?.string ?? value.id?.int.map(String.init) ?? "\(index + 1)", question: question,
          answers: value.answers?.array?.compactMap(\.string) ?? [], document: value.document?.string,
          isUnanswerable: value.unanswerable?.bool ?? false, filter: value["where"]?.string, history: history))
    }
    guard !questions.isEmpty else {
      throw PlainFailure(.usage, "no_questions", "the file holds no question")
    }
    return questions
  }

  private static func turns(_ history: JSON?) -> [Turn]? {
    guard let history, history != .null else { return [] }
    guard let turns = history.array else { return nil }
    let read = turns.compactMap { turn in
      (turn.string ?? turn.question?.string).map { Turn(question: $0, answer: turn.answer?.string) }
    }
    return read.count == turns.count ? read : nil
  }
}
