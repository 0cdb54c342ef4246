// Lines of a page, already in reading order, as paragraphs.
// Must not: look beyond its page.

struct PDFParagraph {
  /// Word ranges of its lines.
  var lines: [Range<Int>]
  var box: Rectangle
  var size: Float
  var isBold: Bool
  var letterCount: Int
  var startsWithBullet: Bool
}

enum PDFParagraphs {
  static func group(_ lines: [PDFLine], in page: PDFPageText) -> [PDFParagraph] {
    var paragraphs: [PDFParagraph] = []
    var previous: PDFLine?
    for line in lines {
      let made = paragraph(of: line, in: page)
      if let before = previous, let open = paragraphs.last, continues(open, before, line, made) {
        var open = open
        open.lines.append(line.words)
        open.box = open.box.union(line.box)
        open.letterCount += made.letterCount
        paragraphs[paragraphs.count - 1] = open
      } else {
        paragraphs.append(made)
      }
      previous = line
    }
    return paragraphs
  }

  private static func paragraph(of line: PDFLine, in page: PDFPageText) -> PDFParagraph {
    var sizes: Float = 0
    var letters = 0
    var boldLetters = 0
    for word in page.words[line.words] {
      letters += word.text.count
      sizes += word.size * Float(word.text.count)
      if word.isBold { boldLetters += word.text.count }
    }
    let size = letters > 0 ? sizes / Float(letters) : 0
    let first = page.utf8[page.words[line.words.lowerBound].text]
    return PDFParagraph(
      lines: [line.words], box: line.box, size: size, isBold: boldLetters * 10 > letters * 9, letterCount: letters,
      startsWithBullet: ListMarks.opens(first))
  }

  private static func continues(
    _ open: PDFParagraph, _ before: PDFLine, _ line: PDFLine, _ made: PDFParagraph
  ) -> Bool {
    if made.startsWithBullet || made.isBold != open.isBold { return false }
    let size = max(open.size, 1)
    if abs(made.size - size) > size * 0.12 { return false }
    let height = before.box.bottom - before.box.top
    let gap = line.box.top - before.box.bottom
    // A line further up is the head of the next column: there the sentence goes on.
    if line.box.bottom < before.box.top { return !open.isBold && line.box.left > before.box.left }
    if gap > height * 0.65 || gap < -height * 0.9 { return false }
    // The line before stopped well short of the edge, and this one is set in: a new paragraph without a gap.
    let indent = line.box.left - open.box.left
    if indent > size * 0.9, before.box.left < line.box.left - size * 0.8, !open.startsWithBullet { return false }
    return before.box.right > open.box.right - (open.box.right - open.box.left) * 0.35
  }
}

/// Marks that open a list item.
enum ListMarks {
  static func opens(_ word: ArraySlice<UInt8>) -> Bool {
    switch word.count {
    case 1: return word.first == 0x2D || word.first == 0x2A
    case 2...3 where word.elementsEqual([0xE2, 0x80, 0xA2]) || word.elementsEqual([0xE2, 0x80, 0x93]): return true
    case 2...5:
      guard let last = word.last, last == 0x2E || last == 0x29 else { return false }
      let body = word.dropLast().drop { $0 == 0x28 }
      let isNumber = body.count <= 3 && body.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      let isLetter = body.count == 1 && (body.first ?? 0) | 0x20 >= 0x61 && (body.first ?? 0) | 0x20 <= 0x7A
      return !body.isEmpty && (isNumber || (isLetter && last == 0x29))
    default: return false
    }
  }
}
