// CSV and TSV: rows as lines of cells. Separator, quotes and header are told by the content: the separator is the one
// that cuts most rows into the same number of cells, the first row is a header unless it looks like the rows below it.
// Quotes, doubled quotes and line ends inside quotes are read as RFC 4180 has them; titles above the table are text.
// Invariants: one pass; a quote that never closes swallows no more than `cellBytesMax`.
// Must not: convert values.

enum TabularReader {
  private static let cellBytesMax = 64 << 10

  struct Dialect: Equatable {
    var separator: UInt8
    var quote: UInt8 = 0x22
    /// Past Excel's own line 'sep=;'.
    var start = 0
  }

  static func read(_ bytes: [UInt8], format: DocumentFormat) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    var builder = DocumentBuilder(format: format)
    builder.note(decoded)
    let dialect = dialect(of: decoded.utf8, format: format)
    let rows = rows(of: decoded.utf8[dialect.start...], dialect)
    let titles = titleCount(rows)
    for title in rows.prefix(titles) { try builder.append(title.joined(separator: " "), as: .paragraph) }
    let table = rows.dropFirst(titles)
    let hasHeader = hasHeader(Array(table.prefix(200)))
    try TableWriter.write(
      table.enumerated().map { ($0.element, hasHeader && $0.offset == 0) }, to: &builder)
    guard builder.scalarCount > 0 else { throw IngestFailure(.emptyDocument, "the file holds no text") }
    builder.metadata["rows"] = String(table.count)
    builder.coverage = [PartCoverage(part: "body", kind: .table)]
    return builder.finish()
  }

  // MARK: how the file is written

  private static func dialect(of utf8: [UInt8], format: DocumentFormat) -> Dialect {
    if utf8.count >= 5, utf8.starts(with: "sep=".utf8), let end = utf8.firstIndex(of: 0x0A), end <= 6 {
      return Dialect(separator: utf8[4], start: end + 1)
    }
    let head = utf8.prefix(64 << 10)
    let quote: UInt8 = usesSingleQuotes(head) ? 0x27 : 0x22
    if format == .tsv, head.contains(0x09) { return Dialect(separator: 0x09, quote: quote) }
    // The rarer in running text goes first: among equals a comma is the likeliest to stand inside cells.
    let candidates: [UInt8] = [0x09, 0x3B, 0x7C, 0x2C]
    var best = (score: 0.0, separator: UInt8(0x2C))
    for candidate in candidates {
      var rows = rows(of: head, Dialect(separator: candidate, quote: quote), limit: 200)
      // The head may end inside a row.
      if head.count < utf8.count, rows.count > 1 { rows.removeLast() }
      let score = agreement(of: rows.map(\.count))
      if score > best.score + 0.001 { best = (score, candidate) }
    }
    return Dialect(separator: best.separator, quote: quote)
  }

  /// The share of rows with the most usual number of cells, if that is more than one.
  private static func agreement(of widths: [Int]) -> Double {
    var counts: [Int: Int] = [:]
    for width in widths where width > 1 { counts[width, default: 0] += 1 }
    return Double(counts.values.max() ?? 0) / Double(max(widths.count, 1))
  }

  /// Cells that open and close with ' and none with ".
  private static func usesSingleQuotes(_ head: ArraySlice<UInt8>) -> Bool {
    guard !head.contains(0x22) else { return false }
    let marks: Set<UInt8> = [0x09, 0x3B, 0x7C, 0x2C, 0x0A, 0x0D]
    var opened = 0
    var closed = 0
    for index in head.indices where head[index] == 0x27 {
      if index == head.startIndex || marks.contains(head[index - 1]) { opened += 1 }
      if index + 1 == head.endIndex || marks.contains(head[index + 1]) { closed += 1 }
    }
    return opened > 2 && opened == closed
  }

  /// Rows of one cell above a table are its title, not its header.
  private static func titleCount(_ rows: [[String]]) -> Int {
    let narrow = rows.prefix(10).prefix { $0.count { !$0.isEmpty } == 1 }.count
    guard narrow > 0, rows.count > narrow + 1, rows[narrow].count > 2, rows[narrow + 1].count == rows[narrow].count
    else { return 0 }
    return narrow
  }

  /// The first row is one, unless it holds numbers where the rows below do and words nowhere that they do not.
  private static func hasHeader(_ rows: [[String]]) -> Bool {
    guard let first = rows.first, rows.count > 1 else { return true }
    var looksLikeData = false
    for (column, cell) in first.enumerated() where !cell.isEmpty {
      let below = rows.dropFirst().compactMap { column < $0.count && !$0[column].isEmpty ? $0[column] : nil }
      let numbers = below.count { isNumber($0) }
      guard numbers * 10 > below.count * 8 else { continue }
      if !isNumber(cell) { return true }
      // A year may well stand above numbers.
      if !isYear(cell) { looksLikeData = true }
    }
    return !looksLikeData
  }

  private static func isNumber(_ cell: String) -> Bool {
    let bare = cell.utf8.filter { !"€$£%+-–., \u{A0}'".utf8.contains($0) }
    return !bare.isEmpty && bare.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func isYear(_ cell: String) -> Bool { Int(cell).map { (1900...2100).contains($0) } ?? false }

  // MARK: rows

  private static func rows(of utf8: ArraySlice<UInt8>, _ dialect: Dialect, limit: Int = .max) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell: [UInt8] = []
    var inQuotes = false
    func text() -> String {
      String(decoding: cell, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    func endRow() {
      row.append(text())
      if row.contains(where: { !$0.isEmpty }) { rows.append(row) }
      row = []
      cell = []
    }
    var index = utf8.startIndex
    while index < utf8.endIndex, rows.count < limit {
      let byte = utf8[index]
      index += 1
      if inQuotes, cell.count < cellBytesMax {
        guard byte == dialect.quote else {
          cell.append(byte)
          continue
        }
        if index < utf8.endIndex, utf8[index] == dialect.quote {
          cell.append(dialect.quote)
          index += 1
        } else {
          inQuotes = false
        }
      } else if byte == dialect.quote, cell.allSatisfy({ isBlank($0) }) {
        inQuotes = true
        cell = []
      } else if byte == dialect.separator {
        row.append(text())
        cell = []
      } else if byte == 0x0A || byte == 0x0D {
        endRow()
      } else {
        cell.append(byte)
      }
    }
    endRow()
    return rows
  }
}
