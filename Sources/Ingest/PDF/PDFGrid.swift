// A table that is drawn: lines across and down make a grid, words fall into its cells. Where a line is missing between
// two places of the grid, they are one cell.
// Invariants: every word of a line that the grid takes is in exactly one cell.
// Must not: take a frame, a chart or a page laid out in boxes for a table.

struct PDFGrid {
  private let rulings: PDFRulings
  private let xs: [Float]
  private let ys: [Float]

  private static let placesMax = 4_000
  /// Cells of a table are short; boxes of prose are not.
  private static let wordsInCellMean = 40

  private var columnCount: Int { xs.count - 1 }
  private var rowCount: Int { ys.count - 1 }

  private init?(_ rulings: PDFRulings) {
    self.rulings = rulings
    let lines = rulings.across
    let posts = rulings.down
    guard let left = lines.map(\.start).min(), let right = lines.map(\.end).max(),
      let top = posts.map(\.start).min(), let bottom = posts.map(\.end).max()
    else { return nil }
    // A table may be open at its sides: the ends of its lines are its edges.
    xs = Self.distinct(posts.map(\.place) + [left, right])
    ys = Self.distinct(lines.map(\.place) + [top, bottom])
    guard xs.count >= 3, ys.count >= 3, (xs.count - 1) * (ys.count - 1) <= Self.placesMax else { return nil }
  }

  static func tables(in page: PDFPageText) -> [PDFTable] {
    PDFRulings(page.rules, frame: page.frame).groups().compactMap { PDFGrid($0)?.table(in: page) }
  }

  private static func distinct(_ places: [Float]) -> [Float] {
    var result: [Float] = []
    for place in places.sorted() where result.last.map({ place - $0 > PDFRulings.slack }) ?? true {
      result.append(place)
    }
    return result
  }

  private func table(in page: PDFPageText) -> PDFTable? {
    let owners = cellOwners()
    var cells = [[Range<Int>]](repeating: [], count: rowCount * columnCount)
    var lines: Set<Int> = []
    for (index, line) in page.lines.enumerated() {
      guard line.box.right > xs[0], line.box.left < xs[columnCount], line.box.bottom > ys[0],
        line.box.top < ys[rowCount]
      else { continue }
      let inside = line.words.count { place(of: page.words[$0].box) != nil }
      guard inside * 2 > line.words.count else { continue }
      lines.insert(index)
      var start = line.words.lowerBound
      var open = owner(of: page.words[start].box, owners)
      for word in line.words.dropFirst() {
        let next = owner(of: page.words[word].box, owners)
        guard next != open else { continue }
        cells[open].append(start..<word)
        start = word
        open = next
      }
      cells[open].append(start..<line.words.upperBound)
    }
    return made(of: cells, lines: lines, in: page)
  }

  /// For every place of the grid the first place of the cell that it is part of.
  private func cellOwners() -> [Int] {
    var owners = Array(0..<rowCount * columnCount)
    func root(_ index: Int) -> Int {
      var index = index
      while owners[index] != index { index = owners[index] }
      return index
    }
    func join(_ first: Int, _ second: Int) {
      let (one, two) = (root(first), root(second))
      owners[max(one, two)] = min(one, two)
    }
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        let here = row * columnCount + column
        if column + 1 < columnCount, !isRuled(rulings.down, at: xs[column + 1], ys[row], ys[row + 1]) {
          join(here, here + 1)
        }
        if row + 1 < rowCount, !isRuled(rulings.across, at: ys[row + 1], xs[column], xs[column + 1]) {
          join(here, here + columnCount)
        }
      }
    }
    return owners.indices.map(root)
  }

  private func isRuled(_ rulings: [PDFRuling], at place: Float, _ from: Float, _ to: Float) -> Bool {
    rulings.contains { abs($0.place - place) <= PDFRulings.slack && $0.covers(from, to) }
  }

  private func place(of box: Rectangle) -> (row: Int, column: Int)? {
    let x = (box.left + box.right) / 2
    let y = (box.top + box.bottom) / 2
    guard x >= xs[0], x <= xs[columnCount], y >= ys[0], y <= ys[rowCount] else { return nil }
    return ((ys.firstIndex { $0 > y } ?? rowCount) - 1, (xs.firstIndex { $0 > x } ?? columnCount) - 1)
  }

  /// Of a word in the grid, or of the place nearest to one that hangs over its edge.
  private func owner(of box: Rectangle, _ owners: [Int]) -> Int {
    let x = min(max((box.left + box.right) / 2, xs[0]), xs[columnCount])
    let y = min(max((box.top + box.bottom) / 2, ys[0]), ys[rowCount])
    let row = min(max((ys.firstIndex { $0 > y } ?? rowCount) - 1, 0), rowCount - 1)
    let column = min(max((xs.firstIndex { $0 > x } ?? columnCount) - 1, 0), columnCount - 1)
    return owners[row * columnCount + column]
  }

  /// White space parts columns inside a cell, line after line: not all columns are drawn, and alignment tells more.
  private func hidesColumns(_ parts: [Range<Int>], in page: PDFPageText) -> Bool {
    var parted = 0
    for (first, second) in zip(parts, parts.dropFirst()) {
      let (one, two) = (page.words[first.upperBound - 1].box, page.words[second.lowerBound].box)
      let height = min(one.bottom - one.top, two.bottom - two.top)
      let overlap = min(one.bottom, two.bottom) - max(one.top, two.top)
      if overlap > height * 0.5, two.left - one.right > height { parted += 1 }
    }
    return parted >= 3
  }

  private func made(of cells: [[Range<Int>]], lines: Set<Int>, in page: PDFPageText) -> PDFTable? {
    if cells.contains(where: { hidesColumns(sorted($0, in: page), in: page) }) { return nil }
    var rows: [PDFTable.Row] = []
    for row in 0..<rowCount {
      let band = (0..<columnCount).map { sorted(cells[row * columnCount + $0], in: page) }
      guard band.contains(where: { !$0.isEmpty }) else { continue }
      rows += PDFBand.rows(of: band, top: ys[row], bottom: ys[row + 1], in: page)
    }
    let used = (0..<columnCount).filter { column in rows.contains { !$0.cells[column].isEmpty } }
    for index in rows.indices { rows[index].cells = used.map { rows[index].cells[$0] } }
    let filled = rows.reduce(0) { $0 + $1.cells.count { !$0.isEmpty } }
    let words = lines.reduce(0) { $0 + page.lines[$1].words.count }
    let broad = rows.count { row in row.cells.count { !$0.isEmpty } >= 2 }
    guard rows.count >= 2, used.count >= 2, broad * 2 >= rows.count, broad >= 2,
      filled * 10 >= rows.count * used.count * 3, words <= filled * Self.wordsInCellMean
    else { return nil }
    return PDFTable(
      rows: rows, headerCount: PDFTables.headerCount(rows),
      box: Rectangle(left: xs[0], top: ys[0], right: xs[columnCount], bottom: ys[rowCount]), lines: lines)
  }

  /// In the order of reading: by height, then from the left.
  private func sorted(_ parts: [Range<Int>], in page: PDFPageText) -> [Range<Int>] {
    guard parts.count > 1 else { return parts }
    return parts.sorted { first, second in
      let (one, two) = (page.words[first.lowerBound].box, page.words[second.lowerBound].box)
      let overlap = min(one.bottom, two.bottom) - max(one.top, two.top)
      if overlap > min(one.bottom - one.top, two.bottom - two.top) * 0.5 { return one.left < two.left }
      return one.top < two.top
    }
  }
}

/// What stands between two lines across: one row of the table, or several that only white space parts.
enum PDFBand {
  static func rows(
    of band: [[Range<Int>]], top: Float, bottom: Float, in page: PDFPageText
  ) -> [PDFTable.Row] {
    // Amounts one under the other in one cell are amounts of several rows.
    let counts = band.filter { isColumnOfNumbers($0, in: page) }
    guard let leader = counts.max(by: { $0.count < $1.count }) else {
      return [row(of: band, top: top, bottom: bottom, in: page)]
    }
    let heights = leader.map { page.words[$0.lowerBound].box }
    var rows = heights.map { box in
      PDFTable.Row(
        cells: [[Range<Int>]](repeating: [], count: band.count), top: box.top, bottom: box.bottom, hasNumbers: true)
    }
    for (column, parts) in band.enumerated() {
      for part in parts {
        let box = page.words[part.lowerBound].box
        let middle = (box.top + box.bottom) / 2
        let nearest = heights.indices.min { abs(middle - mid(heights[$0])) < abs(middle - mid(heights[$1])) } ?? 0
        rows[nearest].cells[column].append(part)
      }
    }
    return rows
  }

  private static func mid(_ box: Rectangle) -> Float { (box.top + box.bottom) / 2 }

  private static func isColumnOfNumbers(_ parts: [Range<Int>], in page: PDFPageText) -> Bool {
    guard parts.count >= 2 else { return false }
    for (above, below) in zip(parts, parts.dropFirst())
    where page.words[below.lowerBound].box.top < page.words[above.lowerBound].box.bottom - 2 { return false }
    return parts.allSatisfy { PDFSegments.isNumeric($0, in: page) }
  }

  private static func row(of band: [[Range<Int>]], top: Float, bottom: Float, in page: PDFPageText) -> PDFTable.Row {
    let hasNumbers = band.dropFirst().contains { parts in
      !parts.isEmpty && parts.allSatisfy { PDFSegments.isNumeric($0, in: page) }
    }
    return PDFTable.Row(cells: band, top: top, bottom: bottom, hasNumbers: hasNumbers)
  }
}
