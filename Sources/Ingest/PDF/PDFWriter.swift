// Writes the pages of a PDF into the Document form: words joined to lines and paragraphs, hyphenation mended, headings
// told by size and weight, a box for every word.
// Must not: read the file.

struct PDFWriter {
  var builder = DocumentBuilder(format: .pdf)
  var leavesCommentsOut = false
  private let pages: [PDFReader.Page]
  private let items: [[PDFItem]]
  private let headings: PDFHeadings

  init(pages: [PDFReader.Page], outline: PDFOutline = PDFOutline()) {
    self.pages = pages
    let furniture = PDFFurniture(pages)
    let items = pages.indices.map { index in
      PDFLayout.items(
        of: pages[index].text, tables: pages[index].tables, headers: furniture.headers[index],
        footers: furniture.footers[index])
    }
    self.items = items
    headings = PDFHeadings(items, outline: outline)
  }

  /// The table that closed the body of the page before.
  fileprivate struct OpenTable {
    var block: Int
    var columnCount: Int
    var box: Rectangle
    var header: [[UInt8]]
  }
  private var openTable: OpenTable?

  mutating func write() throws {
    for (index, page) in pages.enumerated() {
      let number = index + 1
      let carried = openTable
      openTable = nil
      let body = items[index].indices.filter { items[index][$0].isBody }
      builder.join(.paragraph)
      builder.beginPage(number: number, label: page.label, width: page.width, height: page.height)
      for (place, item) in items[index].enumerated() {
        switch item {
        case .paragraph(let paragraph):
          let isCaption = PDFCaptions.names(paragraph, in: page.text, beside: items[index], at: place)
          try write(paragraph, as: isCaption ? .caption : nil, of: page, number: number)
        case .header(let paragraph): try write(paragraph, as: .header, of: page, number: number)
        case .footer(let paragraph): try write(paragraph, as: .footer, of: page, number: number)
        case .table(let table):
          let above = place == body.first ? carried : nil
          let written = try write(table, of: page, number: number, after: above)
          if place == body.last { openTable = written }
        }
      }
      for line in page.extras { try builder.append(line, as: .paragraph, page: number) }
      for line in leavesCommentsOut ? page.links : page.comments + page.links {
        try builder.append(line, as: .footnote, page: number)
      }
      builder.endPage()
      addCoverage(page, number: number)
    }
    warn("are pictures of text and were not read", pages.filter { $0.kind == .picture })
    warn("were not read: their fonts do not tell their characters", pages.filter { $0.kind == .unmapped })
    let unseen = pages.reduce(0) { $0 + $1.text.glyphs.leftOut }
    if unseen > 0 {
      builder.metadata["unseen_characters"] = String(unseen)
      builder.warnings.append("\(unseen) characters that leave no ink were left out")
    }
    warn("were read from pictures: letters may be wrong", pages.filter { $0.kind == .recognised })
    let comments = pages.reduce(0) { $0 + $1.comments.count }
    if leavesCommentsOut, comments > 0 {
      builder.warnings.append("\(comments) comments were \(PartCoverage.notWanted)")
    }
  }

  private mutating func warn(_ what: String, _ found: [PDFReader.Page]) {
    if !found.isEmpty { builder.warnings.append("\(found.count) of \(pages.count) pages \(what)") }
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
        let goesOn = index == line.upperBound - 1 && lineIndex + 1 < paragraph.lines.count
        let next = goesOn ? firstWord(of: paragraph.lines[lineIndex + 1], in: page) : []
        let bytes = page.text.utf8[word.text]
        let isHyphenated = goesOn && Hyphenation.isBroken(bytes, before: next)
        let range = try builder.write(isHyphenated ? bytes.dropLast(Hyphenation.length(bytes)) : bytes)
        if range.isEmpty { continue }
        builder.addBox(of: word, in: page.text, range: range, page: number, isHyphenLeftOut: isHyphenated)
        start = start ?? range.lowerBound
        end = range.upperBound
        // A line that ends short of the edge ends because its author wanted it to.
        let isFull = goesOn && word.box.right > paragraph.box.right - word.size * 1.2
        let isSeamless = isFull && LineJoints.isSeamless(bytes, before: next)
        builder.join(isHyphenated || isSeamless ? .none : .space)
      }
    }
    guard let start, builder.boxes.runs.count > first else { return }
    let kind: Block.Kind
    if let given {
      kind = given
    } else if let level = headings.level(of: paragraph, in: page.text, page: number) {
      kind = .heading(level: level)
    } else {
      kind = paragraph.startsWithBullet ? .listItem : .paragraph
    }
    builder.blocks.append(
      Block(kind: kind, start: start, end: end, page: number, box: page.text.frame.toPage(paragraph.box)))
    if builder.title == nil, case .heading(1) = kind { builder.title = builder.text(of: start..<end) }
  }

  /// A table that goes on from the page before is one with it; its rows are marked as head only where they repeat it.
  private mutating func write(
    _ table: PDFTable, of page: PDFReader.Page, number: Int, after carried: OpenTable?
  ) throws -> OpenTable? {
    let blockIndex = builder.blocks.count
    let above = carried.flatMap { $0.goesOn(in: table) ? $0 : nil }
    var header: [[UInt8]] = []
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
          builder.addBox(of: word, in: page.text, range: range, page: number)
          rowStart = rowStart ?? range.lowerBound
          builder.join(.space)
        }
      }
      guard let rowStart else { continue }
      let end = builder.scalarCount
      tableRange = (tableRange?.lowerBound ?? rowStart)..<end
      var isHeader = rowIndex < table.headerCount
      if isHeader {
        let words = row.cells.joined().joined().flatMap { page.text.utf8[page.text.words[$0].text] }
        if let above { isHeader = above.header.contains(words) }
        if isHeader { header.append(words) }
      }
      builder.blocks.append(Block(kind: .tableRow(isHeader: isHeader), start: rowStart, end: end, page: number))
      builder.join(.line)
    }
    guard let range = tableRange else { return nil }
    if let above {
      builder.blocks[above.block].end = range.upperBound
      return OpenTable(block: above.block, columnCount: above.columnCount, box: table.box, header: above.header)
    }
    builder.blocks.insert(
      Block(
        kind: .table, start: range.lowerBound, end: range.upperBound, page: number,
        box: page.text.frame.toPage(table.box)), at: blockIndex)
    return OpenTable(block: blockIndex, columnCount: table.columnCount, box: table.box, header: header)
  }

  private func firstWord(of line: Range<Int>, in page: PDFReader.Page) -> ArraySlice<UInt8> {
    page.text.utf8[page.text.words[line.lowerBound].text]
  }

  private mutating func addCoverage(_ page: PDFReader.Page, number: Int) {
    let kind: PartCoverage.Kind =
      switch page.kind {
      case .text, .recognised: page.tables.isEmpty ? .text : .table
      case .picture: .imageOnly
      case .blank: .skipped(reason: PartCoverage.blank)
      case .wordless: .skipped(reason: PartCoverage.wordless)
      case .unmapped: .skipped(reason: "the page's fonts do not tell its characters")
      case .damaged: .skipped(reason: "the page is damaged")
      case .excessive: .skipped(reason: "the page draws more than can be read")
      }
    builder.coverage.append(PartCoverage(part: "page \(number)", kind: kind))
  }
}

extension PDFWriter.OpenTable {
  /// As many columns between the same edges.
  fileprivate func goesOn(in table: PDFTable) -> Bool {
    let overlap = min(box.right, table.box.right) - max(box.left, table.box.left)
    let width = max(box.right, table.box.right) - min(box.left, table.box.left)
    return table.columnCount == columnCount && overlap > width * 0.9
  }
}

/// Which paragraphs are headings: larger than the body text, or bold and alone.
struct PDFHeadings {
  private let bodySize: Float
  private let outline: PDFOutline
  /// Sizes of headings, largest first, rounded to half points.
  private let sizes: [Float]

  private static let letterCountMax = 160
  private static let lineCountMax = 4

  init(_ pages: [[PDFItem]], outline: PDFOutline) {
    self.outline = outline
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

  func level(of paragraph: PDFParagraph, in text: PDFPageText, page: Int) -> Int? {
    guard Self.mayBeHeading(paragraph) else { return nil }
    if !outline.isEmpty {
      let words = paragraph.lines.joined().map { Array(text.utf8[text.words[$0].text]) }
      if let level = outline.level(of: words[...], page: page) { return min(level, 6) }
    }
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
