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
