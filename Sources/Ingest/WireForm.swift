// The bytes in which a document crosses the pipe from a worker: little-endian, length-prefixed, no names.
// Invariants: reading what was written gives an equal value; reading anything else throws and never traps, because the
// worker's bytes are as untrusted as the document it parsed.
// Must not: be stored. Both ends are always the same binary, so there is no version in it.

struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ value: UInt8) { bytes.append(value) }

  mutating func put(_ value: UInt32) {
    for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func put(_ value: Int) {
    precondition(value >= 0 && value <= Int(UInt32.max), "the wire carries 32-bit counts")
    put(UInt32(value))
  }

  mutating func put(_ value: Float) { put(value.bitPattern) }

  mutating func put(_ content: [UInt8]) {
    put(content.count)
    bytes.append(contentsOf: content)
  }

  mutating func put(_ text: String) { put(Array(text.utf8)) }

  mutating func put(_ text: String?) {
    put(UInt8(text == nil ? 0 : 1))
    if let text { put(text) }
  }
}

struct WireFault: Error {}

struct WireReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw WireFault() }
    defer { position += 1 }
    return bytes[position]
  }

  mutating func word() throws -> UInt32 {
    guard bytes.count - position >= 4 else { throw WireFault() }
    defer { position += 4 }
    return UInt32(bytes[position]) | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2]) << 16
      | UInt32(bytes[position + 3]) << 24
  }

  mutating func int() throws -> Int { Int(try word()) }
  mutating func float() throws -> Float { Float(bitPattern: try word()) }

  /// A count of items that each take at least `size` bytes: a lying count cannot make the reader reserve memory.
  mutating func count(ofItemsTaking size: Int) throws -> Int {
    let count = try int()
    guard count <= (bytes.count - position) / size else { throw WireFault() }
    return count
  }

  mutating func content() throws -> [UInt8] {
    let length = try count(ofItemsTaking: 1)
    defer { position += length }
    return Array(bytes[position..<position + length])
  }

  mutating func string() throws -> String {
    guard let text = String(validating: try content(), as: UTF8.self) else { throw WireFault() }
    return text
  }

  mutating func optionalString() throws -> String? { try byte() == 0 ? nil : try string() }
}
