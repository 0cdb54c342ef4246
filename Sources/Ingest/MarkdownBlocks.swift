// Finds the blocks of Markdown text by the look of its lines.
// Invariants: linear time; blocks lie in order and cover every line that is not blank.
// Must not: change the text.

struct MarkdownBlocks {
  private let utf8: [UInt8]
  private var blocks: [Block] = []
  private var paragraph: Range<Int>?
  private var paragraphKind = Block.Kind.paragraph
  private var table: [LineScanner.Line] = []
  private var code: (start: Int, end: Int, fence: [UInt8])?
  private(set) var firstHeading: String?

  init(_ utf8: [UInt8]) { self.utf8 = utf8 }

  mutating func scan() -> [Block] {
    var lines = LineScanner(utf8)
    var paragraphLine: LineScanner.Line?
    while let line = lines.next() {
      if continuesCode(line) { continue }
      let content = utf8[line.bytes].drop { $0 == 0x20 || $0 == 0x09 }
      let indent = content.startIndex - line.bytes.lowerBound
      if line.isBlank {
        closeAll()
      } else if let fence = fenceMark(content) {
        closeAll()
        code = (line.scalars.lowerBound, line.scalars.upperBound, fence)
      } else if indent < 4, let marks = headingMarks(content) {
        closeAll()
        addHeading(line, level: marks, skipping: indent + marks)
      } else if let underlined = paragraphLine, paragraph == underlined.scalars, table.isEmpty,
        let level = underlineLevel(content)
      {
        paragraph = nil
        addHeading(underlined, level: level, skipping: 0)
      } else if isTableLine(content) {
        closeParagraph()
        table.append(line)
      } else {
        closeTable()
        let startsItem = isListItem(content)
        if startsItem { closeParagraph() }
        if paragraph == nil { paragraphKind = startsItem ? .listItem : .paragraph }
        let start = paragraph?.lowerBound ?? line.scalars.lowerBound
        paragraph = start..<line.scalars.upperBound
      }
      paragraphLine = line
    }
    closeAll()
    if let code { blocks.append(Block(kind: .code, start: code.start, end: code.end)) }
    return blocks
  }

  private mutating func continuesCode(_ line: LineScanner.Line) -> Bool {
    guard let open = code else { return false }
    code?.end = line.scalars.upperBound
    let content = utf8[line.bytes].drop { $0 == 0x20 }
    if content.starts(with: open.fence), content.allSatisfy({ $0 == open.fence[0] || isBlank($0) }) {
      blocks.append(Block(kind: .code, start: open.start, end: line.scalars.upperBound))
      code = nil
    }
    return true
  }

  private func fenceMark(_ content: ArraySlice<UInt8>) -> [UInt8]? {
    guard let first = content.first, first == 0x60 || first == 0x7E else { return nil }
    let run = content.prefix { $0 == first }
    return run.count >= 3 ? Array(run) : nil
  }

  private func headingMarks(_ content: ArraySlice<UInt8>) -> Int? {
    let marks = content.prefix { $0 == 0x23 }.count
    guard (1...6).contains(marks) else { return nil }
    let rest = content.dropFirst(marks)
    return rest.isEmpty || rest.first == 0x20 || rest.first == 0x09 ? marks : nil
  }

  private func underlineLevel(_ content: ArraySlice<UInt8>) -> Int? {
    let mark = content.first
    guard mark == 0x3D || mark == 0x2D, content.count >= 2 else { return nil }
    let rest = content.drop { $0 == mark }
    return rest.allSatisfy(isBlank) ? (mark == 0x3D ? 1 : 2) : nil
  }

  private func isTableLine(_ content: ArraySlice<UInt8>) -> Bool {
    content.first == 0x7C && content.dropFirst().contains(0x7C)
  }

  private func isListItem(_ content: ArraySlice<UInt8>) -> Bool {
    guard let first = content.first else { return false }
    if first == 0x2D || first == 0x2A || first == 0x2B { return content.dropFirst().first == 0x20 }
    let digits = content.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
    guard (1...9).contains(digits) else { return false }
    let rest = content.dropFirst(digits)
    return (rest.first == 0x2E || rest.first == 0x29) && rest.dropFirst().first == 0x20
  }

  /// The range of a heading is its words, without the marks around them.
  private mutating func addHeading(_ line: LineScanner.Line, level: Int, skipping marks: Int) {
    var start = line.bytes.lowerBound + marks
    var end = line.bytes.upperBound
    while start < end, isBlank(utf8[start]) { start += 1 }
    while end > start, isBlank(utf8[end - 1]) || (marks > 0 && utf8[end - 1] == 0x23) { end -= 1 }
    guard start < end else { return }
    let before = utf8[line.bytes.lowerBound..<start].count { $0 & 0xC0 != 0x80 }
    let words = utf8[start..<end]
    let from = line.scalars.lowerBound + before
    let to = from + words.count { $0 & 0xC0 != 0x80 }
    blocks.append(Block(kind: .heading(level: level), start: from, end: to))
    if firstHeading == nil { firstHeading = String(decoding: words, as: UTF8.self) }
  }

  private mutating func closeAll() {
    closeParagraph()
    closeTable()
  }

  private mutating func closeParagraph() {
    guard let range = paragraph else { return }
    paragraph = nil
    blocks.append(Block(kind: paragraphKind, start: range.lowerBound, end: range.upperBound))
  }

  private mutating func closeTable() {
    guard let first = table.first, let last = table.last else { return }
    let isHeaded = table.count > 1 && isDelimiter(table[1])
    blocks.append(Block(kind: .table, start: first.scalars.lowerBound, end: last.scalars.upperBound))
    for (index, row) in table.enumerated() {
      let isHeader = isHeaded && index < 2
      blocks.append(
        Block(kind: .tableRow(isHeader: isHeader), start: row.scalars.lowerBound, end: row.scalars.upperBound))
    }
    table = []
  }

  private func isDelimiter(_ line: LineScanner.Line) -> Bool {
    utf8[line.bytes].allSatisfy { $0 == 0x7C || $0 == 0x2D || $0 == 0x3A || isBlank($0) }
  }
}
