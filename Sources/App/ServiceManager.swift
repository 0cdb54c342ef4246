// Tells systemd how the server is, where systemd started it: a datagram to the socket that the environment names.
// https://www.freedesktop.org/software/systemd/man/252/sd_notify.html
// Must not: fail. Without such a socket, or where nobody listens, nothing is said.
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

struct ServiceManager {
  private let path: String?

  init(environment: [String: String] = ProcessInfo.processInfo.environment) { path = environment["NOTIFY_SOCKET"] }

  func tell(_ state: String) {
    guard let path, path.hasPrefix("/") || path.hasPrefix("@") else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    var name = Array(path.utf8)
    guard name.count < room else { return }
    // An abstract name begins with a zero byte, and is as long as it is.
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + name.count)
    let bytes = Array(state.utf8)
    _ = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
