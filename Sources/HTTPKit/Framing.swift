// Where a body ends, decided before a byte of it is read. Anything that two servers could read differently is refused:
// that difference is request smuggling (RFC 9112, 11.2). libmicrohttpd would take the first of two lengths.
import Base

enum BodyLength: Equatable {
  case none
  case exactly(Int)
  case chunked

  init(of headers: Headers, version: String) throws(HTTPFailure) {
    guard headers.fields.count <= Limits.headersMax else { throw .tooManyHeaders }
    for field in headers.fields {
      guard isToken(field.name) else { throw .malformed("a header name holds characters that it must not") }
      guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
        throw .malformed("a header value holds control characters")
      }
    }
    guard headers.all("Host").count <= 1 else { throw .malformed("two Host headers") }
    let lengths = headers.all("Content-Length")
    let encodings = headers.all("Transfer-Encoding")
    guard lengths.count <= 1, encodings.count <= 1 else {
      throw .malformed("the length of the body is given twice")
    }
    if let encoding = encodings.first {
      guard lengths.isEmpty else { throw .malformed("Content-Length and Transfer-Encoding together") }
      guard equalIgnoringCase(encoding, "chunked"), version == "HTTP/1.1" else {
        throw .malformed("a Transfer-Encoding other than chunked")
      }
      self = .chunked
      return
    }
    guard let length = lengths.first else {
      self = .none
      return
    }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard !length.isEmpty, length.utf8.allSatisfy(digits.contains), let count = Int(length) else {
      throw .malformed("Content-Length is not a number")
    }
    self = count == 0 ? .none : .exactly(count)
  }
}
