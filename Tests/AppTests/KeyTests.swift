// API keys over a real socket: who is let in to what, and what exists for whom.
// The numbers in brackets are rows of the list of attacks that the product must survive.
import Base
import Foundation
import Models
import Testing

@testable import App

@Suite struct KeyTests {
  private let folder = Folder()
  private let client = HTTPClient()

  private struct Reply {
    let status: Int
    let json: JSON
    let head: HTTPReplyHead
    let body: [UInt8]

    init(_ reply: HTTPReply) {
      status = reply.status
      json = (try? JSON(parsing: reply.body)) ?? .null
      head = reply.head
      body = reply.body
    }

    func header(_ name: String) -> String? { head.header(name) }
  }

  private func call(
    _ server: RunningServer, _ method: String, _ path: String, key: String? = nil, _ body: JSON? = nil,
    headers: [(String, String)] = []
  ) throws -> Reply {
    var request = HTTPRequest(method, server.url + path)
    if let key { request.headers.append(("Authorization", "Bearer \(key)")) }
    request.headers += headers
    if let body { request.body = .bytes(body.utf8, contentType: "application/json") }
    let reply = try client.send(request)
    return Reply(reply)
  }

  private func upload(
    _ server: RunningServer, _ name: String, _ text: String, to collection: String, key: String
  ) throws -> Reply {
    var request = HTTPRequest("POST", server.url + "/upload")
    request.headers = [("Authorization", "Bearer \(key)")]
    request.body = .form([
      .init(name: "file", filename: name, content: Array(text.utf8)),
      .init(name: "collection", filename: nil, content: Array(collection.utf8)),
    ])
    let reply = try client.send(request)
    return Reply(reply)
  }

  /// Made before the server starts, by the command line.
  private func key(_ options: String...) throws -> (id: String, text: String) {
    let made = try Binary.run(["keys", "create", "--json"] + options, data: folder.data)
    let shape = try JSON(parsing: Array(made.output.utf8))
    return (try #require(shape.id?.string), try #require(shape.key?.string))
  }

  private func guarded() throws -> RunningServer {
    try RunningServer(data: folder.data, environment: ["FOOTNOTE_KEYS_REQUIRED": "true"])
  }

  @Test func aPublicAddressNeedsAKeyThatExists() throws {  // [33]
    let refused = try Binary.run(["serve", "--host", "0.0.0.0", "--port", "0"], data: folder.data)
    #expect(refused.status == 1 && refused.errors.contains("footnote keys create"))
    let key = try key("--scope", "read")
    _ = try Binary.run(["keys", "revoke", key.id], data: folder.data)
    #expect(try Binary.run(["serve", "--host", "0.0.0.0", "--port", "0"], data: folder.data).status == 1)
    _ = try self.key()
    let server = try RunningServer(data: folder.data, arguments: ["--host", "0.0.0.0"])
    let url = server.url.replacing("0.0.0.0", with: "127.0.0.1")
    #expect(try client.send(HTTPRequest("GET", url + "/documents")).status == 401)
  }

  @Test func everyRouteAsksForAKey() throws {  // [31] [32]
    let key = try key("--scope", "read")
    let server = try guarded()
    for wrong in [nil, "", "null", "fn_0", String(key.text.dropLast()), key.text + "0", key.text.uppercased()] {
      for path in ["/documents", "/stats", "/metrics", "/no/such/route", "/DOCUMENTS", "//documents"] {
        let reply = try call(server, "GET", path, key: wrong, headers: [("X-Forwarded-For", "127.0.0.1")])
        #expect(reply.status == 401 || (path == "//documents" && reply.status == 400), "\(wrong ?? "none") \(path)")
      }
    }
    #expect(try call(server, "POST", "/search", ["query": "x"]).status == 401)
    #expect(try call(server, "GET", "/documents", key: key.text).status == 200)
    #expect(try call(server, "GET", "/documents", headers: [("X-API-Key", key.text)]).status == 200)
    #expect(try call(server, "GET", "/").status == 200)
    #expect(try call(server, "GET", "/health").status == 200)
  }

  @Test func aKeyDoesWhatItsScopeSays() throws {
    let read = try key("--scope", "read")
    let write = try key("--scope", "write")
    let admin = try key("--scope", "admin")
    let server = try guarded()
    let added = try upload(server, "a.txt", "The gate opens at nine.", to: "default", key: write.text)
    #expect(added.status == 200)
    #expect(try upload(server, "b.txt", "Another.", to: "default", key: read.text).status == 403)
    let id = try #require(added.json.document_id?.string)
    #expect(try call(server, "DELETE", "/documents/\(id)", key: read.text).status == 403)
    #expect(try call(server, "GET", "/metrics", key: write.text).status == 403)
    #expect(try call(server, "GET", "/metrics", key: admin.text).status == 200)
    #expect(try call(server, "GET", "/keys", key: write.text).status == 403)
    // Paths of this machine are for its own command line, whatever the key.
    #expect(try call(server, "POST", "/jobs", key: admin.text, ["paths": ["/etc/passwd"]]).status == 403)
    #expect(try call(server, "DELETE", "/documents/\(id)", key: write.text).status == 200)
    // Who did it is written down; what was in it is not.
    let audit = try call(server, "GET", "/audit", key: admin.text)
    #expect(audit.json.intact?.bool == true)
    let actors = audit.json.entries?.array?.compactMap { $0.actor?.string } ?? []
    #expect(actors.contains(write.id) && !audit.json.text.contains("gate opens"))
  }

  @Test func foreignCollectionsDoNotExist() throws {  // [26] [27] [28]
    let admin = try key("--scope", "admin")
    let mine = try key("--scope", "write", "--collection", "mine")
    let server = try guarded()
    let secret = "The harbour master of Ferrol is called Ximena Zubiri and her code is 4711."
    let theirs = try upload(server, "theirs.txt", secret, to: "theirs", key: admin.text)
    let id = try #require(theirs.json.document_id?.string)
    _ = try upload(server, "mine.txt", "The lighthouse was painted in 1987.", to: "mine", key: mine.text)
    let before = try call(server, "GET", "/stats", key: mine.text).json

    let random = "d_ffffffffffffffffffffffff"
    for path in ["/documents/ID", "/documents/ID/text", "/documents/ID/original", "/documents/ID/pages/1.png"] {
      let foreign = try call(server, "GET", path.replacing("ID", with: id), key: mine.text)
      let missing = try call(server, "GET", path.replacing("ID", with: random), key: mine.text)
      #expect(foreign.status == 404 && missing.status == 404, "\(path)")
      let shown = String(decoding: foreign.body, as: UTF8.self).replacing(id, with: random)
      #expect(shown == String(decoding: missing.body, as: UTF8.self), "\(path)")
    }
    for name in ["theirs", "theirs.txt"] {
      #expect(try call(server, "GET", "/documents/\(name)", key: mine.text).status == 404)
    }
    #expect(try call(server, "DELETE", "/documents/\(id)", key: mine.text).status == 404)
    #expect(try call(server, "DELETE", "/documents/\(id)?forget=true", key: mine.text).status == 404)
    #expect(try upload(server, "x.txt", "x y z", to: "theirs", key: mine.text).status == 403)
    #expect(try upload(server, "x.txt", "x y z", to: "nowhere", key: mine.text).status == 403)
    for collection in ["theirs", "nowhere"] {
      let reply = try call(
        server, "POST", "/search", key: mine.text, ["query": "harbour", "collection": .string(collection)])
      #expect(reply.status == 404 && reply.json.error?.code?.string == "collection_not_found")
    }
    for filter in [
      "filename = 'theirs.txt'", "filename in ('theirs.txt', 'mine.txt')", "not filename = 'x'",
      "filename >= '' or page >= 0", "collection = 'theirs'",
    ] {
      let body: JSON = ["query": "harbour master Ximena Zubiri", "where": .string(filter)]
      let reply = try call(server, "POST", "/search", key: mine.text, body)
      #expect(!reply.json.text.contains("Zubiri is") && !reply.json.text.contains("4711"), "\(filter)")
    }
    let asked: JSON = ["question": "Who is the harbour master of Ferrol?", "stream": false]
    #expect(try !call(server, "POST", "/query", key: mine.text, asked).json.text.contains("Ximena"))
    let whyNot: JSON = ["query": "harbour", "document": .string(id)]
    #expect(try call(server, "POST", "/why-not", key: mine.text, whyNot).status == 404)
    // Another document over there changes nothing here.
    _ = try upload(server, "more.txt", secret + " More.", to: "theirs", key: admin.text)
    #expect(try call(server, "GET", "/stats", key: mine.text).json.text == before.text)
    // A saved answer of somebody else is no way to find out what is held.
    let answer = try call(server, "POST", "/query", key: admin.text, asked).json
    let check = try call(server, "POST", "/verify", key: mine.text, answer).json
    #expect(check.citations?.array?.allSatisfy { $0.status?.string == "unknown" } == true)
    let replay = try call(server, "POST", "/replay", key: mine.text, answer).json
    #expect(replay.answer?.text.contains("Ximena") != true)
  }

  @Test func aRevokedKeyIsDeadAtOnce() throws {  // [34]
    let admin = try key("--scope", "admin")
    let key = try key("--scope", "read")
    let server = try guarded()
    let login = try call(server, "POST", "/login", ["key": .string(key.text)])
    let cookie = try #require(login.header("Set-Cookie"))
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    let session = String(cookie.prefix { $0 != ";" })
    #expect(try call(server, "GET", "/documents", headers: [("Cookie", session)]).status == 200)
    #expect(try call(server, "DELETE", "/keys/\(key.id)", key: admin.text).status == 200)
    #expect(try call(server, "GET", "/documents", headers: [("Cookie", session)]).status == 401)
    #expect(try call(server, "GET", "/documents", key: key.text).status == 401)
    #expect(try call(server, "POST", "/login", ["key": .string(key.text)]).status == 401)
    // On an open loopback address too: it is one of ours, and no longer valid.
    #expect(server.stop() == 0)
    let open = try RunningServer(data: folder.data)
    #expect(try call(open, "GET", "/documents", key: key.text).status == 401)
    #expect(try call(open, "GET", "/documents", key: "sk-anything").status == 200)
  }

  @Test func aCookieAloneChangesNothing() throws {  // [36]
    let key = try key("--scope", "admin")
    let server = try guarded()
    let login = try call(server, "POST", "/login", ["key": .string(key.text)])
    let session = String(try #require(login.header("Set-Cookie")).prefix { $0 != ";" })
    func post(_ headers: [(String, String)]) throws -> Int {
      try call(server, "POST", "/search", ["query": "x"], headers: [("Cookie", session)] + headers).status
    }
    #expect(try post([]) == 403)
    #expect(try post([("Origin", "http://evil.example")]) == 403)
    #expect(try post([("Origin", "null")]) == 403)
    #expect(try post([("Sec-Fetch-Site", "cross-site")]) == 403)
    #expect(try post([("Origin", server.url)]) == 200)
    #expect(try post([("Sec-Fetch-Site", "same-origin")]) == 200)
    _ = try call(server, "POST", "/logout", headers: [("Cookie", session), ("Origin", server.url)])
    #expect(try post([("Origin", server.url)]) == 401)
  }

  @Test func aKeyHasItsRate() throws {
    let key = try key("--requests-per-minute", "3")
    let server = try guarded()
    var statuses: [Int] = []
    for _ in 0..<5 {
      let reply = try call(server, "GET", "/documents", key: key.text)
      statuses.append(reply.status)
      #expect(reply.header("RateLimit")?.hasPrefix("\"key\";r=") == true)
      if reply.status == 429 { #expect(reply.header("Retry-After").flatMap { Int($0) } ?? 0 >= 1) }
    }
    #expect(statuses == [200, 200, 200, 429, 429])
  }

  @Test func keysAreMadeListedAndRevokedThroughAServer() throws {
    let server = try RunningServer(data: folder.data)
    let made = try key("--name", "for the bot", "--collection", "mine", "--expires", "2099-01-01")
    let listed = try Binary.run(["keys", "list", "--json"], data: folder.data).output
    #expect(listed.contains("for the bot") && !listed.contains(made.text))
    #expect(try call(server, "GET", "/documents", key: made.text).status == 200)
    #expect(try Binary.run(["keys", "revoke", made.id], data: folder.data).status == 0)
    #expect(try Binary.run(["keys", "revoke", made.id], data: folder.data).status == 1)
    #expect(try call(server, "GET", "/documents", key: made.text).status == 401)
    for wrong in [
      ["keys"], ["keys", "make"], ["keys", "revoke"], ["keys", "create", "x"],
    ] { #expect(try Binary.run(wrong, data: folder.data).status == 2) }
    for wrong in [["--scope", "root"], ["--expires", "soon"], ["--expires", "2001-01-01"]] {
      #expect(try Binary.run(["keys", "create"] + wrong, data: folder.data).status != 0, "\(wrong)")
    }
  }
}
