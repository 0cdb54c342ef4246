// JSON and JSON lines as readable text: one line a value, with the path that leads to it.
// Invariants: depth and size are bounded before anything is built; what is not valid JSON is refused.
// Must not: interpret values; numbers stay as they were written.
import Base

enum JSONReader {
  static func read(_ bytes: [UInt8], format: DocumentFormat) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    var builder = DocumentBuilder(format: format)
    builder.metadata["encoding"] = decoded.encoding
    let records = format == .jsonl ? decoded.utf8.split(separator: 0x0A) : [decoded.utf8[...]]
    for record in records where !record.allSatisfy(isBlank) {
      var scanner = JSONScanner(record)
      let lines = try scanner.lines()
      try builder.append(lines.joined(separator: "\n"), as: .paragraph)
    }
    guard builder.scalarCount > 0 else { throw IngestFailure(.emptyDocument, "the file holds no values") }
    builder.coverage = [PartCoverage(part: "body", kind: .text)]
    return builder.finish()
  }
}

/// Walks JSON text once and tells its scalars with their paths: 'address.city: Oslo'.
struct JSONScanner {
  private let bytes: ArraySlice<UInt8>
  private var index: Int
  private var path: [String] = []
  private var found: [String] = []
  private var depth = 0

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  mutating func lines() throws -> [String] {
    try value()
    skipBlanks()
    guard index == bytes.endIndex else { throw damaged() }
    return found
  }

  private mutating func value() throws {
    skipBlanks()
    switch peek {
    case 0x7B: try object()
    case 0x5B: try array()
    case 0x22: tell(try string())
    default: tell(try bareWord())
    }
  }

  private mutating func object() throws {
    try enter()
    defer { depth -= 1 }
    if take(0x7D) { return }
    repeat {
      skipBlanks()
      guard peek == 0x22 else { throw damaged() }
      path.append(try string())
      skipBlanks()
      guard take(0x3A) else { throw damaged() }
      try value()
      path.removeLast()
      skipBlanks()
    } while take(0x2C)
    guard take(0x7D) else { throw damaged() }
  }

  private mutating func array() throws {
    try enter()
    defer { depth -= 1 }
    if take(0x5D) { return }
    repeat {
      try value()
      skipBlanks()
    } while take(0x2C)
    guard take(0x5D) else { throw damaged() }
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
      index += 1
      if byte == 0x22 { return String(decoding: units, as: UTF8.self) }
      guard byte == 0x5C else {
        units.append(byte)
        continue
      }
      guard let escape = peek else { throw damaged() }
      index += 1
      switch escape {
      case 0x6E, 0x72: units.append(0x0A)
      case 0x74: units.append(0x09)
      case 0x62, 0x66: units.append(0x20)
      case 0x75: appendUTF8(try escapedScalar(), to: &units)
      case 0x22, 0x5C, 0x2F: units.append(escape)
      default: throw damaged()
      }
    }
    throw damaged()
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
    guard digits.count == 4, let unit = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) else {
      throw damaged()
    }
    index += 4
    return unit
  }

  private mutating func bareWord() throws -> String {
    let start = index
    while let byte = peek, !isBlank(byte), byte != 0x2C, byte != 0x5D, byte != 0x7D { index += 1 }
    let word = String(decoding: bytes[start..<index], as: UTF8.self)
    let isNumber = word.first.map { $0 == "-" || $0.isNumber } ?? false && word.utf8.count <= 400 && Double(word) != nil
    guard isNumber || ["true", "false", "null"].contains(word) else { throw damaged() }
    return word
  }

  private mutating func tell(_ text: String) {
    guard !text.isEmpty, text != "null" else { return }
    found.append(path.isEmpty ? text : path.joined(separator: ".") + ": " + text)
  }

  private var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek == byte else { return false }
    index += 1
    return true
  }

  private mutating func skipBlanks() {
    while let byte = peek, isBlank(byte) { index += 1 }
  }

  private func damaged() -> IngestFailure {
    IngestFailure(.damagedText, "the file is not valid JSON", hint: "the error is near byte \(index)")
  }
}
