// What an answer follows from, written down with it, so that it can be given again: the question with all its settings,
// the library's state, the models. The receipt is a digest of that and of the answer's words.
import Base
import Embedding
import Models
import Retrieval
import Store

extension Library {
  func basis(of search: SearchQuestion, _ answer: Answer, _ question: AnswerQuestion, prompt: AnswerPrompt?) throws
    -> JSON
  {
    let collections = try collections(for: search)
    return [
      "question": .string(answer.question), "asked_as": .string(search.text), "mode": .string(search.mode.rawValue),
      "where": JSON(search.filter), "collections": JSON(search.collections), "as_of": JSON(search.asOf),
      "limit": .integer(search.limit), "library": JSON(collections.map { "\($0.name)@\($0.generation)" }),
      "embedder": .string(serving.embedder.identity.fingerprint), "model": .string(answer.model),
      "prompt": JSON(prompt?.version),
      "history": JSON(prompt == nil ? nil : Library.digest(of: question.history)),
      "expansion": .string((question.means.model == nil ? .none : question.means.expansion).rawValue),
      "reranker": JSON(question.means.reranker?.name), "confidence_min": .number(rounded(try confidenceMin())),
    ]
  }

  /// Of what a model was shown of the conversation; nil: nothing.
  private static func digest(of history: [ConversationTurn]) -> String? {
    guard !history.isEmpty else { return nil }
    let told = JSON.array(history.map { ["question": .string($0.question), "answer": .string($0.answer)] })
    return String(SHA256Digest(of: told.utf8).description.prefix(12))
  }

  private func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }

  static func receipt(basis: JSON, answer: String) -> String {
    let statement: JSON = ["basis": basis, "answer": .string(answer)]
    return SHA256Digest(of: statement.utf8).description
  }
}
