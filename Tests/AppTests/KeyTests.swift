// API keys over a real socket: who is let in to what, and what exists for whom.
// The numbers in brackets are rows of the list of attacks that the product must survive.
import Base
import Foundation
import Models
import Testing

@testable import App

@Suite struct KeyTests {
  private let folder = Folder()

  @Test func aPublicAddressNeedsAKeyThatExists() throws {  // [33]
    let refused = try Binary.run(["serve", "--host", "0.0.0.0", "--port", "0"], data: folder.data)
    #expect(refused.status == 1 && refused.errors.contains("footnote keys create"))
    let key = try folder.key("--scope", "read")
    _ = try Binary.run(["keys", "revoke", key.id], data: folder.data)
    #expect(try Binary.run(["serve", "--host", "0.0.0.0", "--port", "0"], data: folder.data).status == 1)
    _ = try folder.key()
    let server = try RunningServer(data: folder.data, arguments: ["--host", "0.0.0.0"])
    let url = server.url.replacing("0.0.0.0", with: "127.0.0.1")
    #expect(try HTTPClient().send(HTTPRequest("GET", url + "/documents")).status == 401)
  }

  @Test func everyRouteAsksForAKey() throws {  // [31] [32]
    let key = try folder.key("--scope", "read")
    let server = try folder.guardedServer()
    for wrong in [nil, "", "null", "fn_0", String(key.text.dropLast()), key.text + "0", key.text.uppercased()] {
      for path in ["/documents", "/stats", "/metrics", "/no/such/route", "/DOCUMENTS", "//documents"] {
        let reply = try server.call("GET", path, key: wrong, headers: [("X-Forwarded-For", "127.0.0.1")])
        #expect(reply.status == 401 || (path == "//documents" && reply.status == 400), "\(wrong ?? "none") \(path)")
      }
    }
    #expect(try server.call("POST", "/search", ["query": "x"]).status == 401)
    #expect(try server.call("GET", "/documents", key: key.text).status == 200)
    #expect(try server.call("GET", "/documents", headers: [("X-API-Key", key.text)]).status == 200)
    #expect(try server.call("GET", "/").status == 200)
    #expect(try server.call("GET", "/health").status == 200)
  }

  @Test func aKeyDoesWhatItsScopeSays() throws {
    let read = try folder.key("--scope", "read")
    let write = try folder.key("--scope", "write")
    let admin = try folder.key("--scope", "admin")
    let server = try folder.guardedServer()
    let added = try server.upload("a.txt", "The gate opens at nine.", to: "default", key: write.text)
    #expect(added.status == 200)
    #expect(try server.upload("b.txt", "Another.", to: "default", key: read.text).status == 403)
    let id = try #require(added.json.document_id?.string)
    #expect(try server.call("DELETE", "/documents/\(id)", key: read.text).status == 403)
    #expect(try server.call("GET", "/metrics", key: write.text).status == 403)
    #expect(try server.call("GET", "/metrics", key: admin.text).status == 200)
    #expect(try server.call("GET", "/keys", key: write.text).status == 403)
    // Paths of this machine are for its own command line, whatever the key.
    #expect(try server.call("POST", "/jobs", key: admin.text, ["paths": ["/etc/passwd"]]).status == 403)
    #expect(try server.call("DELETE", "/documents/\(id)", key: write.text).status == 200)
    // Who did it is written down; what was in it is not.
    let audit = try server.call("GET", "/audit", key: admin.text)
    #expect(audit.json.intact?.bool == true)
    let actors = audit.json.entries?.array?.compactMap { $0.actor?.string } ?? []
    #expect(actors.contains(write.id) && !audit.json.text.contains("gate opens"))
  }

  @Test func foreignCollectionsDoNotExist() throws {  // [26] [27] [28]
    let admin = try folder.key("--scope", "admin")
    let mine = try folder.key("--scope", "write", "--collection", "mine")
    let server = try folder.guardedServer()
    let secret = "The harbour master of Ferrol is called Ximena Zubiri and her code is 4711."
    let theirs = try server.upload("theirs.txt", secret, to: "theirs", key: admin.text)
    let id = try #require(theirs.json.document_id?.string)
    _ = try server.upload("mine.txt", "The lighthouse was painted in 1987.", to: "mine", key: mine.text)
    let before = try server.call("GET", "/stats", key: mine.text).json

    let random = "d_ffffffffffffffffffffffff"
    for path in ["/documents/ID", "/documents/ID/text", "/documents/ID/original", "/documents/ID/pages/1.png"] {
      let foreign = try server.call("GET", path.replacing("ID", with: id), key: mine.text)
      let missing = try server.call("GET", path.replacing("ID", with: random), key: mine.text)
      #expect(foreign.status == 404 && missing.status == 404, "\(path)")
      let shown = String(decoding: foreign.body, as: UTF8.self).replacing(id, with: random)
      #expect(shown == String(decoding: missing.body, as: UTF8.self), "\(path)")
    }
    for name in ["theirs", "theirs.txt"] {
      #expect(try server.call("GET", "/documents/\(name)", key: mine.text).status == 404)
    }
    #expect(try server.call("DELETE", "/documents/\(id)", key: mine.text).status == 404)
    #expect(try server.call("DELETE", "/documents/\(id)?forget=true", key: mine.text).status == 404)
    #expect(try server.upload("x.txt", "x y z", to: "theirs", key: mine.text).status == 403)
    #expect(try server.upload("x.txt", "x y z", to: "nowhere", key: mine.text).status == 403)
    for collection in ["theirs", "nowhere"] {
      let reply = try server.call(
        "POST", "/search", key: mine.text, ["query": "harbour", "collection": .string(collection)])
      #expect(reply.status == 404 && reply.code == "collection_not_found")
    }
    for filter in [
      "filename = 'theirs.txt'", "filename in ('theirs.txt', 'mine.txt')", "not filename = 'x'",
      "filename >= '' or page >= 0", "collection = 'theirs'",
    ] {
      let body: JSON = ["query": "harbour master Ximena Zubiri", "where": .string(filter)]
      let reply = try server.call("POST", "/search", key: mine.text, body)
      #expect(!reply.json.text.contains("Zubiri is") && !reply.json.text.contains("4711"), "\(filter)")
    }
    let asked: JSON = ["question": "Who is the harbour master of Ferrol?", "stream": false]
    #expect(try !server.call("POST", "/query", key: mine.text, asked).json.text.contains("Ximena"))
    let whyNot: JSON = ["query": "harbour", "document": .string(id)]
    #expect(try server.call("POST", "/why-not", key: mine.text, whyNot).status == 404)
    // Another document over there changes nothing here.
    _ = try server.upload("more.txt", secret + " More.", to: "theirs", key: admin.text)
    #expect(try server.call("GET", "/stats", key: mine.text).json.text == before.text)
    // A saved answer of somebody else is no way to find out what is held.
    let answer = try server.call("POST", "/query", key: admin.text, asked).json
    let check = try server.call("POST", "/verify", key: mine.text, answer).json
    #expect(check.citations?.array?.allSatisfy { $0.status?.string == "unknown" } == true)
    let replay = try server.call("POST", "/replay", key: mine.text, answer).json
    #expect(replay.answer?.text.contains("Ximena") != true)
  }

  @Test func aRevokedKeyIsDeadAtOnce() throws {  // [34]
    let admin = try folder.key("--scope", "admin")
    let key = try folder.key("--scope", "read")
    let server = try folder.guardedServer()
    let login = try server.call("POST", "/login", ["key": .string(key.text)])
    let cookie = try #require(login.header("Set-Cookie"))
    #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
    let session = String(cookie.prefix { $0 != ";" })
    #expect(try server.call("GET", "/documents", headers: [("Cookie", session)]).status == 200)
    #expect(try server.call("DELETE", "/keys/\(key.id)", key: admin.text).status == 200)
    #expect(try server.call("GET", "/documents", headers: [("Cookie", session)]).status == 401)
    #expect(try server.call("GET", "/documents", key: key.text).status == 401)
    #expect(try server.call("POST", "/login", ["key": .string(key.text)]).status == 401)
    // On an open loopback address too: it is one of ours, and no longer valid.
    #expect(server.stop() == 0)
    let open = try RunningServer(data: folder.data)
    #expect(try open.call("GET", "/documents", key: key.text).status == 401)
    #expect(try open.call("GET", "/documents", key: "sk-anything").status == 200)
  }

  @Test func aCookieAloneChangesNothing() throws {  // [36]
    let key = try folder.key("--scope", "admin")
    let server = try folder.guardedServer()
    let login = try server.call("POST", "/login", ["key": .string(key.text)])
    let session = String(try #require(login.header("Set-Cookie")).prefix { $0 != ";" })
    func post(_ headers: [(String, String)]) throws -> Int {
      try server.call("POST", "/search", ["query": "x"], headers: [("Cookie", session)] + headers).status
    }
    #expect(try post([]) == 403)
    #expect(try post([("Origin", "http://evil.example")]) == 403)
    #expect(try post([("Origin", "null")]) == 403)
    #expect(try post([("Sec-Fetch-Site", "cross-site")]) == 403)
    #expect(try post([("Origin", server.url)]) == 200)
    #expect(try post([("Sec-Fetch-Site", "same-origin")]) == 200)
    _ = try server.call("POST", "/logout", headers: [("Cookie", session), ("Origin", server.url)])
    #expect(try post([("Origin", server.url)]) == 401)
  }

  @Test func aKeyHasItsRate() throws {
    let key = try folder.key("--requests-per-minute", "3")
    let server = try folder.guardedServer()
    var statuses: [Int] = []
    for _ in 0..<5 {
      let reply = try server.call("GET", "/documents", key: key.text)
      statuses.append(reply.status)
      #expect(reply.header("RateLimit")?.hasPrefix("\"key\";r=") == true)
      if reply.status == 429 { #expect(reply.header("Retry-After").flatMap { Int($0) } ?? 0 >= 1) }
    }
    #expect(statuses == [200, 200, 200, 429, 429])
  }

  @Test func keysAreMadeListedAndRevokedThroughAServer() throws {
    let server = try RunningServer(data: folder.data)
    let made = try folder.key("--name", "for the bot", "--collection", "mine", "--expires", "2099-01-01")
    let listed = try Binary.run(["keys", "list", "--json"], data: folder.data).output
    #expect(listed.contains("for the bot") && !listed.contains(made.text))
    #expect(try server.call("GET", "/documents", key: made.text).status == 200)
    #expect(try Binary.run(["keys", "revoke", made.id], data: folder.data).status == 0)
    #expect(try Binary.run(["keys", "revoke", made.id], data: folder.data).status == 1)
    #expect(try server.call("GET", "/documents", key: made.text).status == 401)
    for wrong in [
      ["keys"], ["keys", "make"], ["keys", "revoke"], ["keys", "create", "x"],
    ] { #expect(try Binary.run(wrong, data: folder.data).status == 2) }
    for wrong in [["--scope", "root"], ["--expires", "soon"], ["--expires", "2001-01-01"]] {
      #expect(try Binary.run(["keys", "create"] + wrong, data: folder.data).status != 0, "\(wrong)")
    }
  }
}
