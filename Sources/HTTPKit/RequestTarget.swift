// The address of a request, taken apart. Percent escapes are decoded exactly once, after the path has been split, so
// that an escaped slash can never make two segments of one; `.` and `..` are refused in either spelling.
import Base

struct RequestTarget {
  /// Decoded; for logs and messages, never for routing.
  let path: String
  let segments: [String]
  let query: [(String, String)]
  /// Of an absolute target (`GET http://host/path`), which then counts instead of the Host header.
  let authority: String?

  init(parsing raw: String) throws(HTTPFailure) {
    guard raw.utf8.count <= Limits.targetBytesMax else { throw .targetTooLong }
    guard raw.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
      throw .malformed("the address holds characters that must be escaped")
    }
    var rest = Substring(raw)
    if raw.hasPrefix("http://") || raw.hasPrefix("https://") {
      let afterScheme = rest.drop { $0 != "/" }.dropFirst(2)
      let host = afterScheme.prefix { $0 != "/" && $0 != "?" }
      authority = String(host)
      rest = afterScheme.dropFirst(host.count)
      if rest.isEmpty || rest.first == "?" { rest = "/" + rest }
    } else {
      authority = nil
    }
    guard rest.first == "/" else { throw .malformed("the address does not begin with a slash") }
    let rawPath = rest.prefix { $0 != "?" }
    let rawQuery = rest.dropFirst(rawPath.count + 1)

    var decoded: [String] = []
    for piece in rawPath.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      let segment = try percentDecoded(piece, plusIsSpace: false)
      guard segment != ".", segment != ".." else { throw .malformed("the path holds dot segments") }
      decoded.append(segment)
      guard decoded.count <= Limits.pathSegmentsMax else { throw .targetTooLong }
    }
    segments = decoded == [""] ? [] : decoded
    path = "/" + segments.joined(separator: "/")

    var pairs: [(String, String)] = []
    for pair in rawQuery.split(separator: "&") {
      let name = pair.prefix { $0 != "=" }
      pairs.append(
        (
          try percentDecoded(name, plusIsSpace: true),
          try percentDecoded(pair.dropFirst(name.count + 1), plusIsSpace: true)
        ))
    }
    query = pairs
  }
}

/// Refuses a broken escape, an escaped control character and bytes that are no UTF-8.
func percentDecoded(_ text: Substring, plusIsSpace: Bool) throws(HTTPFailure) -> String {
  let bytes = Array(text.utf8)
  guard bytes.contains(UInt8(ascii: "%")) || (plusIsSpace && bytes.contains(UInt8(ascii: "+"))) else {
    return String(text)
  }
  var decoded: [UInt8] = []
  decoded.reserveCapacity(bytes.count)
  var index = 0
  while index < bytes.count {
    let byte = bytes[index]
    if byte == UInt8(ascii: "%") {
      guard index + 2 < bytes.count, let high = hexValue(bytes[index + 1]),
        let low = hexValue(bytes[index + 2])
      else { throw .malformed("the address holds a broken percent escape") }
      let value = high << 4 | low
      // A query may carry line breaks (a pasted question); a path never does, and nothing carries NUL.
      guard value != 0, plusIsSpace || (value >= 0x20 && value != 0x7F) else {
        throw .malformed("the address holds an escaped control character")
      }
      decoded.append(value)
      index += 3
    } else {
      decoded.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      index += 1
    }
  }
  guard let result = String(validating: decoded, as: UTF8.self) else {
    throw .malformed("the address is not UTF-8")
  }
  return result
}

private func hexValue(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}
