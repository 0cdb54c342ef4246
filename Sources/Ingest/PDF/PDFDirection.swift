// The pieces of a line from the order of the page, left to right, to the order of reading.
// A small form of the Unicode bidirectional algorithm turned round: pieces are words, numbers keep their digits' order,
// and what is neither follows its neighbours. https://unicode.org/reports/tr9/
// Must not: touch lines without right-to-left letters.
import CPoppler

/// A character with its place along the direction in which its word is set on the page.
struct PDFGlyph {
  var scalar: UInt32
  var low: Float
  var high: Float
}

/// A word of a line in the making.
struct PDFPiece {
  var glyphs: [PDFGlyph]
  var box: Rectangle
  var size: Float
  var isBold: Bool
  var endsWithSpace = false
  /// The word runs up or down the page.
  var isVertical = false
}

enum PDFDirection {
  static func isRightToLeft(_ scalar: UInt32) -> Bool {
    (0x590...0x8FF).contains(scalar) && !isDigit(scalar)
      || (0xFB1D...0xFDFF).contains(scalar) || (0xFE70...0xFEFE).contains(scalar)
  }

  /// More letters that run left than letters that run right.
  static func runsRightToLeft(_ characters: UnsafeBufferPointer<UInt32>) -> Bool {
    var balance = 0
    for index in 0..<characters.count {
      let scalar = unsafe characters[index]
      guard scalar >= 0x41 else { continue }
      if isRightToLeft(scalar) { balance += 1 } else if isLetter(scalar) { balance -= 1 }
    }
    return balance > 0
  }

  static func order(_ pieces: inout [PDFPiece], runsRightToLeft: Bool) {
    guard pieces.contains(where: { $0.glyphs.contains { isRightToLeft($0.scalar) } }) else { return }
    var turned = pieces.map { direction(of: $0) }
    resolve(&turned, base: runsRightToLeft ? .left : .right)
    for index in pieces.indices where turned[index] == .left { turn(&pieces[index].glyphs) }
    if runsRightToLeft {
      pieces.reverse()
      turned.reverse()
    }
    // What runs against the line is still the wrong way round.
    let against: Heading = runsRightToLeft ? .right : .left
    var start = 0
    while start < pieces.count {
      guard turned[start] == against else {
        start += 1
        continue
      }
      var end = start
      while end < pieces.count, turned[end] == against { end += 1 }
      pieces[start..<end].reverse()
      start = end
    }
  }

  private enum Heading { case left, right, none }

  private static func direction(of piece: PDFPiece) -> Heading {
    if piece.glyphs.contains(where: { isRightToLeft($0.scalar) }) { return .left }
    return piece.glyphs.contains { isLetter($0.scalar) || isDigit($0.scalar) } ? .right : .none
  }

  /// Signs between words of one direction go with them, others with the line.
  private static func resolve(_ headings: inout [Heading], base: Heading) {
    var index = 0
    while index < headings.count {
      guard headings[index] == .none else {
        index += 1
        continue
      }
      var end = index
      while end < headings.count, headings[end] == .none { end += 1 }
      let before = index > 0 ? headings[index - 1] : base
      let after = end < headings.count ? headings[end] : base
      for position in index..<end { headings[position] = before == after ? before : base }
      index = end
    }
  }

  /// Letters from the page's order to the reader's: numbers stay, brackets are mirrored, marks follow their letter.
  static func turn(_ glyphs: inout [PDFGlyph]) {
    glyphs.reverse()
    var index = 0
    while index < glyphs.count {
      let scalar = glyphs[index].scalar
      guard isDigit(scalar) || isLetter(scalar) && !isRightToLeft(scalar) else {
        var mirrored: gunichar = 0
        if unsafe g_unichar_get_mirror_char(scalar, &mirrored) != 0 { glyphs[index].scalar = mirrored }
        index += 1
        continue
      }
      var end = index
      while end < glyphs.count, isNumberPart(glyphs, end) { end += 1 }
      end = max(end, index + 1)
      glyphs[index..<end].reverse()
      index = end
    }
    guard let first = glyphs.first, isMark(first.scalar) else { return }
    var marks: [PDFGlyph] = []
    var ordered: [PDFGlyph] = []
    for glyph in glyphs {
      if isMark(glyph.scalar) {
        marks.append(glyph)
      } else {
        ordered.append(glyph)
        ordered += marks
        marks = []
      }
    }
    glyphs = ordered + marks
  }

  /// A digit or foreign letter, or a sign between two of them.
  private static func isNumberPart(_ glyphs: [PDFGlyph], _ index: Int) -> Bool {
    let scalar = glyphs[index].scalar
    if isDigit(scalar) || isLetter(scalar) { return !isRightToLeft(scalar) }
    guard index + 1 < glyphs.count, scalar < 0x80 || scalar == 0x66B || scalar == 0x66C else { return false }
    let next = glyphs[index + 1].scalar
    return (isDigit(next) || isLetter(next)) && !isRightToLeft(next)
  }

  private static func isDigit(_ scalar: UInt32) -> Bool {
    (0x30...0x39).contains(scalar) || (0x660...0x669).contains(scalar) || (0x6F0...0x6F9).contains(scalar)
  }

  private static func isLetter(_ scalar: UInt32) -> Bool {
    scalar < 0x80 ? (scalar | 0x20) >= 0x61 && (scalar | 0x20) <= 0x7A : g_unichar_isalpha(scalar) != 0
  }

  private static func isMark(_ scalar: UInt32) -> Bool { g_unichar_ismark(scalar) != 0 }
}
