// A page as CPageText gives it: arrays that belong to its reader.
// Invariants: a source is used only within the closure that gets it, before the reader turns to the next page.
// Must not: be kept.
import CPageText

typealias PDFSourceWord = fn_page_word
typealias PDFSourceExtent = fn_page_extent

enum PDFSourceFlags {
  static let bold = UInt8(fn_word_bold)
  static let spaceAfter = UInt8(fn_word_space_after)
}

/// Of all glyphs that a page draws.
struct PDFGlyphs: Equatable {
  var drawn = 0
  /// Drawn without ink, as a text layer over a scan is.
  var invisible = 0
  /// Whose font does not tell which character they are.
  var unmapped = 0
  /// Invisible among text that is seen, which is how words are hidden from a reader: not part of the page's text.
  var leftOut = 0
}

/// Safe: its pointers are the reader's, which lives longer than the closure that this is lent to.
@safe struct PDFPageSource: ~Copyable {
  private let page: UnsafePointer<fn_page>

  init(borrowing page: UnsafePointer<fn_page>) { unsafe self.page = page }

  var width: Double { unsafe page.pointee.width }
  var height: Double { unsafe page.pointee.height }
  var hasAnnotations: Bool { unsafe page.pointee.has_annotations != 0 }

  var glyphs: PDFGlyphs {
    unsafe PDFGlyphs(
      drawn: Int(page.pointee.glyphs), invisible: Int(page.pointee.invisible_glyphs),
      unmapped: Int(page.pointee.unmapped_glyphs), leftOut: Int(page.pointee.left_out_glyphs))
  }

  var characters: UnsafeBufferPointer<UInt32> {
    unsafe UnsafeBufferPointer(start: page.pointee.characters, count: page.pointee.character_count)
  }

  /// As many as characters.
  var extents: UnsafeBufferPointer<fn_page_extent> {
    unsafe UnsafeBufferPointer(start: page.pointee.extents, count: page.pointee.character_count)
  }

  var words: UnsafeBufferPointer<fn_page_word> {
    unsafe UnsafeBufferPointer(start: page.pointee.words, count: page.pointee.word_count)
  }

  var lines: UnsafeBufferPointer<fn_page_line> {
    unsafe UnsafeBufferPointer(start: page.pointee.lines, count: page.pointee.line_count)
  }

  var rules: UnsafeBufferPointer<fn_page_rule> {
    unsafe UnsafeBufferPointer(start: page.pointee.rules, count: page.pointee.rule_count)
  }
}

extension fn_page_word {
  var fontSize: Float { font_size }
}

extension fn_page_rule {
  var isArea: Bool { kind == UInt32(fn_rule_area) }
}
