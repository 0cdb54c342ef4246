// The listening socket: bound by us rather than by libmicrohttpd, so that a port in use has its own error.
import Base
import Glibc

/// Owns the descriptor until `release`.
struct Listener: ~Copyable {
  let descriptor: Int32
  let port: Int

  init(host: String, port: Int) throws(HTTPFailure) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(host, String(port), &hints, &list)
    guard code == 0, let address = unsafe list else {
      throw .cannotListen(host: host, port: port, reason: unsafe String(cString: gai_strerror(code)))
    }
    defer { unsafe freeaddrinfo(list) }

    let made = unsafe socket(
      address.pointee.ai_family,
      // Without waiting: two daemons may be at it for a moment, and only one of them gets a connection.
      address.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue),
      address.pointee.ai_protocol)
    guard made >= 0 else { throw .cannotListen(host: host, port: port, reason: systemMessage(errno)) }
    var yes: Int32 = 1
    unsafe setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard unsafe bind(made, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
      listen(made, 1_024) == 0
    else {
      let code = errno
      close(made)
      if code == EADDRINUSE { throw .portInUse(host: host, port: port) }
      throw .cannotListen(host: host, port: port, reason: systemMessage(code))
    }
    descriptor = made
    self.port = Listener.boundPort(of: made) ?? port
  }

  deinit { close(descriptor) }

  /// Hands the descriptor to one who will close it.
  consuming func release() -> Int32 {
    let descriptor = descriptor
    discard self
    return descriptor
  }

  private static func boundPort(of descriptor: Int32) -> Int? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let read = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    guard read == 0 else { return nil }
    return unsafe withUnsafeBytes(of: &storage) { bytes in
      // sockaddr_in and sockaddr_in6 both have the port at offset 2, in network order.
      Int(unsafe bytes[2]) << 8 | Int(unsafe bytes[3])
    }
  }
}

func fileSize(_ path: String) -> Int? {
  var information = stat()
  guard unsafe stat(path, &information) == 0 else { return nil }
  return Int(information.st_size)
}

/// Makes the directory for this user alone, and removes what a killed process left in it.
func prepareSpool(_ directory: String) throws(HTTPFailure) {
  guard unsafe mkdir(directory, 0o700) == 0 || errno == EEXIST else {
    throw .cannotSpool(reason: systemMessage(errno), full: false)
  }
  guard let listing = unsafe opendir(directory) else {
    throw .cannotSpool(reason: systemMessage(errno), full: false)
  }
  defer { unsafe closedir(listing) }
  while let entry = unsafe readdir(listing) {
    let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
      unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
    }
    if name.hasPrefix("upload-") { unsafe unlink(directory + "/" + name) }
  }
}
