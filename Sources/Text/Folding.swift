// One scalar as the keyword index sees it: its kind, and its form without case, diacritics and compatibility dress
// (close to NFKC with marks dropped). Decompositions come from GLib's Unicode tables.
// Invariants: folding is a function of the scalar alone, so that a text and a question fold alike; a folded scalar
// folds to itself. Must not: know of words, languages or neighbours.
import CGlib

/// What a scalar does to a word.
package enum ScalarKind: UInt32, Sendable {
  case separator  // ends a word; the folded scalar still tells a hyphen from a space
  case letter
  case digit
  case dense  // of a script written without spaces: found by pairs
  case dropped  // a mark or an invisible scalar inside a word: as if it were not there
  case several  // a letter that folds to more than one scalar, such as a ligature: ask `expansion(of:)`
}

package enum Folding {
  /// Kind and folded scalar in one word, as the table holds them.
  struct Entry {
    let packed: UInt32
    init(_ kind: ScalarKind, _ scalar: UInt32) { packed = kind.rawValue << 24 | scalar }
    fileprivate init(packed: UInt32) { self.packed = packed }
    var kind: ScalarKind { ScalarKind(rawValue: packed >> 24) ?? .separator }
    var scalar: UInt32 { packed & 0xFF_FFFF }
  }

  private static let tableEnd = 0x3000
  /// Everything before the dense scripts of East Asia, looked up instead of asked for: built once, 48 KB.
  private static let table: [UInt32] = (0..<UInt32(tableEnd)).map { compute($0).packed }

  @inline(__always)
  static func entry(of scalar: UInt32) -> Entry {
    Int(scalar) < tableEnd ? Entry(packed: table[Int(scalar)]) : compute(scalar)
  }

  /// The scalars that a scalar of kind `several` stands for.
  static func expansion(of scalar: UInt32) -> [UInt32] {
    spelledOut[scalar].map { $0.unicodeScalars.map(\.value) } ?? folded(scalar)
  }

  /// The text without case, diacritics and compatibility dress; separators stay.
  package static func folded(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    func append(_ value: UInt32) { if let scalar = Unicode.Scalar(value) { result.append(scalar) } }
    for scalar in text.unicodeScalars {
      let entry = entry(of: scalar.value)
      switch entry.kind {
      case .dropped: continue
      case .several: expansion(of: scalar.value).forEach(append)
      case .separator, .letter, .digit, .dense: append(entry.scalar)
      }
    }
    return String(result)
  }

  /// Letters that Unicode does not decompose but readers type without their dress.
  private static let spelledOut: [UInt32: String] = [
    0x00C6: "ae", 0x00D0: "d", 0x00D8: "o", 0x00DE: "th", 0x00DF: "ss", 0x00E6: "ae", 0x00F0: "d",
    0x00F8: "o",
    0x00FE: "th", 0x0110: "d", 0x0111: "d", 0x0126: "h", 0x0127: "h", 0x0131: "i", 0x0141: "l", 0x0142: "l",
    0x0149: "n", 0x014A: "n", 0x014B: "n", 0x0152: "oe", 0x0153: "oe", 0x0166: "t", 0x0167: "t", 0x1E9E: "ss",
    0x03C2: "\u{3C3}",
  ]

  /// Punctuation that means the same as a plain ASCII one inside an identifier.
  private static func plainPunctuation(_ scalar: UInt32) -> UInt32? {
    switch scalar {
    case 0x2010, 0x2011, 0x2212, 0xFE63: 0x2D
    case 0x2018, 0x2019, 0x02BC: 0x27
    case 0x00A0, 0x2007, 0x2009, 0x202F: 0x20
    default: nil
    }
  }

  private static func compute(_ scalar: UInt32) -> Entry {
    if let plain = plainPunctuation(scalar) { return Entry(.separator, plain) }
    if let letters = spelledOut[scalar] {
      let values = letters.unicodeScalars.map(\.value)
      return values.count == 1 ? Entry(.letter, values[0]) : Entry(.several, scalar)
    }
    if isInvisible(scalar) || isDiacritic(scalar) { return Entry(.dropped, scalar) }
    if isSymbol(scalar) { return Entry(.separator, scalar) }

    let parts = folded(scalar)
    guard let first = parts.first else { return Entry(.dropped, scalar) }
    if parts.count == 1 {
      if isDense(first) { return Entry(.dense, first) }
      if g_unichar_isdigit(first) != 0 {
        return Entry(.digit, 0x30 + UInt32(max(0, g_unichar_digit_value(first))))
      }
      return Entry(isWordScalar(first) ? .letter : .separator, first)
    }
    // Numbers in circles and brackets and fractions are no words; a ligature or a unit is.
    guard parts.allSatisfy({ isWordScalar($0) && !isDense($0) }) else { return Entry(.separator, scalar) }
    return Entry(.several, scalar)
  }

  /// Decomposed by compatibility, marks dropped, lower case.
  private static func folded(_ scalar: UInt32) -> [UInt32] {
    if keepsComposition(scalar) { return [scalar] }
    // The longest decomposition has 18 scalars: https://docs.gtk.org/glib/func.unichar_fully_decompose.html
    var parts = [gunichar](repeating: 0, count: 18)
    let count = unsafe parts.withUnsafeMutableBufferPointer {
      unsafe g_unichar_fully_decompose(scalar, 1, $0.baseAddress, gsize($0.count))
    }
    return parts.prefix(Int(count)).filter { !isDiacritic($0) }.flatMap { part in
      let lower = g_unichar_tolower(part)
      return spelledOut[lower].map { $0.unicodeScalars.map(\.value) } ?? [lower]
    }
  }

  private static func isWordScalar(_ scalar: UInt32) -> Bool {
    switch g_unichar_type(scalar) {
    case G_UNICODE_LOWERCASE_LETTER, G_UNICODE_UPPERCASE_LETTER, G_UNICODE_TITLECASE_LETTER,
      G_UNICODE_OTHER_LETTER,
      G_UNICODE_MODIFIER_LETTER, G_UNICODE_DECIMAL_NUMBER, G_UNICODE_LETTER_NUMBER, G_UNICODE_OTHER_NUMBER,
      G_UNICODE_SPACING_MARK, G_UNICODE_NON_SPACING_MARK, G_UNICODE_ENCLOSING_MARK:
      true
    default: false
    }
  }

  private static func isSymbol(_ scalar: UInt32) -> Bool {
    switch g_unichar_type(scalar) {
    case G_UNICODE_OTHER_SYMBOL, G_UNICODE_MODIFIER_SYMBOL, G_UNICODE_MATH_SYMBOL, G_UNICODE_CURRENCY_SYMBOL:
      // A square of kana or a unit such as U+33A1 is written with letters.
      !(0x3300...0x33FF).contains(scalar) && !(0xFF00...0xFF5E).contains(scalar)
    default: false
    }
  }

  /// Soft hyphen, joiners, directional marks, variation selectors; not the zero-width space, which parts words.
  private static func isInvisible(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0xAD, 0x200C...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x2069, 0xFEFF, 0xFE00...0xFE0F:
      true
    default: false
    }
  }

  /// Marks that readers leave out: accents, Arabic and Hebrew vowel points. Vowel signs of other scripts are letters.
  private static func isDiacritic(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x0300...0x036F, 0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0xFE20...0xFE2F, 0x0591...0x05BD,
      0x05BF, 0x05C1, 0x05C2, 0x05C4, 0x05C5, 0x05C7, 0x0610...0x061A, 0x0640, 0x064B...0x065F, 0x0670,
      0x06D6...0x06DC:
      true
    default: false
    }
  }

  /// Scripts whose writers put no spaces between words, and Hangul, whose words change their endings.
  private static func isDense(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x3005...0x3007, 0x3021...0x3029, 0x3031...0x3035, 0x3041...0x309F, 0x30A1...0x30FA, 0x30FC...0x30FF,
      0x3105...0x312F, 0x3131...0x318E, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA960...0xA97F,
      0xAC00...0xD7FF, 0xF900...0xFAFF, 0x1100...0x11FF, 0x20000...0x323AF,  // East Asia
      0x0E01...0x0E3A, 0x0E40...0x0E4E, 0x0E81...0x0ECD, 0x0EDC...0x0EDF,  // Thai, Lao
      0x1000...0x103F, 0x1050...0x108F, 0x1780...0x17D3:  // Myanmar, Khmer
      true
    default: false
    }
  }

  /// Where decomposition would take letters apart that readers see as one.
  private static func keepsComposition(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x3041...0x30FF, 0x3131...0x318E, 0xAC00...0xD7A3, 0x0E00...0x0EFF, 0x0900...0x0DFF: true
    default: false
    }
  }
}
