// A server on loopback that answers as a test says: as the protocol wants, or hanging, garbage, half a reply, a flood.
// Invariants: it speaks on sockets of its own, so that nothing of the product is on both sides; every request is kept
// to be looked at; it ends with the test, whatever its clients do.
package import Base
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

package final class ScriptedEndpoint: Sendable {
  package struct Request: Sendable {
    package let method: String
    package let path: String
    package let headers: [(name: String, value: String)]
    package let body: [UInt8]

    package func header(_ name: String) -> String? {
      headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// null where the body is none.
    package var json: JSON { (try? JSON(parsing: body)) ?? .null }
  }

  /// What it does with a connection, one after the other; after the last step it waits for the next request there.
  package enum Step: Sendable {
    case send([UInt8])
    case wait(seconds: Double)
    /// Says nothing more until the client or the test ends.
    case hang
    /// So many bytes of one kind, without a line's end.
    case flood(UInt8, count: Int)
    case close
  }

  package let port: Int
  package var url: String { "http://127.0.0.1:\(port)" }

  private let listener: Int32
  private let answer: @Sendable (Request, Int) -> [Step]
  private let state = Mutex(State())

  private struct State {
    var requests: [Request] = []
    var connections: Set<Int32> = []
    var connectionsMade = 0
    var isStopped = false
  }

  /// `answer` is given the request and how many came before it.
  package init(_ answer: @escaping @Sendable (Request, Int) -> [Step]) throws {
    self.answer = answer
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    listener = made
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(made, $0, length) == 0 && listen(made, 64) == 0 && getsockname(made, $0, &length) == 0
      }
    }
    guard isBound else { throw PlainFailure(.unavailable, "no_socket", "no port on loopback can be taken") }
    port = Int(UInt16(bigEndian: address.sin_port))
    start { $0.accept() }
  }

  deinit { close(listener) }

  package var requests: [Request] { state.withLock { $0.requests } }

  /// Connections that were ever made.
  package var connectionCount: Int { state.withLock { $0.connectionsMade } }

  /// Ends every connection; nothing is answered any more.
  package func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
    let open = state.withLock { state in
      state.isStopped = true
      return state.connections
    }
    for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  private func start(_ body: @escaping @Sendable (ScriptedEndpoint) -> Void) {
    let thread = Thread { [self] in body(self) }
    thread.name = "scripted-endpoint"
    thread.start()
  }

  private func accept() {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else {
        if errno == EINTR { continue }
        return
      }
      let isWanted = state.withLock { state in
        guard !state.isStopped else { return false }
        state.connections.insert(descriptor)
        state.connectionsMade += 1
        return true
      }
      guard isWanted else {
        close(descriptor)
        return
      }
      start { endpoint in
        endpoint.serve(descriptor)
        _ = endpoint.state.withLock { $0.connections.remove(descriptor) }
        close(descriptor)
      }
    }
  }

  private func serve(_ descriptor: Int32) {
    var incoming = IncomingBytes(descriptor)
    while let request = incoming.request() {
      let number = state.withLock { state in
        state.requests.append(request)
        return state.requests.count - 1
      }
      for step in answer(request, number) {
        guard run(step, on: descriptor) else { return }
      }
    }
  }

  /// False: the connection is over.
  private func run(_ step: Step, on descriptor: Int32) -> Bool {
    switch step {
    case .send(let bytes): return write(bytes, to: descriptor)
    case .wait(let seconds):
      usleep(UInt32(seconds * 1e6))
      return true
    case .hang:
      var byte: UInt8 = 0
      while unsafe recv(descriptor, &byte, 1, 0) > 0 {}
      return false
    case .flood(let byte, var count):
      let piece = [UInt8](repeating: byte, count: 1 << 16)
      while count > 0 {
        guard write(count < piece.count ? Array(piece[..<count]) : piece, to: descriptor) else { return false }
        count -= piece.count
      }
      return true
    case .close: return false
    }
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// Reads requests with a Content-Length from one connection.
private struct IncomingBytes {
  private let descriptor: Int32
  private var bytes: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// nil: the client is gone, or speaks no HTTP.
  mutating func request() -> ScriptedEndpoint.Request? {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let found = bytes.firstRange(of: end) {
        let head = String(decoding: bytes[..<found.lowerBound], as: UTF8.self)
        bytes.removeFirst(found.upperBound)
        return request(head)
      }
      guard readMore() else { return nil }
    }
  }

  private mutating func request(_ head: String) -> ScriptedEndpoint.Request? {
    let lines = head.components(separatedBy: "\r\n")
    let first = lines[0].split(separator: " ")
    guard first.count == 3 else { return nil }
    let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
    }
    let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
    while bytes.count < length {
      guard readMore() else { return nil }
    }
    let body = Array(bytes[..<length])
    bytes.removeFirst(length)
    return ScriptedEndpoint.Request(method: String(first[0]), path: String(first[1]), headers: headers, body: body)
  }

  private mutating func readMore() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      bytes += buffer[..<count]
      return true
    }
  }
}
