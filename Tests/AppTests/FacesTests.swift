// The server's other faces over a real socket: OpenAI's API, the Model Context Protocol, figures, the description.
import Base
import Foundation
import HTTPKit
import Models
import Testing

@testable import App

@Suite struct FacesTests {
  private let folder = Folder()
  private let leave = "Full-time staff get 15 vacation days a year. After three years the number rises to 20."

  private func filled() throws -> RunningServer {
    let file = try folder.write("leave.txt", leave)
    _ = try Binary.run(["add", file], data: folder.data)
    return try RunningServer(data: folder.data)
  }

  // MARK: OpenAI

  @Test func theLibraryIsAModel() throws {
    let server = try filled()
    let models = try server.call("GET", "/v1/models").json.data?.array?.compactMap { $0.id?.string } ?? []
    #expect(models.contains("footnote") && models.contains("footnote/default"))
    let asked: JSON = [
      "model": "footnote",
      "messages": [
        ["role": "system", "content": "You are terse."],
        ["role": "user", "content": [["type": "text", "text": "How many vacation days do full-time staff get?"]]],
      ],
    ]
    let reply = try server.call("POST", "/v1/chat/completions", asked).json
    let choice = try #require(reply.choices?.array?.first)
    #expect(choice.message?.content?.string?.contains("15 vacation days a year") == true)
    #expect(choice.message?.content?.string?.contains("[1]") == true)
    #expect(reply.footnote?.citations?.array?.isEmpty == false && choice.finish_reason?.string == "stop")
  }

  @Test func chunksPutTogetherAreTheAnswer() throws {
    let server = try filled()
    let asked: JSON = [
      "model": "footnote/default", "stream": true, "stream_options": ["include_usage": true],
      "messages": [["role": "user", "content": "How many vacation days do full-time staff get?"]],
    ]
    let text = String(decoding: try server.call("POST", "/v1/chat/completions", asked).body, as: UTF8.self)
    let lines = text.split(separator: "\n").map { String($0.dropFirst("data: ".count)) }
    #expect(lines.last == "[DONE]")
    let chunks: [JSON] = try lines.dropLast().map { line in try JSON(parsing: line) }
    let said = chunks.compactMap { $0.choices?.array?.first?.delta?.content?.string }.joined()
    let whole = try #require(chunks.compactMap(\.footnote).first)
    #expect(said == whole.answer?.string && chunks.last?.usage != nil)
  }

  @Test func aConversationIsReadFromItsMessages() throws {
    let server = try filled()
    let asked: JSON = [
      "model": "footnote",
      "messages": [
        ["role": "user", "content": "How many vacation days do full-time staff get?"],
        ["role": "assistant", "content": "15 vacation days a year [1]."],
        ["role": "user", "content": "And after three years?"],
      ],
    ]
    let reply = try server.call("POST", "/v1/chat/completions", asked).json
    #expect(reply.footnote?.rewritten_question?.string?.lowercased().contains("vacation") == true)
  }

  @Test func vectorsComeAsNumbersAndPacked() throws {
    let server = try filled()
    let model = try #require(server.call("GET", "/v1/models").json.data?.array?.last?.id?.string)
    var asked: JSONObject = ["model": .string(model), "input": ["a house", "a home"]]
    let plain = try server.call("POST", "/v1/embeddings", .object(asked)).json
    let numbers = try #require(plain.data?.array?.first?.embedding?.array).compactMap(\.double)
    #expect(numbers.count == 384 && abs(numbers.reduce(0) { $0 + $1 * $1 } - 1) < 1e-3)
    asked["encoding_format"] = "base64"
    let packed = try #require(
      server.call("POST", "/v1/embeddings", .object(asked)).json.data?.array?.first?.embedding?.string)
    let bytes = try #require(Data(base64Encoded: packed))
    let first = bytes.prefix(4).enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << (8 * UInt32($1.offset)) }
    #expect(bytes.count == 384 * 4 && abs(Double(Float(bitPattern: first)) - numbers[0]) < 1e-6)
  }

  @Test(arguments: [
    ("/v1/chat/completions", "{}", 400), ("/v1/chat/completions", #"{"model":"footnote","messages":[]}"#, 400),
    ("/v1/chat/completions", #"{"model":"gpt-9","messages":[{"role":"user","content":"x"}]}"#, 404),
    ("/v1/chat/completions", #"{"model":"footnote/x","messages":[{"role":"user","content":"x"}]}"#, 404),
    ("/v1/chat/completions", #"{"model":"footnote","messages":[{"role":"assistant","content":"x"}]}"#, 400),
    (
      "/v1/chat/completions", #"{"model":"footnote","messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#,
      400
    ),
    ("/v1/embeddings", #"{"model":"other","input":"x"}"#, 404), ("/v1/embeddings", #"{"model":"x"}"#, 404),
    ("/mcp", "[", 400), ("/mcp", "[]", 400), ("/mcp", #"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, 400),
  ])
  func wrongRequestsAreToldSo(_ path: String, _ body: String, _ status: Int) throws {
    let server = try filled()
    #expect(try server.post(path, raw: body).status == status)
  }

  // MARK: Model Context Protocol

  private func modern(
    _ server: RunningServer, _ method: String, _ parameters: JSONObject = [:], headers: [(String, String)]? = nil
  ) throws -> Reply {
    var all = parameters
    all["_meta"] = [
      "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": [:],
    ]
    var sent = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)]
    if let name = parameters["name"]?.string ?? parameters["uri"]?.string { sent.append(("Mcp-Name", name)) }
    let body: JSON = ["jsonrpc": "2.0", "id": 7, "method": .string(method), "params": .object(all)]
    return try server.call("POST", "/mcp", body, headers: headers ?? sent)
  }

  @Test func theNewestProtocolNeedsNoHandshake() throws {
    let server = try filled()
    let discovered = try modern(server, "server/discover").json.result
    #expect(discovered?.supportedVersions?.array?.first?.string == "2026-07-28")
    #expect(discovered?.resultType?.string == "complete" && discovered?.ttlMs?.int == 0)
    let tools = try modern(server, "tools/list").json.result?.tools?.array?.compactMap { $0["name"]?.string }
    #expect(tools == ["search", "ask", "read_document", "list_documents"])
    let question: JSON = ["question": "How many vacation days do full-time staff get?"]
    let asked = try modern(server, "tools/call", ["name": "ask", "arguments": question])
    #expect(asked.json.result?.structuredContent?.citations?.array?.isEmpty == false)
    let uri = try #require(
      modern(server, "resources/list").json.result?.resources?.array?.first?.uri?.string)
    let read = try modern(server, "resources/read", ["uri": .string(uri)])
    #expect(read.json.result?.contents?.array?.first?["text"]?.string == leave)
  }

  @Test func headersMustSayWhatTheMessageSays() throws {
    let server = try filled()
    let right = ("MCP-Protocol-Version", "2026-07-28")
    for wrong in [
      [right], [right, ("Mcp-Method", "tools/call")],
      [("MCP-Protocol-Version", "2025-11-25"), ("Mcp-Method", "tools/list")],
    ] {
      let reply = try modern(server, "tools/list", headers: wrong)
      #expect(reply.status == 400 && reply.json.error?.code?.int == -32_020)
    }
    let unknown = try modern(server, "no/such")
    #expect(unknown.status == 404 && unknown.json.error?.code?.int == -32_601 && unknown.json.id?.int == 7)
    for method in ["GET", "DELETE"] { #expect(try server.call(method, "/mcp").status == 405) }
    let foreign = try modern(
      server, "tools/list", headers: [right, ("Mcp-Method", "tools/list"), ("Origin", "http://evil.example")])
    #expect(foreign.status == 403)
  }

  @Test func olderClientsShakeHands() throws {
    let server = try filled()
    func send(_ method: String, _ parameters: JSON = [:], id: JSON? = 1) throws -> (status: Int, json: JSON) {
      var body: JSONObject = ["jsonrpc": "2.0", "method": .string(method), "params": parameters]
      if let id { body["id"] = id }
      let reply = try server.call("POST", "/mcp", .object(body), headers: [("MCP-Protocol-Version", "2025-11-25")])
      return (reply.status, reply.json)
    }
    let hello = try send("initialize", ["protocolVersion": "2025-06-18", "capabilities": [:]])
    #expect(hello.json.result?.protocolVersion?.string == "2025-06-18")
    #expect(try send("notifications/initialized", id: nil).status == 202)
    let wrong: JSON = ["name": "search", "arguments": ["query": "vacation", "limit": 3]]
    #expect(try send("tools/call", wrong).json.result?.isError?.bool == true)
    let right: JSON = ["name": "search", "arguments": ["query": "vacation"]]
    #expect(try send("tools/call", right).json.result?.structuredContent?.results?.array?.count == 1)
  }

  @Test func standardStreamsSpeakItToo() throws {
    let file = try folder.write("leave.txt", leave)
    _ = try Binary.run(["add", file], data: folder.data)
    let process = Binary.make(["mcp"], data: folder.data)
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let lines = [
      #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}"#,
      #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, "nonsense",
      #"{"jsonrpc":"2.0","id":"x","method":"tools/call","params":"#
        + #"{"name":"read_document","arguments":{"document":"leave.txt","start":0,"end":9}}}"#,
    ]
    try input.fileHandleForWriting.write(contentsOf: Data((lines.joined(separator: "\n") + "\n").utf8))
    try input.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let replies = try text.split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(replies.count == 3 && replies[0].result?.serverInfo?["name"]?.string == "footnote")
    #expect(replies[1].error?.code?.int == -32_700)
    #expect(replies[2].id?.string == "x" && replies[2].result?.structuredContent?["text"]?.string == "Full-time")
  }

  // MARK: Figures

  @Test func requestsAreCountedAndReported() throws {
    let server = try filled()
    _ = try server.call("POST", "/query", ["question": "How many vacation days do full-time staff get?"])
    _ = try server.call("GET", "/documents/none")
    let metrics = String(decoding: try server.call("GET", "/metrics").body, as: UTF8.self)
    #expect(metrics.contains(#"footnote_http_requests_total{method="POST",route="/query",status="200"} 1"#))
    #expect(metrics.contains(#"status="404"} 1"#) && metrics.contains("footnote_answers_total 1"))
    let report = try Binary.run(["report", "--json"], data: folder.data)
    let shape = try JSON(parsing: Array(report.output.utf8))
    #expect(shape.operations?["POST /query"]?.requests?.int == 1)
    let parts = shape.timeline?.array ?? []
    #expect(parts.count == 24 && parts.last?.requests?.int == shape.summary?.requests?.int)
    #expect(try server.call("GET", "/report?hours=0").status == 400)
    #expect(try Binary.run(["health"], data: folder.data).status == 0)
    #expect(server.stop() == 0)
    // What was counted outlives the process; the log names no query and no content.
    let later = try JSON(parsing: Array(try Binary.run(["report", "--json"], data: folder.data).output.utf8))
    #expect(later.operations?["POST /query"]?.requests?.int == 1)
    // Without a server health is judged by the same settings.
    let full = try Binary.run(
      ["health", "--json"], data: folder.data, environment: ["FOOTNOTE_HEALTH_FREE_MB_MIN": "1000000"])
    let health = try JSON(parsing: Array(full.output.utf8))
    #expect(health.parts?.device?.status?.string == "degraded", "\(full.output)")
    let log = try String(contentsOfFile: folder.data + "/log/requests.jsonl", encoding: .utf8)
    #expect(log.contains(#""route":"/query""#) && !log.contains("vacation"))
    for line in log.split(separator: "\n") { _ = try JSON(parsing: String(line)) }
  }

  @Test func everyRouteIsDescribedAndHasAPermission() throws {
    let server = try RunningServer(data: folder.data)
    let paths = try #require(server.call("GET", "/openapi.json").json.paths?.object)
    for (path, operations) in paths {
      for (name, _) in operations.object ?? [:] {
        let known = HTTPKit.Method(rawValue: name.uppercased()).flatMap { Permissions.known($0, path) }
        #expect(known != nil, "\(name) \(path) has no entry in Permissions")
      }
    }
    for (route, _) in OpenAPI.descriptions {
      let parts = route.split(separator: " ").map(String.init)
      #expect(paths[parts[1]]?[parts[0].lowercased()] != nil, "\(route) is described and not there")
    }
  }
}
