// How price models lie in a file: a name, a format version, the sections one after the other, and a SHA-256 over all of
// it at the end. Numbers are little-endian. A file that does not hold is refused, never half read.
import Base
import Foundation

struct ModelWriter {
  private(set) var bytes: [UInt8] = []

  mutating func write<Number: FixedWidthInteger>(_ number: Number) {
    for place in 0..<MemoryLayout<Number>.size { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
  }

  mutating func write(_ number: Float) { write(number.bitPattern) }
  mutating func write(_ number: Double) { write(number.bitPattern) }

  mutating func write(_ text: String) {
    write(UInt32(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func write<Element>(_ elements: [Element], each: (inout ModelWriter, Element) -> Void) {
    write(UInt32(elements.count))
    for element in elements { each(&self, element) }
  }
}

/// Reads what `ModelWriter` wrote; every read is checked against what is left.
struct ModelReader {
  struct Cut: Error {}

  private let bytes: ArraySlice<UInt8>
  private var at: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    at = bytes.startIndex
  }

  var isAtEnd: Bool { at == bytes.endIndex }

  mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(Cut) -> Number {
    let width = MemoryLayout<Number>.size
    guard bytes.endIndex - at >= width else { throw Cut() }
    var number: Number = 0
    for offset in (0..<width).reversed() { number = number << 8 | Number(truncatingIfNeeded: bytes[at + offset]) }
    at += width
    return number
  }

  mutating func float() throws(Cut) -> Float { Float(bitPattern: try number()) }
  mutating func double() throws(Cut) -> Double { Double(bitPattern: try number()) }

  mutating func text() throws(Cut) -> String {
    let count = Int(try number(UInt32.self))
    guard bytes.endIndex - at >= count else { throw Cut() }
    defer { at += count }
    return String(decoding: bytes[at..<at + count], as: UTF8.self)
  }

  /// `width` is what one element takes at least, so that a lying count ends before memory is taken for it.
  mutating func list<Element>(
    width: Int, each: (inout ModelReader) throws(Cut) -> Element
  ) throws(Cut) -> [Element] {
    let count = Int(try number(UInt32.self))
    guard (bytes.endIndex - at) / width >= count else { throw Cut() }
    var elements: [Element] = []
    elements.reserveCapacity(count)
    for _ in 0..<count { elements.append(try each(&self)) }
    return elements
  }
}
