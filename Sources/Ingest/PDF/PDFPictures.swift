// Tells pages that are pictures of text from pages of text, blank pages and drawings.
// Must not: look closer at a page whose text leaves no doubt: drawing one costs more than reading it.

enum PDFPictures {
  /// A heading or a page number may stand on a scanned page; fewer letters than this are no page of text.
  private static let lettersMin = 40
  /// Share of the page that pictures cover.
  private static let coverMin = 0.4
  /// Share of its glyphs that a text layer may leave untold.
  private static let unmappedMax = 0.5
  private static let glyphsMin = 20

  static func isDoubtful(_ text: PDFPageText) -> Bool {
    text.utf8.count < lettersMin || isUnmapped(text)
  }

  static func kind(of page: borrowing PDFPage, _ text: PDFPageText, hasExtras: Bool) -> PDFReader.Kind {
    if isUnmapped(text) { return .unmapped }
    let size = page.size
    let area = max(size.width * size.height, 1)
    if page.imageArea / area >= coverMin { return .picture }
    if !text.words.isEmpty || hasExtras { return .text }
    return PageInk.isBlank(page) ? .blank : .picture
  }

  private static func isUnmapped(_ text: PDFPageText) -> Bool {
    let glyphs = text.glyphs
    return glyphs.drawn >= glyphsMin && Double(glyphs.unmapped) > Double(glyphs.drawn) * unmappedMax
  }
}
