// The server from end to end, over a real socket: the binary serves, libcurl asks.
import Base
import Foundation
import Models
import Testing

@Suite struct ServerTests {
  private let folder = Folder()
  private let client = HTTPClient()

  private func get(_ server: RunningServer, _ path: String) throws -> (status: Int, body: [UInt8]) {
    let reply = try client.send(HTTPRequest("GET", server.url + path))
    return (reply.status, reply.body)
  }

  private func post(_ server: RunningServer, _ path: String, _ body: JSON) throws -> (status: Int, json: JSON) {
    var request = HTTPRequest("POST", server.url + path)
    request.body = .bytes(body.utf8, contentType: "application/json")
    let reply = try client.send(request)
    return (reply.status, try JSON(parsing: reply.body))
  }

  private func upload(_ server: RunningServer, _ name: String, _ text: String) throws -> (status: Int, json: JSON) {
    var request = HTTPRequest("POST", server.url + "/upload")
    request.body = .form([.init(name: "file", filename: name, content: Array(text.utf8))])
    let reply = try client.send(request)
    return (reply.status, try JSON(parsing: reply.body))
  }

  private let leave = "Full-time staff get 15 vacation days a year. After three years the number rises to 20."

  @Test func uploadsAndAnswers() throws {
    let server = try RunningServer(data: folder.data)
    let added = try upload(server, "leave.txt", leave)
    #expect(added.status == 200 && added.json.status?.string == "success")
    #expect(added.json.total_documents?.int == 1)
    let answer = try post(server, "/query", ["question": "How many vacation days do full-time staff get?"])
    #expect(answer.status == 200)
    let citation = try #require(answer.json.citations?.array?.first)
    let id = try #require(answer.json.sources?.array?.first?.document_id?.string)
    let text = Array(String(decoding: try get(server, "/documents/\(id)/text").body, as: UTF8.self).unicodeScalars)
    let range = try #require(citation.start?.int)..<(#require(citation.end?.int))
    #expect(String(String.UnicodeScalarView(text[range])) == citation.quote?.string)
    #expect(server.stop() == 0)
  }

  @Test func theSameFileTwiceIsHeldOnce() throws {
    let server = try RunningServer(data: folder.data)
    _ = try upload(server, "leave.txt", leave)
    let again = try upload(server, "leave.txt", leave)
    #expect(again.json.documents?.array?.first?.status?.string == "unchanged")
    #expect(again.json.total_documents?.int == 1)
  }

  @Test func shapesAreAsWritten() throws {
    let server = try RunningServer(data: folder.data)
    let added = try upload(server, "leave.txt", leave)
    try Goldens.check(Goldens.shape(added.json).prettyText + "\n", "http-upload.json")
    for path in ["/stats", "/health", "/documents"] {
      let reply = try get(server, path)
      #expect(reply.status == 200)
      try Goldens.check(
        Goldens.shape(JSON(parsing: reply.body)).prettyText + "\n", "http\(path.replacing("/", with: "-")).json")
    }
    let question: JSON = ["question": "How many vacation days do full-time staff get?", "n_results": 1]
    try Goldens.check(
      Goldens.shape(post(server, "/query", question).json).prettyText + "\n", "http-query.json")
    try Goldens.check(
      Goldens.shape(post(server, "/search", ["query": "vacation"]).json).prettyText + "\n", "http-search.json")
  }

  @Test func aStreamedAnswerIsTheWholeAnswer() throws {
    let server = try RunningServer(data: folder.data)
    _ = try upload(server, "leave.txt", leave)
    var request = HTTPRequest("POST", server.url + "/query")
    let question: JSON = ["question": "How many vacation days do full-time staff get?", "stream": true]
    request.body = .bytes(question.utf8, contentType: "application/json")
    let reply = String(decoding: try client.send(request).body, as: UTF8.self)
    let events = try ServerSentEvent.all(in: reply)
    let names = events.map(\.name)
    #expect(names.first == "sources" && names.suffix(2) == ["citations", "done"])
    let streamed = events.filter { $0.name == "token" }.compactMap { $0.data["text"]?.string }.joined()
    #expect(streamed == events.last?.data.answer?.string)
  }

  @Test func wrongRequestsAreNamed() throws {
    let server = try RunningServer(data: folder.data)
    #expect(try post(server, "/query", ["question": ""]).json.error?.code?.string == "question_empty")
    #expect(try post(server, "/query", [:]).json.error?.code?.string == "missing_field")
    #expect(try post(server, "/query", ["question": 7]).json.error?.code?.string == "bad_field")
    #expect(try post(server, "/search", ["query": "a", "n_results": -1]).status == 400)
    #expect(try post(server, "/search", ["query": "a", "where": "x ="]).json.error?.code?.string == "bad_filter")
    #expect(try post(server, "/search", ["query": "a", "mode": "psychic"]).status == 400)
    #expect(try get(server, "/documents/absent").status == 404)
    #expect(try get(server, "/nothing").status == 404)
    let empty = try upload(server, "empty.txt", "")
    #expect(empty.status == 422 && empty.json.error?.code?.string == "empty_document")
    #expect(JSON.integer(try JSON(parsing: get(server, "/stats").body).unique_documents?.int ?? -1) == 0)
  }

  /// Whatever stands in a filter, or in a collection's name: a search of one collection shows nothing of another.
  @Test func noFilterOpensAnotherCollection() throws {
    let server = try RunningServer(data: folder.data)
    for name in ["open", "closed"] {
      var request = HTTPRequest("POST", server.url + "/upload")
      request.body = .form([
        .init(name: "collection", content: Array(name.utf8)),
        .init(name: "file", filename: "\(name).txt", content: Array("\(leave) This is the \(name) file.".utf8)),
      ])
      #expect(try client.send(request).status == 200)
    }
    func search(_ extra: JSONObject) throws -> (status: Int, files: [String]) {
      var body: JSONObject = ["query": "vacation days closed file", "n_results": 10]
      for (name, value) in extra { body[name] = value }
      let reply = try post(server, "/search", .object(body))
      return (reply.status, (reply.json.results?.array ?? []).compactMap { $0.filename?.string })
    }
    #expect(try Set(search([:]).files) == ["open.txt", "closed.txt"])
    #expect(try search(["collection": "open"]).files == ["open.txt"])
    let wheres: [JSON] = [
      "x' or 1=1", "' or '1'='1", "*", "", .null, ["filename = 'closed.txt'"], 1, true, [:], "1=1", "true",
      "collection = 'closed'", "not collection = 'open'", "collection_id >= 0", "id > 0", "rowid > 0", "_id > 0",
      "filename = 'closed.txt'", "filename ^= 'c' or filename ^= 'o'", "not exists nothing", "exists filename",
      "filename = 'open.txt' or collection = 'closed'", "(((((format = 'text'", "format = 'text'; drop table chunks",
      "format = 'text' -- ", "format = 'text' union select * from chunks", "%", "\u{0}", "filename in ()",
      "filename in ('closed.txt', 'open.txt')", "version > 0", "document_id != ''", "not (1 = 2)", "..", "${jndi:x}",
    ]
    for filter in wheres {
      let found = try search(["collection": "open", "where": filter])
      #expect(found.status == 200 || found.status == 400, "\(filter.text)")
      #expect(!found.files.contains("closed.txt"), "\(filter.text)")
    }
    for name in ["closed' or '1'='1", "*", "%", "open,closed", "open' --", "../closed", "open\u{0}closed", "_closed"] {
      let found = try search(["collection": .string(name)])
      #expect(found.status == 404 && found.files.isEmpty, "\(name)")
    }
  }

  @Test func noveltyIsWeighedAsAsked() throws {
    let server = try RunningServer(data: folder.data)
    _ = try upload(server, "leave.txt", leave)
    _ = try upload(server, "again.txt", leave + "\n")
    func results(_ lambda: JSON?) throws -> [JSON] {
      var body: JSONObject = ["query": "vacation days"]
      body["mmr_lambda"] = lambda
      return try post(server, "/search", .object(body)).json.results?.array ?? []
    }
    // What says again what a better hit says is worth less; by relevance alone it is worth as much.
    let (novel, relevant) = (try results(nil), try results(1))
    #expect(Set(relevant.compactMap { $0.filename?.string }) == ["leave.txt", "again.txt"])
    let again = try #require(relevant.last?.relevance?.double)
    #expect(novel.count == 2)
    #expect(try #require(novel.last?.relevance?.double) < again)
    #expect(try post(server, "/search", ["query": "a", "mmr_lambda": 2]).json.error?.code?.string == "bad_lambda")
    #expect(try post(server, "/search", ["query": "a", "mmr_lambda": "no"]).json.error?.code?.string == "bad_field")
    let command = ["search", "vacation days", "--json", "--mmr-lambda"]
    let both = try JSON(parsing: Binary.run(command + ["1"], data: folder.data).output)
    #expect(both.results?.array?.count == 2)
    #expect(try Binary.run(command + ["1.5"], data: folder.data).status == 2)
  }

  @Test func commandsGoThroughTheServer() throws {
    let server = try RunningServer(data: folder.data)
    let file = try folder.write("leave.txt", leave)
    let added = try Binary.run(["add", file, "--json"], data: folder.data)
    #expect(added.status == 0, "\(added.errors)")
    #expect(try JSON(parsing: added.output).added?.array?.first?.status?.string == "added")
    let asked = try Binary.run(["ask", "How many vacation days do full-time staff get?"], data: folder.data)
    #expect(asked.output.contains("15 vacation days"), "\(asked.errors)")
    #expect(try Binary.run(["show", "leave.txt", "--text"], data: folder.data).output.contains("vacation"))
    #expect(try Binary.run(["remove", "leave.txt"], data: folder.data).status == 0)
    #expect(try Binary.run(["show", "leave.txt"], data: folder.data).errors.contains("no document"))
    #expect(server.stop() == 0)
  }

  @Test func aPortInUseIsNamedAndNothingIsLeftBehind() throws {
    let server = try RunningServer(data: folder.data)
    let port = try #require(server.url.split(separator: ":").last)
    let second = try Binary.run(["serve", "--port", String(port)], data: folder.path + "/other")
    #expect(second.status == 1 && second.errors.contains("\(port)"), "\(second.errors)")
  }

  @Test func aPublicAddressWithoutAKeyIsRefused() throws {
    let outcome = try Binary.run(["serve", "--host", "0.0.0.0", "--port", "0"], data: folder.data)
    #expect(outcome.status == 1 && outcome.errors.contains("key"))
  }

  @Test func aKilledServerLeavesEverythingAcknowledged() throws {
    let server = try RunningServer(data: folder.data)
    _ = try upload(server, "leave.txt", leave)
    kill(server.process.processIdentifier, SIGKILL)
    server.process.waitUntilExit()
    let asked = try Binary.run(["ask", "How many vacation days do full-time staff get?"], data: folder.data)
    #expect(asked.output.contains("15 vacation days"), "\(asked.errors)")
  }

  @Test func theFirstStartAddsTheSampleOnce() throws {
    try folder.write("sample/leave.txt", leave)
    let first = try RunningServer(data: folder.data, arguments: ["--first-run-add", "\(folder.path)/sample"])
    #expect(try JSON(parsing: get(first, "/stats").body).unique_documents?.int == 1)
    #expect(first.stop() == 0)
    _ = try Binary.run(["remove", "leave.txt"], data: folder.data)
    let second = try RunningServer(data: folder.data, arguments: ["--first-run-add", "\(folder.path)/sample"])
    #expect(try JSON(parsing: get(second, "/stats").body).unique_documents?.int == 0)
  }
}

/// One event of a stream, its data read as JSON.
private struct ServerSentEvent {
  let name: String
  let data: JSON

  static func all(in stream: String) throws -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    for frame in stream.components(separatedBy: "\n\n") {
      var name = ""
      var data = ""
      for line in frame.split(separator: "\n") {
        if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
        if line.hasPrefix("data: ") { data += line.dropFirst(6) }
      }
      if !name.isEmpty { events.append(ServerSentEvent(name: name, data: try JSON(parsing: data))) }
    }
    return events
  }
}
