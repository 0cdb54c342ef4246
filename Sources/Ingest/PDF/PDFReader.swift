// PDF to the Document form: pages are read one by one, then written with what only the whole document tells, such as
// the size of its body text.
// Invariants: the ledger names every page; every word written has its box.
// Must not: hold more than words and boxes of all pages at once.
import Base

struct PDFReader {
  struct Page {
    var text: PDFPageText
    var tables: [PDFTable]
    /// Values of form fields and text annotations.
    var extras: [String] = []
    var label: String?
    var width: Double
    var height: Double
    var hasImages: Bool
    var isReadable = true
  }

  static func read(_ bytes: [UInt8]) throws -> Document {
    let file = try PDFFile(bytes)
    var pages: [Page] = []
    pages.reserveCapacity(file.pageCount)
    for number in 1...file.pageCount {
      let page = file.withPage(number) { page in
        let text = PDFPageText(page)
        let size = page.size
        return Page(
          text: text, tables: PDFTables.find(in: text), extras: PDFExtras.lines(of: page), label: page.label,
          width: size.width,
          height: size.height, hasImages: text.words.isEmpty && page.hasImages)
      }
      pages.append(page ?? unreadablePage)
    }
    var writer = PDFWriter(pages: pages)
    writer.builder.metadata = file.metadata
    writer.builder.title = writer.builder.metadata["title"]
    try writer.write()
    guard writer.builder.scalarCount > 0 else { throw failureWithoutText(pages) }
    return writer.builder.finish()
  }

  private static var unreadablePage: Page {
    Page(
      text: PDFPageText(), tables: [], label: nil, width: 0, height: 0, hasImages: false, isReadable: false)
  }

  private static func failureWithoutText(_ pages: [Page]) -> IngestFailure {
    let pictures = pages.count { $0.hasImages }
    if pages.allSatisfy({ !$0.isReadable }) {
      return IngestFailure(.damagedPDF, "the PDF is damaged: none of its pages can be read")
    }
    if pictures > 0 {
      return IngestFailure(
        .noText, "the PDF has no text: \(pictures) of its \(pages.count) pages are pictures, such as scans",
        hint: "run text recognition (OCR) over it and add it again")
    }
    return IngestFailure(.noText, "the PDF has no text on its \(pages.count) pages")
  }
}
