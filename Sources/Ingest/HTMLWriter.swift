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
  private var tables = TableStack()
  private var skippedParts: Set<String> = []
  private var paragraphKind: Block.Kind = .paragraph

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

  /// Goes on with a document that other parts have begun.
  init(continuing builder: DocumentBuilder) { self.builder = builder }

  /// What has been written, for the next part to go on with.
  consuming func builderAtEnd() throws -> DocumentBuilder {
    try closeBlock()
    while !tables.isEmpty { try closeTable() }
    return builder
  }

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
    case "table": tables.open()
    case "tr": closeRow()
    case "td", "th":
      closeCell()
      tables.openCell(isHeader: name == "th")
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
