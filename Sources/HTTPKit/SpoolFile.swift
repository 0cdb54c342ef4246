// A file that holds one upload while its request lives. It is private to this process's user, named by chance, and gone
// when the last reference goes, whatever happened in between.
import Base
import Glibc

final class SpoolFile: Sendable {
  let path: String
  private let descriptor: Int32

  /// The directory is the server's own, never a shared one.
  init(in directory: String, random: any RandomSource) throws(HTTPFailure) {
    let path = directory + "/upload-" + hexadecimal(random.bytes(16))
    let opened = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard opened >= 0 else { throw .spool(errno) }
    self.path = path
    descriptor = opened
  }

  deinit {
    close(descriptor)
    unsafe unlink(path)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) {
    var written = 0
    while written < bytes.count {
      let count = unsafe write(descriptor, bytes.baseAddress! + written, bytes.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        throw .spool(errno)
      }
      written += count
    }
  }
}

extension HTTPFailure {
  fileprivate static func spool(_ code: Int32) -> HTTPFailure {
    .cannotSpool(reason: systemMessage(code), full: code == ENOSPC || code == EDQUOT)
  }
}

func systemMessage(_ code: Int32) -> String {
  unsafe String(cString: strerror(code))
}
