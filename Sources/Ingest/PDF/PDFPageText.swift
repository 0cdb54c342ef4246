// The words of a page with their boxes, sizes and weights, as poppler saw them, line by line in its order.
// poppler gives the text, one rectangle a scalar of it, and runs of like attributes; the three are walked side by side:
// https://poppler.freedesktop.org/api/glib/PopplerPage.html#poppler-page-get-text-layout
// Invariants: `utf8` is valid; words lie in it in order and hold no white space; lines partition the words.
// Must not: reorder.
import CPoppler

#if canImport(Glibc)
  import Glibc
#endif

struct PDFWord {
  var text: Range<Int>
  var box: Rectangle
  var size: Float
  var isBold: Bool
}

struct PDFLine {
  var words: Range<Int>
  var box: Rectangle
}

struct PDFPageText {
  private(set) var utf8: [UInt8] = []
  private(set) var words: [PDFWord] = []
  private(set) var lines: [PDFLine] = []

  private var wordStart: Int?
  private var wordBox = Rectangle(left: 0, top: 0, right: 0, bottom: 0)
  private var wordStyle = Style()
  private var lastBox = Rectangle(left: 0, top: 0, right: 0, bottom: 0)
  private var lineStart = 0

  struct Style {
    var size: Float = 0
    var isBold = false
  }

  /// Far beyond every page, so that text past its edge is not cut in two. A selection runs from its first corner to its
  /// second in the direction of the page's own writing.
  private static let leftToRight = PopplerRectangle(x1: -1e7, y1: -1e7, x2: 1e7, y2: 1e7)
  private static let rightToLeft = PopplerRectangle(x1: 1e7, y1: -1e7, x2: -1e7, y2: 1e7)

  /// A page without words.
  init() {}

  init(_ page: borrowing PDFPage) {
    var area = Self.leftToRight
    guard var text = unsafe poppler_page_get_selected_text(page.handle, POPPLER_SELECTION_GLYPH, &area) else { return }
    defer { unsafe g_free(text) }
    if unsafe Self.mayRunRightToLeft(text) {
      // poppler does not say which way a page runs; from the wrong corner it gives less than all.
      var other = Self.rightToLeft
      if let mirrored = unsafe poppler_page_get_selected_text(page.handle, POPPLER_SELECTION_GLYPH, &other) {
        if unsafe strlen(mirrored) > strlen(text) {
          unsafe g_free(text)
          unsafe text = mirrored
          area = other
        } else {
          unsafe g_free(mirrored)
        }
      }
    }
    var rectangles: UnsafeMutablePointer<PopplerRectangle>?
    var count: guint = 0
    _ = unsafe poppler_page_get_text_layout_for_area(page.handle, &area, &rectangles, &count)
    defer { unsafe g_free(rectangles) }
    let boxes = unsafe UnsafeBufferPointer(start: rectangles, count: Int(count))
    let attributes = unsafe poppler_page_get_text_attributes_for_area(page.handle, &area)
    defer { unsafe poppler_page_free_text_attributes(attributes) }
    let bytes = unsafe UnsafeBufferPointer(
      start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: strlen(text))
    unsafe read(bytes, boxes, UnsafePointer(attributes))
  }

  /// No text at all, or letters of Hebrew, Arabic and their kin: their UTF-8 begins with D6...DF, presentation forms
  /// with EF AC...EF BB.
  private static func mayRunRightToLeft(_ text: UnsafePointer<CChar>) -> Bool {
    guard unsafe text.pointee != 0 else { return true }
    var index = 0
    while case let byte = unsafe UInt8(bitPattern: text[index]), byte != 0 {
      if byte >= 0xD6 && byte <= 0xDF { return true }
      if byte == 0xEF, case let next = unsafe UInt8(bitPattern: text[index + 1]), next >= 0xAC && next <= 0xBB {
        return true
      }
      index += 1
    }
    return false
  }

  private mutating func read(
    _ bytes: UnsafeBufferPointer<UInt8>, _ boxes: UnsafeBufferPointer<PopplerRectangle>,
    _ attributes: UnsafePointer<GList>?
  ) {
    utf8.reserveCapacity(bytes.count)
    // In right-to-left text poppler adds direction marks that have no rectangle.
    let scalarCount = unsafe bytes.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
    let hasMarks = scalarCount != boxes.count
    var run = unsafe attributes
    var runEnd = -1
    var style = Style()
    var index = 0
    var byte = 0
    while byte < bytes.count {
      let lead = unsafe bytes[byte]
      let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      guard byte + length <= bytes.count else { break }
      var scalar = length == 1 ? UInt32(lead) : UInt32(lead) & (0x7F >> UInt32(length))
      for offset in 1..<max(length, 1) { scalar = unsafe scalar << 6 | UInt32(bytes[byte + offset] & 0x3F) }
      byte += length
      if hasMarks, (0x202A...0x202E).contains(scalar) { continue }
      while index > runEnd, let current = unsafe run {
        unsafe (style, runEnd) = Self.style(of: current)
        unsafe run = footnote_next(current)
      }
      if scalar == 0x0A {
        endWord()
        endLine()
      } else if scalar == 0x20 || scalar == 0x09 || scalar == 0xA0 || scalar == 0x3000 {
        endWord()
      } else {
        let box = unsafe index < boxes.count ? boxes[index] : PopplerRectangle()
        add(scalar, box, style)
      }
      index += 1
    }
    endWord()
    endLine()
  }

  private static func style(of run: UnsafePointer<GList>) -> (Style, Int) {
    guard let attributes = unsafe footnote_attributes(run)?.pointee else { return (Style(), -1) }
    var style = unsafe Style(size: Float(attributes.font_size))
    if let name = unsafe attributes.font_name {
      for mark in ["Bold", "bold", "Black", "Heavy", "Demi"] where unsafe strstr(name, mark) != nil {
        style.isBold = true
      }
    }
    return unsafe (style, Int(attributes.end_index))
  }

  private mutating func add(_ scalar: UInt32, _ box: PopplerRectangle, _ style: Style) {
    let next = Rectangle(left: Float(box.x1), top: Float(box.y1), right: Float(box.x2), bottom: Float(box.y2))
    if wordStart == nil {
      wordStart = utf8.count
      wordBox = next
      wordStyle = style
    } else if standsApart(next, scalar) {
      endWord()
      wordStart = utf8.count
      wordBox = next
      wordStyle = style
    } else {
      wordBox = wordBox.union(next)
    }
    lastBox = next
    PDFCharacters.append(scalar, to: &utf8)
  }

  /// Between the cells of a table poppler writes no space; the gap tells. In right-to-left words the boxes run the
  /// other way, so there it tells nothing.
  private func standsApart(_ next: Rectangle, _ scalar: UInt32) -> Bool {
    if (0x590...0x8FF).contains(scalar) || scalar >= 0xFB1D { return false }
    let height = lastBox.bottom - lastBox.top
    return next.left - lastBox.right > height * 0.25 || next.left < lastBox.left - height * 1.5
  }

  private mutating func endWord() {
    guard let start = wordStart else { return }
    wordStart = nil
    guard start < utf8.count else { return }
    if let before = words.last, lineStart < words.count, !before.box.sharesLine(with: wordBox) { endLine() }
    words.append(PDFWord(text: start..<utf8.count, box: wordBox, size: wordStyle.size, isBold: wordStyle.isBold))
  }

  private mutating func endLine() {
    guard lineStart < words.count else { return }
    let box = words[lineStart + 1..<words.count].reduce(words[lineStart].box) { $0.union($1.box) }
    lines.append(PDFLine(words: lineStart..<words.count, box: box))
    lineStart = words.count
  }
}

extension Rectangle {
  /// True for words that overlap in height, and for upright ones always: text that runs up the page has no rows.
  fileprivate func sharesLine(with next: Rectangle) -> Bool {
    let heights = (bottom - top, next.bottom - next.top)
    if heights.0 > (right - left) * 1.6 || heights.1 > (next.right - next.left) * 1.6 {
      return max(top, next.top) < min(bottom, next.bottom) || abs(left - next.left) < min(right - left, heights.0)
    }
    return min(bottom, next.bottom) - max(top, next.top) > min(heights.0, heights.1) * 0.2
  }
}

/// Characters as print wants them, back to characters as a reader means them.
enum PDFCharacters {
  static func append(_ scalar: UInt32, to output: inout [UInt8]) {
    switch scalar {
    case 0x00...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: break
    case 0x20...0x7E: output.append(UInt8(truncatingIfNeeded: scalar))
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
