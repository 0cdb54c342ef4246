// Server-sent events as our own server writes them, put together from pieces of any size.

struct EventLines {
  private var rest: [UInt8] = []

  /// The events that the bytes complete.
  mutating func take(_ bytes: [UInt8]) -> [(name: String, data: String)] {
    rest += bytes
    var events: [(name: String, data: String)] = []
    let end = Array("\n\n".utf8)
    while let found = rest.firstRange(of: end) {
      let lines = String(decoding: rest[..<found.lowerBound], as: UTF8.self).split(separator: "\n")
      rest.removeFirst(found.upperBound)
      func field(_ name: String) -> [Substring] {
        lines.filter { $0.hasPrefix("\(name): ") }.map { $0.dropFirst(name.count + 2) }
      }
      let data = field("data").joined(separator: "\n")
      if !data.isEmpty { events.append((field("event").first.map(String.init) ?? "message", data)) }
    }
    return events
  }
}
