// Attacks by requests on a whole server, a test a row of the list that the product is held against: what must not be
// served as a page, numbers and words that are meant to break a parser or a query, what a key may reach through MCP,
// and what is left on the disk and in the logs.
import Base
import Foundation
import Testing

@Suite struct RequestSecurityRowTests {
  private let folder = Folder()
  private let leave = "Full-time staff get 15 vacation days a year. After three years the number rises to 20."

  /// Everything that the server wrote, whatever it is called.
  private func filesHolding(_ words: String) throws -> [String] {
    let files = FileManager.default.enumerator(atPath: folder.data)?.compactMap { $0 as? String } ?? []
    return files.filter { name in
      let content = FileManager.default.contents(atPath: "\(folder.data)/\(name)") ?? Data()
      return content.range(of: Data(words.utf8)) != nil
    }
  }

  @Test func row19OriginalsAreNeverPages() throws {
    let server = try RunningServer(data: folder.data)
    let page = "<!doctype html><html><body><script>alert(1)</script><p>\(leave)</p></body></html>"
    let added = try server.upload("notes.html", page)
    let id = try #require(added.json.document_id?.string)
    let original = try server.call("GET", "/documents/\(id)/original")
    #expect(original.status == 200 && original.text == page)
    #expect(original.header("Content-Disposition")?.hasPrefix("attachment") == true)
    #expect(original.header("X-Content-Type-Options") == "nosniff")
    #expect(original.header("Content-Security-Policy")?.contains("sandbox") == true)
    #expect(original.header("Content-Type")?.contains("svg") != true)
  }

  @Test func row20ScriptAddressesAreText() throws {
    let server = try RunningServer(data: folder.data)
    let text = "# Leave\n\n\(leave)\n\n[press here](JaVaScript:alert(1)) or [there](data:text/html,x) for the days.\n"
    _ = try server.upload("leave.md", text)
    let answer = try server.call("POST", "/query", ["question": "Where do I press for the vacation days?"])
    #expect(answer.json.answer?.string?.contains("press here or there for the days") == true, "\(answer.text)")
    // The quote is what stands in the file; it is shown as text, never as a link.
    let id = try #require(answer.json.citations?.array?.first?.document_id?.string)
    let shown = try server.call("GET", "/documents/\(id)/text")
    #expect(shown.header("Content-Type")?.hasPrefix("text/plain") == true)
    #expect(shown.header("X-Content-Type-Options") == "nosniff")
  }

  @Test func row25ToolsReachWhatTheKeyReaches() throws {
    let admin = try folder.key("--scope", "admin")
    let mine = try folder.key("--scope", "admin", "--collection", "mine")
    let server = try folder.guardedServer()
    let theirs = try server.upload("theirs.txt", "The code of the harbour is 4711.", to: "theirs", key: admin.text)
    _ = try server.upload("mine.txt", leave, to: "mine", key: mine.text)
    let id = try #require(theirs.json.document_id?.string)
    func tool(_ name: String, _ arguments: JSON, key: String) throws -> String {
      let parameters: JSON = ["name": .string(name), "arguments": arguments]
      let body: JSON = ["jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": parameters]
      let old = [("MCP-Protocol-Version", "2025-11-25")]
      return try server.call("POST", "/mcp", key: key, body, headers: old).text
    }
    let attempts: [(String, JSON)] = [
      ("search", ["query": "code of the harbour"]), ("search", ["query": "harbour", "collection": "theirs"]),
      ("ask", ["question": "What is the code of the harbour?"]), ("list_documents", [:]),
      ("read_document", ["document": .string(id)]), ("read_document", ["document": "theirs.txt"]),
    ]
    for (name, arguments) in attempts {
      #expect(try !tool(name, arguments, key: mine.text).contains("4711"), "\(name) \(arguments.text)")
      #expect(try !tool(name, arguments, key: mine.text).contains("harbour is"), "\(name) \(arguments.text)")
    }
    #expect(try tool("search", ["query": "code of the harbour"], key: admin.text).contains("4711"))
    #expect(try tool("fetch", ["url": "http://127.0.0.1/"], key: admin.text).contains("error"))
    let listed: JSON = ["jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": [:]]
    let tools = try server.call(
      "POST", "/mcp", key: admin.text, listed, headers: [("MCP-Protocol-Version", "2025-11-25")]
    ).json.result?.tools?.array
    #expect(tools?.isEmpty == false)
    #expect(tools?.allSatisfy { $0.annotations?.readOnlyHint?.bool == true } == true)
  }

  @Test func row30NoVectorLeavesAndNothingStaysBehind() throws {
    let server = try RunningServer(data: folder.data)
    let added = try server.upload("secret.txt", "The canary Zyxquorvane sings at nine in the yard.")
    let id = try #require(added.json.document_id?.string)
    for path in ["/documents/\(id)", "/documents/\(id)/text", "/documents", "/stats"] {
      let reply = try server.call("GET", path)
      #expect(!reply.text.contains("vector\"") && !reply.text.contains("embedding\""), "\(path)")
    }
    #expect(try server.call("GET", "/documents/\(id)/vectors").status == 404)
    #expect(try !server.call("POST", "/search", ["query": "Zyxquorvane"]).text.contains("\"vector\""))
    _ = try server.call("POST", "/query", ["question": "When does the canary Zyxquorvane sing?"])
    #expect(try server.call("DELETE", "/documents/\(id)?forget=true").status == 200)
    #expect(try server.call("POST", "/search", ["query": "Zyxquorvane"]).json.results?.array?.isEmpty == true)
    #expect(server.stop() == 0)
    #expect(try filesHolding("Zyxquorvane") == [])
    #expect(try filesHolding("zyxquorvane") == [])
  }

  @Test func row35OnlyTheDigestOfAKeyIsHeld() throws {
    var keys: Set<String> = []
    for _ in 0..<8 { keys.insert(try folder.key().text) }
    #expect(keys.count == 8)
    let server = try folder.guardedServer()
    for key in keys {
      // Prefix and check digits beside them, 256 bits need 43 characters of base 64 or 62.
      #expect(key.count >= 43)
      #expect(try server.call("GET", "/documents", key: key).status == 200)
    }
    #expect(server.stop() == 0)
    for key in keys { #expect(try filesHolding(String(key.dropFirst(3).prefix(20))) == []) }
  }

  @Test func row39OneNumberManyClients() async throws {
    let server = try RunningServer(data: folder.data)
    for number in 0..<8 {
      _ = try server.upload("note\(number).txt", "The lamp number \(number) hangs in hall \(number)0.")
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for client in 0..<100 {
        group.addTask {
          let name = "note\(client % 8).txt"
          let parameters: JSON = ["name": "read_document", "arguments": ["document": .string(name)]]
          let body: JSON = ["jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": parameters]
          let reply = try server.call("POST", "/mcp", body, headers: [("MCP-Protocol-Version", "2025-11-25")])
          // A server that is full says so; it never gives somebody else's reply.
          guard reply.status == 200 else { return #expect(reply.status == 429 || reply.status == 503) }
          #expect(reply.json.id?.int == 1)
          #expect(reply.text.contains("lamp number \(client % 8) hangs"), "\(name): \(reply.text)")
        }
      }
      try await group.waitForAll()
    }
    #expect(server.stop() == 0)
  }

  @Test func row44NumbersAndNestingAreRefused() throws {
    let server = try RunningServer(data: folder.data)
    _ = try server.upload("leave.txt", leave)
    let deep = String(repeating: "[", count: 100_000)
    for body in [
      deep, deep + String(repeating: "]", count: 100_000), #"{"query":"a","n_results":1e400}"#,
      #"{"query":"a","n_results":-1}"#, #"{"query":"a","n_results":1000000000}"#, #"{"query":"a","n_results":1.5}"#,
      #"{"query":"a","query":"b"}"#, #"{"query":"a","n_results":99999999999999999999999}"#, #"{"query":NaN}"#,
      #"{"query":"a","n_results":"0x10"}"#, #"{"query":"\ud800"}"#, "\u{0}", "", "null", "[]", "7", #""query""#,
      #"{"query":"a","mmr_lambda":1e999}"#, #"{"query":"a","page":-9223372036854775809}"#,
    ] {
      let reply = try server.post("/search", raw: body)
      #expect([400, 422].contains(reply.status) || body.contains("page"), "\(body.prefix(60)): \(reply.status)")
      #expect(reply.status < 500 && (reply.status == 200 || reply.code != nil), "\(body.prefix(60)): \(reply.text)")
    }
    for query in ["?limit=-1", "?limit=1e9", "?offset=99999999999999999999", "?limit=abc"] {
      #expect(try server.call("GET", "/documents" + query).status < 500, "\(query)")
    }
    #expect(try server.call("POST", "/search", ["query": "vacation"]).status == 200)
    #expect(server.stop() == 0)
  }

  @Test func row45WordsOfOtherLanguagesAreWords() throws {
    let server = try RunningServer(data: folder.data)
    _ = try server.upload("leave.txt", leave)
    for words in [
      "\"", "\"\"\"", "NEAR(", "a-b", "title:x", String(repeating: "(", count: 5_000), "vacation AND", "OR", "NOT", "*",
      "vac*", "^days", "{a b}", "'; drop table documents; --", "days' or '1'='1", "\\", "%", "_", "a\u{0}b",
      "+vacation",
      "-vacation", "days:15", "\u{202e}syad", String(repeating: "days ", count: 1_500),
    ] {
      for mode in ["hybrid", "keyword"] {
        let reply = try server.call("POST", "/search", ["query": .string(words), "mode": .string(mode)])
        #expect([200, 400, 413, 422].contains(reply.status), "\(words.prefix(30)) \(mode): \(reply.status)")
      }
    }
    for field in ["relevance; drop table documents", "1", "rowid desc"] {
      let body: JSON = ["query": "days", "where": .string("\(field) = 1"), "sort": .string(field)]
      #expect(try server.call("POST", "/search", body).status < 500, "\(field)")
    }
    #expect(try server.call("POST", "/search", ["query": "vacation days"]).json.results?.array?.count == 1)
    #expect(server.stop() == 0)
  }

  @Test func row46LongRunsOfOneMarkEnd() throws {
    let server = try RunningServer(data: folder.data)
    // Each is a long file; a server that looks ahead from every mark would not end.
    for (number, mark) in ["a", "*_", "[", "<", "#", "|", "`", "&", "((", "> "].enumerated() {
      let text = leave + "\n\n" + String(repeating: mark, count: 100_000 / mark.utf8.count) + "\n"
      for name in ["a\(number).md", "a\(number).html", "a\(number).txt"] {
        #expect(try server.upload(name, text).status < 500, "\(mark) \(name)")
      }
    }
    for words in [String(repeating: "a", count: 100_000), String(repeating: "(a ", count: 30_000)] {
      #expect(try server.call("POST", "/search", ["query": .string(words)]).status < 500)
      #expect(try server.call("POST", "/search", ["query": "a", "where": .string(words)]).status == 400)
    }
    #expect(server.stop() == 0)
  }

  @Test func row47LogsAreLines() throws {
    let server = try RunningServer(data: folder.data)
    let forged = "x%1b%5b2J%0a%7b%22FAKE%22:1%7d"
    _ = try server.call("GET", "/documents/\(forged)")
    _ = try server.call("GET", "/\(forged)", headers: [("X-Request-Id", "a\u{1b}[2J"), ("User-Agent", "b\u{7f}c")])
    #expect(server.stop() == 0)
    let log = try String(contentsOfFile: folder.data + "/log/requests.jsonl", encoding: .utf8)
    #expect(!log.contains("\u{1b}"))
    let lines = log.split(separator: "\n")
    #expect(lines.count >= 2)
    for line in lines {
      let entry = try JSON(parsing: String(line))
      #expect(entry["FAKE"] == nil && entry.route != nil, "\(line)")
    }
  }

  @Test func row51NothingIsWrittenElsewhere() throws {
    let elsewhere = folder.path + "/tmp"
    try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
    let variables = ["TMPDIR": elsewhere]
    let file = try folder.write("leave.txt", leave)
    #expect(try Binary.run(["add", file], data: folder.data, environment: variables).status == 0)
    let server = try RunningServer(data: folder.data, environment: variables)
    _ = try server.upload("again.txt", leave + " Again.")
    #expect(server.stop() == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere) == [])
    func mode(_ path: String) throws -> Int {
      try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
    #expect(try mode(folder.data) == 0o700)
    let names = FileManager.default.enumerator(atPath: folder.data)?.compactMap { $0 as? String } ?? []
    for name in names { #expect(try mode("\(folder.data)/\(name)") & 0o077 == 0, "\(name)") }
    // A link that somebody planted where the data should be leads nowhere.
    let secret = try folder.write("secret.txt", "Keep.")
    let planted = folder.path + "/planted"
    try FileManager.default.createDirectory(atPath: planted, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(atPath: planted + "/library.db", withDestinationPath: secret)
    #expect(try Binary.run(["add", file], data: planted).status != 0)
    #expect(try String(contentsOfFile: secret, encoding: .utf8) == "Keep.")
  }
}
