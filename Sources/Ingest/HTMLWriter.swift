// Turns the elements of a page into blocks. Navigation, forms and the page's own header and footer are told apart from
// the main content where the markup says so (<main>, <article>); they are skipped then, and the ledger says it.
// Must not: keep anything of scripts, styles or hidden elements.

struct HTMLWriter {
  private var builder = DocumentBuilder(format: .html)
  private var text: [UInt8] = []
  private var pageTitle: [UInt8] = []
  private var inTitle = false
  private var headingLevel: Int?
  private var preformattedDepth = 0
  private var lists: [Int?] = []
  private var itemLabel: String?
  private var tables: [Table] = []
  private var skippedParts: Set<String> = []
  private var paragraphKind: Block.Kind = .paragraph

  private struct Table {
    var rows: [(cells: [String], isHeader: Bool)] = []
    var cells: [String] = []
    var isHeader = true
    var inCell = false
  }

  private static let silent: Set<String> = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "audio", "video",
    "select", "textarea", "button", "input", "dialog",
  ]
  private static let furniture: Set<String> = ["nav", "aside", "footer"]
  private static let blocks: Set<String> = [
    "p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "ul", "ol", "dl", "dt", "dd", "li",
    "blockquote", "figure", "figcaption", "address", "form", "fieldset", "details", "summary", "center", "hr", "body",
    "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "caption",
  ]

  init(encoding: String) { builder.metadata["encoding"] = encoding }

  /// False where the element and all in it is passed over.
  mutating func start(_ name: String, _ attributes: HTMLAttributes) throws -> Bool {
    if Self.silent.contains(name) { return false }
    if attributes["hidden"] != nil || attributes["aria-hidden"] == "true" { return false }
    if let style = attributes["style"]?.filter({ $0 != " " }).lowercased(),
      style.contains("display:none") || style.contains("visibility:hidden")
    {
      skippedParts.insert("hidden elements")
      return false
    }
    if Self.furniture.contains(name) || attributes["role"] == "navigation" {
      skippedParts.insert(name)
      return false
    }
    if name == "meta", let key = attributes["name"]?.lowercased(), let content = attributes["content"],
      ["author", "description", "keywords", "date"].contains(key)
    {
      builder.metadata[key] = content
    }
    if name == "html", let language = attributes["lang"] { builder.metadata["language"] = language }
    if name == "title" { inTitle = true }
    if Self.blocks.contains(name) { try closeBlock() }
    switch name {
    case "h1", "h2", "h3", "h4", "h5", "h6": headingLevel = Int(name.dropFirst())
    case "pre": preformattedDepth += 1
    case "ul": lists.append(nil)
    case "ol": lists.append((attributes["start"].flatMap { Int($0) } ?? 1))
    case "li": itemLabel = nextLabel()
    case "figcaption", "caption": paragraphKind = .caption
    case "br": text.append(0x0A)
    case "table": tables.append(Table())
    case "tr": closeRow()
    case "td", "th":
      closeCell()
      if !tables.isEmpty {
        tables[tables.count - 1].inCell = true
        if name == "td" { tables[tables.count - 1].isHeader = false }
      }
    default: break
    }
    return true
  }

  mutating func end(_ name: String) throws {
    switch name {
    case "title": inTitle = false
    case "td", "th": closeCell()
    case "tr": closeRow()
    case "table": try closeTable()
    case "pre":
      try closeBlock()
      preformattedDepth -= 1
    case "ul", "ol":
      try closeBlock()
      _ = lists.popLast()
    default: if Self.blocks.contains(name) { try closeBlock() }
    }
  }

  mutating func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    if inTitle {
      unsafe pageTitle.append(contentsOf: bytes)
    } else if preformattedDepth > 0 {
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

  consuming func finish() throws -> Document {
    try closeBlock()
    while !tables.isEmpty { try closeTable() }
    let title = String(decoding: pageTitle, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if !title.isEmpty { builder.title = title }
    guard builder.scalarCount > 0 else { throw IngestFailure(.emptyDocument, "the page holds no text") }
    builder.coverage = [PartCoverage(part: "body", kind: .text)]
    for part in skippedParts.sorted() {
      builder.coverage.append(PartCoverage(part: part, kind: .skipped(reason: "not the page's own content")))
    }
    return builder.finish()
  }

  private mutating func nextLabel() -> String {
    guard let last = lists.last, let number = last else { return "• " }
    lists[lists.count - 1] = number &+ 1
    return "\(number). "
  }

  private mutating func closeBlock() throws {
    // Inside a cell a block is only a pause.
    if tables.last?.inCell == true {
      if let last = text.last, !isBlank(last) { text.append(0x20) }
      return
    }
    defer {
      text = []
      headingLevel = nil
      paragraphKind = .paragraph
    }
    guard !text.allSatisfy(isBlank) else { return }
    let content = String(decoding: text, as: UTF8.self)
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
    guard tables.last?.inCell == true else { return }
    let cell = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    tables[tables.count - 1].cells.append(cell)
    tables[tables.count - 1].inCell = false
    text = []
  }

  private mutating func closeRow() {
    closeCell()
    guard var table = tables.popLast() else { return }
    if !table.cells.isEmpty { table.rows.append((table.cells, table.isHeader)) }
    table.cells = []
    table.isHeader = true
    tables.append(table)
  }

  /// A table inside a cell becomes that cell's text: cells by commas, rows by semicolons.
  private mutating func closeTable() throws {
    closeRow()
    guard let table = tables.popLast() else { return }
    if tables.last?.inCell == true {
      let rows = table.rows.map { $0.cells.filter { !$0.isEmpty }.joined(separator: ", ") }
      text.append(contentsOf: rows.joined(separator: "; ").utf8)
      return
    }
    try TableWriter.write(table.rows, to: &builder)
  }
}

/// Rows of cells as a table of the Document form.
enum TableWriter {
  static func write(_ rows: [(cells: [String], isHeader: Bool)], to builder: inout DocumentBuilder, page: Int? = nil)
    throws
  {
    let first = builder.blocks.count
    // One column is a layout, not a table.
    let isLayout = rows.allSatisfy { $0.cells.count <= 1 }
    for row in rows {
      var cells = row.cells
      while cells.last == "" { cells.removeLast() }
      guard !cells.isEmpty else { continue }
      let isFirst = builder.blocks.count == first
      try builder.append(
        cells.joined(separator: " | "), as: isLayout ? .paragraph : .tableRow(isHeader: row.isHeader),
        after: isFirst || isLayout ? .paragraph : .line, page: page)
    }
    guard !isLayout, let top = builder.blocks.dropFirst(first).first, let bottom = builder.blocks.last else { return }
    builder.blocks.insert(Block(kind: .table, start: top.start, end: bottom.end, page: page), at: first)
  }
}
