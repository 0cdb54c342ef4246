// Server-sent events, as a state machine without a socket: bytes in, in pieces of any size; events out. The standard:
// https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
// Bounded: an event that grows past its limit is refused, however it is cut into lines.
import Base

struct ServerEvent: Equatable {
  var name = ""
  var data = ""
}

struct ServerEvents {
  enum Fault: Error, Equatable {
    case eventTooLong
    case notUTF8
  }

  private var line: [UInt8] = []
  private var name = ""
  private var data: [UInt8] = []
  private var hasData = false
  private var isAfterReturn = false
  private var isAtStart = true

  /// The events that these bytes complete.
  mutating func take(_ bytes: some Sequence<UInt8>) throws -> [ServerEvent] {
    var events: [ServerEvent] = []
    for byte in bytes {
      // A line ends with CR, LF, or both.
      if byte == 0x0A, isAfterReturn {
        isAfterReturn = false
        continue
      }
      isAfterReturn = byte == 0x0D
      guard byte == 0x0A || byte == 0x0D else {
        guard line.count + data.count < Limits.streamEventBytesMax else { throw Fault.eventTooLong }
        line.append(byte)
        continue
      }
      if let event = try endLine() { events.append(event) }
    }
    return events
  }

  private mutating func endLine() throws -> ServerEvent? {
    defer { line.removeAll(keepingCapacity: true) }
    if isAtStart {
      isAtStart = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    guard !line.isEmpty else { return try dispatch() }
    let colon = line.firstIndex(of: UInt8(ascii: ":"))
    // A line that begins with a colon is a comment: servers send it to keep the connection alive.
    guard colon != 0 else { return nil }
    var value = line[(colon.map { $0 + 1 } ?? line.count)...]
    if value.first == 0x20 { value = value.dropFirst() }
    switch String(decoding: line[..<(colon ?? line.count)], as: UTF8.self) {
    case "data":
      if hasData { data.append(0x0A) }
      hasData = true
      data += value
    case "event": name = String(decoding: value, as: UTF8.self)
    default: break
    }
    return nil
  }

  private mutating func dispatch() throws -> ServerEvent? {
    defer {
      name = ""
      data.removeAll(keepingCapacity: true)
      hasData = false
    }
    guard hasData else { return nil }
    guard let text = String(validating: data, as: UTF8.self) else { throw Fault.notUTF8 }
    return ServerEvent(name: name, data: text)
  }
}
