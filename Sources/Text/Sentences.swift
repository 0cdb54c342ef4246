// Texts cut into sentences.
// A full stop ends a sentence unless what stands around it says otherwise: an abbreviation, an initial, a decimal, a
// list marker, a small letter behind it. An empty line and a list item always begin a new one; a lone line break does
// not, because extracted text breaks its lines anywhere. Invariants: ranges count Unicode scalars, rise, do not
// overlap, hold no white space at their ends; every scalar that is not white space is in exactly one. Linear time,
// bounded look-back. Must not: know of documents or pages.

package enum Sentences {
  /// The sentences of a text, as ranges of its Unicode scalars.
  package static func ranges(in text: String) -> [Range<Int>] {
    var text = text
    text.makeContiguousUTF8()
    return ranges(inUTF8: text.utf8.span)
  }

  package static func ranges(inUTF8 text: Span<UInt8>) -> [Range<Int>] {
    var splitter = SentenceSplitter()
    var at = 0
    while at < text.count {
      let scalar = SentenceScalar(text, at)
      splitter.take(scalar, next: at + scalar.byteCount, in: text)
      at += scalar.byteCount
    }
    return splitter.finish()
  }
}

/// One scalar of the text, with what the splitter asks about it.
struct SentenceScalar {
  let value: UInt32
  let byteCount: Int

  init(_ text: Span<UInt8>, _ at: Int) {
    let lead = text[at]
    let length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
    guard lead >= 0x80, length > 1, at + length <= text.count else {
      value = lead < 0x80 ? UInt32(lead) : 0xFFFD
      byteCount = 1
      return
    }
    var scalar = UInt32(lead) & (0x7F >> UInt32(length))
    for offset in 1..<length { scalar = scalar << 6 | UInt32(text[at + offset] & 0x3F) }
    value = scalar
    byteCount = length
  }

  var isLineBreak: Bool {
    value == 0x0A || value == 0x0D || value == 0x2028 || value == 0x2029 || value == 0x0C
  }
  var isSpace: Bool {
    switch value {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
  var isFullStop: Bool { value == 0x2E }
  /// Ends a sentence whatever follows: ideographic and Indic full stops need no space behind them.
  var isFirmStop: Bool {
    switch value {
    case 0x3002, 0xFF01, 0xFF1F, 0xFF61, 0x0964, 0x0965: true
    default: false
    }
  }
  /// Ends a sentence when white space follows.
  var isStop: Bool {
    switch value {
    case 0x21, 0x3F, 0x2026, 0x061F, 0x06D4, 0x203C, 0x2047...0x2049, 0x104B, 0x1362: true
    default: isFullStop
    }
  }
  /// Belongs to the sentence that it closes.
  var isCloser: Bool {
    switch value {
    case 0x22, 0x27, 0x29, 0x5D, 0x7D, 0xBB, 0x2019, 0x201D, 0x203A, 0x300D, 0x300F, 0x3011, 0xFF09: true
    default: false
    }
  }
  var isDigit: Bool { value >= 0x30 && value <= 0x39 }
  var isLetter: Bool { isASCIILetter || (value >= 0xC0 && Folding.entry(of: value).kind != .separator) }
  var isASCIILetter: Bool { (value | 0x20) >= 0x61 && (value | 0x20) <= 0x7A && value < 0x80 }
  var isLowercase: Bool {
    if value < 0x80 { return value >= 0x61 && value <= 0x7A }
    return Unicode.Scalar(value)?.properties.isLowercase ?? false
  }
}
