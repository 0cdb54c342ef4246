// The words of a page with their boxes, sizes and weights, line by line in reading order, and its ruling lines.
// Invariants: `utf8` is valid and in the order that a reader reads, right-to-left words too; words lie in it in order
// and hold no white space; lines partition the words; boxes are of the frame in which most of the text is upright.
// Must not: reorder lines.
import CPageText
import CPoppler

struct PDFWord {
  var text: Range<Int>
  var box: Rectangle
  var size: Float
  var isBold: Bool
  /// Where its characters stand in it, in order of the text; empty where only the word's own place is known.
  var places: Range<Int> = 0..<0
  /// Its characters stand below one another on the page.
  var isVertical = false
}

struct PDFLine {
  var words: Range<Int>
  var box: Rectangle
  /// Lines of one block stand together: a paragraph, or a column of a table.
  var block: Int
  /// False where it runs up, down or across the rest of the page's text.
  var isUpright = true
}

struct PDFRule {
  var box: Rectangle
  /// Filled and wide: a cell's ground, or a coloured band.
  var isArea: Bool
}

struct PDFPageText {
  private(set) var utf8: [UInt8] = []
  private(set) var words: [PDFWord] = []
  private(set) var places: [CharacterPlace] = []
  private(set) var lines: [PDFLine] = []
  private(set) var rules: [PDFRule] = []
  private(set) var frame = PDFFrame()
  /// What the page's glyphs are like, by which a text layer is told to be one that can be trusted.
  private(set) var glyphs = PDFGlyphs()

  /// A page without words.
  init() {}

  init(_ source: borrowing PDFPageSource) {
    glyphs = source.glyphs
    let all = unsafe source.words
    let characters = unsafe source.characters
    let extents = unsafe source.extents
    frame = PDFFrame(turns: unsafe Self.turns(of: all), width: Float(source.width), height: Float(source.height))
    let runsRightToLeft = unsafe PDFDirection.runsRightToLeft(characters)
    utf8.reserveCapacity(characters.count)
    words.reserveCapacity(all.count)
    places.reserveCapacity(characters.count)
    unsafe lines.reserveCapacity(source.lines.count)
    var pieces: [PDFPiece] = []
    for index in unsafe 0..<source.lines.count {
      let line = unsafe source.lines[index]
      let range = Int(line.first)..<Int(line.first + line.count)
      pieces.removeAll(keepingCapacity: true)
      for word in range { unsafe gather(all[word], characters, extents, into: &pieces) }
      PDFDirection.order(&pieces, runsRightToLeft: runsRightToLeft)
      let first = words.count
      for piece in pieces { append(piece) }
      guard first < words.count else { continue }
      let box = words[first + 1..<words.count].reduce(words[first].box) { $0.union($1.box) }
      let isUpright = unsafe Int(all[range.lowerBound].rotation) == frame.turns
      lines.append(
        PDFLine(words: first..<words.count, box: box, block: Int(line.block), isUpright: isUpright))
    }
    for index in unsafe 0..<source.rules.count {
      let rule = unsafe source.rules[index]
      let box = Rectangle(left: rule.left, top: rule.top, right: rule.right, bottom: rule.bottom)
      rules.append(PDFRule(box: frame.toFrame(box), isArea: rule.isArea))
    }
  }

  /// The words that text recognition found on a picture of the page.
  init(recognised: [RecognisedWord], width: Double, height: Double) {
    frame = PDFFrame(turns: 0, width: Float(width), height: Float(height))
    var open: (line: Int, first: Int)?
    for word in recognised {
      if let line = open, line.line != word.line {
        closeLine(from: line.first, block: recognised[line.first].block)
        open = nil
      }
      let start = utf8.count
      utf8.append(contentsOf: word.text.utf8)
      if open == nil { open = (word.line, words.count) }
      words.append(PDFWord(text: start..<utf8.count, box: word.box, size: word.size, isBold: false))
    }
    if let line = open { closeLine(from: line.first, block: recognised[line.first].block) }
  }

  private mutating func closeLine(from first: Int, block: Int) {
    let box = words[first + 1..<words.count].reduce(words[first].box) { $0.union($1.box) }
    lines.append(PDFLine(words: first..<words.count, box: box, block: block))
  }

  /// The words whose middle lies in an area of the page.
  func words(in area: Rectangle) -> String {
    var found: [String] = []
    for word in words {
      let box = frame.toPage(word.box)
      let (x, y) = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
      guard x >= area.left, x <= area.right, y >= area.top, y <= area.bottom else { continue }
      found.append(String(decoding: utf8[word.text], as: UTF8.self))
    }
    return found.joined(separator: " ")
  }

  /// The direction of most characters.
  private static func turns(of words: UnsafeBufferPointer<PDFSourceWord>) -> Int {
    var counts = (0, 0, 0, 0)
    for index in 0..<words.count {
      let word = unsafe words[index]
      switch word.rotation {
      case 1: counts.1 += Int(word.count)
      case 2: counts.2 += Int(word.count)
      case 3: counts.3 += Int(word.count)
      default: counts.0 += Int(word.count)
      }
    }
    let most = max(counts.0, counts.1, counts.2, counts.3)
    return counts.0 == most ? 0 : counts.1 == most ? 1 : counts.2 == most ? 2 : 3
  }

  /// Splits a run of letters at its white space, and joins it to the piece before where nothing stands between.
  private func gather(
    _ word: PDFSourceWord, _ characters: UnsafeBufferPointer<UInt32>,
    _ extents: UnsafeBufferPointer<PDFSourceExtent>, into pieces: inout [PDFPiece]
  ) {
    let box = frame.toFrame(Rectangle(left: word.left, top: word.top, right: word.right, bottom: word.bottom))
    let isBold = word.flags & PDFSourceFlags.bold != 0
    let count = Int(word.count)
    let step = (box.right - box.left) / Float(max(count, 1))
    var joins = pieces.last.map { !$0.endsWithSpace && !Self.standsApart(box, from: $0.box) } ?? false
    var start: Int?
    for offset in 0...count {
      let scalar = offset < count ? unsafe characters[Int(word.first) + offset] : 0x20
      let isSpace = scalar == 0x20 || scalar == 0x09 || scalar == 0xA0 || scalar == 0x3000
      if !isSpace, start == nil { start = offset }
      guard isSpace, let from = start else {
        if isSpace, offset < count { joins = false }
        continue
      }
      start = nil
      let part = Rectangle(
        left: box.left + step * Float(from), top: box.top, right: box.left + step * Float(offset), bottom: box.bottom)
      if joins {
        pieces[pieces.count - 1].box = pieces[pieces.count - 1].box.union(part)
      } else {
        pieces.append(PDFPiece(glyphs: [], box: part, size: word.fontSize, isBold: isBold))
        pieces[pieces.count - 1].isVertical = word.rotation % 2 == 1
      }
      for index in Int(word.first) + from..<Int(word.first) + offset {
        unsafe pieces[pieces.count - 1].glyphs.append(
          PDFGlyph(scalar: characters[index], low: extents[index].low, high: extents[index].high))
      }
      joins = false
    }
    if !pieces.isEmpty { pieces[pieces.count - 1].endsWithSpace = word.flags & PDFSourceFlags.spaceAfter != 0 }
  }

  /// Between the cells of a table there may be no space; the gap tells.
  private static func standsApart(_ next: Rectangle, from last: Rectangle) -> Bool {
    let height = last.bottom - last.top
    return next.left - last.right > height * 0.25 || next.left < last.left - height * 1.5
  }

  private mutating func append(_ piece: PDFPiece) {
    let start = utf8.count
    let firstPlace = places.count
    let box = frame.toPage(piece.box)
    let (origin, length) = piece.isVertical ? (box.top, box.bottom - box.top) : (box.left, box.right - box.left)
    for glyph in piece.glyphs {
      let before = utf8.count
      PDFCharacters.append(glyph.scalar, to: &utf8)
      // The letters of a ligature share its place.
      let letters = utf8[before...].count { $0 & 0xC0 != 0x80 }
      for letter in 0..<letters {
        let step = (glyph.high - glyph.low) / Float(letters)
        let low = glyph.low + step * Float(letter)
        places.append(CharacterPlace(low: (low - origin) / length, high: (low + step - origin) / length))
      }
    }
    guard start < utf8.count else { return }
    words.append(
      PDFWord(
        text: start..<utf8.count, box: piece.box, size: piece.size, isBold: piece.isBold,
        places: firstPlace..<places.count, isVertical: piece.isVertical))
  }
}

/// Characters as print wants them, back to characters as a reader means them.
enum PDFCharacters {
  static func append(_ scalar: UInt32, to output: inout [UInt8]) {
    switch scalar {
    case 0x20...0x7E: output.append(UInt8(truncatingIfNeeded: scalar))
    // Drawn, a soft hyphen is seen: some fonts have no other.
    case 0xAD: output.append(0x2D)
    case 0x00...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF, 0xD800...0xDFFF, 0x11_0000...: break
    // Ligatures, and the shapes that Arabic and Hebrew letters take in a line.
    case 0xFB00...0xFB4F, 0xFB50...0xFDFB, 0xFE70...0xFEFC: appendLetters(of: scalar, to: &output)
    // Bullets of symbol fonts.
    case 0xF0A7, 0xF0B7, 0xF06C, 0xF06E, 0xF0D8, 0x25CF, 0x25AA, 0xF076: appendUTF8(0x2022, to: &output)
    default: appendUTF8(scalar, to: &output)
    }
  }

  private static func appendLetters(of scalar: UInt32, to output: inout [UInt8]) {
    // 18 is the longest decomposition: https://docs.gtk.org/glib/func.unichar_fully_decompose.html
    var letters = [gunichar](repeating: 0, count: 18)
    let count = unsafe g_unichar_fully_decompose(scalar, gboolean(1), &letters, 18)
    for letter in letters.prefix(Int(count)) { appendUTF8(letter, to: &output) }
  }
}

extension DocumentBuilder {
  /// Of a word the place on the page, and of its characters; a hyphen at its end may have been left out. Letters that
  /// were composed with their marks have no places of their own.
  mutating func addBox(
    of word: PDFWord, in text: PDFPageText, range: Range<Int>, page: Int, isHyphenLeftOut: Bool = false
  ) {
    let written = word.places.count - (isHyphenLeftOut ? 1 : 0)
    let places = written == range.count ? text.places[word.places].prefix(written) : []
    let whole = text.frame.toPage(word.box)
    // A page that does not say its size has no edges.
    let hasEdges = text.frame.width > 0 && text.frame.height > 0
    let box = hasEdges ? whole.clipped(width: text.frame.width, height: text.frame.height) : whole
    addBox(
      box, of: range, page: page,
      places: box == whole ? places : ArraySlice(whole.places(places, in: box, isVertical: word.isVertical)),
      isVertical: word.isVertical)
  }
}

extension Rectangle {
  /// What of it lies on the page; at its edge where nothing does.
  func clipped(width: Float, height: Float) -> Rectangle {
    Rectangle(
      left: min(max(left, 0), width), top: min(max(top, 0), height), right: min(max(right, 0), width),
      bottom: min(max(bottom, 0), height))
  }

  /// Shares of this box as shares of a part of it.
  fileprivate func places(
    _ places: ArraySlice<CharacterPlace>, in part: Rectangle, isVertical: Bool
  ) -> [CharacterPlace] {
    let (start, length) = isVertical ? (top, bottom - top) : (left, right - left)
    let (partStart, partLength) = isVertical ? (part.top, part.bottom - part.top) : (part.left, part.right - part.left)
    return places.map { place in
      func share(_ value: UInt8) -> Float { (start + length * Float(value) / 255 - partStart) / partLength }
      return CharacterPlace(low: share(place.low), high: share(place.high))
    }
  }
}
