// Finds tables: those that are drawn by their lines (PDFGrid), the others by the alignment of text: runs of rows whose
// pieces stand in the same columns. Lines across part the rows of such a table where each of its rows has one.
// Invariants: the lines of a table are used by no other block; every word of them is in exactly one cell.
// Must not: split a line between a table and a paragraph.

struct PDFTable {
  struct Row {
    /// For each column the word ranges of its cell, line by line.
    var cells: [[Range<Int>]]
    var top: Float
    var bottom: Float
    var hasNumbers: Bool
  }

  var rows: [Row]
  var headerCount: Int
  var box: Rectangle
  /// Lines of the page that it takes up, in the page's order.
  var lines: Set<Int>

  var columnCount: Int { rows.first?.cells.count ?? 0 }
}

enum PDFTables {
  static func find(in page: PDFPageText) -> [PDFTable] {
    var tables = PDFGrid.tables(in: page)
    let taken = tables.reduce(into: Set<Int>()) { $0.formUnion($1.lines) }
    let rows = PDFSegments.rows(of: page, without: taken)
    let separators = PDFRulings(page.rules, frame: page.frame).across
    var index = 0
    while index < rows.count {
      guard isTabular(rows[index]) else {
        index += 1
        continue
      }
      let end = endOfRun(rows, from: index)
      if let table = table(of: Array(rows[index..<end]), separators, in: page) { tables.append(table) }
      index = end
    }
    return tables
  }

  /// Several pieces side by side that are not columns of prose.
  private static func isTabular(_ row: PDFRow) -> Bool {
    let count = row.segments.count
    guard count >= 2 else { return false }
    let words = row.segments.reduce(0) { $0 + $1.wordCount }
    if row.segments.dropFirst().contains(where: \.isNumeric) {
      return row.segments.dropFirst().allSatisfy { $0.isNumeric || $0.wordCount <= 6 }
    }
    return words <= count * 4 && row.segments.allSatisfy { $0.wordCount <= 8 }
  }

  /// Rows of one piece may stand between: a label over a group, or a cell that runs on.
  private static func endOfRun(_ rows: [PDFRow], from start: Int) -> Int {
    var end = start + 1
    var index = end
    while index < rows.count, index - end < 2 {
      let height = max(rows[index].bottom - rows[index].top, 4)
      if rows[index].top - rows[index - 1].bottom > height * 2.2 { break }
      if isTabular(rows[index]) {
        end = index + 1
      } else if rows[index].segments.contains(where: { $0.wordCount > 9 }) {
        break
      }
      index += 1
    }
    return end
  }

  private static func table(
    of rows: [PDFRow], _ separators: [PDFRuling], in page: PDFPageText
  ) -> PDFTable? {
    let tabular = rows.filter(isTabular)
    let numeric = tabular.count { $0.segments.dropFirst().contains(where: \.isNumeric) }
    guard tabular.count >= (numeric >= 2 ? 2 : 3) else { return nil }
    let columns = PDFColumns(rows)
    guard columns.count >= 2 else { return nil }
    var made = rows.map { columns.row(of: $0) }
    let filled = made.count { row in row.cells.count { !$0.isEmpty } >= 2 }
    guard filled * 10 >= tabular.count * 6, filled >= 2 else { return nil }
    let box = rows.flatMap(\.segments).reduce(rows[0].segments[0].box) { $0.union($1.box) }
    made = PDFTableRows.parted(made, by: separators, in: box) ?? PDFTableRows.joined(made, in: page)
    guard made.count >= 2 else { return nil }
    let segments = rows.flatMap(\.segments)
    return PDFTable(
      rows: made, headerCount: headerCount(made), box: box, lines: Set(segments.map(\.line)))
  }

  /// Rows without numbers above rows with them; one row, where no cell holds a number.
  static func headerCount(_ rows: [PDFTable.Row]) -> Int {
    guard let firstNumbers = rows.firstIndex(where: \.hasNumbers) else { return 1 }
    return firstNumbers <= 3 ? max(firstNumbers, 1) : 1
  }
}

/// The columns of a table: stretches of the width between gaps that hardly any row crosses.
struct PDFColumns {
  private var ranges: [(left: Float, right: Float)] = []

  var count: Int { ranges.count }

  private static let binCount = 1_024

  init(_ rows: [PDFRow]) {
    let segments = rows.flatMap(\.segments)
    guard let left = segments.map(\.box.left).min(), let right = segments.map(\.box.right).max(), right > left else {
      return
    }
    let scale = Float(Self.binCount - 1) / (right - left)
    var coverage = [Int](repeating: 0, count: Self.binCount)
    // A row of one piece says nothing of columns: it may be a label over all of them.
    for row in rows where row.segments.count > 1 {
      for segment in row.segments {
        let from = Int((segment.box.left - left) * scale)
        let to = Int((segment.box.right - left) * scale)
        for bin in max(from, 0)...max(min(to, Self.binCount - 1), max(from, 0)) { coverage[bin] += 1 }
      }
    }
    let crossings = rows.count { $0.segments.count > 1 } / 8
    var start: Int?
    for bin in 0...Self.binCount {
      let isInk = bin < Self.binCount && coverage[bin] > crossings
      if isInk, start == nil { start = bin }
      if !isInk, let from = start {
        ranges.append((left + Float(from) / scale, left + Float(bin) / scale))
        start = nil
      }
    }
  }

  func row(of row: PDFRow) -> PDFTable.Row {
    var cells = [[Range<Int>]](repeating: [], count: count)
    for segment in row.segments { cells[column(of: segment.box)].append(segment.words) }
    return PDFTable.Row(
      cells: cells, top: row.top, bottom: row.bottom,
      hasNumbers: row.segments.dropFirst().contains(where: \.isNumeric))
  }

  /// The column that a piece overlaps most; a piece over several belongs to the first that it fills.
  private func column(of box: Rectangle) -> Int {
    var best = 0
    var bestOverlap = -Float.infinity
    for (index, range) in ranges.enumerated() {
      let overlap = min(box.right, range.right) - max(box.left, range.left)
      if overlap > bestOverlap + 0.5 {
        best = index
        bestOverlap = overlap
      }
      if overlap >= (range.right - range.left) * 0.95 { return index }
    }
    return best
  }
}

/// Cells of several lines: rows that only run on from the row above are joined to it.
enum PDFTableRows {
  /// Rows between two lines across are one row, where every row of the table is parted from the next by a line. Nil
  /// where lines do not part rows.
  static func parted(_ rows: [PDFTable.Row], by lines: [PDFRuling], in box: Rectangle) -> [PDFTable.Row]? {
    let width = box.right - box.left
    let places = lines.filter {
      $0.place > box.top && $0.place < box.bottom && min($0.end, box.right) - max($0.start, box.left) > width * 0.6
    }.map(\.place)
    guard places.count >= 2 else { return nil }
    var result: [PDFTable.Row] = []
    var last = -1
    for row in rows {
      let middle = (row.top + row.bottom) / 2
      let band = places.count { $0 < middle }
      if band == last, var merged = result.last {
        if row.hasNumbers && merged.hasNumbers {
          // The head may hold several rows of numbers, such as years; elsewhere the lines part groups, not rows.
          guard band == 0 else { return nil }
          result.append(row)
          continue
        }
        for index in merged.cells.indices { merged.cells[index] += row.cells[index] }
        merged.bottom = row.bottom
        merged.hasNumbers = merged.hasNumbers || row.hasNumbers
        result[result.count - 1] = merged
      } else {
        result.append(row)
      }
      last = band
    }
    // A few lines frame the head and the sums of a table; they part no rows.
    return result.count * 2 > rows.count || (places.count >= 3 && rows.count <= result.count * 4) ? result : nil
  }

  static func joined(_ rows: [PDFTable.Row], in page: PDFPageText) -> [PDFTable.Row] {
    let gaps = zip(rows, rows.dropFirst()).map { $1.top - $0.bottom }.sorted()
    let usual = gaps.isEmpty ? 0 : gaps[gaps.count / 2]
    var result: [PDFTable.Row] = []
    for row in rows {
      guard let above = result.last, runsOn(row, from: above, usualGap: usual) || labelRunsOn(row, above, in: page)
      else {
        result.append(row)
        continue
      }
      var merged = above
      for index in merged.cells.indices { merged.cells[index] += row.cells[index] }
      merged.bottom = max(merged.bottom, row.bottom)
      merged.hasNumbers = merged.hasNumbers || row.hasNumbers
      result[result.count - 1] = merged
    }
    return result
  }

  /// The label of a row that takes several lines, its numbers beside one of them.
  private static func labelRunsOn(_ row: PDFTable.Row, _ above: PDFTable.Row, in page: PDFPageText) -> Bool {
    let height = row.bottom - row.top
    guard row.top - above.bottom < height * 1.2, let first = row.cells.first, let firstAbove = above.cells.first else {
      return false
    }
    let isLabel = row.cells.dropFirst().allSatisfy(\.isEmpty)
    let isLabelAbove = above.cells.dropFirst().allSatisfy(\.isEmpty)
    if first.isEmpty { return row.hasNumbers && isLabelAbove && row.top - above.bottom < height * 0.1 }
    let goesOn = page.words[first[0].lowerBound].text.lowerBound
    let byte = page.utf8[goesOn]
    return !firstAbove.isEmpty && (isLabel || isLabelAbove) && byte >= 0x61 && byte <= 0x7A
  }

  private static func runsOn(_ row: PDFTable.Row, from above: PDFTable.Row, usualGap: Float) -> Bool {
    if row.hasNumbers { return false }
    let gap = row.top - above.bottom
    let height = row.bottom - row.top
    let fillsOnlyFilled = zip(row.cells, above.cells).allSatisfy { $0.isEmpty || !$1.isEmpty }
    if usualGap > height * 0.35, gap < usualGap * 0.5 { return fillsOnlyFilled }
    let opensAtTheLeft = row.cells.first.map { !$0.isEmpty } ?? false
    return !opensAtTheLeft && fillsOnlyFilled && gap < height * 0.6
  }
}
