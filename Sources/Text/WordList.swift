// What the word scanner finds, flat: one array of tokens, one slab with their folded bytes. A list is reused from
// text to text, so that indexing allocates nothing a word.
// Invariants: plain tokens stand in reading order; a `whole` follows the last of its parts and covers them all;
// ranges count Unicode scalars of the text.

package struct WordToken: Sendable, Equatable {
  package enum Kind: UInt8, Sendable {
    case word  // letters only: has a stem
    case literal  // holds a digit: taken as it is
    case pair  // two neighbours of a script without spaces, or a lonely one
    case whole  // an identifier in one piece, beside its parts: `sku-4471/b`, `§12.3`, `1299.99`
  }

  package let kind: Kind
  /// Where the token stands in the text.
  package let scalarStart: UInt32
  package let scalarEnd: UInt32
  /// Where its folded bytes stand in the slab.
  package let byteStart: UInt32
  package let byteEnd: UInt32

  package var scalarRange: Range<Int> { Int(scalarStart)..<Int(scalarEnd) }
  package var byteRange: Range<Int> { Int(byteStart)..<Int(byteEnd) }
  /// Counts towards the length of a text and towards phrases; a whole only repeats its parts.
  package var isPlain: Bool { kind != .whole }
}

package struct WordList: Sendable {
  package internal(set) var tokens: [WordToken] = []
  package internal(set) var bytes: [UInt8] = []
  /// The whole of the run that is being read.
  var whole: [UInt8] = []

  package init() {}

  package func folded(_ token: WordToken) -> ArraySlice<UInt8> { bytes[token.byteRange] }
  package func text(_ token: WordToken) -> String { String(decoding: folded(token), as: UTF8.self) }

  package mutating func removeAll() {
    tokens.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  @inline(__always)
  mutating func append(_ kind: WordToken.Kind, scalars: Range<Int>, byteStart: Int) {
    tokens.append(
      WordToken(
        kind: kind, scalarStart: UInt32(truncatingIfNeeded: scalars.lowerBound),
        scalarEnd: UInt32(truncatingIfNeeded: scalars.upperBound),
        byteStart: UInt32(truncatingIfNeeded: byteStart), byteEnd: UInt32(truncatingIfNeeded: bytes.count)))
  }
}
