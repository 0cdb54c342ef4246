// Writes Word flows into the Document form: headings, numbered lists, tables as rows, notes and comments after the
// paragraph or table that refers to them, headers and footers once each at the end. Must not: read XML.

struct WordWriter {
  var builder = DocumentBuilder(format: .docx)
  var footnotes: [String: WordFlow] = [:]
  var endnotes: [String: WordFlow] = [:]
  var comments: [String: WordFlow] = [:]
  /// Of comments.
  var authors: [String: String] = [:]
  var leavesCommentsOut = false
  private let styles: WordStyles
  private var numbering: WordNumbering
  private var page = 1
  private var hasPages = false
  private var margins: Set<String> = []
  private var tableCount = 0
  private var noteCount = 0
  private var commentCount = 0

  init(styles: WordStyles, numbering: WordNumbering) {
    self.styles = styles
    self.numbering = numbering
  }

  mutating func writeBody(_ flow: WordFlow) throws {
    hasPages = Self.hasBreaks(flow)
    if hasPages { openPage() }
    for item in flow.items {
      switch item {
      case .paragraph(let paragraph): try write(paragraph)
      case .table(let table): try write(table)
      }
    }
    builder.endPage()
  }

  mutating func writeMargin(_ flow: WordFlow, isHeader: Bool) throws {
    let text = plainText(of: flow, joinedBy: "\n")
    guard margins.insert(text).inserted else { return }
    try builder.append(text, as: isHeader ? .header : .footer)
  }

  private mutating func write(_ paragraph: WordParagraph) throws {
    turnPages(paragraph.breaksBefore)
    let text = String(decoding: paragraph.text, as: UTF8.self)
    let isBlank = text.allSatisfy(\.isWhitespace)
    if !isBlank {
      let level = headingLevel(paragraph)
      let label = listLabel(paragraph).map { $0 + " " } ?? ""
      let kind: Block.Kind
      if let level {
        kind = .heading(level: level)
      } else if styles.isCaption(paragraph.style) {
        kind = .caption
      } else if styles.isCode(paragraph.style) {
        kind = .code
      } else {
        kind = label.isEmpty ? .paragraph : .listItem
      }
      let continuesList = kind == .listItem && builder.blocks.last?.kind == .listItem
      try builder.append(label + text, as: kind, after: continuesList ? .line : .paragraph, page: currentPage)
      if level == 1, builder.title == nil { builder.title = text }
    }
    turnPages(paragraph.breaksInside)
    try write(paragraph.notes)
  }

  private func headingLevel(_ paragraph: WordParagraph) -> Int? {
    if let own = paragraph.outlineLevel { return own < 9 ? own + 1 : nil }
    if styles.isTitle(paragraph.style) { return 1 }
    return styles.headingLevel(paragraph.style)
  }

  private mutating func listLabel(_ paragraph: WordParagraph) -> String? {
    let styled = styles.list(paragraph.style)
    guard let id = paragraph.listID ?? styled?.id, id != "0" else { return nil }
    return numbering.nextLabel(list: id, level: paragraph.listLevel ?? styled?.level ?? 0)
  }

  private mutating func write(_ notes: [WordNote]) throws {
    for note in notes {
      switch note.kind {
      case .footnote, .endnote:
        guard let flow = note.kind == .endnote ? endnotes[note.id] : footnotes[note.id] else { continue }
        noteCount += 1
        try builder.append(plainText(of: flow, joinedBy: " "), as: .footnote, page: currentPage)
      case .comment:
        guard let flow = comments[note.id] else { continue }
        let text = plainText(of: flow, joinedBy: " ")
        guard !text.isEmpty else { continue }
        commentCount += 1
        if leavesCommentsOut { continue }
        let author = authors[note.id].map { $0.isEmpty ? "" : " by " + $0 } ?? ""
        try builder.append("Comment\(author): \(text)", as: .footnote, page: currentPage)
      }
    }
  }

  private mutating func write(_ table: WordTable) throws {
    let markedHeaders = table.rows.prefix { $0.isHeader }.count
    // A table that names no header row has one by custom, if it is a table at all.
    let headers = markedHeaders > 0 ? markedHeaders : table.rows.count > 1 && table.rows[0].cells.count > 1 ? 1 : 0
    let first = builder.blocks.count
    var notes: [WordNote] = []
    for (index, row) in table.rows.enumerated() {
      turnPages(row.cells.map { Self.breakCount(of: $0) }.max() ?? 0)
      var cells = row.cells.map { cell in
        plainText(of: cell, joinedBy: " ").replacing("\n", with: " ").replacing("\t", with: " ")
      }
      notes += row.cells.flatMap { Self.notes(of: $0) }
      while cells.last == "" { cells.removeLast() }
      if cells.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { continue }
      try builder.append(
        cells.joined(separator: " | "), as: .tableRow(isHeader: index < headers),
        after: builder.blocks.count == first ? .paragraph : .line, page: currentPage)
    }
    if let top = builder.blocks.dropFirst(first).first, let bottom = builder.blocks.last {
      builder.blocks.insert(Block(kind: .table, start: top.start, end: bottom.end, page: top.page), at: first)
      tableCount += 1
    }
    try write(notes)
  }

  /// Everything a flow says in one run, as cells, notes and margins are written.
  private mutating func plainText(of flow: WordFlow, joinedBy separator: String) -> String {
    var parts: [String] = []
    for item in flow.items {
      switch item {
      case .paragraph(let paragraph):
        let text = String(decoding: paragraph.text, as: UTF8.self)
        if text.allSatisfy(\.isWhitespace) { continue }
        let label = listLabel(paragraph).map { $0 + " " } ?? ""
        parts.append(label + text.trimmingBlanks())
      case .table(let table):
        for row in table.rows {
          var cells: [String] = []
          for cell in row.cells { cells.append(plainText(of: cell, joinedBy: " ")) }
          parts.append(cells.filter { !$0.isEmpty }.joined(separator: ", "))
        }
      }
    }
    return parts.joined(separator: separator)
  }

  private static func notes(of flow: WordFlow) -> [WordNote] {
    flow.items.flatMap { item -> [WordNote] in
      switch item {
      case .paragraph(let paragraph): paragraph.notes
      case .table(let table): table.rows.flatMap { $0.cells.flatMap { notes(of: $0) } }
      }
    }
  }

  // MARK: pages

  private static func hasBreaks(_ flow: WordFlow) -> Bool { flow.items.contains { breakCount(of: $0) > 0 } }

  private static func breakCount(of flow: WordFlow) -> Int { flow.items.reduce(0) { $0 + breakCount(of: $1) } }

  private static func breakCount(of item: WordFlow.Item) -> Int {
    switch item {
    case .paragraph(let paragraph): paragraph.breaksBefore + paragraph.breaksInside
    case .table(let table):
      table.rows.reduce(0) { $0 + ($1.cells.map { breakCount(of: $0) }.max() ?? 0) }
    }
  }

  private var currentPage: Int? { hasPages ? page : nil }

  private mutating func openPage() {
    builder.beginPage(number: page, label: nil, width: 0, height: 0)
  }

  private mutating func turnPages(_ count: Int) {
    guard hasPages, count > 0 else { return }
    for _ in 0..<count {
      page += 1
      openPage()
    }
  }

  // MARK: ledger

  mutating func addLinks(_ targets: [String]) {
    var seen: Set<String> = []
    let links = targets.filter { seen.insert($0).inserted }.prefix(200)
    if !links.isEmpty { builder.metadata["links"] = links.joined(separator: "\n") }
  }

  mutating func addCoverage(body: WordFlowHandler, hasMacros: Bool) {
    func add(_ part: String, _ kind: PartCoverage.Kind) {
      builder.coverage.append(PartCoverage(part: part, kind: kind))
    }
    add("body", .text)
    if tableCount > 0 { add("tables", .table) }
    if noteCount > 0 { add("notes", .text) }
    if !margins.isEmpty { add("headers and footers", .text) }
    if body.pictureCount > 0 { add("pictures (\(body.pictureCount))", .imageOnly) }
    if commentCount > 0 {
      add("comments", leavesCommentsOut ? .skipped(reason: PartCoverage.notWanted) : .text)
    }
    if hasMacros { add("macros", .skipped(reason: "programs are never read or run")) }
    if body.hiddenRunCount > 0 {
      add("hidden text", .skipped(reason: "marked as hidden: no reader of the document sees it"))
      builder.warnings.append("hidden text in \(body.hiddenRunCount) places was left out")
    }
  }
}

extension String {
  func trimmingBlanks() -> String {
    var view = self[...].drop(while: \.isWhitespace)
    while let last = view.last, last.isWhitespace { view.removeLast() }
    return String(view)
  }
}
