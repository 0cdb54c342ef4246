// How tests ask a running server: what any client would send, and what came back.
import Base
import Foundation
import Models

struct Reply: Sendable {
  let status: Int
  let head: HTTPReplyHead
  let body: [UInt8]
  /// Null where the body is no JSON.
  let json: JSON

  init(_ reply: HTTPReply) {
    status = reply.status
    head = reply.head
    body = reply.body
    json = (try? JSON(parsing: reply.body)) ?? .null
  }

  var text: String { String(decoding: body, as: UTF8.self) }
  var code: String? { json.error?.code?.string }

  func header(_ name: String) -> String? { head.header(name) }
}

extension RunningServer {
  private func send(_ request: HTTPRequest, key: String?, _ headers: [(String, String)]) throws -> Reply {
    var request = request
    if let key { request.headers.append(("Authorization", "Bearer \(key)")) }
    request.headers += headers
    return Reply(try HTTPClient().send(request))
  }

  func call(
    _ method: String, _ path: String, key: String? = nil, _ body: JSON? = nil, headers: [(String, String)] = []
  ) throws -> Reply {
    var request = HTTPRequest(method, url + path)
    if let body { request.body = .bytes(body.utf8, contentType: "application/json") }
    return try send(request, key: key, headers)
  }

  /// A body that need not be JSON, though it says so.
  func post(_ path: String, raw: String, key: String? = nil, headers: [(String, String)] = []) throws -> Reply {
    var request = HTTPRequest("POST", url + path)
    request.body = .bytes(Array(raw.utf8), contentType: "application/json")
    return try send(request, key: key, headers)
  }

  func upload(
    _ files: [(name: String, text: String)], fields: [(String, String)] = [], query: String = "",
    key: String? = nil
  ) throws -> Reply {
    var request = HTTPRequest("POST", url + "/upload" + query)
    request.body = .form(
      fields.map { .init(name: $0.0, content: Array($0.1.utf8)) }
        + files.map { .init(name: "file", filename: $0.name, content: Array($0.text.utf8)) })
    return try send(request, key: key, [])
  }

  func upload(_ name: String, _ text: String, to collection: String = "default", key: String? = nil) throws -> Reply {
    try upload([(name, text)], fields: [("collection", collection)], key: key)
  }
}

extension Folder {
  /// A key, made by the command line.
  func key(_ options: String...) throws -> (id: String, text: String) {
    let made = try JSON(parsing: Binary.run(["keys", "create", "--json"] + options, data: data).output)
    guard let id = made.id?.string, let text = made.key?.string else { throw ServerEnded(said: made.text) }
    return (id, text)
  }

  /// A server that asks for keys on a loopback address too.
  func guardedServer(environment: [String: String] = [:]) throws -> RunningServer {
    try RunningServer(
      data: data, environment: environment.merging(["FOOTNOTE_KEYS_REQUIRED": "true"]) { _, required in required })
  }
}

struct ServerSentEvent {
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
