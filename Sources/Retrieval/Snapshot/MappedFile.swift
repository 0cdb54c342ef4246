// A file mapped for reading. Snapshots are replaced by renaming a finished file over the old one, never written in
// place, so what is mapped does not change or shrink under a reader.

#if canImport(Glibc)
  import Glibc
#endif

/// Safe: the pointer is private, valid from `init` to `deinit`, and lent only for the length of a call.
@safe struct MappedFile: ~Copyable {
  private let bytes: UnsafeRawBufferPointer

  init(path: String) throws(RetrievalFailure) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .snapshotUnreadable(path: path, cause: systemCause()) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .snapshotUnreadable(path: path, cause: systemCause())
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw .snapshotUnreadable(path: path, cause: "not a regular file")
    }
    // mmap refuses a length of nought: https://man7.org/linux/man-pages/man2/mmap.2.html
    guard status.st_size > 0 else {
      unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let mapped = unsafe mmap(nil, Int(status.st_size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, descriptor, 0)
    guard unsafe mapped != MAP_FAILED else { throw .snapshotUnreadable(path: path, cause: systemCause()) }
    unsafe bytes = UnsafeRawBufferPointer(start: mapped, count: Int(status.st_size))
  }

  deinit {
    if let start = unsafe bytes.baseAddress {
      unsafe munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws(RetrievalFailure) -> Result
  ) throws(RetrievalFailure) -> Result {
    try unsafe body(bytes)
  }
}

/// What the system says of its last refusal.
func systemCause() -> String { unsafe String(cString: strerror(errno)) }

/// Writes a file so that a crash at any moment leaves the old one or the new one: a neighbour is written, flushed and
/// renamed, then the folder flushed.
func replaceFile(at path: String, with pieces: [[UInt8]]) throws(RetrievalFailure) {
  let temporary = path + ".new"
  let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  guard descriptor >= 0 else { throw .snapshotUnwritable(path: path, cause: systemCause()) }
  var cause: String?
  for piece in pieces where cause == nil { cause = writeAll(piece, to: descriptor) }
  if cause == nil, fsync(descriptor) != 0 { cause = systemCause() }
  if close(descriptor) != 0, cause == nil { cause = systemCause() }
  if cause == nil, unsafe rename(temporary, path) != 0 { cause = systemCause() }
  if let cause {
    _ = unsafe unlink(temporary)
    throw .snapshotUnwritable(path: path, cause: cause)
  }
  let slash = path.lastIndex(of: "/")
  let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  let folderDescriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  if folderDescriptor >= 0 {
    _ = fsync(folderDescriptor)
    close(folderDescriptor)
  }
}

/// The cause of the refusal, or nil when all is written.
private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> String? {
  unsafe bytes.withUnsafeBytes { buffer in
    var written = 0
    while written < buffer.count {
      let count = unsafe write(descriptor, buffer.baseAddress! + written, buffer.count - written)
      if count < 0 {
        if errno == EINTR { continue }
        return systemCause()
      }
      written += count
    }
    return nil
  }
}
