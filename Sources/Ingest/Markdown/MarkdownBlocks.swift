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
  /// Inside a list, lines far to the right go on with an item and are no code.
  private var isInList = false

  init(_ utf8: [UInt8]) { self.utf8 = utf8 }

  mutating func scan() -> [Block] {
    var lines = LineScanner(utf8)
    var paragraphLine: LineScanner.Line?
    while let line = lines.next() {
      if continuesCode(line) { continue }
      let content = utf8[line.bytes].drop { $0 == 0x20 || $0 == 0x09 }
      let indent = content.startIndex - line.bytes.lowerBound
      let isDeep = indent >= 4 || utf8[line.bytes].first == 0x09
      if !isDeep, indent == 0, !line.isBlank, !MarkdownMarks.isListItem(content), paragraph == nil { isInList = false }
      if line.isBlank {
        closeAll()
      } else if let fence = MarkdownMarks.fence(content) {
        closeAll()
        code = (line.scalars.lowerBound, line.scalars.upperBound, fence)
      } else if isDeep, paragraph == nil, table.isEmpty, !isInList {
        addIndentedCode(line)
      } else if indent < 4, let marks = headingMarks(content) {
        closeAll()
        addHeading(line, level: marks, skipping: indent + marks)
      } else if let underlined = paragraphLine, paragraph == underlined.scalars, table.isEmpty,
        paragraphKind == .paragraph, utf8[underlined.bytes].first != 0x3E, let level = underlineLevel(content)
      {
        paragraph = nil
        addHeading(underlined, level: level, skipping: 0)
      } else if isRule(content) {
        closeAll()
        blocks.append(Block(kind: .paragraph, start: line.scalars.lowerBound, end: line.scalars.upperBound))
      } else if let head = paragraphLine, table.isEmpty, paragraph == head.scalars, isDelimiter(line),
        content.contains(0x7C), utf8[head.bytes].contains(0x7C)
      {
        // A table without bars at its sides is told by its second line.
        paragraph = nil
        table = [head, line]
      } else if isTableLine(content) || (!table.isEmpty && content.contains(0x7C)) {
        closeParagraph()
        table.append(line)
      } else if isFootnote(content) {
        closeAll()
        paragraphKind = .footnote
        paragraph = line.scalars
      } else {
        closeTable()
        let startsItem = MarkdownMarks.isListItem(content)
        if startsItem {
          closeParagraph()
          isInList = true
        }
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

  /// Lines one after another are one block.
  private mutating func addIndentedCode(_ line: LineScanner.Line) {
    if let last = blocks.last, last.kind == .code, last.end + 1 == line.scalars.lowerBound {
      blocks[blocks.count - 1].end = line.scalars.upperBound
    } else {
      blocks.append(Block(kind: .code, start: line.scalars.lowerBound, end: line.scalars.upperBound))
    }
  }

  /// Three or more of one of - * _, spaces between them or not.
  private func isRule(_ content: ArraySlice<UInt8>) -> Bool {
    guard let mark = content.first, mark == 0x2D || mark == 0x2A || mark == 0x5F else { return false }
    return content.allSatisfy { $0 == mark || isBlank($0) } && content.count { $0 == mark } >= 3
  }

  /// '[^name]: words'
  private func isFootnote(_ content: ArraySlice<UInt8>) -> Bool {
    guard content.starts(with: [0x5B, 0x5E]), let end = content.firstIndex(of: 0x5D) else { return false }
    return content[(end + 1)...].first == 0x3A
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
    let bytes = utf8[line.bytes]
    return bytes.contains(0x2D) && bytes.allSatisfy { $0 == 0x7C || $0 == 0x2D || $0 == 0x3A || isBlank($0) }
  }
}
