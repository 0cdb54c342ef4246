// Texts and questions cut into words, the same way for both.
// A word is a run of letters and digits, folded. Parts joined without spaces (`SKU-4471/B`, `v2.1.0`, `401(k)`,
// `me@example.org`, `§12.3`) are found one by one and as a whole; `1,299.99` is read as 1299.99; `U.S.A.` as usa;
// scripts without spaces are cut into overlapping pairs.
// Invariants: linear time, no recursion, no backtracking past a few bytes, whatever the bytes are. A Sendable value
// without state. Must not: drop stop words (the query side decides) or know of the index.

package struct WordTokenizer: Sendable {
  package let language: StemmingLanguage

  package init(language: StemmingLanguage = .english) { self.language = language }

  /// One token with its forms as strings, for callers that are not the index.
  package struct Word: Sendable, Equatable {
    package let kind: WordToken.Kind
    /// Without case and diacritics: what exact matching compares.
    package let folded: String
    /// What the index looks up.
    package let stem: String
    package let scalarRange: Range<Int>
  }

  package func words(in text: String) -> [Word] {
    var list = WordList()
    scan(text, into: &list)
    var stemmer = Stemmer(language)
    return list.tokens.map { token in
      let folded = list.text(token)
      let stem = token.kind == .word ? stemmer.stem(folded) : folded
      return Word(kind: token.kind, folded: folded, stem: stem, scalarRange: token.scalarRange)
    }
  }

  /// Appends the tokens of the text to the list.
  package func scan(_ text: String, into list: inout WordList) {
    var text = text
    text.makeContiguousUTF8()
    scan(utf8: text.utf8.span, into: &list)
  }

  package func scan(utf8 text: Span<UInt8>, into list: inout WordList) {
    var scanner = WordScanner()
    scanner.scan(text, into: &list)
  }
}

/// One scalar of the text, folded.
struct Glyph {
  var kind: ScalarKind
  /// The folded scalar; for the kind `several` the scalar itself.
  var folded: UInt32
  var byteCount: Int

  /// The scalar at a byte offset inside the text. Bytes that are not UTF-8 are separators.
  @inline(__always)
  init(_ text: Span<UInt8>, _ at: Int) {
    let byte = text[at]
    if byte < 0x80 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): self.init(kind: .letter, folded: UInt32(byte), byteCount: 1)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        self.init(kind: .letter, folded: UInt32(byte | 0x20), byteCount: 1)
      case UInt8(ascii: "0")...UInt8(ascii: "9"): self.init(kind: .digit, folded: UInt32(byte), byteCount: 1)
      default: self.init(kind: .separator, folded: UInt32(byte), byteCount: 1)
      }
    } else {
      self.init(longAt: at, in: text)
    }
  }

  private init(kind: ScalarKind, folded: UInt32, byteCount: Int) {
    self.kind = kind
    self.folded = folded
    self.byteCount = byteCount
  }

  private init(longAt at: Int, in text: Span<UInt8>) {
    let lead = text[at]
    let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
    guard length > 1, at + length <= text.count else {
      self.init(kind: .separator, folded: 0xFFFD, byteCount: 1)
      return
    }
    var scalar = UInt32(lead) & (0x7F >> UInt32(length))
    for offset in 1..<length { scalar = scalar << 6 | UInt32(text[at + offset] & 0x3F) }
    let entry = Folding.entry(of: min(scalar, 0x10_FFFF))
    self.init(kind: entry.kind, folded: entry.scalar, byteCount: length)
  }

  /// Part of a word whose parts may be joined: not of a script that is cut into pairs.
  var isWordScalar: Bool { kind == .letter || kind == .digit || kind == .several }

  func isASCII(_ character: Unicode.Scalar) -> Bool { folded == character.value && kind == .separator }
}
