// multipart/form-data (RFC 7578) as a state machine without I/O: bytes go in, the sink hears of parts. Stricter than
// the RFC where leniency only helps an attacker: no preamble, CRLF only, a short epilogue, everything bounded.
// The work done is linear in the bytes given, whatever they are.
import Base
import CMicrohttpd

protocol MultipartSink {
  mutating func partBegins(name: String, filename: String?, contentType: String) throws(HTTPFailure)
  mutating func partContinues(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure)
  mutating func partEnds() throws(HTTPFailure)
}

struct MultipartParser {
  private enum State {
    case firstBoundary
    case afterBoundary  // CRLF begins a part, "--" ends the form
    case headers
    case content
    case epilogue
  }

  /// CRLF, two dashes, and the boundary: what ends a part.
  private let delimiter: [UInt8]
  private var state = State.firstBoundary
  /// Bytes given but not yet understood; shorter than a delimiter while in content.
  private var pending: [UInt8] = []
  private var parts = 0
  private var epilogueBytes = 0

  init(contentType: String) throws(HTTPFailure) {
    guard let value = ParameterisedValue(contentType), value.main == "multipart/form-data" else {
      throw .unsupportedBody(expected: "multipart/form-data")
    }
    guard let boundary = value["boundary"], !boundary.isEmpty,
      boundary.utf8.count <= Limits.boundaryBytesMax, boundary.utf8.last != UInt8(ascii: " "),
      boundary.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F })
    else { throw .multipart("the boundary must have 1 to \(Limits.boundaryBytesMax) plain characters") }
    delimiter = Array("\r\n--\(boundary)".utf8)
  }

  mutating func feed(_ bytes: UnsafeRawBufferPointer, to sink: inout some MultipartSink) throws(HTTPFailure) {
    if state == .epilogue { return try passEpilogue(bytes.count) }
    unsafe pending.append(contentsOf: bytes)
    let joined = pending
    pending = []
    var failure: HTTPFailure?
    unsafe joined.withUnsafeBytes { all in
      do throws(HTTPFailure) {
        let used = unsafe try consume(all, &sink)
        unsafe pending.append(contentsOf: all[used...])
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// To be asked when all bytes have been given.
  func finish() throws(HTTPFailure) {
    guard state == .epilogue else { throw .multipart("it ends in the middle of a part") }
  }

  /// Understands as much as it can and says how much that was.
  private mutating func consume(
    _ bytes: UnsafeRawBufferPointer, _ sink: inout some MultipartSink
  ) throws(HTTPFailure) -> Int {
    var used = 0
    while true {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[used...])
      let step: Int?
      switch state {
      case .firstBoundary: step = unsafe try takeFirstBoundary(rest)
      case .afterBoundary: step = unsafe try takeBoundaryEnd(rest)
      case .headers: step = unsafe try takeHeaders(rest, &sink)
      case .content: step = unsafe try takeContent(rest, &sink)
      case .epilogue:
        try passEpilogue(rest.count)
        return bytes.count
      }
      guard let step else { return used }
      used += step
    }
  }

  private mutating func takeFirstBoundary(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) -> Int? {
    let length = delimiter.count - 2
    guard unsafe bytes.prefix(length).elementsEqual(delimiter.dropFirst(2).prefix(bytes.count)) else {
      throw .multipart("it does not begin with its boundary")
    }
    guard bytes.count >= length else { return nil }
    state = .afterBoundary
    return length
  }

  private mutating func takeBoundaryEnd(_ bytes: UnsafeRawBufferPointer) throws(HTTPFailure) -> Int? {
    guard bytes.count >= 2 else { return nil }
    switch unsafe (bytes[0], bytes[1]) {
    case (UInt8(ascii: "\r"), UInt8(ascii: "\n")):
      parts += 1
      guard parts <= Limits.partsMax else { throw .multipart("it has more than \(Limits.partsMax) parts") }
      state = .headers
    case (UInt8(ascii: "-"), UInt8(ascii: "-")):
      state = .epilogue
    default: throw .multipart("a boundary is followed by other text")
    }
    return 2
  }

  private mutating func takeHeaders(
    _ bytes: UnsafeRawBufferPointer, _ sink: inout some MultipartSink
  ) throws(HTTPFailure) -> Int? {
    guard let end = unsafe position(of: Array("\r\n\r\n".utf8), in: bytes) else {
      guard bytes.count <= Limits.partHeaderBytesMax else {
        throw .multipart("the headers of a part are too long")
      }
      return nil
    }
    guard end <= Limits.partHeaderBytesMax else { throw .multipart("the headers of a part are too long") }
    let text = unsafe String(decoding: bytes[..<end], as: UTF8.self)
    var disposition: ParameterisedValue?
    var contentType = "application/octet-stream"
    for line in text.split(separator: "\r\n") {
      let name = line.prefix { $0 != ":" }
      guard isToken(String(name)), name.count < line.count else {
        throw .multipart("a part has a broken header")
      }
      let value = trimmed(String(line.dropFirst(name.count + 1)))
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
        throw .multipart("a part has control characters in a header")
      }
      if equalIgnoringCase(String(name), "Content-Disposition") {
        guard disposition == nil, let parsed = ParameterisedValue(value) else {
          throw .multipart("a part has a broken Content-Disposition")
        }
        disposition = parsed
      } else if equalIgnoringCase(String(name), "Content-Type") {
        contentType = value
      }
    }
    guard let disposition, disposition.main == "form-data", let name = disposition["name"] else {
      throw .multipart("a part has no name")
    }
    try sink.partBegins(name: name, filename: disposition["filename"], contentType: contentType)
    state = .content
    return end + 4
  }

  private mutating func takeContent(
    _ bytes: UnsafeRawBufferPointer, _ sink: inout some MultipartSink
  ) throws(HTTPFailure) -> Int? {
    if let end = unsafe position(of: delimiter, in: bytes) {
      if end > 0 { unsafe try sink.partContinues(UnsafeRawBufferPointer(rebasing: bytes[..<end])) }
      try sink.partEnds()
      state = .afterBoundary
      return end + delimiter.count
    }
    // The last bytes may be the beginning of a delimiter.
    let safe = bytes.count - (delimiter.count - 1)
    guard safe > 0 else { return nil }
    unsafe try sink.partContinues(UnsafeRawBufferPointer(rebasing: bytes[..<safe]))
    return safe
  }

  private mutating func passEpilogue(_ count: Int) throws(HTTPFailure) {
    epilogueBytes += count
    guard epilogueBytes <= Limits.epilogueBytesMax else { throw .multipart("text follows the last boundary") }
  }
}

/// memmem, which glibc does in linear time: https://sourceware.org/git/?p=glibc.git;a=blob;f=string/memmem.c
private func position(of needle: [UInt8], in bytes: UnsafeRawBufferPointer) -> Int? {
  guard let base = bytes.baseAddress else { return nil }
  return unsafe needle.withUnsafeBytes { needle in
    guard let found = unsafe footnote_find(base, bytes.count, needle.baseAddress!, needle.count) else {
      return nil
    }
    return unsafe found - base
  }
}
