// A rerank service as values, in its two forms: Cohere's and Jina's (`documents`, `results` with `relevance_score`) and
// text-embeddings-inference's (`texts`, a list with `score`). A text that the reply leaves out ranks last.
package import Base

package enum RerankProtocol {
  package enum Form: String, Sendable, CaseIterable { case cohere, tei }

  package static let service = "/rerank"

  package static func request(_ question: String, _ texts: [String], model: String, form: Form) -> JSON {
    switch form {
    case .cohere:
      [
        "model": .string(model), "query": .string(question), "documents": JSON(texts), "top_n": .integer(texts.count),
        "return_documents": false,
      ]
    case .tei: ["query": .string(question), "texts": JSON(texts), "truncate": true]
    }
  }

  /// What is wrong with a reply, in words.
  package struct Refusal: Error, Equatable {
    package let why: String
  }

  /// One score a text, nil where the reply has none.
  package static func scores(in reply: JSON, count: Int) throws(Refusal) -> [Double?] {
    guard let rows = reply.array ?? reply.results?.array ?? reply.data?.array else {
      throw Refusal(why: "there are no 'results' in its reply")
    }
    var scores = [Double?](repeating: nil, count: count)
    for row in rows {
      guard let index = row.index?.int, scores.indices.contains(index), scores[index] == nil else {
        throw Refusal(why: "the index \(row.index?.text ?? "") stands twice or counts past the texts")
      }
      guard let score = row.relevance_score?.double ?? row.score?.double, score.isFinite else {
        throw Refusal(why: "result \(index) has no score")
      }
      scores[index] = score
    }
    guard scores.contains(where: { $0 != nil }) else { throw Refusal(why: "its reply scores nothing") }
    return scores
  }
}

/// Puts texts in the order in which a service thinks that they answer.
package protocol Reranker: Sendable {
  /// Names model and service, for what is recorded of an answer.
  var name: String { get }
  /// The places of the texts, the best first.
  func order(_ texts: [String], for question: String) throws -> [Int]
}

package struct EndpointReranker: Reranker {
  private let client: EndpointClient
  private let form: RerankProtocol.Form

  package init(_ client: EndpointClient, form: RerankProtocol.Form) {
    self.client = client
    self.form = form
  }

  package var name: String { client.endpoint.model }

  package func order(_ texts: [String], for question: String) throws -> [Int] {
    let body = RerankProtocol.request(question, texts, model: client.endpoint.model, form: form)
    let reply = try client.post(body, to: RerankProtocol.service, policy: .whileSomeoneWaits)
    do {
      let scores = try RerankProtocol.scores(in: reply, count: texts.count)
      // Of two that are scored alike the one that was found better stays first.
      return texts.indices.sorted { left, right in
        let (first, second) = (scores[left] ?? -.infinity, scores[right] ?? -.infinity)
        return first != second ? first > second : left < right
      }
    } catch { throw EndpointFailure.wrongForm(host: client.endpoint.address, why: error.why) }
  }
}

/// A chat model as reranker: it is shown the texts by number and names those that answer, the best first.
package struct ChatReranker: Reranker {
  private let model: any ChatModel
  private let prompt: Prompt

  package init(_ model: any ChatModel, prompt: Prompt) {
    self.model = model
    self.prompt = prompt
  }

  package var name: String { model.name }

  package func order(_ texts: [String], for question: String) throws -> [Int] {
    let shown = texts.enumerated().map { "[\($0.offset + 1)] \($0.element)" }.joined(separator: "\n\n")
    let request = ChatRequest(purpose: "rerank", try prompt.messages(["texts": shown, "question": question]))
    let reply = try model.reply(to: request, onText: nil).text
    var order: [Int] = []
    for number in reply.split(whereSeparator: { !$0.isNumber }).compactMap({ Int($0) }) {
      if texts.indices.contains(number - 1), !order.contains(number - 1) { order.append(number - 1) }
    }
    return order + texts.indices.filter { !order.contains($0) }
  }
}
