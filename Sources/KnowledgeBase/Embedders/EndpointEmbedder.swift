// An embedder behind an OpenAI-compatible endpoint. Its identity is the model's name and the dimension asked for, not
// the address: the same model may move. Requests are bounded in texts and tokens; replies are checked by the protocol.
package import Base
package import Embedding
package import Models

package struct EndpointEmbedder: Embedder {
  package struct Options: Sendable {
    /// Sent along, for models that can shorten their vectors.
    package var dimensions: Int?
    package var windowTokens = 512
    package var textsMax = 64
    package var tokensMax = 16_384
    package var policy = RetryPolicy()

    package init() {}
  }

  package let identity: EmbedderIdentity
  package var windowTokens: Int { options.windowTokens }
  package var isMetered: Bool { true }
  private let client: EndpointClient
  /// For someone who waits.
  private let urgentClient: EndpointClient
  private let options: Options

  /// `dimension`: what its vectors are known to have; nil: it is asked.
  package init(
    _ endpoint: Endpoint, options: Options, dimension known: Int?, sleeper: any Sleeper = SystemSleeper()
  ) throws {
    let http = HTTPClient()
    client = EndpointClient(endpoint, client: http, sleeper: sleeper)
    urgentClient = EndpointClient(endpoint.impatient, client: http, sleeper: sleeper)
    self.options = options
    let dimension: Int
    if let known = known ?? options.dimensions {
      dimension = known
    } else {
      dimension = try Self.ask(client, ["dimension"], options, dimension: nil, policy: .whileSomeoneWaits).dimension
    }
    identity = EmbedderIdentity(
      name: endpoint.model, fingerprint: Self.fingerprint(model: endpoint.model, dimensions: options.dimensions),
      dimension: dimension)
  }

  package static func fingerprint(model: String, dimensions: Int?) -> String {
    let asked: JSON = ["embeddings": .string(model), "dimensions": JSON(dimensions)]
    return String(SHA256Digest(of: asked.utf8).description.prefix(16))
  }

  package func tokenCount(_ text: String) -> Int { TokenEstimate.count(text) }

  package func embed(_ texts: [String]) throws -> EmbeddingBatch { try embed(texts, isUrgent: false) }

  package func embed(_ texts: [String], isUrgent: Bool) throws -> EmbeddingBatch {
    var vectors: [Float] = []
    for group in groups(texts) {
      vectors += try Self.ask(
        isUrgent ? urgentClient : client, Array(texts[group]), options, dimension: identity.dimension,
        policy: isUrgent ? .whileSomeoneWaits : options.policy
      ).vectors
    }
    // Whether the endpoint read all of a text, it does not say.
    return EmbeddingBatch(
      dimension: identity.dimension, vectors: vectors, tokensCut: [Int](repeating: 0, count: texts.count))
  }

  package func groups(_ texts: [String]) -> [Range<Int>] {
    var groups: [Range<Int>] = []
    var start = 0
    var tokens = 0
    for (index, text) in texts.enumerated() {
      let more = tokenCount(text)
      if index > start, index - start >= options.textsMax || tokens + more > options.tokensMax {
        groups.append(start..<index)
        start = index
        tokens = 0
      }
      tokens += more
    }
    if start < texts.count { groups.append(start..<texts.count) }
    return groups
  }

  private static func ask(
    _ client: EndpointClient, _ texts: [String], _ options: Options, dimension: Int?, policy: RetryPolicy
  ) throws -> (vectors: [Float], dimension: Int) {
    // An empty text is refused by most; a space is none.
    let sent = texts.map { $0.isEmpty ? " " : $0 }
    let body = EmbeddingsProtocol.request(sent, model: client.endpoint.model, dimensions: options.dimensions)
    let reply = try client.post(body, to: EmbeddingsProtocol.service, policy: policy)
    do { return try EmbeddingsProtocol.vectors(in: reply, count: texts.count, dimension: dimension) } catch {
      throw EndpointFailure.wrongForm(host: client.host, why: error.why)
    }
  }
}
