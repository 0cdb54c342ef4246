// The library behind the server that owns its directory, through the same routes that everybody uses. The server's
// token lies in the directory, readable by its user only: whoever may read the library may use it.
package import Base
package import DealPricing
import Models
package import Store

package struct RemoteAccess: LibraryAccess {
  private let owner: OwnerAddress
  private let client = HTTPClient()

  package init(owner: OwnerAddress) { self.owner = owner }

  /// The server reads the files itself, as a job of its own that goes on when this process is gone.
  package func add(
    _ request: AddRequest, stop: StopFlag, progress: @escaping @Sendable (AddProgress) -> Void
  ) throws -> JSON {
    let clock = SystemClock()
    let started = clock.monotonicSeconds()
    var absolute = request
    absolute.paths = request.paths.map(FileAccess.absolute)
    let body = HTTPRequest.Body.bytes(absolute.json.utf8, contentType: "application/json")
    guard let id = try send("POST", "/jobs", body: body).job_id?.string else {
      throw PlainFailure(.upstream, "server_error", "the server accepted the files and named no job")
    }
    stop.whenSet { _ = try? send("DELETE", "/jobs/\(id)") }
    while true {
      let state = try send("GET", "/jobs/\(id)?outcomes=false&wait=true")
      progress(AddProgress(shape: state))
      if let word = state.state?.string, word == "done" || word == "stopped" { break }
    }
    let job = try send("GET", "/jobs/\(id)")
    return [
      "added": job.added ?? [], "failed": job.failed ?? [], "skipped": [],
      "elapsed_ms": .number(Shapes.rounded((clock.monotonicSeconds() - started) * 1_000)),
    ]
  }

  package func retire(paths: [String]) throws -> JSON {
    let body = HTTPRequest.Body.bytes(
      JSON.object(["paths": JSON(paths)]).utf8, contentType: "application/json")
    return try send("POST", "/documents/retire", body: body)
  }

  package func documents() throws -> JSON { try send("GET", "/documents") }

  package func document(_ reference: String) throws -> JSON { try send("GET", "/documents/\(escaped(reference))") }

  package func text(_ reference: String) throws -> String {
    String(decoding: try bytes("GET", "/documents/\(escaped(reference))/text"), as: UTF8.self)
  }

  package func remove(_ reference: String) throws -> JSON { try send("DELETE", "/documents/\(escaped(reference))") }

  /// Whoever owns the library sees to that.
  package func finish() {}

  package func forget(_ reference: String) throws -> JSON {
    try send("DELETE", "/documents/\(escaped(reference))?forget=true")
  }

  package func search(_ parameters: SearchParameters) throws -> JSON {
    try send("POST", "/search", body: json(parameters))
  }

  package func whyNot(_ parameters: SearchParameters, document: String) throws -> JSON {
    try send("POST", "/why-not", body: json(parameters, adding: ["document": .string(document)]))
  }

  package func ask(_ parameters: SearchParameters) throws -> JSON {
    try send("POST", "/query", body: json(parameters, adding: ["question": .string(parameters.query)]))
  }

  package func verify(_ answer: JSON) throws -> JSON { try send("POST", "/verify", body: json(answer)) }

  package func replay(_ answer: JSON) throws -> JSON { try send("POST", "/replay", body: json(answer)) }

  package func statistics() throws -> JSON { try send("GET", "/stats") }

  /// The server does it with the settings of this command; its events tell how far it is, the last one the outcome.
  package func reembed(
    _ configuration: Configuration, progress: @escaping @Sendable (MoveProgress) -> Void
  ) throws -> JSON {
    try followed("/reembed", configuration.embeddingSettings) { progress(MoveProgress(Shapes.progress(from: $0))) }
      ?? brokenOff("the library was moved", "run 'footnote reembed' again; it goes on where it stopped")
  }

  private func brokenOff(_ end: String, _ hint: String) throws -> JSON {
    throw PlainFailure(.upstream, "reply_broken_off", "the server ended before \(end)", hint: hint)
  }

  /// Work whose events tell how far it is, the last one the outcome; nil where it ended without one.
  private func followed(_ path: String, _ body: JSON, progress: @escaping @Sendable (JSON) -> Void) throws -> JSON? {
    var request = request("POST", path)
    request.body = json(body)
    var events = EventLines()
    var outcome: JSON?
    var refusal: [UInt8] = []
    var isRefused = false
    let head = try client.stream(request, begin: { isRefused = !$0.isSuccess }) { bytes in
      if isRefused {
        refusal += bytes
        return
      }
      for event in events.take(bytes) {
        let data = try JSON(parsing: event.data)
        switch event.name {
        case "progress": progress(data)
        case "done": outcome = data
        default: throw RemoteFailure(data, status: 500)
        }
      }
    }
    guard head.isSuccess else { throw RemoteFailure((try? JSON(parsing: refusal)) ?? .null, status: head.status) }
    return outcome
  }

  package func keys() throws -> JSON { try send("GET", "/keys") }

  package func createKey(_ wish: JSON) throws -> JSON { try send("POST", "/keys", body: json(wish)) }

  package func revokeKey(_ id: String) throws -> JSON { try send("DELETE", "/keys/\(escaped(id))") }

  package func health() throws -> JSON {
    // Unhealthy is an answer, not a failure to answer.
    let reply = try client.send(request("GET", "/health"))
    guard reply.status == 200 || reply.status == 503 else { throw RemoteFailure(reply) }
    return try JSON(parsing: reply.body)
  }

  package func backup(to path: String) throws -> JSON {
    try send("POST", "/backup", body: json(["path": .string(path)]))
  }

  package func export(to path: String) throws -> JSON {
    try send("POST", "/export", body: json(["path": .string(path)]))
  }

  /// A client that is gone ends it after the documents at hand.
  package func importDocuments(
    from path: String, stop: StopFlag, progress: @escaping @Sendable (Int) -> Void
  ) throws -> JSON {
    try followed("/import", ["path": .string(path)]) { progress($0.done?.int ?? 0) }
      ?? brokenOff("all documents were in", "run 'footnote import' again; what is in stays in")
  }

  package func report(hours: Double) throws -> JSON { try send("GET", "/report?hours=\(hours)") }

  package func addProducts(_ products: [CatalogueProduct], collection: String) throws -> ProductStatuses {
    let shape: JSON = ["collection": .string(collection), "products": .array(products.map(\.shape))]
    return ProductStatuses(shape: try send("POST", "/products", body: json(shape)))
  }

  package func prices(_ request: PriceRequest, tell: (String) -> Void) throws -> JSON {
    if case .map(let collection, let pointsMax) = request {
      return try send("GET", "/map?points=\(pointsMax)&collection=\(escaped(collection))")
    }
    return try send("POST", request.path, body: json(request.body))
  }

  package func trainingPairs() throws -> JSON { try send("GET", "/training-pairs") }

  func json(_ value: JSON) -> HTTPRequest.Body { .bytes(value.utf8, contentType: "application/json") }

  private func json(_ parameters: SearchParameters, adding extra: JSONObject = [:]) -> HTTPRequest.Body {
    var body: JSONObject = [
      "query": .string(parameters.query), "n_results": .integer(parameters.limit), "mode": .string(parameters.mode),
      "explain": .bool(parameters.explains),
    ]
    if let filter = parameters.filter { body["where"] = .string(filter) }
    if !parameters.collections.isEmpty { body["collection"] = JSON(parameters.collections) }
    if let lambda = parameters.lambda { body["mmr_lambda"] = .number(lambda) }
    if let asOf = parameters.asOf { body["as_of"] = .string(asOf) }
    if parameters.isExtracted { body["no_llm"] = true }
    if let conversation = parameters.conversation { body["conversation_id"] = .string(conversation) }
    for (key, value) in extra { body[key] = value }
    if extra["question"] != nil { body["query"] = nil }
    return .bytes(JSON.object(body).utf8, contentType: "application/json")
  }

  func send(_ method: String, _ path: String, body: HTTPRequest.Body = .none) throws -> JSON {
    try JSON(parsing: bytes(method, path, body: body))
  }

  private func bytes(_ method: String, _ path: String, body: HTTPRequest.Body = .none) throws -> [UInt8] {
    var request = request(method, path)
    request.body = body
    let reply = try client.send(request)
    guard (200..<300).contains(reply.status) else { throw RemoteFailure(reply) }
    return reply.body
  }

  private func request(_ method: String, _ path: String) -> HTTPRequest {
    var request = HTTPRequest(method, owner.url + path)
    request.headers = [("Authorization", "Bearer \(owner.token)")]
    request.pin = owner.pin
    request.usesProxy = false
    request.replyBytesMax = Limits.extractedScalarsMax * 4
    // Extracting and embedding a large file says nothing for a while.
    request.timeouts.firstByteSeconds = 3_600
    request.timeouts.betweenBytesSeconds = 3_600
    return request
  }

  /// Percent-encodes whatever is not plainly part of a path segment.
  func escaped(_ segment: String) -> String {
    segment.utf8.map { byte in
      let isPlain =
        byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
      return isPlain || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        ? String(Unicode.Scalar(byte)) : "%" + hexadecimal([byte]).uppercased()
    }.joined()
  }
}

/// What the server said went wrong, said again here.
struct RemoteFailure: Failure {
  let kind: FailureKind
  let code: String
  let message: String
  let hint: String

  init(_ reply: HTTPReply) { self.init((try? JSON(parsing: reply.body)) ?? .null, status: reply.status) }

  init(_ body: JSON, status: Int) {
    let error = body.error
    kind = status < 500 ? .unprocessable : .upstream
    code = error?.code?.string ?? "server_error"
    message = error?.message?.string ?? "the server answered \(status)"
    hint = error?.hint?.string ?? ""
  }
}
