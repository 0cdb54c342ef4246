// PDFs whose layout is known: drawn tables, tables over several pages, turned pages, outlines, right-to-left words.
import Testing
import Text

@testable import Ingest

@Suite struct PDFLayoutTests {
  private func read(_ maker: PDFMaker) throws -> Document {
    try Extraction.extract(maker.bytes(), filename: "a.pdf", declaredType: "application/pdf")
  }

  private func cells(_ rows: [[String]], xs: [Double], ys: [Double]) -> [PDFMaker.Line] {
    rows.enumerated().flatMap { row in
      row.element.enumerated().filter { !$0.element.isEmpty }.map { cell in
        .init(text: cell.element, x: xs[cell.offset] + 4, y: ys[row.offset])
      }
    }
  }

  @Test func aDrawnTableKeepsCellsOfSeveralLinesTogether() throws {
    var maker = PDFMaker()
    let xs = [72.0, 222, 372, 522]
    maker.rule(across: [100, 120, 165, 185], down: xs)
    maker.page(
      cells(
        [
          ["Article", "Made of", "Remark"], ["Folding", "Ash wood", "only from"], ["chair with", "and steel", "stock"],
          ["arms", "", ""], ["Stool", "Beech", "to order"],
        ], xs: xs, ys: [114, 133, 146, 159, 179]))
    let document = try read(maker)
    #expect(
      document.rows == [
        "Article | Made of | Remark", "Folding chair with arms | Ash wood and steel | only from stock",
        "Stool | Beech | to order",
      ])
    let table = try #require(document.blocks.first { $0.kind == .table }?.box)
    #expect(abs(table.left - 72) < 2 && abs(table.right - 522) < 2 && abs(table.top - 100) < 2)
  }

  @Test func aCellOverSeveralColumnsStandsInItsFirst() throws {
    var maker = PDFMaker()
    maker.drawings[0] = [
      "72 742 m 372 742 l S 72 722 m 372 722 l S 72 702 m 372 702 l S 72 682 m 372 682 l S",
      "72 742 m 72 682 l S 372 742 m 372 682 l S 172 742 m 172 682 l S 272 722 m 272 682 l S",
    ].joined(separator: "\n")
    maker.page(
      cells(
        [["Region", "Sales in both years", ""], ["", "2023", "2024"], ["North", "12", "14"]],
        xs: [72, 172, 272], ys: [114, 134, 154]))
    #expect(
      try read(maker).rows == ["Region | Sales in both years", "| 2023 | 2024", "North | 12 | 14"])
  }

  @Test func aFrameAroundProseIsNoTable() throws {
    var maker = PDFMaker()
    maker.rule(across: [90, 130, 210], down: [60, 540])
    maker.page([
      .init(text: "A remark in a box that the reader should see before all else", x: 72, y: 110),
      .init(text: "and its longer explanation in a second box below the first one.", x: 72, y: 150),
    ])
    let document = try read(maker)
    #expect(document.rows.isEmpty)
    #expect(document.coverage[0].kind == .text)
  }

  @Test func linesAcrossPartTheRowsOfAnOpenTable() throws {
    var maker = PDFMaker()
    var content = ""
    for y in [100.0, 120, 152, 184, 216] { content += "72 \(842 - y) m 500 \(842 - y) l S\n" }
    maker.drawings[0] = content
    maker.page(
      cells(
        [
          ["Right", "Who holds it", "Since"], ["Access to", "every person", "first"], ["records", "on request", "law"],
          ["Complaint", "members of", "second"], ["to a board", "staff", "law"], ["Appeal", "parties", "third"],
          ["to court", "heard", "law"],
        ], xs: [72, 222, 372], ys: [114, 133, 146, 165, 178, 197, 210]))
    #expect(
      try read(maker).rows == [
        "Right | Who holds it | Since", "Access to records | every person on request | first law",
        "Complaint to a board | members of staff | second law", "Appeal to court | parties heard | third law",
      ])
  }

  @Test func aTableOverTwoPagesIsOneTable() throws {
    var maker = PDFMaker()
    let xs = [72.0, 222, 372]
    for page in 0..<2 {
      let rows = (0..<6).map { ["Part \(page * 6 + $0)", "\($0 + 3)", "\(page * 100 + $0 * 7).50"] }
      let head = page == 0 ? [["Name", "Pieces", "Price"]] : []
      let all = head + rows
      let ys = all.indices.map { 100 + Double($0) * 20 }
      maker.rule(across: [86] + ys.map { $0 + 6 }, down: xs + [500])
      maker.page(cells(all, xs: xs, ys: ys))
    }
    let document = try read(maker)
    let tables = document.blocks.filter { $0.kind == .table }
    #expect(tables.count == 1)
    #expect(document.texts(of: .tableRow(isHeader: true)) == ["Name | Pieces | Price"])
    #expect(document.rows.count == 13)
    let last = try #require(document.blocks.last { $0.kind == .tableRow(isHeader: false) })
    #expect(last.page == 2 && tables.first?.end == last.end)
  }

  @Test func theCaptionOfATableIsKnown() throws {
    var maker = PDFMaker()
    let xs = [72.0, 222, 372]
    maker.rule(across: [100, 120, 140, 160], down: xs + [500])
    maker.page(
      [.init(text: "Table 2: Prices of the year", x: 72, y: 92)]
        + cells([["Name", "Pieces", "Price"], ["Lamp", "1", "2"], ["Desk", "3", "4"]], xs: xs, ys: [114, 134, 154]))
    #expect(try read(maker).texts(of: .caption) == ["Table 2: Prices of the year"])
  }

  @Test func titlesOfTheOutlineAreHeadings() throws {
    var maker = PDFMaker()
    maker.outline = [("Notice periods", 0)]
    maker.page([
      .init(text: "Notice periods", x: 72, y: 100),
      .init(text: "Four weeks for everybody, and three months after ten years in the house.", x: 72, y: 140),
    ])
    #expect(try read(maker).headings == ["Notice periods"])
  }

  @Test func commentsAndLinkTargetsAreSetApart() throws {
    var maker = PDFMaker()
    maker.page([.init(text: "Read the handbook, it is short.", x: 72, y: 100)])
    func link(_ action: String) -> String {
      "<< /Type /Annot /Subtype /Link /Rect [98 736 170 752] /A << \(action) >> >>"
    }
    maker.annotations = [
      link("/S /URI /URI (https://intranet.example/handbook)"), link("/S /Launch /F (calc.exe)"),
      link("/S /URI /URI (javascript:alert)"),
      "<< /Type /Annot /Subtype /Text /Rect [300 736 320 752] /Contents (Checked by Kari) >>",
    ]
    let document = try read(maker)
    #expect(document.texts(of: .paragraph) == ["Read the handbook, it is short."])
    #expect(
      document.texts(of: .footnote) == ["Checked by Kari", "the handbook,: https://intranet.example/handbook"])
    #expect(!document.text.contains("calc") && !document.text.contains("javascript"))
    let bare = try Extraction.extract(
      maker.bytes(), filename: "a.pdf", declaredType: nil, options: ReadingOptions(comments: false))
    #expect(bare.texts(of: .footnote) == ["the handbook,: https://intranet.example/handbook"])
    #expect(bare.warnings.contains { $0.hasPrefix("1 comments were left out") })
  }

  @Test func wordsWithoutInkAreLeftOutAndCounted() throws {
    var maker = PDFMaker()
    maker.drawings[0] = "BT 3 Tr /F1 11 Tf 1 0 0 1 72 700 Tm (Ignore it) Tj 0 Tr ET"
    maker.page([.init(text: "The warranty lasts 27 months, as everybody can see.", x: 72, y: 100)])
    let document = try read(maker)
    #expect(document.text == "The warranty lasts 27 months, as everybody can see.")
    #expect(document.metadata["unseen_characters"] == "9")
    // Alone, they are the text layer of a scan.
    maker.pages[0] = []
    #expect(try read(maker).text == "Ignore it")
  }

  @Test(arguments: [0, 90, 180, 270])
  func turnedPagesAreReadAsTheyAreShown(_ degrees: Int) throws {
    var maker = PDFMaker()
    maker.rotation = degrees
    // Written so that it is upright once the page is turned.
    let places = [(72.0, 100.0, 0), (100, 770, 1), (523, 742, 2), (495, 72, 3)]
    let (x, y, turns) = places[degrees / 90]
    maker.page([.init(text: "Upright words on a turned page", x: x, y: y, turns: turns)])
    let document = try read(maker)
    #expect(document.text == "Upright words on a turned page")
    let page = try #require(document.pages.first)
    #expect(page.width == (degrees % 180 == 0 ? 595 : 842) && page.height == (degrees % 180 == 0 ? 842 : 595))
    let box = try #require(document.boxes.rectangles(of: 0..<30).first?.box)
    #expect(box.right - box.left > 100 && box.bottom - box.top < 20)
    #expect(abs(box.left - 72) < 2 && abs(box.bottom - 100) < 6)
  }

  @Test func textThatRunsUpThePageKeepsItsPlace() throws {
    var maker = PDFMaker()
    let rows = [
      ["Product", "Units", "Price"], ["Lamp", "12", "40.00"], ["Desk", "3", "310.00"], ["Chair", "7", "99.50"],
    ]
    var lines: [PDFMaker.Line] = []
    for (row, cells) in rows.enumerated() {
      for (column, cell) in cells.enumerated() {
        lines.append(.init(text: cell, x: 100 + Double(row) * 18, y: 700 - Double(column) * 150, turns: 1))
      }
    }
    maker.page(lines)
    let document = try read(maker)
    #expect(document.rows == rows.map { $0.joined(separator: " | ") })
    let first = try #require(document.boxes.runs.first?.box)
    #expect(first.right - first.left < 20 && first.bottom - first.top > 30 && abs(first.bottom - 700) < 3)
  }

  @Test func framesTurnBack() {
    let box = Rectangle(left: 10, top: 20, right: 110, bottom: 32)
    for turns in 0...3 {
      let frame = PDFFrame(turns: turns, width: 595, height: 842)
      #expect(frame.toPage(frame.toFrame(box)) == box)
    }
  }

  @Test func rightToLeftWordsComeInTheOrderOfReading() {
    func piece(_ text: String, _ left: Float) -> PDFPiece {
      PDFPiece(
        glyphs: glyphs(text),
        box: Rectangle(left: left, top: 0, right: left + 20, bottom: 10), size: 10, isBold: false, endsWithSpace: true)
    }
    func glyphs(_ text: String) -> [PDFGlyph] {
      text.unicodeScalars.enumerated().map { place, scalar in
        PDFGlyph(scalar: scalar.value, low: Float(place), high: Float(place + 1))
      }
    }
    func shown(_ pieces: [PDFPiece]) -> String {
      pieces.map { shown($0.glyphs) }.joined(separator: " ")
    }
    func shown(_ glyphs: [PDFGlyph]) -> String {
      String(String.UnicodeScalarView(glyphs.compactMap { Unicode.Scalar($0.scalar) }))
    }
    // On the page from left to right: 'םלוע', '2024', 'םולש'.
    var line = [piece("םלוע", 0), piece("2024", 30), piece("םולש", 60)]
    PDFDirection.order(&line, runsRightToLeft: true)
    #expect(shown(line) == "שלום 2024 עולם")
    var mixed = [piece("see", 0), piece("םלוע", 30), piece("םולש", 60), piece("there", 90)]
    PDFDirection.order(&mixed, runsRightToLeft: false)
    #expect(shown(mixed) == "see שלום עולם there")
    var letters = glyphs("(12ב)")
    PDFDirection.turn(&letters)
    #expect(shown(letters) == "(ב12)")
    #expect(letters.map(\.low) == [4, 3, 1, 2, 0], "a letter takes its place along")
  }
}
