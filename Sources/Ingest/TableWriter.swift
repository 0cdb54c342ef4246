// Tables of every format: cells collected as they come, also of tables inside cells, then rows of the Document form.
// Invariants: a row is one line, cells joined by ' | '; a table inside a cell becomes that cell's text, cells by commas
// and rows by semicolons.
// Must not: know formats.

/// The tables that are open, the innermost last.
struct TableStack {
  typealias Row = (cells: [String], isHeader: Bool)

  private struct Table {
    var rows: [Row] = []
    var cells: [String] = []
    /// Until a plain cell comes.
    var isHeader = true
    var inCell = false
  }

  private var tables: [Table] = []

  var isEmpty: Bool { tables.isEmpty }
  var inCell: Bool { tables.last?.inCell ?? false }

  mutating func open() { tables.append(Table()) }

  mutating func openCell(isHeader: Bool = false) {
    guard !tables.isEmpty else { return }
    tables[tables.count - 1].inCell = true
    if !isHeader { tables[tables.count - 1].isHeader = false }
  }

  /// Ends the cell that is open, if one is; true where it was.
  mutating func closeCell(_ text: [UInt8]) -> Bool {
    guard inCell else { return false }
    tables[tables.count - 1].cells.append(Self.oneLine(text))
    tables[tables.count - 1].inCell = false
    return true
  }

  mutating func addCell(_ text: String) {
    if !tables.isEmpty { tables[tables.count - 1].cells.append(text) }
  }

  mutating func closeRow(isHeader: Bool? = nil) {
    guard var table = tables.popLast() else { return }
    if !table.cells.isEmpty { table.rows.append((table.cells, isHeader ?? table.isHeader)) }
    table.cells = []
    table.isHeader = true
    tables.append(table)
  }

  /// The rows of a table that stands by itself, or the text of one inside a cell.
  mutating func close() -> (rows: [Row], inner: String?) {
    guard let table = tables.popLast() else { return ([], nil) }
    guard inCell else { return (table.rows, nil) }
    let rows = table.rows.map { $0.cells.filter { !$0.isEmpty }.joined(separator: ", ") }
    return ([], rows.joined(separator: "; "))
  }

  static func oneLine(_ text: [UInt8]) -> String {
    String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Where a format marks no header: the first of several rows of several cells, by custom.
  static func withCustomaryHeader(_ rows: [Row]) -> [Row] {
    guard rows.count > 1, rows[0].cells.count > 1, !rows.contains(where: { $0.isHeader }) else { return rows }
    return [(rows[0].cells, true)] + rows.dropFirst()
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
    // A blank row gave no block, so nothing may have been written at all.
    guard !isLayout, let top = builder.blocks.dropFirst(first).first, let bottom = builder.blocks.last else { return }
    builder.blocks.insert(Block(kind: .table, start: top.start, end: bottom.end, page: page), at: first)
  }
}
