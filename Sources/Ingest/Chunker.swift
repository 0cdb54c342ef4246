// Cuts a document into chunks along headings, paragraphs, sentences and table rows, sized in the embedder's tokens.
// Invariants: every scalar of the text lies in at least one chunk; chunks come in order; no chunk together with its
// context prefix counts more than `tokensMax` tokens; the result depends on nothing but the arguments.
// Must not: look at pages for cutting (a paragraph runs on over a page break), or copy the text.
import Text

package enum Chunker {
  package static func chunks(
    of document: Document, options: ChunkingOptions, countTokens: (String) -> Int
  ) -> [Chunk] {
    let text = ScalarText(document.text)
    guard text.scalarCount > 0 else { return [] }
    let pages = PageFinder(document.pages)
    if let plain = options.plain {
      return WordWindows.cut(text, size: plain.words, overlap: plain.overlap).map { range in
        Chunk(start: range.lowerBound, end: range.upperBound, page: pages.page(at: range.lowerBound))
      }
    }
    return withoutActuallyEscaping(countTokens) { countTokens in
      let outline = Outline(document, text: text, options: options, countTokens: countTokens)
      var packer = ChunkPacker(outline, of: text, options: options)
      return packer.pack().map { packed in
        let section = outline.sections[packed.section]
        return Chunk(
          start: packed.range.lowerBound, end: packed.range.upperBound, page: pages.page(at: packed.range.lowerBound),
          heading: section.path, contextPrefix: packed.prefix)
      }
    }
  }
}

/// Which page a scalar stands on.
struct PageFinder {
  private let pages: [PageSpan]

  init(_ pages: [PageSpan]) { self.pages = pages }

  func page(at scalar: Int) -> Int? {
    var low = 0
    var high = pages.count
    while low < high {
      let middle = (low + high) / 2
      if pages[middle].end <= scalar { low = middle + 1 } else { high = middle }
    }
    return low < pages.count ? pages[low].number : pages.last?.number
  }
}

/// The plain form: windows of so many words.
enum WordWindows {
  static func cut(_ text: ScalarText, size: Int, overlap: Int) -> [Range<Int>] {
    precondition(size > 0 && overlap >= 0 && overlap < size, "an overlap smaller than the window")
    var starts: [Int] = []
    var scalar = 0
    var inWord = false
    for byte in text.utf8 {
      if isBlank(byte) {
        inWord = false
      } else if !inWord {
        starts.append(scalar)
        inWord = true
      }
      if isScalarStart(byte) { scalar += 1 }
    }
    guard !starts.isEmpty else { return [0..<text.scalarCount] }
    var windows: [Range<Int>] = []
    var first = 0
    while true {
      let end = first + size
      let from = first == 0 ? 0 : starts[first]
      windows.append(from..<(end < starts.count ? starts[end] : text.scalarCount))
      if end >= starts.count { return windows }
      first += size - overlap
    }
  }
}
