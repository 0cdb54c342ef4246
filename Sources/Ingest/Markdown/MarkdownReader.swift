// Markdown: the text stays as it was written, since its marks are readable; headings, lists, tables and code are found
// so that chunks follow them. Front matter becomes metadata. Invariants: one pass over the lines, no backtracking, so
// no input is slower than its length. Must not: resolve links, run HTML, or nest: a block is found by the look of its
// own lines.

enum MarkdownReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    var builder = DocumentBuilder(format: .markdown)
    builder.note(decoded)
    let (matter, bodyStart) = FrontMatter.parse(decoded.utf8)
    builder.metadata.merge(matter) { _, new in new }
    let body = Array(decoded.utf8[bodyStart...])
    try builder.write(body[trimmedRange(of: body)])
    guard !builder.hasNoWords else {
      throw IngestFailure(.emptyDocument, "the file holds no text")
    }
    var scanner = MarkdownBlocks(builder.utf8)
    builder.blocks = scanner.scan()
    builder.title = matter["title"] ?? scanner.topHeading
    builder.coverage = [PartCoverage(part: "body", kind: .text)]
    return builder.finish()
  }
}
