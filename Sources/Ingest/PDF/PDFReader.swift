// PDF to the Document form: pages are read one by one, then written with what only the whole document tells, such as
// the size of its body text.
// Invariants: the ledger names every page; every word written has its box.
// Must not: hold more than words and boxes of all pages at once.
import Base

struct PDFReader {
  /// What a page turned out to be.
  enum Kind: Equatable {
    case text
    /// Read by text recognition.
    case recognised
    case blank
    /// A picture of text or of anything else, unread.
    case picture
    /// A picture on which text recognition found no word.
    case wordless
    /// Text whose fonts do not tell its characters, unread.
    case unmapped
    case damaged
    /// Draws so much that reading it was given up.
    case excessive
  }

  struct Page {
    var text = PDFPageText()
    var tables: [PDFTable] = []
    /// Values of form fields and text annotations that its text does not show.
    var extras: [String] = []
    /// What was remarked on it and where its links lead, which is no part of its text.
    var comments: [String] = []
    var links: [String] = []
    var label: String?
    var width = 0.0
    var height = 0.0
    var kind = Kind.damaged
  }

  private let file: PDFFile
  private let options: ReadingOptions
  private let recogniser: PageRecogniser?
  private var pages: [Page] = []
  private var hasRunOutOfTime = false

  /// `recogniser` reads pictures of text; without one they are listed as unread.
  static func read(
    _ bytes: [UInt8], _ options: ReadingOptions = ReadingOptions(),
    recogniser: @autoclosure () -> PageRecogniser? = PageRecogniser(),
    pageSeconds: Double = Limits.pageSecondsMax
  ) throws -> Document {
    var reader = PDFReader(file: try PDFFile(bytes, pageSeconds: pageSeconds), options, recogniser: nil)
    reader.readPages()
    if reader.pages.contains(where: { $0.kind == .picture || $0.kind == .unmapped }), let recogniser = recogniser() {
      reader = PDFReader(file: reader.file, options, recogniser: recogniser, pages: reader.pages)
      reader.recognisePictures()
    }
    return try reader.document()
  }

  private init(file: PDFFile, _ options: ReadingOptions, recogniser: PageRecogniser?, pages: [Page] = []) {
    self.file = file
    self.options = options
    self.recogniser = recogniser
    self.pages = pages
  }

  private mutating func readPages() {
    pages.reserveCapacity(file.pageCount)
    let hasLabels = file.hasPageLabels
    for number in 1...file.pageCount {
      var hasAnnotations = false
      let read = file.withText(of: number) { source in
        hasAnnotations = source.hasAnnotations
        let text = PDFPageText(source)
        return Page(
          text: text, tables: PDFTables.find(in: text), width: source.width, height: source.height, kind: .text)
      }
      guard var page = read else {
        pages.append(Page(kind: file.wasExcessive ? .excessive : .damaged))
        continue
      }
      let needsLook = PDFPictures.isDoubtful(page.text)
      if hasAnnotations || hasLabels || needsLook {
        file.withPage(number) { source in
          page.label = source.label
          if hasAnnotations {
            page.extras = PDFExtras.lines(of: source, beside: page.text)
            page.comments = PDFExtras.comments(of: source, beside: page.text)
            page.links = PDFExtras.links(of: source, beside: page.text)
          }
          if needsLook { page.kind = PDFPictures.kind(of: source, page.text, hasExtras: !page.extras.isEmpty) }
        }
      }
      pages.append(page)
    }
  }

  private mutating func recognisePictures() {
    guard let recogniser else { return }
    for index in pages.indices where pages[index].kind == .picture || pages[index].kind == .unmapped {
      guard !recogniser.isOutOfTime else {
        hasRunOutOfTime = true
        return
      }
      let found = file.withPage(index + 1) { recogniser.words(of: $0) }
      guard let words = found ?? nil else { continue }
      guard !words.isEmpty else {
        if pages[index].kind == .picture { pages[index].kind = .wordless }
        continue
      }
      let text = PDFPageText(recognised: words, width: pages[index].width, height: pages[index].height)
      pages[index].text = text
      pages[index].tables = PDFTables.find(in: text)
      pages[index].kind = .recognised
    }
  }

  private func document() throws -> Document {
    var writer = PDFWriter(pages: pages, outline: file.outline)
    writer.builder.metadata = file.metadata
    writer.builder.title = writer.builder.metadata["title"]
    if hasRunOutOfTime {
      writer.builder.warnings.append("text recognition ran out of time: split the file to have all its pages read")
    }
    writer.leavesCommentsOut = !options.comments
    try writer.write()
    guard writer.builder.scalarCount > 0 else { throw failureWithoutText() }
    return writer.builder.finish()
  }

  private func failureWithoutText() -> IngestFailure {
    let pictures = pages.count { $0.kind == .picture || $0.kind == .unmapped }
    if pages.contains(where: { $0.kind == .excessive }) {
      return IngestFailure(
        .parseLimit, "the PDF has no text but on pages that draw more than can be read",
        hint: "print it to a new PDF, or split it")
    }
    if pages.allSatisfy({ $0.kind == .damaged }) {
      return IngestFailure(.damagedPDF, "the PDF is damaged: none of its pages can be read")
    }
    if pictures > 0 {
      return IngestFailure(
        .noText, "the PDF has no text: \(pictures) of its \(pages.count) pages are pictures, such as scans",
        hint: recogniser == nil
          ? "set text recognition up with 'make run OCR=1' and add it again" : "split it into parts and add them")
    }
    return IngestFailure(.noText, "the PDF has no text on its \(pages.count) pages")
  }
}
