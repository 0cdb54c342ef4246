// The shape of what every route answers with, in one golden: which members there are and of what kind, so that nothing
// is lost or renamed unseen. A route that is described and not asked here fails the test.
import Base
import Foundation
import Models
import Testing

@Suite struct ShapeTests {
  private let folder = Folder()
  private let leave = "Full-time staff get 15 vacation days a year. After three years the number rises to 20."

  /// Routes whose answer is no JSON.
  private static let others: Set<String> = [
    "GET /documents/{id}/original", "GET /documents/{id}/pages/{n}.png", "GET /documents/{id}/text", "GET /metrics",
    "GET /jobs/{id}/events", "GET /deals/events", "GET /openapi.json",
  ]

  /// Those of the deal finder and of the directory's owner: prices learnt, a run on the sample feed, copies made.
  private func askOwner(_ server: RunningServer) throws -> [(route: String, reply: Reply)] {
    let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("corpus")
    // A quarter of the catalogue is enough to learn from.
    let rows = try String(contentsOfFile: corpus.path + "/products.jsonl", encoding: .utf8).split(separator: "\n")
    let products = try folder.write("products.jsonl", rows.prefix(160).joined(separator: "\n") + "\n")
    _ = try Binary.run(["products", "import", products], data: folder.data)
    let owner = try JSON(parsing: String(contentsOfFile: folder.data + "/server.json", encoding: .utf8))
    let token = try #require(owner.token?.string)
    func ask(_ route: String, _ path: String, _ body: JSON? = nil) throws -> (String, Reply) {
      let method = String(route.prefix { $0 != " " })
      return (route, try server.call(method, path, key: token, body))
    }
    let feed: JSON = ["files": [.string(corpus.path + "/deals/sample-feed.xml")]]
    var asked = [
      try ask("POST /deals/train", "/deals/train", [:]), try ask("POST /deals/run", "/deals/run", feed),
      try ask("POST /deals/price", "/deals/price", ["description": "A desk lamp with a warm light"]),
      try ask("POST /deals/backtest", "/deals/backtest", [:]), try ask("GET /map", "/map?points=20"),
      try ask("POST /jobs", "/jobs", ["paths": [.string(try folder.write("job.txt", leave + " Job."))]]),
      try ask("POST /documents/retire", "/documents/retire", ["paths": ["/nowhere/file.txt"]]),
      try ask("GET /training-pairs", "/training-pairs"),
      try ask("POST /backup", "/backup", ["path": .string(folder.path + "/library.backup")]),
      try ask("POST /export", "/export", ["path": .string(folder.path + "/export")]),
      try ask("POST /import", "/import", ["path": .string(folder.path + "/export")]),
      try ask("POST /reembed", "/reembed", [:]),
    ]
    let id = try server.call("GET", "/deals").json.deals?.array?.first?.id?.string ?? "none"
    asked.append(try ask("GET /deals/{id}", "/deals/\(id)"))
    asked.append(try ask("POST /deals/{id}/notify", "/deals/\(id)/notify", [:]))
    return asked
  }

  private func skeleton(_ json: JSON) -> JSON {
    switch json {
    case .object(let members):
      // Named by routes, of which more or fewer were noted down by now.
      if let first = members.first(where: { _ in true }), first.key.contains(" /") {
        return ["METHOD /route": skeleton(first.value)]
      }
      var shape = JSONObject()
      for (key, value) in members { shape[key] = skeleton(value) }
      return .object(shape)
    case .array(let elements): return .array(elements.prefix(1).map(skeleton))
    case .integer, .number: return "number"
    case .string: return "string"
    case .bool: return "bool"
    case .null: return .null
    }
  }

  /// Of a stream its last event, for how many came before depends on the machine.
  private func shown(_ reply: Reply) throws -> String {
    guard !reply.body.isEmpty else { return "" }
    guard reply.header("Content-Type")?.hasPrefix("text/event-stream") == true else {
      return skeleton(reply.json).prettyText
    }
    let last = try #require(ServerSentEvent.all(in: reply.text).last)
    return "event \(last.name)\n\(skeleton(last.data).prettyText)"
  }

  @Test func everyRouteAnswersInItsShape() throws {
    let server = try RunningServer(data: folder.data)
    let added = try server.upload("leave.txt", leave)
    let id = try #require(added.json.document_id?.string)
    let question: JSON = ["question": "How many vacation days do full-time staff get?"]
    let answer = try server.call("POST", "/query", question)
    let job = try #require(
      server.upload([("again.txt", leave + " Again.")], query: "?wait=false").json.job_id?.string)
    for _ in 0..<300 where try server.call("GET", "/jobs/\(job)").json.state?.string != "done" { usleep(20_000) }
    let product: JSON = ["key": "1", "title": "A lamp", "description": "For a desk", "price": 12.5, "currency": "USD"]
    let chat: JSON = [
      "model": "footnote", "messages": [["role": "user", "content": "How many vacation days do full-time staff get?"]],
    ]
    let tools: JSON = ["jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": [:]]
    let models = try server.call("GET", "/v1/models").json.data?.array ?? []
    let model = try #require(models.compactMap { $0.id?.string }.first { !$0.hasPrefix("footnote") })
    var asked: [(route: String, reply: Reply)] = [
      ("POST /upload", added), ("POST /query", answer),
      ("POST /search", try server.call("POST", "/search", ["query": "vacation", "explain": true])),
      ("POST /why-not", try server.call("POST", "/why-not", ["query": "vacation", "document": .string(id)])),
      ("POST /verify", try server.call("POST", "/verify", answer.json)),
      ("POST /replay", try server.call("POST", "/replay", answer.json)),
      ("GET /documents/{id}", try server.call("GET", "/documents/\(id)")),
      ("GET /jobs/{id}", try server.call("GET", "/jobs/\(job)")),
      ("DELETE /jobs/{id}", try server.call("DELETE", "/jobs/\(job)")),
      ("POST /products", try server.call("POST", "/products", ["products": [product]])),
      ("POST /v1/chat/completions", try server.call("POST", "/v1/chat/completions", chat)),
      ("POST /v1/embeddings", try server.call("POST", "/v1/embeddings", ["model": .string(model), "input": "x"])),
      ("POST /mcp", try server.call("POST", "/mcp", tools, headers: [("MCP-Protocol-Version", "2025-11-25")])),
    ]
    asked += try askOwner(server)
    let made = try server.call("POST", "/keys", ["name": "one"])
    asked.append(("POST /keys", made))
    for route in [
      "GET /documents", "GET /stats", "GET /health", "GET /report", "GET /jobs", "GET /keys", "GET /audit",
      "GET /session", "GET /v1/models", "GET /deals",
    ] { asked.append((route, try server.call("GET", String(route.dropFirst(4))))) }
    if let key = made.json.id?.string { asked.append(("DELETE /keys/{id}", try server.call("DELETE", "/keys/\(key)"))) }
    asked.append(("POST /login", try server.call("POST", "/login", ["key": "fn_wrong"])))
    asked.append(("POST /logout", try server.call("POST", "/logout", headers: [("Origin", server.url)])))
    asked.append(("DELETE /documents/{id}", try server.call("DELETE", "/documents/\(id)")))

    let text = try asked.sorted { $0.route < $1.route }.map { route, reply in
      "\(route): \(reply.status)\n\(try shown(reply))\n"
    }.joined(separator: "\n")
    try Goldens.check(text, "http-shapes.txt")
    let known = Set(asked.map(\.route)).union(Self.others)
    for (path, operations) in try server.call("GET", "/openapi.json").json.paths?.object ?? [:] {
      for (method, _) in operations.object ?? [:] {
        #expect(known.contains("\(method.uppercased()) \(path)"), "\(method) \(path) is not asked here")
      }
    }
  }
}
