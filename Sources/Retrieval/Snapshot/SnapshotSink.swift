// Where a snapshot's bytes go: a neighbour of the file to be replaced, flushed and renamed over it at the end, the
// folder flushed after. A write that fails is remembered and told at the end; what comes after it is dropped.
import Base

#if canImport(Glibc)
  import Glibc
#endif

/// Owns the descriptor; one thread uses it from begin to end.
final class SnapshotSink {
  private(set) var position = 0
  private let path: String
  private let temporary: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private var hasher: SHA256Hasher?
  private var cause: String?

  private static let bufferBytes = 1 << 20

  init(replacing path: String) throws(RetrievalFailure) {
    self.path = path
    temporary = path + ".new"
    descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .snapshotUnwritable(path: path, cause: systemCause()) }
    buffer.reserveCapacity(2 * Self.bufferBytes)
  }

  deinit {
    if descriptor >= 0 {
      close(descriptor)
      _ = unsafe unlink(temporary)
    }
  }

  func append(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe append($0) } }

  @unsafe func append(_ bytes: UnsafeRawBufferPointer) {
    position += bytes.count
    unsafe buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferBytes { flush() }
  }

  /// From here on bytes count towards a digest, until `endDigest`.
  func beginDigest() {
    flush()
    hasher = SHA256Hasher()
  }

  func endDigest() -> [UInt8] {
    flush()
    guard let finished = hasher.take() else { return [] }
    return finished.finish().bytes
  }

  /// Puts the header in its place at the front and the file in the place of the old one.
  func finish(header: [UInt8]) throws(RetrievalFailure) {
    flush()
    if cause == nil, lseek(descriptor, 0, SEEK_SET) != 0 { cause = systemCause() }
    if cause == nil { cause = write(header) }
    if cause == nil, fsync(descriptor) != 0 { cause = systemCause() }
    if close(descriptor) != 0, cause == nil { cause = systemCause() }
    descriptor = -1
    if cause == nil, unsafe rename(temporary, path) != 0 { cause = systemCause() }
    if let cause {
      _ = unsafe unlink(temporary)
      throw .snapshotUnwritable(path: path, cause: cause)
    }
    flushFolder()
  }

  private func flush() {
    guard !buffer.isEmpty else { return }
    hasher?.update(buffer)
    if cause == nil { cause = write(buffer) }
    buffer.removeAll(keepingCapacity: true)
  }

  /// The cause of a refusal, or nil when all is written.
  private func write(_ bytes: [UInt8]) -> String? {
    unsafe bytes.withUnsafeBytes { bytes in
      var rest = unsafe bytes
      while let start = rest.baseAddress, unsafe !rest.isEmpty {
        let count = unsafe Glibc.write(descriptor, start, rest.count)
        if count < 0 {
          if errno == EINTR { continue }
          return systemCause()
        }
        unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return nil
    }
  }

  private func flushFolder() {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
  }
}
