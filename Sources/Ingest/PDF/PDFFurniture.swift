// Lines that pages repeat at their top and bottom: running titles, page numbers. They are kept, but apart, so that they
// do not stand in the middle of a sentence that runs over the page.
// Invariants: a line is set apart only where at least three pages have its like at the same height.
// Must not: drop anything.

struct PDFFurniture {
  /// Lines by page, as indices of the page's lines.
  private(set) var headers: [Set<Int>]
  private(set) var footers: [Set<Int>]

  private static let zone: Float = 0.12
  private static let pagesMin = 3

  private struct Key: Hashable {
    var words: [UInt8]
    var height: Int
    var isTop: Bool
  }

  init(_ pages: [PDFReader.Page]) {
    headers = Array(repeating: [], count: pages.count)
    footers = Array(repeating: [], count: pages.count)
    guard pages.count >= Self.pagesMin else { return }
    var places: [Key: [(page: Int, line: Int)]] = [:]
    for (index, page) in pages.enumerated() {
      let height = Float(page.height)
      for (lineIndex, line) in page.text.lines.enumerated() {
        let isTop = line.box.bottom < height * Self.zone
        guard isTop || line.box.top > height * (1 - Self.zone) else { continue }
        let key = Key(
          words: Self.pattern(of: line, in: page.text), height: Int((line.box.top / 4).rounded()), isTop: isTop)
        places[key, default: []].append((index, lineIndex))
      }
    }
    for (key, found) in places where found.count >= Self.pagesMin {
      for place in found {
        if key.isTop { headers[place.page].insert(place.line) } else { footers[place.page].insert(place.line) }
      }
    }
  }

  /// The line with its numbers made alike, so that 'Page 7' and 'Page 8' are the same.
  private static func pattern(of line: PDFLine, in page: PDFPageText) -> [UInt8] {
    var pattern: [UInt8] = []
    for word in page.words[line.words].prefix(12) {
      for byte in page.utf8[word.text].prefix(24) {
        let isDigit = byte >= 0x30 && byte <= 0x39
        if isDigit, pattern.last == 0x30 { continue }
        pattern.append(isDigit ? 0x30 : byte)
      }
      pattern.append(0x20)
    }
    return pattern
  }
}
