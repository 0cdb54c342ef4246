// Which rows of a table name its columns. Many tables mark none, so a row at the top counts, too, that holds nothing
// but periods: ' | 2019 | 2018', 'Net sales | Q1 2019 | Q2 2019'. It answers nothing, and names what stands below it.
import Ingest
import Text

struct TableHeaders {
  let text: ScalarText
  /// The document's blocks in order of their start.
  let blocks: [Block]

  /// The row that names the columns of a table, the lowest of them where there are several; nil: none does.
  func header(of table: Block) -> Block? { rows(of: table).last { $0.isHeader }?.row }

  /// Whether a row stands at the top of its table among those that name columns.
  func isHeader(_ row: Block) -> Bool {
    if case .tableRow(isHeader: true) = row.kind { return true }
    guard namesPeriods(row), let table = table(around: row.start) else { return false }
    return rows(of: table).contains { $0.isHeader && $0.row.start == row.start }
  }

  func table(around place: Int) -> Block? {
    blocks.last { block in
      if case .table = block.kind { return block.start <= place && block.end > place }
      return false
    }
  }

  /// From the top down to the first row that says something.
  private func rows(of table: Block) -> [(row: Block, isHeader: Bool)] {
    var rows: [(row: Block, isHeader: Bool)] = []
    for block in blocks where block.start >= table.start && block.end <= table.end {
      guard case .tableRow(let isMarked) = block.kind else { continue }
      let isHeader = isMarked || namesPeriods(block)
      rows.append((block, isHeader))
      if !isHeader { break }
    }
    return rows
  }

  private func namesPeriods(_ row: Block) -> Bool {
    guard case .tableRow = row.kind else { return false }
    return TableHeaders.namesPeriods(text.slice(row.start..<row.end))
  }

  /// Every cell but the first is a period; the first, too, or nothing, unless two follow it.
  static func namesPeriods(_ row: String) -> Bool {
    let cells = row.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmedSpaces)
    let named = cells.dropFirst().filter { !$0.isEmpty }
    guard !named.isEmpty, named.allSatisfy(isPeriod) else { return false }
    return named.count >= 2 || cells[0].isEmpty || isPeriod(cells[0])
  }

  private static func isPeriod(_ cell: String) -> Bool {
    let named: Set = ["fiscal", "fy", "year", "years", "quarter", "quarters", "q", "h", "months", "weeks", "change"]
    let besides: Set = [
      "financial", "ended", "ending", "as", "at", "of", "the", "for", "in", "to", "and", "vs", "first", "second",
      "third", "fourth", "three", "six", "nine", "twelve",
    ]
    var holdsName = false
    for token in FactTokens.all(in: cell) {
      switch token.kind {
      case .word:
        let isName = named.contains(token.folded) || DateFact.months[token.folded] != nil
        guard isName || besides.contains(token.folded) else { return false }
        holdsName = holdsName || isName
      case .number(let value):
        // A year, the day of a month, the number of a quarter.
        guard DateFact.isYear(token) || ((value ?? .infinity) <= 31 && !token.text.contains(".")) else { return false }
        holdsName = holdsName || DateFact.isYear(token)
      case .sign: guard !"$€£¥".contains(token.text) else { return false }
      }
    }
    return holdsName
  }
}
