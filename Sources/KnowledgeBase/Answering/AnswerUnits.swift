// The pieces of a passage that can stand as an answer: whole sentences, list items, table rows, and a list together
// with the line that introduces it; each with its range in the document's text. Headings, running headers and footers
// are not among them: they echo the question and answer nothing.
import Ingest
import Text

struct AnswerUnit {
  let passage: Int
  /// In the document's text, in Unicode scalars.
  let start: Int
  let end: Int
  let text: String
  /// Of a row: the header of its table, which names its cells, where it is marked as one.
  var header = ""
  var headerRange: Range<Int>?
  var isTableRow = false
  var isListItem = false

  /// What it says with the names of its cells: 'Item: Desk, Price: 40'.
  var shown: String {
    guard isTableRow, !header.isEmpty else { return text }
    let names = header.split(separator: "|", omittingEmptySubsequences: false)
    let cells = text.split(separator: "|", omittingEmptySubsequences: false)
    guard names.count == cells.count else { return "\(header): \(text)" }
    return zip(names, cells).map { name, cell in
      let name = name.trimmedSpaces
      return name.isEmpty ? cell.trimmedSpaces : "\(name): \(cell.trimmedSpaces)"
    }.joined(separator: ", ")
  }
}

struct AnswerUnits {
  private static let wordsMin = 3
  /// A list said whole with its introduction is at most so long; a longer one is left to its items.
  private static let listWordsMax = 60

  let passage: Passage
  let index: Int
  let text: ScalarText
  /// The document's blocks in order of their start; empty for a document without a layout.
  let blocks: [Block]

  func all() -> [AnswerUnit] {
    let inside = blocks.filter { block in
      if case .table = block.kind { return false }
      return block.end > passage.start && block.start < passage.end
    }
    guard !inside.isEmpty else { return sentences(in: passage.start..<passage.end) }
    var units: [AnswerUnit] = []
    let headers = TableHeaders(text: text, blocks: blocks)
    // Of the table that the passage begins in the middle of.
    var header = headers.table(around: passage.start).flatMap(headers.header)
    for (place, block) in inside.enumerated() {
      let range = max(block.start, passage.start)..<min(block.end, passage.end)
      switch block.kind {
      case .heading, .header, .footer, .table: continue
      case .tableRow:
        if headers.isHeader(block) {
          header = block
        } else {
          units += unit(range, isTableRow: true, header: header)
        }
      case .listItem:
        units += sentences(in: range).map { unit in
          var item = unit
          item.isListItem = true
          return item
        }
      case .code, .caption: units += sentences(in: range)
      case .paragraph, .footnote:
        units += sentences(in: range)
        if let list = list(introducedBy: range, following: inside[(place + 1)...]) { units.append(list) }
      }
    }
    return units
  }

  private func sentences(in range: Range<Int>) -> [AnswerUnit] {
    let slice = text.slice(range)
    return Sentences.ranges(in: slice).flatMap { sentence in
      unit(range.lowerBound + sentence.lowerBound..<range.lowerBound + sentence.upperBound)
    }
  }

  /// One unit, or none where the range says nothing by itself.
  private func unit(_ range: Range<Int>, isTableRow: Bool = false, header: Block? = nil) -> [AnswerUnit] {
    let range = trimmed(range)
    let words = text.slice(range)
    guard isWorthSaying(words, isTableRow: isTableRow) else { return [] }
    // A header that is taken for one stands above its row for whoever reads it, and speaks for none: years are in every
    // table of a kind (docs/decisions/0025-measured-again.md).
    let names = header.flatMap { $0.kind == .tableRow(isHeader: true) ? $0 : nil }
    return [
      AnswerUnit(
        passage: index, start: range.lowerBound, end: range.upperBound, text: words,
        header: names.map { text.slice($0.start..<$0.end) } ?? "",
        headerRange: header.map { trimmed($0.start..<$0.end) }, isTableRow: isTableRow)
    ]
  }

  /// 'A home office needs:' and its items, as one verbatim range from the introducing sentence to the last item.
  private func list(introducedBy range: Range<Int>, following: ArraySlice<Block>) -> AnswerUnit? {
    let paragraph = text.slice(range)
    guard let last = Sentences.ranges(in: paragraph).last, paragraph.scalarSlice(last).hasSuffix(":") else {
      return nil
    }
    var end = range.upperBound
    for block in following {
      guard case .listItem = block.kind else { break }
      end = min(block.end, passage.end)
    }
    guard end > range.upperBound else { return nil }
    let whole = trimmed(range.lowerBound + last.lowerBound..<end)
    let words = text.slice(whole)
    guard words.split(whereSeparator: \.isWhitespace).count <= Self.listWordsMax else { return nil }
    return AnswerUnit(
      passage: index, start: whole.lowerBound, end: whole.upperBound, text: words)
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    let scalars = Array(text.slice(range).unicodeScalars)
    let leading = scalars.prefix { $0.properties.isWhitespace }.count
    guard leading < scalars.count else { return range.lowerBound..<range.lowerBound }
    let trailing = scalars.reversed().prefix { $0.properties.isWhitespace }.count
    return range.lowerBound + leading..<range.upperBound - trailing
  }

  private func isWorthSaying(_ words: String, isTableRow: Bool) -> Bool {
    let count = words.split { $0.isWhitespace || $0 == "|" }.count
    guard !isTableRow else {
      return count >= 2 && words.contains { $0.isLetter || $0.isNumber }
    }
    // A question of the source (in a list of questions), a heading's mark or the beginning of a list is no answer.
    return count >= Self.wordsMin && !words.hasSuffix("?") && !words.hasSuffix(":") && !words.hasPrefix("#")
  }
}

extension StringProtocol {
  var trimmedSpaces: String {
    String(drop { $0.isWhitespace }).trimmingSuffix(\.isWhitespace)
  }
}

extension String {
  /// By Unicode scalars; takes time linear in the end of the range.
  func scalarSlice(_ range: Range<Int>) -> String {
    let scalars = unicodeScalars
    let start = scalars.index(scalars.startIndex, offsetBy: range.lowerBound)
    let end = scalars.index(start, offsetBy: range.count)
    return String(scalars[start..<end])
  }
}
