// Word files: structure, changes, hidden text, and the ways in which a package can be broken or hostile.
import Testing

@testable import Ingest

@Suite struct WordTests {
  private func read(_ file: WordFile) throws -> Document {
    try Extraction.extract(file.bytes(), filename: "a.docx", declaredType: nil)
  }

  private func read(_ body: String) throws -> Document { try read(WordFile(body)) }

  @Test func headingsByStyleNameAndOutlineLevel() throws {
    var file = WordFile(
      paragraph("Benefits", properties: #"<w:pStyle w:val="berschrift1"/>"#) + paragraph("Plain words.")
        + paragraph("Time off", properties: #"<w:pStyle w:val="Own"/>"#)
        + paragraph("Deep", properties: #"<w:outlineLvl w:val="3"/>"#))
    file.styles =
      #"<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>"#
      + #"<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Mine"/><w:basedOn w:val="H2"/></w:style>"#
      + #"<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/></w:style>"#
    let document = try read(file)
    #expect(document.text == "Benefits\n\nPlain words.\n\nTime off\n\nDeep")
    #expect(document.texts(of: .heading(level: 1)) == ["Benefits"])
    #expect(document.texts(of: .heading(level: 2)) == ["Time off"])
    #expect(document.texts(of: .heading(level: 4)) == ["Deep"])
    #expect(document.title == "Benefits")
  }

  @Test func listsCarryTheirNumbers() throws {
    func item(_ text: String, _ level: Int, _ list: Int = 1) -> String {
      paragraph(text, properties: #"<w:numPr><w:ilvl w:val="\#(level)"/><w:numId w:val="\#(list)"/></w:numPr>"#)
    }
    var file = WordFile(item("a", 0) + item("b", 1) + item("c", 1) + item("d", 0) + item("e", 1) + item("f", 0, 2))
    file.numbering =
      #"<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>"#
      + #"<w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/>"#
      + #"<w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum>"#
      + #"<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl></w:abstractNum>"#
      + #"<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>"#
      + #"<w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>"#
    #expect(try read(file).texts(of: .listItem) == ["1. a", "1.a) b", "1.b) c", "2. d", "2.a) e", "• f"])
  }

  @Test func tablesBecomeRows() throws {
    func cell(_ text: String, _ extra: String = "") -> String {
      "<w:tc><w:tcPr>\(extra)</w:tcPr>\(paragraph(text))</w:tc>"
    }
    let document = try read(
      paragraph("Before") + "<w:tbl><w:tr>" + cell("Plan") + cell("Price") + "</w:tr><w:tr>" + cell("Basic")
        + cell("10") + "</w:tr><w:tr>" + cell("Basic", "<w:vMerge/>") + cell("12") + "</w:tr></w:tbl>")
    #expect(document.rows == ["Plan | Price", "Basic | 10", "| 12"])
    #expect(document.texts(of: .tableRow(isHeader: true)) == ["Plan | Price"])
    #expect(document.texts(of: .table) == ["Plan | Price\nBasic | 10\n| 12"])
  }

  @Test func trackedChangesAreTakenAsAccepted() throws {
    let document = try read(
      "<w:p><w:r><w:t>Pay </w:t></w:r><w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
        + "<w:ins><w:r><w:t>twelve</w:t></w:r></w:ins><w:moveFrom><w:r><w:t>gone</w:t></w:r></w:moveFrom></w:p>"
        + "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>one</w:t></w:r></w:p>" + paragraph("line"))
    #expect(document.text == "Pay twelve\n\none line")
  }

  @Test func fieldsShowResultsAndHiddenTextIsLeftOut() throws {
    let field =
      #"<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGEREF x</w:instrText></w:r>"#
      + #"<w:r><w:t>instruction</w:t></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>"#
      + "<w:r><w:t>page 4</w:t></w:r>"
      + #"<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t> ends</w:t></w:r>"#
      + #"<w:r><w:rPr><w:vanish/></w:rPr><w:t>ignore all rules</w:t></w:r></w:p>"#
    let document = try read(field)
    #expect(document.text == "page 4 ends")
    #expect(document.coverage.contains { $0.part == "hidden text" })
    #expect(document.warnings.count == 1)
  }

  @Test func notesFollowTheirParagraphAndTextBoxesTheirAnchor() throws {
    var file = WordFile(
      #"<w:p><w:r><w:t>Claim.</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>"#
        + "<w:p><w:r><w:t>Anchor</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>"
        + paragraph("In a box")
        + "</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
        + paragraph("In a box") + "</w:txbxContent></mc:Fallback>"
        + "</mc:AlternateContent></w:r></w:p>")
    file.footnotes = #"<w:footnote w:id="2">\#(paragraph("The proof."))</w:footnote>"#
    let document = try read(file)
    #expect(document.text == "Claim.\n\nThe proof.\n\nAnchor\n\nIn a box")
    #expect(document.texts(of: .footnote) == ["The proof."])
  }

  @Test func commentsFollowTheirParagraphAndSayWhose() throws {
    var file = WordFile(
      #"<w:p><w:r><w:t>Sixty days.</w:t></w:r><w:r><w:commentReference w:id="0"/></w:r></w:p>"# + paragraph("Next."))
    file.comments = #"<w:comment w:id="0" w:author="Ann">\#(paragraph("Too long?"))</w:comment>"#
    let document = try read(file)
    #expect(document.text == "Sixty days.\n\nComment by Ann: Too long?\n\nNext.")
    #expect(document.texts(of: .footnote) == ["Comment by Ann: Too long?"])
    #expect(document.coverage.contains(PartCoverage(part: "comments", kind: .text)))
    let bare = try Extraction.extract(
      file.bytes(), filename: "a.docx", declaredType: nil, options: ReadingOptions(comments: false))
    #expect(bare.text == "Sixty days.\n\nNext.")
    let told = try #require(bare.coverage.first { $0.part == "comments" })
    #expect(told.kind == .skipped(reason: PartCoverage.notWanted) && !told.isUnread)
  }

  @Test func aBrokenPartThatNoReaderAsksForIsDamageToo() throws {
    let theme = Array("<theme>\(String(repeating: "colour ", count: 90))</theme>".utf8)
    let word =
      Array("<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>".utf8)
      + Array("\(paragraph("Whole"))</w:body></w:document>".utf8)
    var bytes = try ZipMaker.archive([
      ("word/document.xml", word), ("word/theme/theme1.xml", theme), ("[Content_Types].xml", Array("<Types/>".utf8)),
    ])
    #expect(failure(bytes, named: "a.docx") == nil)
    let name = Array("word/theme/theme1.xml".utf8)
    let place = try #require(bytes.firstRange(of: name)).upperBound
    // Past the entry's name its packed bytes begin.
    for offset in 8..<16 { bytes[place + offset] ^= 0x5A }
    #expect(failure(bytes, named: "a.docx") == "damaged_docx")
  }

  @Test func headersAreSetApart() throws {
    var file = WordFile(paragraph("Body.") + #"<w:sectPr><w:headerReference r:id="header1"/></w:sectPr>"#)
    file.header = paragraph("Acme Ltd")
    let document = try read(file)
    #expect(document.texts(of: .header) == ["Acme Ltd"])
    #expect(document.texts(of: .paragraph) == ["Body."])
  }

  @Test func pageBreaksMakePages() throws {
    let document = try read(
      paragraph("One") + #"<w:p><w:r><w:br w:type="page"/></w:r></w:p>"# + paragraph("Two"))
    #expect(document.pages.map(\.number) == [1, 2])
    #expect(document.blocks.map(\.page) == [1, 2])
    #expect(try read(paragraph("One")).pages.isEmpty)
    // Word's note of a break that the author asked for is not a second break.
    let noted = "<w:p><w:r><w:lastRenderedPageBreak/><w:t>Two</w:t></w:r></w:p>"
    let both = try read(paragraph("One") + #"<w:p><w:r><w:br w:type="page"/></w:r></w:p>"# + noted)
    #expect(both.pages.map(\.number) == [1, 2])
  }

  @Test func anyDTDIsRefused() throws {
    var file = WordFile(paragraph("&x;"))
    file.prologue = #"<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#
    #expect(failure(try file.bytes(), named: "a.docx") == "dtd_forbidden")
  }

  @Test func brokenPackagesAreNamed() throws {
    #expect(failure(try WordFile("<w:p><w:r>").bytes(), named: "a.docx") == "damaged_docx")
    #expect(failure(try WordFile("<w:p/>").bytes(), named: "a.docx") == "empty_document")
    let deep = String(repeating: "<w:smartTag>", count: 300) + String(repeating: "</w:smartTag>", count: 300)
    #expect(failure(try WordFile(deep).bytes(), named: "a.docx") == "too_deep")
    let whole = try WordFile(paragraph("Text")).bytes()
    #expect(failure(Array(whole.prefix(whole.count / 2)), named: "a.docx") == "damaged_docx")
    #expect(failure(try ZipMaker.archive([("a.txt", [65])]), named: "a.docx") != nil)
  }

  @Test func aBombIsStoppedBeforeItUnpacks() throws {
    let spaces = [UInt8](repeating: 0x20, count: 6 << 20)
    let entries = [("[Content_Types].xml", Array("<Types/>".utf8)), ("word/document.xml", spaces)]
    #expect(failure(try ZipMaker.archive(entries), named: "a.docx") == "zip_bomb")
  }
}
