// Workbooks, slides, OpenDocument and books, each from a package that the test writes.
import Testing

@testable import Ingest

private let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

private func package(_ parts: [String: String]) throws -> [UInt8] {
  try ZipMaker.archive(parts.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) })
}

private func relationships(_ list: [(id: String, type: String, target: String)]) -> String {
  #"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#
    + list.map { #"<Relationship Id="\#($0.id)" Type="\#(relation)/\#($0.type)" Target="\#($0.target)"/>"# }.joined()
    + "</Relationships>"
}

@Suite struct WorkbookTests {
  private static let space =
    #"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="\#(relation)""#

  private func workbook(
    _ sheet: String, strings: String = "", formats: [String] = [], state: String = "visible", comments: String? = nil
  ) throws -> [UInt8] {
    let codes = formats.enumerated().map { #"<numFmt numFmtId="\#(200 + $0.offset)" formatCode="\#($0.element)"/>"# }
    let styles = formats.indices.map { #"<xf numFmtId="\#(200 + $0)"/>"# }
    var parts = [
      "[Content_Types].xml": "<Types/>",
      "_rels/.rels": relationships([("m", "officeDocument", "xl/workbook.xml")]),
      "xl/workbook.xml":
        #"<workbook \#(Self.space)><sheets><sheet name="Prices" r:id="s1" state="\#(state)"/></sheets></workbook>"#,
      "xl/_rels/workbook.xml.rels": relationships([
        ("s1", "worksheet", "worksheets/sheet1.xml"), ("t", "sharedStrings", "sharedStrings.xml"),
        ("y", "styles", "styles.xml"),
      ]),
      "xl/sharedStrings.xml": "<sst \(Self.space)>\(strings)</sst>",
      "xl/styles.xml":
        "<styleSheet \(Self.space)><numFmts>\(codes.joined())</numFmts>"
        + "<cellXfs>\(styles.joined())</cellXfs></styleSheet>",
      "xl/worksheets/sheet1.xml": "<worksheet \(Self.space)>\(sheet)</worksheet>",
    ]
    if let comments {
      parts["xl/worksheets/_rels/sheet1.xml.rels"] = relationships([("c", "comments", "../comments1.xml")])
      parts["xl/comments1.xml"] = "<comments \(Self.space)>\(comments)</comments>"
    }
    return try package(parts)
  }

  @Test func commentsAreReadAndFormulasWithoutResultsAreTold() throws {
    let file = try workbook(
      #"<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><f>SUM(A1)</f></c></row></sheetData>"#,
      comments: #"<authors><author>Ann</author></authors><commentList><comment ref="A1" authorId="0"><text><r>"#
        + "<t>Check </t></r><r><t>it</t></r></text></comment></commentList>")
    let document = try read(file)
    #expect(document.texts(of: .footnote) == ["Comment on A1 by Ann: Check it"])
    #expect(document.coverage.map(\.part) == ["sheet Prices", "sheet Prices, 1 formulas", "comments of sheet Prices"])
    #expect(document.coverage[1].isUnread)
    let bare = try Extraction.extract(
      file, filename: "a.xlsx", declaredType: nil, options: ReadingOptions(comments: false))
    #expect(bare.texts(of: .footnote) == [] && !bare.text.contains("Check"))
    #expect(bare.coverage.last?.kind == .skipped(reason: PartCoverage.notWanted))
  }

  private func read(_ bytes: [UInt8]) throws -> Document {
    try Extraction.extract(bytes, filename: "a.xlsx", declaredType: nil)
  }

  @Test func sheetsAreTablesWithTheirHeaders() throws {
    let document = try read(
      workbook(
        #"<sheetData><row r="1"><c r="B1" t="s"><v>0</v></c></row><row r="3"><c r="B3" t="inlineStr"><is>"#
          + #"<t>Item</t></is>"#
          + #"</c><c r="D3" t="s"><v>1</v></c></row><row r="4"><c r="B4" t="str"><f>A1</f><v>Chair</v></c>"#
          + #"<c r="D4" s="0"><v>1234.5</v></c></row><row r="5"><c r="D5" s="1"><v>46112</v></c>"#
          + #"<c r="E5" t="b"><v>1</v></c>"#
          + #"</row></sheetData><mergeCells><mergeCell ref="B4:B5"/></mergeCells>"#,
        strings: "<si><t>List of 2026</t></si><si><r><t>Pri</t></r><r><t>ce</t></r><rPh><t>reading</t></rPh></si>",
        formats: ["#,##0.00", "yyyy\\-mm\\-dd"]))
    #expect(document.headings == ["Prices"])
    #expect(document.texts(of: .paragraph) == ["List of 2026"])
    #expect(document.rows == ["Item | Price", "Chair | 1,234.50", "Chair | 2026-03-31 | TRUE"])
    #expect(document.texts(of: .tableRow(isHeader: true)) == ["Item | Price"])
    #expect(document.coverage == [PartCoverage(part: "sheet Prices", kind: .table)])
  }

  @Test func hiddenSheetsAreNotedAndEmptyBooksRefused() throws {
    let cell = #"<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#
    #expect(try read(workbook(cell, state: "hidden")).warnings.count == 1)
    #expect(failure(try workbook("<sheetData/>"), named: "a.xlsx") == "empty_document")
  }

  @Test func aTextThatManyCellsShareIsBounded() throws {
    let cells = String(repeating: #"<c t="s"><v>0</v></c>"#, count: 700)
    let text = String(repeating: "ab", count: 50_000)
    let bytes = try workbook("<sheetData><row>\(cells)</row></sheetData>", strings: "<si><t>\(text)</t></si>")
    #expect(failure(bytes, named: "a.xlsx") == "too_large")
  }

  @Test(arguments: [
    (1234.5, "General", "1234.5"), (0.1 + 0.2, "General", "0.3"), (1.005, "0.00", "1.01"), (-3, "#,##0;(#,##0)", "(3)"),
    (-1234567.891, "#,##0.0", "-1,234,567.9"), (0.125, "0.0%", "12.5%"), (5, "000", "005"), (1500, "0.0,\"k\"", "1.5k"),
    (12, "[$€-407] #,##0", "€ 12"), (0, "0;-0;\"none\"", "none"), (12345, "0.00E+00", "1.23E+04"),
    (7, "0 \"items\"", "7 items"),
    (45351.5451388889, "d mmmm yyyy h:mm AM/PM", "29 February 2024 1:05 PM"), (1.5, "[h]:mm", "36:00"),
    (60, "General", "60"),
    (45000, "ddd d-mmm-yy", "Wed 15-Mar-23"), (0.75, "h:mm:ss", "18:00:00"),
    (12_345_678_901_234, "0", "12345678901234"),
  ])
  func numbersAreShownByTheirFormats(_ number: Double, _ code: String, _ shown: String) {
    #expect(NumberFormat(code).text(number) == shown)
  }
}

@Suite struct SlideTests {
  private static let space =
    #"xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" "#
    + #"xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="\#(relation)""#

  private func shape(_ text: String, _ placeholder: String = "") -> String {
    let kind = placeholder.isEmpty ? "" : #"<p:ph type="\#(placeholder)"/>"#
    return "<p:sp><p:nvSpPr><p:nvPr>\(kind)</p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:t>\(text)</a:t></a:r></a:p>"
      + "</p:txBody></p:sp>"
  }

  @Test func aSlideIsAPageWithTitleTextTableAndNotes() throws {
    let table =
      "<a:tbl><a:tr><a:tc><a:txBody><a:p><a:r><a:t>Region</a:t></a:r></a:p></a:txBody></a:tc>"
      + "<a:tc><a:txBody><a:p><a:r><a:t>Sales</a:t></a:r></a:p></a:txBody></a:tc></a:tr>"
      + "<a:tr><a:tc><a:txBody><a:p><a:r><a:t>North</a:t></a:r></a:p></a:txBody></a:tc>"
      + "<a:tc><a:txBody><a:p><a:r><a:t>12</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl>"
    func slide(_ content: String) -> String { "<p:sld \(Self.space)><p:cSld>\(content)</p:cSld></p:sld>" }
    let bytes = try package([
      "[Content_Types].xml": "<Types/>",
      "_rels/.rels": relationships([("m", "officeDocument", "ppt/presentation.xml")]),
      "ppt/presentation.xml":
        #"<p:presentation \#(Self.space)><p:sldIdLst><p:sldId id="2" r:id="b"/><p:sldId id="1" r:id="a"/>"#
        + "</p:sldIdLst></p:presentation>",
      "ppt/_rels/presentation.xml.rels": relationships([
        ("a", "slide", "slides/slide1.xml"), ("b", "slide", "slides/slide2.xml"),
      ]),
      "ppt/slides/slide1.xml": slide(shape("Later words")),
      "ppt/slides/slide2.xml": slide(shape("Point", "body") + shape("Results", "title") + table + shape("9", "sldNum")),
      "ppt/slides/_rels/slide2.xml.rels": relationships([("n", "notesSlide", "../notesSlides/n.xml")]),
      "ppt/notesSlides/n.xml": "<p:notes \(Self.space)>\(shape("Thank them", "body"))</p:notes>",
    ])
    let document = try Extraction.extract(bytes, filename: "a.pptx", declaredType: nil)
    #expect(document.pages.map(\.number) == [1, 2])
    #expect(document.headings == ["Results"])
    #expect(document.title == "Results")
    #expect(document.rows == ["Region | Sales", "North | 12"])
    #expect(document.texts(of: .footnote) == ["Speaker notes: Thank them"])
    #expect(document.texts(of: .listItem) == ["• Point"])
    #expect(document.blocks.last?.page == 2)
    #expect(!document.text.contains("9"))
    #expect(document.coverage.map(\.part) == ["slide 1", "notes of slide 1", "slide 2"])
  }
}

@Suite struct OpenDocumentTests {
  private static let space =
    ["office", "text", "table", "style", "manifest"].map {
      #"xmlns:\#($0)="urn:oasis:names:tc:opendocument:xmlns:\#($0):1.0""#
    }.joined(separator: " ")

  private func document(_ body: String, manifest: String = "") throws -> [UInt8] {
    try package([
      "content.xml":
        "<office:document-content \(Self.space)><office:body>\(body)</office:body></office:document-content>",
      "styles.xml":
        "<office:document-styles \(Self.space)><style:master-page><style:header><text:p>Acme</text:p></style:header>"
        + "</style:master-page></office:document-styles>",
      "META-INF/manifest.xml": "<manifest:manifest \(Self.space)>\(manifest)</manifest:manifest>",
    ])
  }

  @Test func textWithItsStructure() throws {
    let bytes = try document(
      #"<office:text><text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>"#
        + #"<text:h text:outline-level="2">Part</text:h><text:p>One<text:s text:c="2"/>two<text:note>"#
        + #"<text:note-citation>1</text:note-citation><text:note-body><text:p>Proof.</text:p>"#
        + #"</text:note-body></text:note></text:p>"#
        + #"<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list><table:table>"#
        + #"<table:table-row>"#
        + #"<table:table-cell><text:p>k</text:p></table:table-cell><table:table-cell><text:p>v</text:p>"#
        + #"</table:table-cell>"#
        + #"</table:table-row><table:table-row><table:table-cell table:number-columns-repeated="2">"#
        + #"<text:p>1</text:p>"#
        + #"</table:table-cell></table:table-row></table:table></office:text>"#)
    let read = try Extraction.extract(bytes, filename: "a.odt", declaredType: nil)
    #expect(read.texts(of: .heading(level: 2)) == ["Part"])
    #expect(read.texts(of: .paragraph) == ["One  two"])
    #expect(read.texts(of: .footnote) == ["Proof."])
    #expect(read.texts(of: .listItem) == ["• item"])
    #expect(read.rows == ["k | v", "1 | 1"])
    #expect(read.texts(of: .header) == ["Acme"])
    #expect(!read.text.contains("deleted"))
  }

  @Test func sheetsAreParts() throws {
    let bytes = try document(
      #"<office:spreadsheet><table:table table:name="Data"><table:table-row><table:table-cell><text:p>a</text:p>"#
        + #"</table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row>"#
        + #"<table:table-row "#
        + #"table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/>"#
        + #"</table:table-row>"#
        + "</table:table></office:spreadsheet>")
    let read = try Extraction.extract(bytes, filename: "a.ods", declaredType: nil)
    #expect(read.headings == ["Data"])
    #expect(read.coverage.map(\.part) == ["sheet Data", "headers and footers"])
  }

  @Test func lockedDocumentsAreNamed() throws {
    let bytes = try document("", manifest: "<manifest:encryption-data/>")
    #expect(failure(bytes, named: "a.odt") == "office_encrypted")
  }
}

@Suite struct BookTests {
  @Test func chaptersComeInTheOrderOfTheSpine() throws {
    let bytes = try package([
      "META-INF/container.xml":
        #"<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>"#
        + #"<rootfile full-path="O/p.opf"/></rootfiles></container>"#,
      "O/p.opf":
        #"<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>"#
        + #"<dc:title>The Book</dc:title></metadata><manifest><item id="a" href="a%20b.xhtml"/>"#
        + #"<item id="z" href="z.xhtml"/>"#
        + #"<item id="n" href="t.ncx" media-type="application/x-dtbncx+xml"/></manifest>"#
        + #"<spine><itemref idref="z"/><itemref idref="a"/></spine></package>"#,
      "O/t.ncx":
        #"<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>Last</text></navLabel>"#
        + #"<content src="a%20b.xhtml#x"/></navPoint></navMap></ncx>"#,
      "O/z.xhtml": "<!DOCTYPE html><html><body><h1>First</h1><p>Zed.</p></body></html>",
      "O/a b.xhtml": "<html><body><p>Ay.</p></body></html>",
    ])
    let document = try Extraction.extract(bytes, filename: "a.epub", declaredType: nil)
    #expect(document.text == "First\n\nZed.\n\nLast\n\nAy.")
    #expect(document.headings == ["First", "Last"])
    #expect(document.title == "The Book")
    #expect(document.coverage.map(\.part) == ["chapter 1", "chapter 2: Last"])
  }
}
