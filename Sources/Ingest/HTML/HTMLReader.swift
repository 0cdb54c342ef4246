// HTML to the Document form: the tree is walked twice, once to weigh its elements, once to write what is the page's
// own. Invariants: scripts, styles, templates and comments give no text; text comes out in the order of the source; a
// page whose main content is in doubt is read whole, and what is left out is told in the ledger. Must not: judge what
// looks visible: only markup is known here, not styling.

enum HTMLReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let decoded = try HTMLEncoding.decode(bytes)
    let tree = try HTMLTree(decoded.utf8)
    var outline = HTMLOutline()
    try tree.walk(&outline)
    var builder = DocumentBuilder(format: .html)
    builder.metadata = outline.head.described()
    builder.note(decoded)
    builder.title = outline.head.title
    let main = HTMLMainContent.find(in: outline)
    var writer = HTMLWriter(continuing: builder, outline: outline, skipping: main.skipped)
    try tree.walk(&writer)
    builder = try writer.builderAtEnd()
    guard builder.scalarCount > 0 else { throw IngestFailure(.emptyDocument, "the page holds no text") }
    builder.coverage.append(PartCoverage(part: "body", kind: .text))
    if writer.hiddenCount > 0 {
      builder.coverage.append(
        PartCoverage(part: "hidden elements", kind: .skipped(reason: PartCoverage.besideContent)))
    }
    if main.skippedCount > 0 {
      builder.coverage.append(
        PartCoverage(
          part: "navigation, teasers and the like (\(main.skippedCount) characters)",
          kind: .skipped(reason: PartCoverage.besideContent)))
    }
    return builder.finish()
  }

  /// A page as a part of a larger document, all of it: a chapter, the body of a message.
  static func write(_ utf8: [UInt8], to builder: inout DocumentBuilder) throws {
    let tree = try HTMLTree(utf8)
    var outline = HTMLOutline()
    try tree.walk(&outline)
    var writer = HTMLWriter(continuing: builder, outline: outline, skipping: [])
    try tree.walk(&writer)
    builder = try writer.builderAtEnd()
  }
}
