// Turns the elements of a page into blocks, passing over what is told to stand beside the main content.
// Invariants: `index` counts elements as HTMLOutline counted them, so a decision of one walk holds in the next; a table
// that only arranges the page is written as the blocks in it.
// Must not: keep anything of scripts, styles or hidden elements.

struct HTMLWriter: HTMLVisitor {
  /// Elements that no reader of the page sees.
  private(set) var hiddenCount = 0
  private var builder: DocumentBuilder
  private let outline: HTMLOutline
  private let skipped: Set<Int>
  private var index = 0
  private var text: [UInt8] = []
  private var headingLevel: Int?
  private var preformattedDepth = 0
  private var lists: [Int?] = []
  private var itemLabel: String?
  private var tables = TableStack()
  /// Of the open tables, whether each only arranges.
  private var arranges: [Bool] = []
  private var paragraphKind: Block.Kind = .paragraph

  /// Goes on with a document that has been begun.
  init(continuing builder: DocumentBuilder, outline: HTMLOutline, skipping skipped: Set<Int>) {
    self.builder = builder
    self.outline = outline
    self.skipped = skipped
  }

  /// What has been written, for the next part to go on with.
  mutating func builderAtEnd() throws -> DocumentBuilder {
    try closeBlock()
    while !tables.isEmpty { try closeTable() }
    return builder
  }

  mutating func start(_ name: String, _ attributes: HTMLAttributes) throws -> Bool {
    let here = index
    precondition(here < outline.elements.count, "both walks see the same elements")
    index += 1
    switch HTMLElements.presence(of: name, attributes) {
    case .silent: return passOver(here)
    case .hidden:
      hiddenCount += 1
      return passOver(here)
    case .shown: break
    }
    if name == "title" || skipped.contains(here) { return passOver(here) }
    if HTMLElements.blocks.contains(name) { try closeBlock() }
    switch name {
    case "h1", "h2", "h3", "h4", "h5", "h6": headingLevel = Int(name.dropFirst())
    case "pre": preformattedDepth += 1
    case "ul": lists.append(nil)
    case "ol": lists.append((attributes["start"].flatMap { Int($0) } ?? 1))
    case "li": itemLabel = nextLabel()
    case "figcaption", "caption": paragraphKind = .caption
    case "br": text.append(0x0A)
    case "table":
      let isLayout = outline.elements[here].traits.contains(.layoutTable)
      arranges.append(isLayout)
      if !isLayout { tables.open() }
    case "tr": if arranges.last == true { try closeBlock() } else { closeRow() }
    case "td", "th":
      if arranges.last == true {
        try closeBlock()
      } else {
        closeCell()
        tables.openCell(isHeader: name == "th")
      }
    default: break
    }
    return true
  }

  private mutating func passOver(_ element: Int) -> Bool {
    index = outline.elements[element].end
    return false
  }

  mutating func end(_ name: String) throws {
    switch name {
    case "td", "th", "tr":
      if arranges.last == true { try closeBlock() } else if name == "tr" { closeRow() } else { closeCell() }
    case "table":
      if arranges.popLast() == true { try closeBlock() } else { try closeTable() }
    case "pre":
      try closeBlock()
      preformattedDepth -= 1
    case "ul", "ol":
      try closeBlock()
      _ = lists.popLast()
    default: if HTMLElements.blocks.contains(name) { try closeBlock() }
    }
  }

  mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if preformattedDepth > 0 {
      unsafe text.append(contentsOf: bytes)
    } else {
      for index in 0..<bytes.count {
        let byte = unsafe bytes[index]
        if !isBlank(byte) {
          text.append(byte)
        } else if let last = text.last, !isBlank(last) {
          text.append(0x20)
        }
      }
    }
  }

  /// Breaks one after another are a gap on the page and one line end here.
  private static func withoutBlankLines(_ text: [UInt8]) -> [UInt8] {
    var lines: [UInt8] = []
    for byte in text {
      if byte == 0x0A {
        while lines.last == 0x20 { lines.removeLast() }
        if lines.last == 0x0A { continue }
      } else if byte == 0x20, lines.last == 0x0A {
        continue
      }
      lines.append(byte)
    }
    return lines
  }

  private mutating func nextLabel() -> String {
    guard let last = lists.last, let number = last else { return "• " }
    lists[lists.count - 1] = number &+ 1
    return "\(number). "
  }

  private mutating func closeBlock() throws {
    // Inside a cell a block is only a pause.
    if tables.inCell {
      if let last = text.last, !isBlank(last) { text.append(0x20) }
      return
    }
    defer {
      text = []
      headingLevel = nil
      paragraphKind = .paragraph
    }
    guard !text.allSatisfy(isBlank) else { return }
    let content = String(decoding: preformattedDepth > 0 ? text : Self.withoutBlankLines(text), as: UTF8.self)
    if let level = headingLevel {
      let line = content.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      try builder.append(line, as: .heading(level: level))
      if level == 1, builder.title == nil { builder.title = line }
    } else if preformattedDepth > 0 {
      try builder.append(content, as: .code)
    } else if let label = itemLabel {
      let continues = builder.blocks.last?.kind == .listItem
      try builder.append(label + content, as: .listItem, after: continues ? .line : .paragraph)
    } else {
      try builder.append(content, as: paragraphKind)
    }
    itemLabel = nil
  }

  // MARK: tables

  private mutating func closeCell() {
    if tables.closeCell(text) { text = [] }
  }

  private mutating func closeRow() {
    closeCell()
    tables.closeRow()
  }

  private mutating func closeTable() throws {
    closeRow()
    let (rows, inner) = tables.close()
    if let inner { text.append(contentsOf: inner.utf8) }
    try TableWriter.write(rows, to: &builder)
  }
}
