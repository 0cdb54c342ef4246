// A page's lines as the items of its text, in reading order: paragraphs, tables, and the lines set apart at its edges.
// The order of lines is poppler's, which follows columns; tables take the place of their first line.
// Must not: lose a line.

enum PDFItem {
  case paragraph(PDFParagraph)
  case table(PDFTable)
  case header(PDFParagraph)
  case footer(PDFParagraph)

  var isBody: Bool {
    switch self {
    case .paragraph, .table: true
    case .header, .footer: false
    }
  }
}

/// Captions: 'Table 3: …' beside a table.
enum PDFCaptions {
  private static let lettersMax = 400
  private static let names: Set<String> = [
    "table", "tab", "tabelle", "tableau", "tabla", "tabela", "tabella", "tabel", "tabell", "taulukko", "figure", "fig",
    "chart", "exhibit", "schedule", "表", "таблица",
  ]

  static func names(_ paragraph: PDFParagraph, in page: PDFPageText, beside items: [PDFItem], at place: Int) -> Bool {
    guard paragraph.letterCount <= lettersMax, let first = paragraph.lines.first else { return false }
    let isBeside = [place - 1, place + 1].contains { index in
      if items.indices.contains(index), case .table = items[index] { true } else { false }
    }
    guard isBeside, first.count >= 2 else { return false }
    let words = first.prefix(2).map { String(decoding: page.utf8[page.words[$0].text], as: UTF8.self).lowercased() }
    let name = words[0].filter(\.isLetter)
    return names.contains(name) && (words[1].contains { $0.isNumber } || words[1].count <= 4 && words[1].last == ":")
  }
}

enum PDFLayout {
  static func items(of page: PDFPageText, tables: [PDFTable], headers: Set<Int>, footers: Set<Int>) -> [PDFItem] {
    // A line at the edge that a table holds as well is the table's.
    let taken = tables.reduce(into: Set<Int>()) { $0.formUnion($1.lines) }
    let apart = headers.union(footers).subtracting(taken)
    var tableOfLine: [Int: Int] = [:]
    for (index, table) in tables.enumerated() {
      for line in table.lines { tableOfLine[line] = index }
    }
    var items = PDFParagraphs.group(lines(headers.intersection(apart), of: page), in: page).map(PDFItem.header)
    var run: [PDFLine] = []
    var written: Set<Int> = []
    func closeRun() {
      items += PDFParagraphs.group(run, in: page).map(PDFItem.paragraph)
      run = []
    }
    for (index, line) in page.lines.enumerated() where !apart.contains(index) {
      if let table = tableOfLine[index] {
        if written.insert(table).inserted {
          closeRun()
          items.append(.table(tables[table]))
        }
      } else {
        run.append(line)
      }
    }
    closeRun()
    return items + PDFParagraphs.group(lines(footers.intersection(apart), of: page), in: page).map(PDFItem.footer)
  }

  private static func lines(_ indices: Set<Int>, of page: PDFPageText) -> [PDFLine] {
    indices.sorted().map { page.lines[$0] }
  }
}
