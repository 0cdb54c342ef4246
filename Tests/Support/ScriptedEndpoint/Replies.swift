// Steps that make up replies, good ones and bad ones.
package import Base

extension [ScriptedEndpoint.Step] {
  package static func reply(
    _ status: Int, _ headers: [(name: String, value: String)] = [], type: String = "application/json", body: [UInt8]
  ) -> Self {
    let lines =
      ["HTTP/1.1 \(status) As Scripted", "Content-Type: \(type)", "Content-Length: \(body.count)"]
      + headers.map { "\($0.name): \($0.value)" }
    return [.send([UInt8]((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)]
  }

  package static func json(_ body: JSON, status: Int = 200, _ headers: [(name: String, value: String)] = []) -> Self {
    reply(status, headers, body: body.utf8)
  }

  /// An error as the protocol tells it.
  package static func error(
    _ status: Int, _ message: String = "scripted", _ headers: [(name: String, value: String)] = []
  ) -> Self {
    json(["error": ["message": .string(message), "type": "scripted", "code": .null]], status: status, headers)
  }

  package static func html(_ status: Int = 200) -> Self {
    reply(status, type: "text/html", body: [UInt8]("<!DOCTYPE html><h1>Bad gateway</h1>".utf8))
  }

  /// The same reply with all but its first bytes lost.
  package func cut(after count: Int) -> Self {
    var left = count
    var steps: Self = []
    for step in self {
      guard case .send(let bytes) = step else { continue }
      steps.append(.send([UInt8](bytes.prefix(left))))
      left -= Swift.min(left, bytes.count)
    }
    return steps + [.close]
  }

  /// A reply that never ends a line.
  package static func endlessLine(bytes count: Int) -> Self {
    [
      .send([UInt8]("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(count)\r\n\r\n".utf8)),
      .flood(UInt8(ascii: "["), count: count), .close,
    ]
  }

  /// The start of a stream of events, without a length: it ends with the connection.
  package static func eventStream(_ events: [String], pauseSeconds: Double = 0) -> Self {
    [.send([UInt8]("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n".utf8))]
      + events.flatMap { [.send([UInt8]("data: \($0)\n\n".utf8)), .wait(seconds: pauseSeconds)] } + [.close]
  }
}
