// JSON and JSON lines as readable text: one line a value, with the path that leads to it; objects of a list stand
// apart. Invariants: depth and size are bounded before anything is built; what is not JSON by RFC 8259 is refused
// with its line and column. Must not: interpret values; numbers stay as they were written.
import Base

enum JSONReader {
  static func read(_ bytes: [UInt8], format: DocumentFormat) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    guard format == .json else { return try document(of: decoded, format: .jsonl) }
    do {
      return try document(of: decoded, format: .json)
    } catch let failure as IngestFailure where failure.reason == .damagedText {
      // Objects a line under the name of one document are common enough.
      let lines = decoded.utf8.split(separator: 0x0A).filter { !$0.allSatisfy(isBlank) }
      guard lines.count > 1, lines.allSatisfy({ $0.first == 0x7B }),
        var document = try? document(of: decoded, format: .jsonl)
      else { throw failure }
      document.format = .json
      document.warnings.append("the file holds a JSON object on each line, not one value: it was read as JSON lines")
      return document
    }
  }

  private static func document(of decoded: DecodedText, format: DocumentFormat) throws -> Document {
    var builder = DocumentBuilder(format: format)
    builder.note(decoded)
    let text = decoded.utf8[...]
    let parts = format == .jsonl ? text.split(separator: 0x0A, omittingEmptySubsequences: false) : [text]
    for (index, part) in parts.enumerated() where !part.allSatisfy(isBlank) || format == .json {
      var scanner = JSONScanner(part, firstLine: index + 1)
      for record in try scanner.records() { try builder.append(record.joined(separator: "\n"), as: .paragraph) }
    }
    guard builder.scalarCount > 0 else { throw IngestFailure(.emptyDocument, "the file holds no values") }
    builder.coverage = [PartCoverage(part: "body", kind: .text)]
    return builder.finish()
  }
}

/// Walks JSON text once and tells its scalars with their paths: 'address.city: Oslo'.
struct JSONScanner {
  private let bytes: ArraySlice<UInt8>
  private let firstLine: Int
  private var index: Int
  private var path: [String] = []
  /// Lines of text; an object that is one of a list begins a new record.
  private var found: [[String]] = [[]]
  private var depth = 0

  init(_ bytes: ArraySlice<UInt8>, firstLine: Int = 1) {
    self.bytes = bytes
    self.firstLine = firstLine
    index = bytes.startIndex
  }

  mutating func records() throws -> [[String]] {
    try value()
    skipBlanks()
    guard index == bytes.endIndex else { throw damaged("there is more after the value's end") }
    return found
  }

  private mutating func value() throws {
    skipBlanks()
    switch peek {
    case 0x7B: try object()
    case 0x5B: try array()
    case 0x22: tell(try string())
    case let byte? where byte == 0x2D || isDigit(byte): tell(try number())
    default: tell(try word())
    }
  }

  private mutating func object() throws {
    try enter()
    defer { depth -= 1 }
    if take(0x7D) { return }
    repeat {
      skipBlanks()
      guard peek == 0x22 else { throw damaged("a name in quotes is expected") }
      path.append(try string())
      skipBlanks()
      guard take(0x3A) else { throw damaged("':' is expected") }
      try value()
      path.removeLast()
      skipBlanks()
    } while take(0x2C)
    guard take(0x7D) else { throw damaged("',' or '}' is expected") }
  }

  private mutating func array() throws {
    try enter()
    defer { depth -= 1 }
    if take(0x5D) { return }
    repeat {
      skipBlanks()
      if peek == 0x7B, found.last?.isEmpty == false { found.append([]) }
      try value()
      skipBlanks()
    } while take(0x2C)
    guard take(0x5D) else { throw damaged("',' or ']' is expected") }
  }

  private mutating func enter() throws {
    depth += 1
    guard depth <= Limits.jsonDepthMax else {
      throw IngestFailure(.tooDeep, "the JSON nests more than \(Limits.jsonDepthMax) levels deep")
    }
    index += 1
    skipBlanks()
  }

  private mutating func string() throws -> String {
    index += 1
    var units: [UInt8] = []
    while let byte = peek {
      guard byte >= 0x20 else { throw damaged("a control character stands in a string; it must be escaped") }
      index += 1
      if byte == 0x22 { return String(decoding: units, as: UTF8.self) }
      guard byte == 0x5C else {
        units.append(byte)
        continue
      }
      guard let escape = peek else { break }
      index += 1
      switch escape {
      case 0x6E, 0x72: units.append(0x0A)
      case 0x74: units.append(0x09)
      case 0x62, 0x66: units.append(0x20)
      case 0x75: appendUTF8(try escapedScalar(), to: &units)
      case 0x22, 0x5C, 0x2F: units.append(escape)
      default: throw damaged("there is no such escape")
      }
    }
    throw damaged("a string is not closed")
  }

  /// \uXXXX, two of them for a scalar past U+FFFF; a lone surrogate is U+FFFD.
  private mutating func escapedScalar() throws -> UInt32 {
    let first = try hexadecimalUnit()
    guard (0xD800...0xDFFF).contains(first) else { return first }
    guard first < 0xDC00, bytes[index...].starts(with: [0x5C, 0x75]) else { return 0xFFFD }
    index += 2
    let second = try hexadecimalUnit()
    guard (0xDC00...0xDFFF).contains(second) else { return 0xFFFD }
    return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
  }

  private mutating func hexadecimalUnit() throws -> UInt32 {
    let digits = bytes[index...].prefix(4)
    let isHexadecimal = digits.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
    }
    guard digits.count == 4, isHexadecimal, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw damaged("four hexadecimal digits are expected")
    }
    index += 4
    return unit
  }

  /// https://www.rfc-editor.org/rfc/rfc8259#section-6
  private mutating func number() throws -> String {
    let start = index
    _ = take(0x2D)
    if take(0x30) {
      if let next = peek, isDigit(next) { throw damaged("a number must not begin with 0") }
    } else {
      try digits()
    }
    if take(0x2E) { try digits() }
    if take(0x65) || take(0x45) {
      if !take(0x2B) { _ = take(0x2D) }
      try digits()
    }
    guard index - start <= 400 else { throw damaged("the number is too long") }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func digits() throws {
    guard let first = peek, isDigit(first) else { throw damaged("a digit is expected") }
    while let next = peek, isDigit(next) { index += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private mutating func word() throws -> String {
    for word in ["true", "false", "null"] where bytes[index...].starts(with: word.utf8) {
      index += word.utf8.count
      return word
    }
    throw damaged(index == bytes.endIndex ? "the text ends too soon" : "a value is expected")
  }

  private mutating func tell(_ text: String) {
    guard !text.isEmpty, text != "null" else { return }
    found[found.count - 1].append(path.isEmpty ? text : path.joined(separator: ".") + ": " + text)
  }

  private var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
  }

  private func damaged(_ complaint: String) -> IngestFailure {
    let before = bytes[..<index]
    let line = firstLine + before.count { $0 == 0x0A }
    let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? bytes.startIndex
    let column = 1 + bytes[lineStart..<index].count { $0 & 0xC0 != 0x80 }
    return IngestFailure(
      .damagedText, "the file is not valid JSON: line \(line), column \(column): \(complaint)",
      hint: "mend it there and add it again")
  }
}
