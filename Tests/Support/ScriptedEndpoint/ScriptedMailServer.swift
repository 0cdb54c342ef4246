// A mail server on loopback that answers each of a client's commands as a test says, and keeps what it was sent.
// Invariant: it ends with the test; it speaks on sockets of its own.
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

package final class ScriptedMailServer: Sendable {
  package let port: Int
  package var url: String { "smtp://127.0.0.1:\(port)" }

  private let listener: Int32
  /// By the command's first word, upper case; 'END' is the reply to the whole message. Others get 250.
  private let replies: [String: String]
  private let state = Mutex(State())

  private struct State {
    var commands: [String] = []
    var messages: [String] = []
  }

  package var commands: [String] { state.withLock { $0.commands } }
  package var messages: [String] { state.withLock { $0.messages } }

  package init(_ replies: [String: String] = [:]) throws {
    self.replies = replies
    let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    listener = made
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(made, $0, length) == 0 && listen(made, 8) == 0 && getsockname(made, $0, &length) == 0
      }
    }
    precondition(isBound, "a port on loopback can be taken")
    port = Int(UInt16(bigEndian: address.sin_port))
    let thread = Thread { [self] in accept() }
    thread.start()
  }

  deinit { close(listener) }

  package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func accept() {
    while true {
      let descriptor = Glibc.accept(listener, nil, nil)
      guard descriptor >= 0 else { return }
      serve(FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }
  }

  private func serve(_ client: FileHandle) {
    func say(_ line: String) { try? client.write(contentsOf: Data((line + "\r\n").utf8)) }
    say(replies["HELLO"] ?? "220 scripted ESMTP")
    var buffer = ""
    var isData = false
    while true {
      let bytes = client.availableData
      guard !bytes.isEmpty else { return }
      buffer += String(decoding: bytes, as: UTF8.self)
      if isData {
        guard let end = buffer.range(of: "\r\n.\r\n") else { continue }
        let message = String(buffer[..<end.lowerBound])
        state.withLock { $0.messages.append(message) }
        buffer = String(buffer[end.upperBound...])
        isData = false
        say(replies["END"] ?? "250 taken")
      }
      while !isData, let end = buffer.range(of: "\r\n") {
        let line = String(buffer[..<end.lowerBound])
        buffer = String(buffer[end.upperBound...])
        state.withLock { $0.commands.append(line) }
        let word = (line.split(separator: " ").first.map(String.init) ?? "").uppercased()
        if word == "DATA", replies[word] == nil { isData = true }
        say(replies[word] ?? (word == "DATA" ? "354 go on" : word == "QUIT" ? "221 bye" : "250 fine"))
      }
    }
  }
}
