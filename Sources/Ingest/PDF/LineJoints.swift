// Where the lines of a PDF's paragraph meet: a word broken by a hyphen goes on, scripts without spaces go on as they
// are, and everything else has a space between two lines.
// Must not: look at more than the two words that meet.
import Text

enum LineJoints {
  /// Both sides are of scripts that put no spaces between words: Chinese, Japanese, Thai and their neighbours, with
  /// their marks. Korean does put them. Behind a full stop a space does no harm, and may part a heading from its text.
  static func isSeamless(_ word: ArraySlice<UInt8>, before next: ArraySlice<UInt8>) -> Bool {
    // Below three bytes a scalar is of Europe or the Near East.
    guard let last = word.last, last >= 0x80, let first = next.first, first >= 0xE0 else { return false }
    // U+3002, U+FF01, U+FF1F
    let stops: [[UInt8]] = [[0xE3, 0x80, 0x82], [0xEF, 0xBC, 0x81], [0xEF, 0xBC, 0x9F]]
    if stops.contains(where: { word.suffix(3).elementsEqual($0) }) { return false }
    let tail = word.suffix(4)
    guard let start = tail.lastIndex(where: isScalarStart) else { return false }
    return isDense(String(decoding: tail[start...], as: UTF8.self).unicodeScalars.first)
      && isDense(String(decoding: next.prefix(4), as: UTF8.self).unicodeScalars.first)
  }

  private static func isDense(_ scalar: Unicode.Scalar?) -> Bool {
    switch scalar?.value ?? 0 {
    case 0x3001...0x303F, 0x3041...0x30FF, 0x3105...0x312F, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xF900...0xFAFF, 0xFF01...0xFF60, 0x20000...0x323AF,  // Han, kana and their marks
      0x0E01...0x0E4E, 0x0E81...0x0ECD, 0x1000...0x109F, 0x1780...0x17D3:  // Thai, Lao, Myanmar, Khmer
      true
    default: false
    }
  }
}

/// Words broken at the end of a line.
enum Hyphenation {
  static func isBroken(_ word: ArraySlice<UInt8>, before next: ArraySlice<UInt8>) -> Bool {
    let hyphen = length(word)
    guard hyphen > 0, let last = word.dropLast(hyphen).last, let first = next.first else { return false }
    return isLowercase(last) && isLowercase(first)
  }

  /// Bytes of the hyphen that the word ends with: '-', U+2010 or a soft hyphen.
  static func length(_ word: ArraySlice<UInt8>) -> Int {
    if word.last == 0x2D { return 1 }
    if word.suffix(3).elementsEqual([0xE2, 0x80, 0x90]) { return 3 }
    return word.suffix(2).elementsEqual([0xC2, 0xAD]) ? 2 : 0
  }

  private static func isLowercase(_ byte: UInt8) -> Bool { (byte >= 0x61 && byte <= 0x7A) || byte >= 0x80 }
}
