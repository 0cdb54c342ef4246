// The events of an OpenDocument body, written as blocks while they come.
// Invariants: stacks mirror the nesting of the file, whose depth the XML parser bounds. Must not: fail on elements that
// it does not know.

final class OpenFlowHandler: XMLEventHandler {
  var builder = DocumentBuilder(format: .odt)
  /// Lists that count, by name of style and level; the others have bullets.
  private(set) var listStyles: [String: [Int: String]]
  private(set) var margins: [(text: String, isHeader: Bool)] = []
  private(set) var pictureCount = 0
  private(set) var commentCount = 0
  /// Sheets or slides, which the ledger has one by one.
  private(set) var hasParts = false

  private let readsMargins: Bool
  private var parentStyles: [String: String] = [:]
  private var openStyle: String?
  private var openListStyle: String?
  private var paragraphs: [(text: [UInt8], level: Int?, style: String)] = []
  private var notes: [String] = []
  private var noteDepth = 0
  private var lists: [(style: String?, count: Int)] = []
  private var opensItem = false
  private var tables = TableStack()
  private var cellText: [[UInt8]] = []
  private var cellRepeats = 1
  private var headerRows = false
  private var ignoredDepth = 0
  private var pageNumber = 0
  private var isSheet = false
  private var margin: Bool?
  private var inNotes = false
  private var speakerNotes: [String] = []
  private var partName: String?
  private var partStart = 0

  private static let ignored: Set<String> = [
    "text:tracked-changes", "office:annotation", "text:note-citation", "office:forms", "office:scripts",
    "text:ruby-text", "text:hidden-text", "text:hidden-paragraph", "table:covered-table-cell",
    "text:table-of-content-source", "draw:glue-point", "table:shapes",
  ]

  init(readsMargins: Bool, listStyles: [String: [Int: String]] = [:]) {
    self.readsMargins = readsMargins
    self.listStyles = listStyles
  }

  func start(_ name: String, _ attributes: XMLAttributes) throws {
    if ignoredDepth > 0 {
      ignoredDepth += 1
      return
    }
    if Self.ignored.contains(name) {
      if name == "office:annotation" { commentCount += 1 }
      if name == "table:covered-table-cell" { tables.addCell("") }
      ignoredDepth = 1
      return
    }
    if name.hasPrefix("style:") { return startStyle(name, attributes) }
    switch name {
    case "text:list-style": openListStyle = attributes["name"]
    case "text:list-level-style-number":
      if let style = openListStyle, let level = attributes["level"].flatMap({ Int($0) }) {
        listStyles[style, default: [:]][level] = attributes["num-format"] ?? "1"
      }
    case "text:h", "text:p":
      let level = name == "text:h" ? attributes["outline-level"].flatMap { Int($0) } ?? 1 : nil
      paragraphs.append(([], level, attributes["style-name"] ?? ""))
    case "text:s": put(String(repeating: " ", count: min(max(attributes["c"].flatMap { Int($0) } ?? 1, 1), 100)))
    case "text:tab": put("\t")
    case "text:line-break": put("\n")
    case "text:list": lists.append((attributes["style-name"] ?? lists.last?.style, 0))
    case "text:list-item":
      if !lists.isEmpty { lists[lists.count - 1].count += 1 }
      opensItem = true
    case "text:note": noteDepth += 1
    case "draw:image", "draw:object": pictureCount += 1
    default: try startTable(name, attributes)
    }
  }

  private func startStyle(_ name: String, _ attributes: XMLAttributes) {
    switch name {
    case "style:style":
      if let style = attributes["name"] { parentStyles[style] = attributes["parent-style-name"] ?? "" }
    case "style:header", "style:footer": margin = readsMargins ? name == "style:header" : nil
    default: break
    }
  }

  private func startTable(_ name: String, _ attributes: XMLAttributes) throws {
    switch name {
    case "office:spreadsheet": isSheet = true
    case "table:table":
      if isSheet, tables.isEmpty { try beginPart(attributes["name"] ?? "", kind: "sheet") }
      tables.open()
      cellText.append([])
    case "table:table-header-rows": headerRows = true
    case "table:table-cell":
      tables.openCell()
      if !cellText.isEmpty { cellText[cellText.count - 1] = [] }
      cellRepeats = attributes["number-columns-repeated"].flatMap { Int($0) } ?? 1
    case "draw:page":
      pageNumber += 1
      hasParts = true
      builder.beginPage(number: pageNumber, label: nil, width: 0, height: 0)
      partName = "slide \(pageNumber)"
      partStart = builder.scalarCount
    case "presentation:notes": inNotes = true
    default: break
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    guard ignoredDepth == 0, !paragraphs.isEmpty else { return }
    unsafe paragraphs[paragraphs.count - 1].text.append(contentsOf: bytes)
  }

  func end(_ name: String) throws {
    if ignoredDepth > 0 {
      ignoredDepth -= 1
      return
    }
    switch name {
    case "text:h", "text:p": try endParagraph()
    case "text:list": _ = lists.popLast()
    case "text:note": noteDepth -= 1
    case "text:list-style": openListStyle = nil
    case "style:header", "style:footer": margin = nil
    case "table:table-header-rows": headerRows = false
    case "table:table-cell":
      _ = tables.closeCell(cellText.last ?? [])
      // Blank cells to the right edge are no cells; a value that stands twice is told twice.
      for _ in 1..<max(min(cellRepeats, 64), 1) { tables.addCell(TableStack.oneLine(cellText.last ?? [])) }
    case "table:table-row": tables.closeRow(isHeader: headerRows)
    case "table:table": try endTable()
    case "presentation:notes": inNotes = false
    case "draw:page": try endSlide()
    default: break
    }
  }

  private func beginPart(_ name: String, kind: String) throws {
    hasParts = true
    partName = "\(kind) \(name)"
    try builder.append(name, as: .heading(level: 1))
    partStart = builder.scalarCount
  }

  private func endPart() {
    guard let name = partName else { return }
    let kind: PartCoverage.Kind =
      builder.scalarCount == partStart ? .skipped(reason: "it holds no text") : isSheet ? .table : .text
    builder.coverage.append(PartCoverage(part: name, kind: kind))
    partName = nil
  }

  private func endSlide() throws {
    if !speakerNotes.isEmpty {
      try builder.append("Speaker notes: " + speakerNotes.joined(separator: "\n"), as: .footnote, page: pageNumber)
    }
    speakerNotes = []
    endPart()
  }

  private func endTable() throws {
    let (rows, inner) = tables.close()
    _ = cellText.popLast()
    if let inner {
      if !cellText.isEmpty { cellText[cellText.count - 1] += Array(inner.utf8) }
      return
    }
    try TableWriter.write(TableStack.withCustomaryHeader(rows), to: &builder, page: page)
    try writeNotes()
    if isSheet { endPart() }
  }

  private var page: Int? { pageNumber > 0 ? pageNumber : nil }

  private func put(_ text: String) {
    if !paragraphs.isEmpty { paragraphs[paragraphs.count - 1].text += Array(text.utf8) }
  }

  private func endParagraph() throws {
    guard let paragraph = paragraphs.popLast() else { return }
    let text = String(decoding: paragraph.text, as: UTF8.self).trimmingBlanks()
    let isFirstOfItem = opensItem
    opensItem = false
    if text.isEmpty { return try paragraphs.isEmpty ? writeNotes() : () }
    if let margin {
      if !margins.contains(where: { $0.text == text }) { margins.append((text, margin)) }
    } else if readsMargins {
      return
    } else if noteDepth > 0 {
      notes.append(text)
    } else if inNotes {
      speakerNotes.append(text)
    } else if tables.inCell {
      cellText[cellText.count - 1] += Array((text + " ").utf8)
    } else {
      try write(text, level: paragraph.level, style: paragraph.style, isFirstOfItem: isFirstOfItem)
      // A text box inside a paragraph ends before it; its notes wait for the paragraph's own end.
      if paragraphs.isEmpty { try writeNotes() }
    }
  }

  private func write(_ text: String, level: Int?, style: String, isFirstOfItem: Bool) throws {
    let isTitle = style == "Title" || parentStyles[style] == "Title"
    if let level = level ?? (isTitle ? 1 : nil) {
      try builder.append(TableStack.oneLine(Array(text.utf8)), as: .heading(level: min(max(level, 1), 9)), page: page)
      if level == 1, builder.title == nil { builder.title = text }
    } else if let list = lists.last {
      let format = list.style.flatMap { listStyles[$0]?[lists.count] }
      let label = format.map { Self.number(list.count, $0) + ". " } ?? "• "
      let follows = builder.blocks.last?.kind == .listItem && (page == nil || builder.blocks.last?.page == page)
      try builder.append(
        isFirstOfItem ? label + text : text, as: .listItem, after: follows ? .line : .paragraph, page: page)
    } else {
      try builder.append(text, as: .paragraph, page: page)
    }
  }

  private func writeNotes() throws {
    for note in notes { try builder.append(note, as: .footnote, page: page) }
    notes = []
  }

  private static func number(_ number: Int, _ format: String) -> String {
    let names = ["a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"]
    return WordNumberFormat.text(number, as: names[format] ?? "decimal")
  }
}
