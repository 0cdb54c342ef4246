// No citation leaves the house that does not hold: its quote must be, scalar for scalar, what stands in the named range
// of the named document's extracted text. This is asked of the store's text, whoever wrote the answer.
import Text

struct CitationGate {
  let texts: TextCache

  /// Whether the quote stands where it is said to stand.
  func holds(quote: String, start: Int, end: Int, versionID: Int) throws -> Bool {
    let text = try texts.text(ofVersion: versionID)
    guard start >= 0, start < end, end <= text.scalarCount else { return false }
    return Array(quote.utf8) == Array(text.utf8Slice(start..<end))
  }
}
