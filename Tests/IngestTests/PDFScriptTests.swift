// PDFs in other scripts, and what a PDF says of itself: labels of pages, who wrote it.
import Testing

@testable import Ingest

@Suite struct PDFScriptTests {
  private func read(_ maker: PDFMaker) throws -> Document {
    try Extraction.extract(maker.bytes(), filename: "a.pdf", declaredType: nil)
  }

  private func line(_ text: String, _ x: Double, _ y: Double, size: Double = 12) -> PDFMaker.Line {
    PDFMaker.Line(text: text, x: x, y: y, size: size, isOfAnyScript: true)
  }

  /// A line of a script without spaces ends anywhere, and goes on without one.
  @Test(arguments: [
    ["設備を使う前に電源の状態を必ず確認してくだ", "さい。異常があれば直ちに管理者へ連絡するこ", "と。"],
    ["员工在使用设备之前必须确认电源的状态并且检", "查所有的线路。如果发现任何异常应当立即通知", "管理员。"],
  ])
  func linesWithoutSpacesAreJoinedWithout(_ lines: [String]) throws {
    var maker = PDFMaker()
    maker.page(lines.enumerated().map { line($0.element, 72, 100 + Double($0.offset) * 16) })
    let document = try read(maker)
    #expect(document.text == lines.joined())
    // Every character has its place: the first of the second line stands at the margin.
    let start = lines[0].unicodeScalars.count
    let box = try #require(document.boxes.rectangles(of: start..<start + 1).first?.box)
    #expect(abs(box.left - 72) < 2 && box.right - box.left < 14 && abs(box.bottom - 116) < 6)
  }

  /// Lines that end where their author wanted them to are not run together.
  @Test func shortLinesStayApart() throws {
    var maker = PDFMaker()
    maker.page([
      line("設備の点検", 72, 100), line("電源の状態を必ず確認してくだ", 72, 116), line("さい。", 72, 132), line("管理者", 72, 148),
    ])
    let text = try read(maker).text
    #expect(text.contains("確認してください。") && !text.contains("点検電源") && !text.contains("。管"), "\(text)")
  }

  /// A font for columns, by which some programs set lines all the same, a letter at a time.
  @Test func lettersForColumnsThatStandInLinesAreLines() throws {
    let lines = ["The hearing is held on the third", "of May in the town hall of Bern."]
    var maker = PDFMaker()
    maker.hasColumnFont = true
    maker.page(
      lines.enumerated().flatMap { row, text in
        text.enumerated().map { line(String($1), 75 + Double($0) * 6, 89.4 + Double(row) * 16) }
      })
    let document = try read(maker)
    #expect(document.text == lines.joined(separator: " "))
    let box = try #require(document.boxes.rectangles(of: 4..<11).first?.box)
    #expect(abs(box.left - 96) < 1 && abs(box.right - 138) < 1 && abs(box.bottom - 100) < 6)
  }

  @Test func columnsAreReadDownwards() throws {
    var maker = PDFMaker()
    maker.hasColumnFont = true
    maker.page([line("電源の状態を必ず確認して", 500, 100), line("ください。", 484, 100)])
    let text = try read(maker).text
    #expect(text == "電源の状態を必ず確認してください。")
  }

  /// Korean has spaces between its words, and keeps them where a line ends.
  @Test func linesOfWordsKeepTheirSpaces() throws {
    var maker = PDFMaker()
    maker.page([line("장비를 사용하기 전에 전원 상태를 반드시", 72, 100), line("확인하십시오. 이상이 있으면", 72, 116)])
    let text = try read(maker).text
    #expect(text == "장비를 사용하기 전에 전원 상태를 반드시 확인하십시오. 이상이 있으면")
  }

  /// Set from left to right as the page has it, read from right to left; numbers and Latin words as they are.
  @Test(arguments: [
    ("תקופת ההודעה היא 30 ימים", "םימי 30 איה העדוהה תפוקת"), ("מדיניות Footnote לעובדים", "םידבועל Footnote תוינידמ"),
    ("فترة الإشعار 30 يوما", "اموي 30 راعشإلا ةرتف"),
  ])
  func textThatRunsLeftIsInTheOrderOfReading(_ reading: String, _ asSet: String) throws {
    var maker = PDFMaker()
    maker.page([line(asSet, 72, 100)])
    let text = try read(maker).text
    #expect(text == reading)
  }

  @Test func pagesAreCalledByTheirLabels() throws {
    var maker = PDFMaker()
    for number in 1...4 { maker.page([.init(text: "Words of sheet \(number)", x: 72, y: 100)]) }
    maker.labels = "0 << /S /r >> 2 << /S /D /P (A-) >>"
    #expect(try read(maker).pages.map(\.label) == ["i", "ii", "A-1", "A-2"])
    maker.labels = nil
    #expect(try read(maker).pages.map(\.label) == [nil, nil, nil, nil])
  }

  @Test func titleAndAuthorAreTheFilesOwn() throws {
    var maker = PDFMaker()
    maker.title = "Leave policy"
    maker.author = "Kari Nordmann"
    maker.page([.init(text: "Words", x: 72, y: 100)])
    let document = try read(maker)
    #expect(document.title == "Leave policy")
    #expect(document.metadata["author"] == "Kari Nordmann")
  }
}
