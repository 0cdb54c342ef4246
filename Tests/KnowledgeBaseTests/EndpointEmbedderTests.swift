// Embedding through an endpoint that serves well, badly, or not at all: what comes in, what a question still gets, and
// that nothing is paid twice.
import Base
import Embedding
import Models
import Retrieval
import ScriptedEndpoint
import Synchronization
import Testing

@testable import KnowledgeBase

/// Waits no time.
struct NoSleep: Sleeper {
  func sleep(seconds: Double) {}
}

@Suite struct EndpointEmbedderTests {
  private static func embedder(
    _ server: ScriptedEndpoint, textsMax: Int = 4, dimension: Int? = 48
  ) throws -> EndpointEmbedder {
    var timeouts = HTTPTimeouts()
    timeouts.firstByteSeconds = 0.3
    var options = EndpointEmbedder.Options()
    options.textsMax = textsMax
    options.policy.attemptsMax = 3
    return try EndpointEmbedder(
      Endpoint(url: server.url, model: "scripted", key: Secret("sk-topsecret"), timeouts: timeouts), options: options,
      dimension: dimension, sleeper: NoSleep())
  }

  private static func texts(_ count: Int) -> [String] { (0..<count).map { "text number \($0) of the house" } }

  @Test func batchesShuffledIndexesAndTheAskedDimension() throws {
    let script = EmbeddingsScript(dimension: 48, fault: .shuffled)
    let server = try ScriptedEndpoint { request, _ in script.reply(to: request) }
    defer { server.stop() }
    let embedder = try Self.embedder(server, dimension: nil)
    #expect(embedder.identity.dimension == 48)
    let texts = Self.texts(10)
    let batch = try embedder.embed(texts)
    // One that asks the dimension, then 4, 4 and 2.
    #expect(server.requests.map { $0.json.input?.array?.count ?? 0 } == [1, 4, 4, 2])
    #expect(server.requests.allSatisfy { $0.json.encoding_format?.string == "float" && $0.path == "/v1/embeddings" })
    for (index, text) in texts.enumerated() { #expect(Array(batch[index]) == Array(try embedder.embed([text])[0])) }
    let length = batch[3].reduce(0) { $0 + $1 * $1 }
    #expect(abs(length - 1) < 1e-5)
  }

  @Test(arguments: EmbeddingsScript.Fault.allCases.filter { ![.none, .shuffled, .noIndexes].contains($0) })
  func aReplyThatIsWrongBringsNothingIn(_ fault: EmbeddingsScript.Fault) throws {
    let script = EmbeddingsScript(dimension: 48, fault: fault)
    let server = try ScriptedEndpoint { request, _ in script.reply(to: request) }
    defer { server.stop() }
    let library = try TestLibrary(embedder: Self.embedder(server))
    let error = #expect(throws: EndpointFailure.self) {
      try library.add("The lift is inspected in May.\n\nThe desk is cleaned on Fridays.", named: "a.txt")
    }
    #expect(error?.code == "endpoint_garbled", "\(error?.message ?? "")")
    #expect(try library.library.documents().isEmpty)
  }

  @Test(arguments: ["hang", "html", "cut", "500", "401", "line", "redirect"])
  func anEndpointThatFailsBringsNothingInAndIsNamed(_ trouble: String) throws {
    let server = try ScriptedEndpoint { request, _ in
      switch trouble {
      case "hang": [.hang]
      case "html": .html()
      case "cut": EmbeddingsScript(dimension: 48).reply(to: request).cut(after: 200)
      case "500": .error(500)
      case "401": .error(401, "no such key: sk-topsecret")
      case "line": .endlessLine(bytes: 1 << 30)
      default: .reply(307, [("Location", "http://127.0.0.1:9/")], body: [])
      }
    }
    defer { server.stop() }
    let library = try TestLibrary(embedder: Self.embedder(server))
    let error = #expect(throws: EndpointFailure.self) {
      try library.add("The lift is inspected in May.", named: "a.txt")
    }
    #expect(error?.message.contains("127.0.0.1") == true && error?.message.contains("topsecret") == false)
    #expect(try library.library.documents().isEmpty)
  }

  @Test func aQuestionIsStillAnsweredFromWordsAndSaysSo() throws {
    let isDown = Mutex(false)
    let script = EmbeddingsScript(dimension: 48)
    let server = try ScriptedEndpoint { request, _ in isDown.withLock { $0 } ? .error(503) : script.reply(to: request) }
    defer { server.stop() }
    let library = try TestLibrary(embedder: Self.embedder(server))
    try library.add("The lift is inspected in May.", named: "a.txt")
    isDown.withLock { $0 = true }
    let found = try library.library.search(SearchQuestion("lift inspected"))
    #expect(found.passages.count == 1)
    #expect(found.warnings.first?.contains("only words were searched") == true)
    var question = SearchQuestion("lift inspected")
    question.mode = .semantic
    #expect(throws: EndpointFailure.self) { try library.library.search(question) }
    let answer = try library.library.ask(AnswerQuestion("When is the lift inspected?"))
    #expect(answer.warnings.contains { $0.contains("only words were searched") })
  }

  @Test func anotherModelOfTheSameNameIsNoticedBeforeItsVectorsAreStored() throws {
    let isOther = Mutex(false)
    let script = EmbeddingsScript(dimension: 48)
    let server = try ScriptedEndpoint { request, _ in
      guard isOther.withLock({ $0 }) else { return script.reply(to: request) }
      let texts = request.json.input?.array ?? []
      return .json([
        "data": .array(
          texts.indices.map { index in
            let other = script.vector("another model \(index)", dimension: 48)
            return ["index": .integer(index), "embedding": .array(other.map { .number($0) })]
          })
      ])
    }
    defer { server.stop() }
    let library = try TestLibrary(embedder: Self.embedder(server))
    try library.add("The lift is inspected in May.", named: "a.txt")
    isOther.withLock { $0 = true }
    try library.restart(saving: true, embedder: Self.embedder(server))
    let error = #expect(throws: LibraryError.self) { try library.add("The desk is cleaned.", named: "b.txt") }
    #expect(error?.code == "model_changed")
    #expect(try library.library.documents().count == 1)
    // The way out: to another embedder and back, without the old vectors.
    _ = try library.library.reembed(to: WordsEmbedder())
    let outcome = try library.library.reembed(to: Self.embedder(server))
    #expect(outcome.texts == 1 && outcome.resumed == 0)
    #expect(try library.filenames("lift inspected") == ["a.txt"])
  }

  @Test func theSameTextIsPaidOnce() throws {
    let script = EmbeddingsScript(dimension: 48)
    let failsFrom = Mutex(Int.max)
    let server = try ScriptedEndpoint { request, number in
      number >= failsFrom.withLock { $0 } ? .error(400, "no") : script.reply(to: request)
    }
    defer { server.stop() }
    let library = try TestLibrary(embedder: Self.embedder(server, textsMax: 1))
    var seen: [String] { server.requests.flatMap { $0.json.input?.array?.compactMap(\.string) ?? [] } }
    for _ in 0..<3 { _ = try library.library.search(SearchQuestion("where is the lift")) }
    #expect(seen == ["where is the lift"])
    // A document that fails half-way keeps what was paid for it.
    let text = (0..<40).map {
      "# Part \($0)\n\nThe lift number \($0) is inspected in May." + String(repeating: " And so on.", count: 60)
    }
    .joined(separator: "\n\n")
    failsFrom.withLock { $0 = 4 }
    #expect(throws: EndpointFailure.self) { try library.add(text, named: "a.md") }
    #expect(try library.library.documents().isEmpty)
    failsFrom.withLock { $0 = Int.max }
    let failed = server.requests.count - 1
    try library.add(text, named: "a.md")
    let paid = server.requests.enumerated().filter { $0.offset != failed }.compactMap {
      $0.element.json.input?.array?.first?.string
    }
    #expect(Set(paid).count == paid.count)
    try library.restart(saving: true, embedder: Self.embedder(server, textsMax: 1))
    let before = server.requests.count
    _ = try library.library.search(SearchQuestion("where is the lift"))
    #expect(server.requests.count == before)
  }
}
