// Writes the pages of a PDF into the Document form: words joined to lines and paragraphs, hyphenation mended, headings
// told by size and weight, a box for every word.
// Must not: read the file.

struct PDFWriter {
  var builder = DocumentBuilder(format: .pdf)
  private let pages: [PDFReader.Page]
  private let items: [[PDFItem]]
  private let headings: PDFHeadings

  init(pages: [PDFReader.Page]) {
    self.pages = pages
    let furniture = PDFFurniture(pages)
    let items = pages.indices.map { index in
      PDFLayout.items(
        of: pages[index].text, tables: pages[index].tables, headers: furniture.headers[index],
        footers: furniture.footers[index])
    }
    self.items = items
    headings = PDFHeadings(items)
  }

  mutating func write() throws {
    for (index, page) in pages.enumerated() {
      let number = index + 1
      builder.join(.paragraph)
      builder.beginPage(number: number, label: page.label, width: page.width, height: page.height)
      for item in items[index] {
        switch item {
        case .paragraph(let paragraph): try write(paragraph, as: nil, of: page, number: number)
        case .header(let paragraph): try write(paragraph, as: .header, of: page, number: number)
        case .footer(let paragraph): try write(paragraph, as: .footer, of: page, number: number)
        case .table(let table): try write(table, of: page, number: number)
        }
      }
      for line in page.extras { try builder.append(line, as: .paragraph, page: number) }
      builder.endPage()
      addCoverage(page, number: number)
    }
    let unread = builder.coverage.count { if case .imageOnly = $0.kind { true } else { false } }
    if unread > 0 { builder.warnings.append("\(unread) of \(pages.count) pages are pictures without text") }
  }

  private mutating func write(
    _ paragraph: PDFParagraph, as given: Block.Kind?, of page: PDFReader.Page, number: Int
  ) throws {
    builder.join(.paragraph)
    let first = builder.boxes.runs.count
    var start: Int?
    var end = builder.scalarCount
    for (lineIndex, line) in paragraph.lines.enumerated() {
      for index in line {
        let word = page.text.words[index]
        let isBroken = index == line.upperBound - 1 && lineIndex + 1 < paragraph.lines.count
        let bytes = page.text.utf8[word.text]
        let isHyphenated =
          isBroken && Hyphenation.isBroken(bytes, before: firstWord(of: paragraph.lines[lineIndex + 1], in: page))
        let range = try builder.write(isHyphenated ? bytes.dropLast(Hyphenation.length(bytes)) : bytes)
        if range.isEmpty { continue }
        builder.addBox(word.box, of: range, page: number)
        start = start ?? range.lowerBound
        end = range.upperBound
        builder.join(isHyphenated ? .none : .space)
      }
    }
    guard let start, builder.boxes.runs.count > first else { return }
    let kind: Block.Kind
    if let given {
      kind = given
    } else if let level = headings.level(of: paragraph) {
      kind = .heading(level: level)
    } else {
      kind = paragraph.startsWithBullet ? .listItem : .paragraph
    }
    builder.blocks.append(Block(kind: kind, start: start, end: end, page: number, box: paragraph.box))
    if builder.title == nil, case .heading(1) = kind { builder.title = builder.text(of: start..<end) }
  }

  private mutating func write(_ table: PDFTable, of page: PDFReader.Page, number: Int) throws {
    let blockIndex = builder.blocks.count
    builder.join(.paragraph)
    var tableRange: Range<Int>?
    for (rowIndex, row) in table.rows.enumerated() {
      var rowStart: Int?
      let filled = row.cells.lastIndex { !$0.isEmpty } ?? -1
      for (column, cell) in row.cells.prefix(filled + 1).enumerated() {
        if column > 0 {
          // A row whose first cell is empty begins with the bar.
          if rowStart != nil { builder.join(.none) }
          let bar = try builder.write(rowStart == nil ? [0x7C, 0x20] : [0x20, 0x7C, 0x20])
          rowStart = rowStart ?? bar.lowerBound
          builder.join(.none)
        }
        for index in cell.joined() {
          let word = page.text.words[index]
          let range = try builder.write(page.text.utf8[word.text])
          builder.addBox(word.box, of: range, page: number)
          rowStart = rowStart ?? range.lowerBound
          builder.join(.space)
        }
      }
      guard let rowStart else { continue }
      let end = builder.scalarCount
      tableRange = (tableRange?.lowerBound ?? rowStart)..<end
      builder.blocks.append(
        Block(kind: .tableRow(isHeader: rowIndex < table.headerCount), start: rowStart, end: end, page: number))
      builder.join(.line)
    }
    guard let range = tableRange else { return }
    builder.blocks.insert(
      Block(kind: .table, start: range.lowerBound, end: range.upperBound, page: number, box: table.box), at: blockIndex)
  }

  private func firstWord(of line: Range<Int>, in page: PDFReader.Page) -> ArraySlice<UInt8> {
    page.text.utf8[page.text.words[line.lowerBound].text]
  }

  private mutating func addCoverage(_ page: PDFReader.Page, number: Int) {
    let kind: PartCoverage.Kind
    if !page.isReadable {
      kind = .skipped(reason: "the page is damaged")
    } else if !page.text.words.isEmpty || !page.extras.isEmpty {
      kind = page.tables.isEmpty ? .text : .table
    } else {
      kind = page.hasImages ? .imageOnly : .skipped(reason: "the page is blank")
    }
    builder.coverage.append(PartCoverage(part: "page \(number)", kind: kind))
  }
}

/// A word that a line end broke in two.
enum Hyphenation {
  static func isBroken(_ word: ArraySlice<UInt8>, before next: ArraySlice<UInt8>) -> Bool {
    let hyphen = length(word)
    guard hyphen > 0, let last = word.dropLast(hyphen).last, let first = next.first else { return false }
    return isLowercase(last) && isLowercase(first)
  }

  /// Bytes of the hyphen that the word ends with: '-', U+2010 or a soft hyphen.
  static func length(_ word: ArraySlice<UInt8>) -> Int {
    if word.last == 0x2D { return 1 }
    if word.suffix(3).elementsEqual([0xE2, 0x80, 0x90]) { return 3 }
    return word.suffix(2).elementsEqual([0xC2, 0xAD]) ? 2 : 0
  }

  private static func isLowercase(_ byte: UInt8) -> Bool { (byte >= 0x61 && byte <= 0x7A) || byte >= 0x80 }
}

/// Which paragraphs are headings: larger than the body text, or bold and alone.
struct PDFHeadings {
  private let bodySize: Float
  /// Sizes of headings, largest first, rounded to half points.
  private let sizes: [Float]

  private static let letterCountMax = 160
  private static let lineCountMax = 4

  init(_ pages: [[PDFItem]]) {
    var lettersBySize: [Float: Int] = [:]
    var candidates: Set<Float> = []
    for case .paragraph(let paragraph) in pages.joined() {
      let size = Self.rounded(paragraph.size)
      lettersBySize[size, default: 0] += paragraph.letterCount
      if Self.mayBeHeading(paragraph) { candidates.insert(size) }
    }
    let body = lettersBySize.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    bodySize = body
    sizes = candidates.filter { $0 > body * 1.12 }.sorted(by: >)
  }

  func level(of paragraph: PDFParagraph) -> Int? {
    guard Self.mayBeHeading(paragraph) else { return nil }
    if paragraph.size > bodySize * 1.12 {
      return min((sizes.firstIndex(of: Self.rounded(paragraph.size)) ?? 0) + 1, 5)
    }
    guard paragraph.isBold, paragraph.size > bodySize * 0.95, paragraph.lines.count <= 2, paragraph.letterCount <= 90
    else { return nil }
    return min(sizes.count + 1, 6)
  }

  private static func mayBeHeading(_ paragraph: PDFParagraph) -> Bool {
    paragraph.letterCount >= 2 && paragraph.letterCount <= letterCountMax && paragraph.lines.count <= lineCountMax
  }

  private static func rounded(_ size: Float) -> Float { (size * 2).rounded() / 2 }
}
