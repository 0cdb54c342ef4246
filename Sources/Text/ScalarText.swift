// Text addressed by Unicode-scalar offsets, the one coordinate system of the product: chunks, quotes, citations and
// highlights are all scalar ranges of one extracted text.
// Invariants: `utf8` is valid UTF-8; an offset is 0...scalarCount; slicing costs O(length of the slice).
// Must not: know where the text came from, or count in anything but scalars at its surface.

package struct ScalarText: Sendable, Equatable {
  package let utf8: [UInt8]
  package let scalarCount: Int
  /// Byte offset of every `stride`-th scalar. Empty where all is ASCII: there a scalar offset is a byte offset.
  private let checkpoints: [UInt32]

  private static let strideShift = 6
  private static let stride = 1 << strideShift

  package init(_ string: String) { self.init(valid: Array(string.utf8)) }

  /// Bytes that are not UTF-8 are repaired with U+FFFD, as `String(decoding:as:)` does.
  package init(utf8: [UInt8]) {
    if String(validating: utf8, as: UTF8.self) != nil {
      self.init(valid: utf8)
    } else {
      self.init(valid: Array(String(decoding: utf8, as: UTF8.self).utf8))
    }
  }

  private init(valid bytes: [UInt8]) {
    precondition(bytes.count <= Int(UInt32.max), "a text is addressed with 32 bits")
    var scalars = 0
    var marks: [UInt32] = []
    for (offset, byte) in bytes.enumerated() where isScalarStart(byte) {
      if scalars & (Self.stride - 1) == 0 { marks.append(UInt32(truncatingIfNeeded: offset)) }
      scalars += 1
    }
    utf8 = bytes
    scalarCount = scalars
    checkpoints = scalars == bytes.count ? [] : marks
  }

  package var string: String { String(decoding: utf8, as: UTF8.self) }

  /// The text of a scalar range.
  package func slice(_ range: Range<Int>) -> String {
    String(decoding: utf8Slice(range), as: UTF8.self)
  }

  package func utf8Slice(_ range: Range<Int>) -> ArraySlice<UInt8> {
    utf8[utf8Range(range)]
  }

  package func utf8Range(_ range: Range<Int>) -> Range<Int> {
    let start = utf8Offset(ofScalar: range.lowerBound)
    return start..<advance(start, byScalars: range.count)
  }

  package func utf8Offset(ofScalar offset: Int) -> Int {
    precondition(offset >= 0 && offset <= scalarCount, "a scalar offset outside the text")
    if checkpoints.isEmpty { return offset }
    if offset == scalarCount { return utf8.count }
    return advance(Int(checkpoints[offset >> Self.strideShift]), byScalars: offset & (Self.stride - 1))
  }

  /// The number of scalars that begin before a byte offset; an offset inside a scalar counts that scalar as begun.
  package func scalarOffset(ofUTF8 offset: Int) -> Int {
    precondition(offset >= 0 && offset <= utf8.count, "a byte offset outside the text")
    if checkpoints.isEmpty { return offset }
    var low = 0
    var high = checkpoints.count
    while low < high {
      let middle = (low + high) / 2
      if Int(checkpoints[middle]) <= offset { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return 0 }
    var scalars = (low - 1) << Self.strideShift
    for index in Int(checkpoints[low - 1])..<offset where isScalarStart(utf8[index]) { scalars += 1 }
    return scalars
  }

  private func advance(_ start: Int, byScalars count: Int) -> Int {
    if checkpoints.isEmpty { return start + count }
    if count >= Self.stride { return utf8Offset(ofScalar: scalarOffset(ofUTF8: start) + count) }
    var position = start
    var left = count
    while left > 0 {
      position += 1
      while position < utf8.count && !isScalarStart(utf8[position]) { position += 1 }
      left -= 1
    }
    return position
  }
}

/// True for every UTF-8 byte but a continuation byte.
@inline(__always)
package func isScalarStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }
