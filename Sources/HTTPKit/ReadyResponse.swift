// A response in libmicrohttpd's form. Made on whichever thread has time for it, given to the library by the connection
// thread.
import Base
import CMicrohttpd
import Glibc

/// Owns one reference to an MHD_Response.
///
/// @unchecked Sendable: made on one thread and then handed to another, never used by two; the library counts references
/// under a lock of its own. @safe: the pointer is valid from init to deinit.
@safe final class ReadyResponse: @unchecked Sendable {
  private let pointer: OpaquePointer
  let status: Int
  /// Of the body; nil for a stream.
  let length: Int?
  let stream: EventStream?
  let produce: (@Sendable (EventStream) throws -> Void)?

  init(_ response: Response, request: Request?, stream makeStream: () -> EventStream) {
    var response = response
    var stream: EventStream?
    var produce: (@Sendable (EventStream) throws -> Void)?
    let made: OpaquePointer?
    switch response.body {
    case .bytes(let bytes):
      unsafe made = ReadyResponse.buffer(bytes)
      length = bytes.count
    case .file(let path, let range):
      if let (pointer, count) = unsafe ReadyResponse.file(path, range) {
        unsafe made = pointer
        length = count
      } else {
        response = .failure(PlainFailure(.notFound, "file_gone", "the file behind this address is gone"))
        unsafe made = ReadyResponse.buffer(response.body.bytesOrNone)
        length = response.body.bytesOrNone.count
      }
    case .events(let closure):
      if request?.method == .head {
        unsafe made = ReadyResponse.buffer([])
      } else {
        let opened = makeStream()
        stream = opened
        produce = closure
        unsafe made = ReadyResponse.events(opened)
      }
      length = nil
    }
    // The library has no response only when memory is exhausted.
    guard let made = unsafe made else { preconditionFailure("libmicrohttpd cannot make a response") }
    unsafe pointer = made
    status = response.status
    self.stream = stream
    self.produce = produce
    for field in response.headers.fields {
      unsafe MHD_add_response_header(made, field.name, field.value)
    }
  }

  deinit { unsafe MHD_destroy_response(pointer) }

  /// On the connection thread only. False where the library does not take it: the connection is to be closed.
  func queue(on handle: ConnectionHandle) -> Bool {
    unsafe MHD_queue_response(handle.pointer, UInt32(status), pointer) == .YES
  }

  private static func buffer(_ bytes: [UInt8]) -> OpaquePointer? {
    unsafe bytes.withUnsafeBytes { bytes in
      // Copied: MUST_COPY promises that the buffer is only read.
      unsafe MHD_create_response_from_buffer(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
    }
  }

  /// The library owns the descriptor from here on, and uses sendfile.
  private static func file(_ path: String, _ range: Range<Int>?) -> (OpaquePointer, Int)? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    let whole = 0..<Int(information.st_size)
    let range = (range ?? whole).clamped(to: whole)
    guard
      let made = unsafe MHD_create_response_from_fd_at_offset64(
        UInt64(range.count), descriptor, UInt64(range.lowerBound))
    else {
      close(descriptor)
      return nil
    }
    return unsafe (made, range.count)
  }

  private static func events(_ stream: EventStream) -> OpaquePointer? {
    let context = unsafe Unmanaged.passRetained(stream)
    return unsafe MHD_create_response_from_callback(
      UInt64.max, 16 << 10,
      { context, _, buffer, size in
        // The stream is retained until the library calls the last of these closures.
        let stream = unsafe Unmanaged<EventStream>.fromOpaque(context!).takeUnretainedValue()
        switch unsafe stream.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size)) {
        case .bytes(let count): return count
        case .nothingYet: return 0
        case .end: return -1  // MHD_CONTENT_READER_END_OF_STREAM
        case .broken: return -2  // MHD_CONTENT_READER_END_WITH_ERROR
        }
      }, context.toOpaque(),
      { context in unsafe Unmanaged<EventStream>.fromOpaque(context!).release() })
  }
}

extension Response.Body {
  fileprivate var bytesOrNone: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
}
