// HTML to the Document form: the tree is walked twice, once to weigh its elements, once to write what is the page's own.
// Invariants: scripts, styles, templates and comments give no text; text comes out in the order of the source; a page
// whose main content is in doubt is read whole, and what is left out is told in the ledger.
// Must not: judge what looks visible: only markup is known here, not styling.

enum HTMLReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let decoded = try HTMLEncoding.decode(bytes)
    let tree = try HTMLTree(decoded.utf8)
    var outline = HTMLOutline()
    try tree.walk(&outline)
    var builder = DocumentBuilder(format: .html)
    builder.metadata = outline.head.described()
    builder.metadata["encoding"] = decoded.encoding
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

/// Which encoding the page is in: a mark, valid UTF-8, the page's own word, in that order. UTF-8 goes before the page's
/// word because a page that is valid UTF-8 beyond ASCII is hardly ever anything else.
enum HTMLEncoding {
  static func decode(_ bytes: [UInt8]) throws -> DecodedText {
    let head = bytes.prefix(2_048).map { $0 < 0x80 ? $0 | ($0 >= 0x41 && $0 <= 0x5A ? 0x20 : 0) : 0x3F }
    let hasMark = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    if !hasMark, String(validating: bytes, as: UTF8.self) == nil, let name = declared(in: head),
      let text = NamedEncoding.decode(bytes, name: name)
    {
      return DecodedText(utf8: text, encoding: name)
    }
    return try TextDecoding.decode(bytes)
  }

  private static func declared(in head: [UInt8]) -> String? {
    let text = String(decoding: head, as: UTF8.self)
    guard let found = text.firstRange(of: "charset=") ?? text.firstRange(of: "encoding=") else { return nil }
    let name = text[found.upperBound...].drop { $0 == "\"" || $0 == "'" || $0 == " " }
      .prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    return name.isEmpty ? nil : String(name)
  }
}
