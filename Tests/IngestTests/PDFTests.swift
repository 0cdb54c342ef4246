// PDFs of known layout: words with their boxes, paragraphs, headings, tables, page furniture, pictures of pages.
import Base
import Foundation
import Testing
import Text

@testable import Ingest

@Suite struct PDFTests {
  private func read(_ maker: PDFMaker) throws -> Document {
    try Extraction.extract(maker.bytes(), filename: "a.pdf", declaredType: "application/pdf")
  }

  private func lines(_ texts: [String], from y: Double, x: Double = 72, pitch: Double = 14) -> [PDFMaker.Line] {
    texts.enumerated().map { .init(text: $0.element, x: x, y: y + Double($0.offset) * pitch) }
  }

  private var prose: [String] {
    [
      "The first line of this paragraph runs to the edge of the page and",
      "goes on in the second line, where it is hyphen-",
      "ated once, and comes to its end.",
    ]
  }

  @Test func linesBecomeParagraphsAndHyphensAreMended() throws {
    var maker = PDFMaker()
    maker.page(
      [.init(text: "Report", x: 72, y: 80, size: 20)] + lines(prose, from: 120)
        + lines(
          ["A second paragraph, set apart by a gap from the first one, says little.", "- item one", "- item two"],
          from: 200))
    let document = try read(maker)
    #expect(document.headings == ["Report"])
    #expect(document.texts(of: .paragraph).count == 2)
    #expect(document.text.contains("where it is hyphenated once"))
    #expect(document.texts(of: .listItem) == ["- item one", "- item two"])
    #expect(document.coverage == [PartCoverage(part: "page 1", kind: .text)])
  }

  @Test func everyWordHasItsBox() throws {
    var maker = PDFMaker()
    maker.page([.init(text: "Alpha beta", x: 72, y: 100)])
    maker.page([.init(text: "Gamma", x: 300, y: 400)])
    let document = try read(maker)
    #expect(document.pages.map(\.number) == [1, 2])
    #expect(document.boxes.runs.count == 3)
    let text = ScalarText(document.text)
    let runs = document.boxes.runs.map { text.slice(Int($0.start)..<Int($0.start + $0.length)) }
    #expect(runs == ["Alpha", "beta", "Gamma"])
    let marked = document.boxes.rectangles(of: 0..<text.scalarCount)
    #expect(marked.map(\.page) == [1, 2])
    #expect(marked[0].box.left > 71 && marked[0].box.left < 74)
    #expect(marked[1].box.top < 400 && marked[1].box.bottom > 395)
    for page in document.pages { #expect(page.width == 595 && page.height == 842) }
  }

  @Test func everyCharacterHasItsBox() throws {
    var maker = PDFMaker()
    maker.page([.init(text: "illumination Wide", x: 100, y: 100)])
    let document = try read(maker)
    let text = ScalarText(document.text)
    var lefts: [Float] = []
    for scalar in 0..<12 {
      let box = try #require(document.boxes.rectangles(of: scalar..<scalar + 1).first?.box)
      #expect(box.right > box.left)
      lefts.append(box.left)
    }
    #expect(lefts == lefts.sorted() && Set(lefts).count == 12)
    func width(_ scalar: Int) throws -> Float {
      let box = try #require(document.boxes.rectangles(of: scalar..<scalar + 1).first?.box)
      return box.right - box.left
    }
    // 'i', 'l' and 'm' of a font that is not of one width.
    #expect(try width(4) > 2 * width(0))
    #expect(text.slice(4..<5) == "m")
    // The whole word is its characters together.
    let whole = try #require(document.boxes.rectangles(of: 0..<12).first?.box)
    #expect(abs(whole.left - lefts[0]) < 0.5)
    let stored = try DocumentLayout(bytes: DocumentLayout(of: document).bytes)
    #expect(stored.boxes == document.boxes)
  }

  @Test func placesFollowTheDirectionOfTheWord() throws {
    for turns in 0...3 {
      var maker = PDFMaker()
      maker.page([.init(text: "Turned", x: 300, y: 400, turns: turns)])
      let boxes = try read(maker).boxes
      let first = try #require(boxes.rectangles(of: 0..<1).first?.box)
      let last = try #require(boxes.rectangles(of: 5..<6).first?.box)
      let isVertical = abs(first.left - last.left) < 3
      #expect(isVertical == (turns % 2 == 1), "\(turns)")
      #expect(isVertical ? abs(first.top - last.top) > 15 : abs(first.left - last.left) > 15, "\(turns)")
    }
  }

  /// A library made before characters had places: its layouts end with the runs.
  @Test func olderLayoutsAreStillRead() throws {
    var boxes = BoxMap()
    boxes.append(start: 0, length: 4, page: 1, box: Rectangle(left: 0, top: 0, right: 40, bottom: 10))
    var document = Document(text: "word", format: .pdf)
    document.boxes = boxes
    let bytes = DocumentLayout(of: document).bytes
    // The new part: two lengths, one direction, four places.
    let older = try DocumentLayout(bytes: Array(bytes.dropLast(4 + 1 + 4 + 8)))
    #expect(older.boxes == boxes)
    #expect(throws: (any Error).self) { try DocumentLayout(bytes: Array(bytes.dropLast(3))) }
  }

  @Test func alignedTextIsATable() throws {
    var maker = PDFMaker()
    var page = lines(["Prices of this year, as agreed with the board in its spring meeting."], from: 80)
    let rows = [
      ["Product", "Units", "Price"], ["Lamp", "12", "40.00"], ["Desk", "3", "310.00"], ["Chair", "7", "99.50"],
    ]
    for (index, row) in rows.enumerated() {
      for (column, cell) in row.enumerated() {
        page.append(.init(text: cell, x: 72 + Double(column) * 150, y: 120 + Double(index) * 18))
      }
    }
    maker.page(page)
    let document = try read(maker)
    #expect(document.rows == rows.map { $0.joined(separator: " | ") })
    #expect(document.texts(of: .tableRow(isHeader: true)) == ["Product | Units | Price"])
    #expect(document.coverage[0].kind == .table)
  }

  @Test func columnsAreReadOneAfterTheOther() throws {
    var maker = PDFMaker()
    let left = (0..<12).map { "Left column line \($0) with several words" }
    let right = (0..<12).map { "Right column line \($0) with more words" }
    maker.page(lines(left, from: 100, x: 60) + lines(right, from: 100, x: 320))
    let text = try read(maker).text
    let lastLeft = try #require(text.firstRange(of: "Left column line 11"))
    let firstRight = try #require(text.firstRange(of: "Right column line 0"))
    #expect(lastLeft.lowerBound < firstRight.lowerBound)
  }

  @Test func runningTitlesAndPageNumbersAreSetApart() throws {
    var maker = PDFMaker()
    for number in 1...4 {
      maker.page(
        [.init(text: "Acme handbook", x: 72, y: 40), .init(text: "Page \(number)", x: 280, y: 810)]
          + lines(["The body of this page is a sentence with the number \(number) in it."], from: 200))
    }
    let document = try read(maker)
    #expect(document.texts(of: .header) == Array(repeating: "Acme handbook", count: 4))
    #expect(document.texts(of: .footer) == ["Page 1", "Page 2", "Page 3", "Page 4"])
    #expect(document.texts(of: .paragraph).count == 4)
  }

  @Test func whatCannotBeReadSaysWhy() throws {
    var blank = PDFMaker()
    blank.page([])
    #expect(failure(blank.bytes(), named: "a.pdf") == "no_text")
    var locked = PDFMaker()
    locked.page([.init(text: "Secret", x: 72, y: 100)])
    locked.isEncrypted = true
    #expect(failure(locked.bytes(), named: "a.pdf") == "pdf_encrypted")
    #expect(failure(Array("%PDF-1.7\nnothing here".utf8), named: "a.pdf") == "damaged_pdf")
  }

  @Test func blankPagesAreInTheLedger() throws {
    var maker = PDFMaker()
    maker.title = "Two pages"
    maker.page([.init(text: "Words", x: 72, y: 100)])
    maker.page([])
    let document = try read(maker)
    #expect(document.title == "Two pages")
    #expect(document.coverage.count == 2)
    #expect(document.coverage[1].kind == .skipped(reason: "the page is blank"))
  }

  @Test func valuesOfFormFieldsAreText() throws {
    var maker = PDFMaker()
    maker.page([.init(text: "Form", x: 72, y: 100)])
    maker.fields = [
      "/FT /Tx /T (City) /V (Bergen)", "/FT /Tx /T (f2) /TU (Street and number) /V (Skuteviken 4)",
      "/FT /Tx /T (Empty)",
      "/FT /Ch /Ff 131072 /T (Plan) /Opt [(Basic) (Gold)] /V (Gold)",
      "/FT /Btn /T (Agreed) /V /Yes /AS /Yes /AP << /N << /Yes null /Off null >> >>",
      "/FT /Btn /T (Declined) /V /Off /AS /Off /AP << /N << /Yes null /Off null >> >>",
    ]
    let paragraphs = try read(maker).texts(of: .paragraph)
    #expect(
      paragraphs.dropFirst() == ["City: Bergen", "Street and number: Skuteviken 4", "Plan: Gold", "Agreed: ☑"],
      "\(paragraphs)")
  }

  @Test func theBenchmarkCountsPagesAndWords() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "footnote-pdf-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder.appending(path: "pdfs"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var maker = PDFMaker()
    maker.page([.init(text: "Two words", x: 72, y: 100)])
    try Data(maker.bytes()).write(to: folder.appending(path: "pdfs/a.pdf"))
    let report = try PDFBenchmark(clock: SystemClock(), repetitions: 1).run(data: folder.path())
    for part in ["\"pages\":1", "\"words\":2", "\"pages_per_cpu_s\":", "\"peak_rss_mb\":"] {
      #expect(report.contains(part), "\(report)")
    }
  }

  @Test func aPageBecomesAPictureWithItsHighlight() throws {
    var maker = PDFMaker()
    maker.page([.init(text: "Words", x: 72, y: 100)])
    let box = Rectangle(left: 70, top: 90, right: 200, bottom: 104)
    let plain = try PagePicture.render(pdf: maker.bytes(), page: 1, highlights: [], scale: 1)
    let marked = try PagePicture.render(pdf: maker.bytes(), page: 1, highlights: [box], scale: 1)
    #expect(plain.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    #expect(plain != marked)
    #expect(throws: IngestFailure.self) {
      try PagePicture.render(pdf: maker.bytes(), page: 2, highlights: [], scale: 1)
    }
  }

  @Test func ligaturesAndArabicFormsBecomeLetters() {
    var bytes: [UInt8] = []
    for scalar in [0xFB01, 0xFB03, 0xFEE1, 0xF0B7, 0xAD] as [UInt32] { PDFCharacters.append(scalar, to: &bytes) }
    #expect(String(decoding: bytes, as: UTF8.self) == "fiffiم•-")
  }
}
