// A client that sends exactly the bytes it is told, well formed or not, and reads what comes. Built on plain sockets so
// that no library mends a test's broken request.
import Glibc

package struct RawResponse {
  package let status: Int
  package let headers: [(String, String)]
  package let body: String

  package subscript(name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
}

@safe package final class RawClient {
  private var descriptor: Int32
  private var received: [UInt8] = []
  private var hasTimedOut = false

  package init(port: Int) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port)).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    precondition(code == 0, "the server under test does not listen")
    // A test that hangs says nothing: reading and writing give up after ten seconds.
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { disconnect() }

  package func disconnect() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// How many bytes the other side took before it refused more.
  @discardableResult
  package func send(_ text: String) -> Int { send(Array(text.utf8)) }

  @discardableResult
  package func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { all in
        unsafe Glibc.send(descriptor, all.baseAddress! + sent, all.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { break }
      sent += count
    }
    return sent
  }

  /// One complete response, nil where the connection ends before it does.
  package func response(toHead: Bool = false) -> RawResponse? {
    guard let head = read(until: Array("\r\n\r\n".utf8)) else { return nil }
    var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
    guard !lines.isEmpty, let status = Int(lines.removeFirst().split(separator: " ")[1]) else { return nil }
    if status == 100 { return response(toHead: toHead) }
    let headers = lines.map { line in
      let name = line.prefix { $0 != ":" }
      return (String(name), String(line.dropFirst(name.count + 1).drop { $0 == " " }))
    }
    func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name }?.1 }
    if toHead || status == 304 || status == 204 {
      return RawResponse(status: status, headers: headers, body: "")
    }
    var body: [UInt8] = []
    if header("transfer-encoding") == "chunked" {
      while true {
        guard let line = read(until: [13, 10]),
          let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16),
          let chunk = read(count: size + 2)
        else { return nil }
        body += chunk.dropLast(2)
        if size == 0 { break }
      }
    } else if let length = header("content-length").flatMap({ Int($0) }) {
      guard let all = read(count: length) else { return nil }
      body = all
    }
    return RawResponse(status: status, headers: headers, body: String(decoding: body, as: UTF8.self))
  }

  /// Whatever comes up to and with that text.
  package func readText(until end: String) -> String? {
    read(until: Array(end.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// True where the other side has closed, once everything it sent has been read.
  package func isClosedByServer() -> Bool {
    repeat { received = [] } while fill()
    return !hasTimedOut
  }

  private func read(until end: [UInt8]) -> [UInt8]? {
    var scanned = 0
    while true {
      if received.count >= end.count {
        for start in max(0, scanned - end.count)...(received.count - end.count)
        where received[start..<start + end.count].elementsEqual(end) {
          return take(start + end.count)
        }
      }
      scanned = received.count
      guard fill() else { return nil }
    }
  }

  private func read(count: Int) -> [UInt8]? {
    while received.count < count { guard fill() else { return nil } }
    return take(count)
  }

  private func take(_ count: Int) -> [UInt8] {
    defer { received.removeFirst(count) }
    return Array(received[..<count])
  }

  private func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
    hasTimedOut = count < 0 && errno == EAGAIN
    guard count > 0 else { return false }
    received += buffer[..<count]
    return true
  }
}
