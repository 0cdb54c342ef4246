// Markdown: the text stays as it was written, since its marks are readable; headings, lists, tables and code are found
// so that chunks follow them. Links whose targets stand elsewhere in the file are written out, and HTML in it is read
// as HTML: nobody wants to read its tags. Front matter becomes metadata.
// Invariants: no line is looked at more than a fixed number of times, so no input is slower than its length.
// Must not: follow a link, or nest: a block is found by the look of its own lines.

enum MarkdownReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    var builder = DocumentBuilder(format: .markdown)
    builder.note(decoded)
    let (matter, bodyStart) = FrontMatter.parse(decoded.utf8)
    builder.metadata.merge(matter) { _, new in new }
    for piece in MarkdownSource(Array(decoded.utf8[bodyStart...])).pieces {
      switch piece {
      case .markdown(let text): try write(text, to: &builder)
      case .html(let text): try HTMLReader.write(text, to: &builder)
      }
    }
    guard !builder.hasNoWords else {
      throw IngestFailure(.emptyDocument, "the file holds no text")
    }
    builder.title = matter["title"] ?? topHeading(of: builder)
    builder.coverage = [PartCoverage(part: "body", kind: .text)]
    return builder.finish()
  }

  private static func write(_ text: [UInt8], to builder: inout DocumentBuilder) throws {
    let trimmed = trimmedRange(of: text)
    guard !trimmed.isEmpty else { return }
    builder.join(.paragraph)
    let (byteStart, scalarStart) = (builder.utf8.count, builder.scalarCount)
    let range = try builder.write(text[trimmed])
    // A separator is as many bytes as characters.
    var scanner = MarkdownBlocks(Array(builder.utf8[(byteStart + range.lowerBound - scalarStart)...]))
    builder.blocks += scanner.scan().map { block in
      var block = block
      block.start += range.lowerBound
      block.end += range.lowerBound
      return block
    }
  }

  /// The first of the highest level of the first headings: a page's name comes early.
  private static func topHeading(of builder: DocumentBuilder) -> String? {
    var top: (level: Int, block: Block)?
    for block in builder.blocks.lazy.filter(\.isHeading).prefix(8) {
      if case .heading(let level) = block.kind, level < top?.level ?? 99 { top = (level, block) }
    }
    return top.map { builder.text(of: $0.block.start..<$0.block.end) }
  }
}
