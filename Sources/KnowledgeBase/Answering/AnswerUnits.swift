// The pieces of a passage that can stand as an answer: whole sentences, list items and table rows, each with its range
// in the document's text. Headings are not among them: they echo the question and answer nothing.
import Text

struct AnswerUnit {
  let passage: Int
  /// In the document's text, in Unicode scalars.
  let start: Int
  let end: Int
  let text: String
  let isTableRow: Bool
}

enum AnswerUnits {
  private static let wordsMin = 3

  static func units(of passage: Passage, at index: Int) -> [AnswerUnit] {
    var units: [AnswerUnit] = []
    let headings = Set(passage.heading.components(separatedBy: " > ").map(plain))
    for block in blocks(of: passage.text) {
      let ranges =
        block.isTableRow
        ? [block.range]
        : Sentences.ranges(in: block.text).map { range in
          block.range.lowerBound + range.lowerBound..<block.range.lowerBound + range.upperBound
        }
      for range in ranges {
        let text = passage.text.scalarSlice(range)
        guard !headings.contains(plain(text)), isWorthSaying(text, isTableRow: block.isTableRow) else { continue }
        units.append(
          AnswerUnit(
            passage: index, start: passage.start + range.lowerBound, end: passage.start + range.upperBound,
            text: text, isTableRow: block.isTableRow))
      }
    }
    return units
  }

  private struct TextBlock {
    let text: String
    let range: Range<Int>
    let isTableRow: Bool
  }

  /// Table rows one by one, everything between them together.
  private static func blocks(of text: String) -> [TextBlock] {
    var blocks: [TextBlock] = []
    var pending = ""
    var pendingStart = 0
    var position = 0
    func flush() {
      if !pending.isEmpty {
        let count = pending.unicodeScalars.count
        blocks.append(TextBlock(text: pending, range: pendingStart..<pendingStart + count, isTableRow: false))
      }
      pending = ""
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let count = line.unicodeScalars.count
      if line.contains(" | ") {
        flush()
        blocks.append(TextBlock(text: String(line), range: position..<position + count, isTableRow: true))
      } else {
        if pending.isEmpty { pendingStart = position }
        pending += line
        pending += "\n"
      }
      position += count + 1
    }
    if pending.hasSuffix("\n") { pending.removeLast() }
    flush()
    return blocks
  }

  private static func isWorthSaying(_ text: String, isTableRow: Bool) -> Bool {
    let words = text.split { $0.isWhitespace || $0 == "|" }
    guard words.count >= (isTableRow ? 2 : wordsMin) else { return false }
    guard !isTableRow else { return !text.allSatisfy { $0 == "-" || $0 == "|" || $0 == " " || $0 == ":" } }
    // A question in the source (a heading of a list of questions) answers nothing by itself.
    return !(text.hasSuffix("?") || text.hasPrefix("#"))
  }

  private static func plain(_ text: String) -> String {
    text.filter { $0.isLetter || $0.isNumber }.lowercased()
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

  func components(separatedBy separator: String) -> [String] {
    split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
