// The rows of a page: pieces of lines that stand at one height, split where a gap is wider than a space between words.
// Invariants: segments keep the order of their lines; rows go from top to bottom, segments in a row from left to right.
// Must not: decide what is a table.

struct PDFSegment {
  /// Words of the page, all of one line.
  var words: Range<Int>
  var box: Rectangle
  var line: Int
  var isNumeric: Bool

  var wordCount: Int { words.count }
}

struct PDFRow {
  var segments: [PDFSegment]
  var top: Float
  var bottom: Float
}

enum PDFSegments {
  static func rows(of page: PDFPageText, without taken: Set<Int> = []) -> [PDFRow] {
    var segments: [PDFSegment] = []
    for (index, line) in page.lines.enumerated() where line.isUpright && !taken.contains(index) {
      split(line, index, in: page, into: &segments)
    }
    segments.sort { ($0.box.top + $0.box.bottom, $0.box.left) < ($1.box.top + $1.box.bottom, $1.box.left) }
    var rows: [PDFRow] = []
    for segment in segments {
      let middle = (segment.box.top + segment.box.bottom) / 2
      let height = segment.box.bottom - segment.box.top
      if let row = rows.last, abs(middle - (row.top + row.bottom) / 2) < max(min(height, row.bottom - row.top), 2) * 0.4
      {
        rows[rows.count - 1].segments.append(segment)
      } else {
        rows.append(PDFRow(segments: [segment], top: segment.box.top, bottom: segment.box.bottom))
      }
    }
    for index in rows.indices { rows[index].segments.sort { $0.box.left < $1.box.left } }
    return rows
  }

  private static func split(
    _ line: PDFLine, _ index: Int, in page: PDFPageText, into segments: inout [PDFSegment]
  ) {
    var start = line.words.lowerBound
    for next in line.words.dropFirst() {
      let before = page.words[next - 1]
      // The next word of a right-to-left line stands to the left.
      let after = page.words[next].box
      let gap = max(after.left - before.box.right, before.box.left - after.right)
      let height = before.box.bottom - before.box.top
      // The mark of a list item stands apart from its words, and belongs to them.
      let isMark = next - 1 == line.words.lowerBound && ListMarks.opens(page.utf8[before.text])
      if gap > height * 0.85 || after.left < before.box.left - height && after.right > before.box.left, !isMark {
        segments.append(segment(start..<next, index, in: page))
        start = next
      }
    }
    segments.append(segment(start..<line.words.upperBound, index, in: page))
  }

  private static func segment(_ words: Range<Int>, _ line: Int, in page: PDFPageText) -> PDFSegment {
    let box = page.words[words].dropFirst().reduce(page.words[words.lowerBound].box) { $0.union($1.box) }
    return PDFSegment(words: words, box: box, line: line, isNumeric: isNumeric(words, in: page))
  }

  /// Mostly digits and the signs of amounts: '$1,204', '(3.5)%', '—'.
  static func isNumeric(_ words: Range<Int>, in page: PDFPageText) -> Bool {
    guard words.count <= 3 else { return false }
    var digits = 0
    var others = 0
    for word in page.words[words] {
      for byte in page.utf8[word.text] {
        if byte >= 0x30 && byte <= 0x39 { digits += 1 }
        if (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A { others += 1 }
      }
    }
    return others == 0 || digits > others * 2
  }
}
