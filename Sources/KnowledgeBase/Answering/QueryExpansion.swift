// One question asked in several forms: other wordings, or the answer that a model would expect, each searched, the
// finds put together. An option; off by default, because it costs a call to a model before anything is found.
import Base
import Models
import Retrieval

package enum QueryExpansion: String, Sendable, CaseIterable {
  case none
  /// Three other wordings.
  case queries
  /// A passage that might answer (HyDE: https://arxiv.org/abs/2212.10496).
  case hypothetical

  private static let formsMax = 3

  /// The other forms of the question, as the model gives them; none where it gives nothing usable.
  func forms(of question: String, by model: any ChatModel, told prompts: PromptShelf) throws -> [String] {
    guard self != .none else { return [] }
    let prompt = try prompts.prompt("expand-\(rawValue)")
    let request = ChatRequest(purpose: "expand", try prompt.messages(["question": question]))
    let reply = try model.reply(to: request, onText: nil).text
    if self == .hypothetical {
      let text = Claim(reply).text
      return text.isEmpty ? [] : [String(text.prefix(1_000))]
    }
    let lines = reply.split(whereSeparator: \.isNewline).map { line in
      String(line.drop { $0.isNumber || $0 == "." || $0 == ")" || $0 == "-" || $0.isWhitespace })
    }
    return Array(lines.filter { $0.count > 3 && $0.count < 400 && $0 != question }.prefix(Self.formsMax))
  }
}

extension Library {
  /// The finds of the question and of its other forms: each passage once, by the best of its scores, the question's own
  /// finds before others that score alike.
  func search(_ search: SearchQuestion, alsoAs forms: [String]) throws -> SearchResult {
    let own = try self.search(search)
    guard !forms.isEmpty else { return own }
    var best: [Int64: (passage: Passage, order: Int)] = [:]
    for (order, form) in ([search.text] + forms).enumerated() {
      var asked = search
      asked.text = form
      for passage in order == 0 ? own.passages : try self.search(asked).passages {
        if let known = best[passage.hit.id], known.passage.hit.score >= passage.hit.score { continue }
        best[passage.hit.id] = (passage, order)
      }
    }
    let passages = best.values.sorted {
      ($1.passage.hit.score, $0.order, $0.passage.hit.id) < ($0.passage.hit.score, $1.order, $1.passage.hit.id)
    }.prefix(search.limit).map(\.passage)
    return own.with(passages: Array(passages))
  }

  /// The passages in the reranker's order; a reranker that fails leaves them as they are and says so.
  func reranked(
    _ found: SearchResult, by reranker: any Reranker, _ failures: inout [MeansFailure]
  ) -> SearchResult {
    guard found.passages.count > 1 else { return found }
    do {
      let order = try Timeline.part("rerank", .reranking) {
        Timeline.current?.note([(.texts, .integer(found.passages.count))])
        Timeline.current?.note(.question(found.question.text))
        return try reranker.order(found.passages.map(\.text), for: found.question.text)
      }
      return found.with(passages: order.map { found.passages[$0] })
    } catch {
      let why = PlainFailure.describing(error)
      failures.append(MeansFailure(step: .rerank, warning: "the passages could not be reranked: \(why)"))
      return found
    }
  }
}
