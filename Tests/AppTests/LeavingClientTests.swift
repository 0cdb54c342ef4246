// Clients that go away, and what a client may ask of documents besides the whole of them, over plain sockets.
import Base
import Foundation
import Models
import RawClient
import ScriptedEndpoint
import Testing

@Suite struct LeavingClientTests {
  private let folder = Folder()

  private func server(_ environment: [String: String] = [:]) throws -> (server: RunningServer, port: Int) {
    let file = try folder.write("leave.md", "# Time off\n\nFull-time staff get 15 vacation days a year.\n")
    #expect(try Binary.run(["add", file], data: folder.data).status == 0)
    let server = try RunningServer(data: folder.data, environment: environment)
    return (server, try #require(server.url.split(separator: ":").last.flatMap { Int($0) }))
  }

  private func figure(_ name: String, _ server: RunningServer) throws -> Int? {
    let reply = try HTTPClient().send(HTTPRequest("GET", server.url + "/metrics"))
    let lines = String(decoding: reply.body, as: UTF8.self).split(separator: "\n")
    return lines.first { $0.hasPrefix("\(name) ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
  }

  /// In ten seconds; the model that is waited for would take sixty.
  private func comes(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<200 {
      if try condition() { return true }
      usleep(50_000)
    }
    return false
  }

  private func question(stream: Bool) -> String {
    let body = JSON.object([
      "question": "How many vacation days do full-time staff get?", "stream": .bool(stream),
    ]).text
    return "POST /query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test(arguments: [true, false]) func aClientThatLeavesFreesWhatAModelWasHeldBy(stream: Bool) throws {
    // It takes the question and says nothing.
    let model = try ScriptedEndpoint { _, _ in [.hang] }
    defer { model.stop() }
    let (server, port) = try server([
      "FOOTNOTE_LLM_URL": model.url, "FOOTNOTE_LLM_MODEL": "m", "FOOTNOTE_LLM_ATTEMPTS": "1",
    ])
    // One worker fewer than there are at least: who asks for the figures needs one.
    let clients = (0..<3).map { _ in RawClient(port: port) }
    for client in clients { client.send(question(stream: stream)) }
    #expect(comes { model.requests.count == 3 })
    let name = stream ? "footnote_http_event_streams_open" : "footnote_http_requests_in_flight"
    // Who asks for the figures is in flight, too.
    let idle = stream ? 0 : 1
    #expect(try figure(name, server) == idle + 3)
    for client in clients { client.disconnect() }
    #expect(try comes { try figure(name, server) == idle })
    #expect(try comes { try figure("footnote_http_clients_gone_total", server) == 3 })
    #expect(server.stop() == 0)
  }

  @Test func documentsAreGivenInPartsAndNotTwice() throws {
    let (server, port) = try server()
    let listed = try JSON(parsing: Binary.run(["list", "--json"], data: folder.data).output)
    let id = try #require(listed.documents?.array?.first?.document_id?.string)
    let client = RawClient(port: port)
    func ask(_ path: String, _ method: String = "GET", _ headers: String...) throws -> RawResponse {
      let lines = headers.map { "\($0)\r\n" }.joined()
      client.send("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(lines)\r\n")
      return try #require(client.response(toHead: method == "HEAD"))
    }
    // All on one connection, which goes on.
    for path in ["/documents/\(id)/original", "/documents/\(id)/text", "/"] {
      let whole = try ask(path)
      let tag = try #require(whole["ETag"], "\(path)")
      #expect(whole.status == 200 && whole["Accept-Ranges"] == "bytes")
      let head = try ask(path, "HEAD")
      #expect(head.status == 200 && head["Content-Length"] == whole["Content-Length"] && head["ETag"] == tag)
      #expect(try ask(path, "GET", "If-None-Match: \(tag)").status == 304)
      let part = try ask(path, "GET", "Range: bytes=2-8", "If-Range: \(tag)")
      #expect(part.status == 206 && part.body == String(decoding: Array(whole.body.utf8)[2...8], as: UTF8.self))
      #expect(try ask(path, "GET", "Range: bytes=99999999-").status == 416)
    }
    // Several at once are answered in their order.
    client.send(
      ["/documents/\(id)/text", "/health", "/documents/none"]
        .map { "GET \($0) HTTP/1.1\r\nHost: localhost\r\n\r\n" }.joined())
    #expect((0..<3).map { _ in client.response()?.status } == [200, 200, 404])
    #expect(server.stop() == 0)
  }
}
