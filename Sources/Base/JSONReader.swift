// Reads JSON by RFC 8259, strictly. Unlike Foundation's reader it refuses a key that stands twice (which of the two
// would count?), a number that a Double cannot hold, and half of a surrogate pair; depth is bounded.

package struct JSONError: Failure, Equatable {
  package enum Cause: Sendable, Equatable {
    case unexpected(String)
    case tooDeep(Int)
    case duplicateKey(String)
    case numberOutOfRange(String)
    case invalidText(String)
  }

  package let cause: Cause
  package let byteOffset: Int

  package var kind: FailureKind { .usage }
  package var code: String { "invalid_json" }
  package var message: String {
    let reason =
      switch cause {
      case .unexpected(let found): "unexpected \(found)"
      case .tooDeep(let limit): "nested deeper than \(limit) levels"
      case .duplicateKey(let key): "the key \"\(key)\" stands twice"
      case .numberOutOfRange(let digits): "the number \(digits) is out of range"
      case .invalidText(let why): why
      }
    return "not valid JSON: \(reason) at byte \(byteOffset)"
  }
}

struct JSONReader {
  private let bytes: [UInt8]
  private let depthMax: Int
  private var position = 0

  init(bytes: [UInt8], depthMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
  }

  mutating func document() throws -> JSON {
    skipSpace()
    let value = try value(depth: 1)
    skipSpace()
    guard position == bytes.count else { throw unexpected() }
    return value
  }

  private func failure(_ cause: JSONError.Cause) -> JSONError { JSONError(cause: cause, byteOffset: position) }

  private func unexpected() -> JSONError {
    guard position < bytes.count else { return failure(.unexpected("end")) }
    let byte = bytes[position]
    let printable = byte > 0x20 && byte < 0x7F
    return failure(.unexpected(printable ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(hexadecimal([byte]))"))
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func value(depth: Int) throws -> JSON {
    switch current {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: String, _ value: JSON) throws -> JSON {
    for byte in text.utf8 {
      guard current == byte else { throw unexpected() }
      position += 1
    }
    return value
  }

  private mutating func array(depth: Int) throws -> JSON {
    guard depth <= depthMax else { throw failure(.tooDeep(depthMax)) }
    position += 1
    var elements: [JSON] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      position += 1
      return .array([])
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if current == UInt8(ascii: ",") {
        position += 1
      } else if current == UInt8(ascii: "]") {
        position += 1
        return .array(elements)
      } else {
        throw unexpected()
      }
    }
  }

  private mutating func object(depth: Int) throws -> JSON {
    guard depth <= depthMax else { throw failure(.tooDeep(depthMax)) }
    position += 1
    var members: [(key: String, value: JSON)] = []
    var seen: Set<String> = []
    skipSpace()
    if current == UInt8(ascii: "}") {
      position += 1
      return .object([:])
    }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw unexpected() }
      let key = try string()
      guard seen.insert(key).inserted else { throw failure(.duplicateKey(key)) }
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw unexpected() }
      position += 1
      skipSpace()
      members.append((key, try value(depth: depth + 1)))
      skipSpace()
      if current == UInt8(ascii: ",") {
        position += 1
      } else if current == UInt8(ascii: "}") {
        position += 1
        return .object(JSONObject(distinct: members))
      } else {
        throw unexpected()
      }
    }
  }

  private mutating func number() throws -> JSON {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    let wholeStart = position
    try digits()
    // A leading zero stands alone.
    if bytes[wholeStart] == UInt8(ascii: "0"), position - wholeStart > 1 {
      position = wholeStart + 1
      throw unexpected()
    }
    var isWhole = true
    if current == UInt8(ascii: ".") {
      isWhole = false
      position += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      isWhole = false
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isWhole, let whole = Int(text) { return .integer(whole) }
    guard let value = Double(text), value.isFinite else { throw failure(.numberOutOfRange(text)) }
    return .number(value)
  }

  private mutating func digits() throws {
    guard let first = current, isDigit(first) else { throw unexpected() }
    while let byte = current, isDigit(byte) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private mutating func string() throws -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let valid = String(validating: text, as: UTF8.self) else {
          throw failure(.invalidText("a string is not valid UTF-8"))
        }
        return valid
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &text)
      case 0..<0x20: throw unexpected()
      default:
        text.append(byte)
        position += 1
      }
    }
    throw unexpected()
  }

  private mutating func escape(into text: inout [UInt8]) throws {
    guard let byte = current else { throw unexpected() }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      position += 1
      text += String(Character(try unicodeEscape())).utf8
      return
    default: throw unexpected()
    }
    position += 1
  }

  private mutating func unicodeEscape() throws -> Unicode.Scalar {
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    // What is no scalar is half of a pair; the other half must follow.
    guard (0xD800..<0xDC00).contains(first), current == UInt8(ascii: "\\") else {
      throw failure(.invalidText("half of a surrogate pair"))
    }
    position += 1
    guard current == UInt8(ascii: "u") else { throw failure(.invalidText("half of a surrogate pair")) }
    position += 1
    let second = try fourHexDigits()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure(.invalidText("half of a surrogate pair")) }
    return scalar
  }

  private mutating func fourHexDigits() throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw unexpected()
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
