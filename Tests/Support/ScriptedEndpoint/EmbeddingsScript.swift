// Embeddings as the OpenAI protocol tells them, made from words: texts that share words lie near each other, the same
// text always gets the same vector. And every way in which such a reply can be wrong.
import Base

package struct EmbeddingsScript: Sendable {
  package enum Fault: Sendable, Equatable, CaseIterable {
    case none, shuffled, oneTooFew, oneTooMany, otherDimension, notANumber, infinite, zero, wrongIndexes, noIndexes
    case texts, noData
  }

  package var dimension: Int
  package var fault: Fault

  package init(dimension: Int, fault: Fault = .none) {
    self.dimension = dimension
    self.fault = fault
  }

  package func vector(_ text: String, dimension: Int) -> [Double] {
    var sum = [Double](repeating: 0, count: dimension)
    for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      var random = SeededRandom(seed: word.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
      for index in sum.indices { sum[index] += Double.random(in: -1...1, using: &random) }
    }
    if sum.allSatisfy({ $0 == 0 }) { sum[0] = 1 }
    return sum
  }

  /// The reply to a request: `input` is a text or a list of texts, `dimensions` shortens the vectors.
  package func reply(to request: ScriptedEndpoint.Request) -> [ScriptedEndpoint.Step] {
    let body = request.json
    let texts = body.input?.array?.map { $0.string ?? "" } ?? [body.input?.string ?? ""]
    var dimension = body.dimensions?.int ?? self.dimension
    if fault == .otherDimension { dimension += 1 }
    var rows = texts.enumerated().map { index, text in row(index, vector(text, dimension: dimension)) }
    switch fault {
    case .shuffled: rows.reverse()
    case .oneTooFew: rows.removeLast()
    case .oneTooMany: rows.append(row(rows.count, vector("extra", dimension: dimension)))
    case .wrongIndexes:
      rows = rows.map { ["index": .integer(texts.count > 1 ? 0 : 7), "embedding": $0.embedding ?? .null] }
    case .noIndexes: rows = rows.map { ["embedding": $0.embedding ?? .null] }
    case .zero: rows[0] = row(0, [Double](repeating: 0, count: dimension))
    case .texts: rows[0] = ["index": 0, "embedding": "AAAA"]
    default: break
    }
    let reply: JSON = [
      "object": "list", "data": .array(rows), "model": body.model ?? "",
      "usage": ["prompt_tokens": 1, "total_tokens": 1],
    ]
    switch fault {
    // No JSON has these; servers send them all the same.
    case .notANumber: return .reply(200, body: Array(withFirstNumber(reply.text, "NaN").utf8))
    case .infinite: return .reply(200, body: Array(withFirstNumber(reply.text, "1e400").utf8))
    case .noData: return .json(["object": "list"])
    default: return .json(reply)
    }
  }

  private func row(_ index: Int, _ vector: [Double]) -> JSON {
    ["object": "embedding", "index": .integer(index), "embedding": .array(vector.map { .number($0) })]
  }

  private func withFirstNumber(_ text: String, _ number: String) -> String {
    guard let start = text.firstRange(of: "\"embedding\":[")?.upperBound else { return text }
    return text[..<start] + number + text[start...].drop { $0 != "," && $0 != "]" }
  }
}
