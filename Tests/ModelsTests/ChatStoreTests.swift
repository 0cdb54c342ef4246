// What is kept of calls to models: the token budget that nobody passes, replies given again, good pairs for training.
import Base
import Foundation
import ScriptedEndpoint
import Store
import Synchronization
import Testing

@testable import Models

final class ScratchStore {
  let path: String

  init() { path = "\(NSTemporaryDirectory())footnote-chat-\(hexadecimal(SystemRandom().bytes(8)))" }

  deinit { FileAccess.removeTree(path) }

  func open() throws -> Database {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return try Database(path: "\(path)/library.db", migrations: LibrarySchema.migrations)
  }
}

@Suite struct ChatStoreTests {
  private let scratch = ScratchStore()

  private func server(pauseSeconds: Double = 0) throws -> ScriptedEndpoint {
    try ScriptedEndpoint { _, number in
      .eventStream(
        ChatScript.chunks(["Reply \(number)."], usage: ChatScript.usage(20, 40)), pauseSeconds: pauseSeconds)
    }
  }

  // MARK: The budget

  @Test func callsSideBySideDoNotPassTheBudget() throws {
    let server = try server()
    defer { server.stop() }
    let database = try scratch.open()
    var bench = ChatBench()
    bench.options.tokensPerHourMax = 1_000
    bench.request.outputTokensMax = 100
    let (service, request) = (bench.service(server, store: ChatStore(database, clock: bench.clock)), bench.request)
    let outcomes = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 50) { _ in
      do {
        _ = try service.reply(to: request, onText: nil)
        outcomes.withLock { $0.append("done") }
      } catch { outcomes.withLock { $0.append(PlainFailure.describing(error).code) } }
    }
    let all = outcomes.withLock { $0 }
    #expect(Set(all) == ["done", "token_budget_spent"])
    let spent = try database.read { try $0.modelTokens(since: 0) }
    #expect(spent <= 1_000 && spent > 500)
    #expect(spent == 60 * all.count { $0 == "done" })
    // Sixty a call and no more than a thousand, whatever came side by side.
    #expect(server.requests.count <= 16)
  }

  @Test func theBudgetOutlivesTheProcess() throws {
    let server = try server()
    defer { server.stop() }
    var bench = ChatBench()
    bench.options.tokensPerHourMax = 200
    bench.request.outputTokensMax = 100
    do {
      // A call that a killed process never ended: what it had set aside counts.
      let store = ChatStore(try scratch.open(), clock: bench.clock)
      _ = try store.begin(bench.request, model: "m", tokens: 150, budgetPerHour: 200)
    }
    let service = bench.service(server, store: ChatStore(try scratch.open(), clock: bench.clock))
    let failure = bench.ask(service).failure
    #expect(failure?.code == "token_budget_spent" && failure?.kind == .busy)
    #expect(failure?.hint.contains("try again in 3600 s") == true || failure?.hint.contains("in 3599 s") == true)
    #expect(server.requests.isEmpty)
    bench.clock.skip(3_601)
    #expect(bench.ask(service).reply?.text == "Reply 0.")
  }

  /// A server that took the request and then broke off may bill it: that counts, and the next try needs its own share.
  @Test func triesThatFailedCountToo() throws {
    let whole = ChatScript.reply(["Yes."], usage: ChatScript.usage(20, 2))
    let server = try ScriptedEndpoint { _, number in number % 2 == 0 ? .eventStream([]) : whole }
    defer { server.stop() }
    let database = try scratch.open()
    var bench = ChatBench()
    bench.request.outputTokensMax = 100
    bench.options.tokensPerHourMax = 1_000
    let reply = bench.ask(bench.service(server, store: ChatStore(database, clock: bench.clock))).reply
    #expect(reply?.usage == ChatUsage(inputTokens: 20, outputTokens: 2))
    #expect(try database.read { try $0.modelTokens(since: 0) } >= 22 + 100)

    bench.clock.skip(3_601)
    bench.options.tokensPerHourMax = 170
    let refused = bench.ask(bench.service(server, store: ChatStore(database, clock: bench.clock))).failure
    #expect(refused?.code == "token_budget_spent")
    #expect(server.requests.count == 3)
  }

  @Test func aCallThatNeedsMoreThanTheBudgetIsRefused() throws {
    let server = try server()
    defer { server.stop() }
    var bench = ChatBench()
    bench.options.tokensPerHourMax = 50
    #expect(
      bench.ask(bench.service(server, store: ChatStore(try scratch.open()))).failure?.code == "token_budget_spent")
  }

  // MARK: Replies given again

  @Test func theSameRequestIsAnsweredFromWhatIsKept() throws {
    let server = try server()
    defer { server.stop() }
    let database = try scratch.open()
    var bench = ChatBench()
    bench.options.keptSecondsMax = 100
    bench.options.prices = try PriceTable(JSON(parsing: #"{"models":{"m":{"input":1000000,"output":1000000}}}"#))
    let service = bench.service(server, store: ChatStore(database, clock: bench.clock))
    let first = bench.ask(service)
    #expect(first.reply?.isCached == false && first.reply?.cost == 60)
    let again = bench.ask(service)
    #expect(again.reply?.isCached == true && again.reply?.cost == 0)
    #expect(again.reply?.text == "Reply 0." && again.shown == ["Reply 0."])
    #expect(again.reply?.usage == ChatUsage(inputTokens: 0, outputTokens: 0))
    // Another key or collection never sees it; nor does another word, temperature or length.
    for change in 0..<4 {
      var other = bench
      switch change {
      case 0: other.request.scope = "contracts"
      case 1: other.request.temperature = 0.5
      case 2: other.request.outputTokensMax = 7
      default: other.request.messages[0] = ChatMessage(.user, "What is the notice period")
      }
      #expect(other.ask(service).reply?.isCached == false)
    }
    bench.clock.skip(101)
    #expect(bench.ask(service).reply?.isCached == false)
    let calls = try database.read { try $0.modelCalls(since: 0) }
    #expect(calls.count == 7 && calls.count { $0.isCached } == 1)
    #expect(calls.allSatisfy { $0.outcome == "done" && $0.purpose == "test" })
    #expect(calls[0].inputTokens == 20 && calls[0].outputTokens == 40 && calls[0].cost == 60 && calls[0].attempts == 1)
    #expect(calls[0].firstTextMs ?? -1 >= 0 && calls[0].elapsedMs >= calls[0].firstTextMs ?? 0)
  }

  @Test func onlyWholeRepliesAreKept() throws {
    let server = try ScriptedEndpoint { _, _ in .eventStream(ChatScript.chunks(["Cut"], finish: "length")) }
    defer { server.stop() }
    var bench = ChatBench()
    bench.options.keptSecondsMax = 100
    let service = bench.service(server, store: ChatStore(try scratch.open()))
    for _ in 0..<2 { #expect(bench.ask(service).reply?.isCached == false) }
  }

  @Test func whatIsKeptIsBounded() throws {
    let database = try scratch.open()
    try database.write { connection in
      for index in 0..<50 {
        try connection.keepReply([UInt8(index)], at: Double(index), documents: "", reply: "{}")
        try connection.dropKeptReplies(keeping: 10)
      }
    }
    #expect(try database.read { try $0.keptReplyCount() } == 10)
    #expect(try database.read { try $0.keptReply([49], since: 0) } == "{}")
    #expect(try database.read { try $0.keptReply([39], since: 0) } == nil)
  }

  @Test func whatNamesADocumentGoesWithIt() throws {
    let database = try scratch.open()
    let log = ChatStore(database)
    let documents = try database.write { connection in
      let collection = try connection.collection(named: "default")
      for id in ["aaaa1111", "bbbb2222"] {
        try connection.run(
          "INSERT INTO documents (id, collection, filename, metadata, added_at) VALUES (?, ?, 'f', '{}', 0)", .text(id),
          SQLValue(collection.id))
      }
      return ["aaaa1111", "bbbb2222"]
    }
    for id in documents {
      var request = ChatRequest(purpose: "test", [ChatMessage(.user, "words of \(id)")])
      request.documents = [id]
      try log.keep(
        request: request, form: ReplyForm(name: "f", about: "", schema: [:]), reply: ["v": .string(id)], model: "m")
      try log.keepReply(SHA256Digest(of: id.utf8), ["text": "t", "model": "m"], documents: [id])
    }
    try database.write { try $0.run("DELETE FROM documents WHERE id = 'aaaa1111'") }
    #expect(try database.read { try $0.keptReplyCount() } == 1)
    let pairs = try log.trainingPairs()
    #expect(pairs.count == 1 && pairs[0].text.contains("bbbb2222") && !pairs[0].text.contains("aaaa1111"))
  }

  // MARK: Training

  @Test func pairsAreConversationsThatEndOnTheGoodReply() throws {
    let log = ChatStore(try scratch.open())
    let model = RecordedModel("no", #"{"product":"lamp","price":5,"condition":"used","stock":null,"tags":[]}"#)
    _ = try StructuredModel(model, log: log).value(
      of: Offer.schema, named: "offer",
      ChatRequest(purpose: "test", [ChatMessage(.system, "Read offers."), ChatMessage(.user, "A lamp, used, 5")]))
    let pairs = try log.trainingPairs()
    let messages = try #require(pairs.first?.messages?.array)
    #expect(messages.map { $0.role?.string ?? "" } == ["system", "user", "assistant"])
    #expect(messages[0].content?.string?.hasPrefix("Read offers.") == true)
    #expect(messages[0].content?.string?.contains("\"required\":[\"product\"") == true)
    #expect(try JSON(parsing: messages[2].content?.string ?? "").price?.int == 5)
  }

  // MARK: Failures

  @Test func failuresAreWrittenDownWithTheirCode() throws {
    let server = try ScriptedEndpoint { _, _ in .error(401) }
    defer { server.stop() }
    let database = try scratch.open()
    let bench = ChatBench()
    _ = bench.ask(bench.service(server, store: ChatStore(database)))
    let call = try database.read { try $0.modelCalls(since: 0) }.first
    #expect(call?.outcome == "endpoint_denied" && call?.reservedTokens == 0 && call?.endpoint == "\(server.url)/v1")
  }
}
