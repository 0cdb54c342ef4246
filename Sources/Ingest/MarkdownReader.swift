// Markdown: the text stays as it was written, since its marks are readable; headings, lists, tables and code are found
// so that chunks follow them. Front matter becomes metadata. Invariants: one pass over the lines, no backtracking, so
// no input is slower than its length. Must not: resolve links, run HTML, or nest: a block is found by the look of its
// own lines.

enum MarkdownReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    var builder = DocumentBuilder(format: .markdown)
    builder.metadata["encoding"] = decoded.encoding
    let (matter, bodyStart) = FrontMatter.parse(decoded.utf8)
    builder.metadata.merge(matter) { _, new in new }
    let body = Array(decoded.utf8[bodyStart...])
    try builder.write(body[trimmedRange(of: body)])
    guard builder.scalarCount > 0 else {
      throw IngestFailure(.emptyDocument, "the file holds no text")
    }
    var scanner = MarkdownBlocks(builder.utf8)
    builder.blocks = scanner.scan()
    builder.title = matter["title"] ?? scanner.firstHeading
    builder.coverage = [PartCoverage(part: "body", kind: .text)]
    return builder.finish()
  }
}

/// `key: value` lines between two lines of three dashes at the very beginning.
enum FrontMatter {
  static func parse(_ utf8: [UInt8]) -> (fields: [String: String], bodyStart: Int) {
    var lines = LineScanner(utf8)
    guard let first = lines.next(), text(utf8, first.bytes) == "---" else { return ([:], 0) }
    var fields: [String: String] = [:]
    var key: String?
    for _ in 0..<200 {
      guard let line = lines.next() else { return ([:], 0) }
      let content = text(utf8, line.bytes)
      if content == "---" || content == "..." { return (fields, min(line.bytes.upperBound + 1, utf8.count)) }
      if let colon = content.firstIndex(of: ":"), !content.hasPrefix(" "), !content.hasPrefix("-") {
        let name = String(content[..<colon])
        fields[name] = unquoted(content[content.index(after: colon)...])
        key = name
      } else if let key, !line.isBlank {
        // A value on lines of its own: a list or a folded text.
        let more = unquoted(content.drop { $0 == " " || $0 == "-" })
        fields[key] = [fields[key] ?? "", more].filter { !$0.isEmpty }.joined(separator: ", ")
      }
    }
    return ([:], 0)
  }

  private static func text(_ utf8: [UInt8], _ range: Range<Int>) -> String {
    var end = range.upperBound
    while end > range.lowerBound, isBlank(utf8[end - 1]) { end -= 1 }
    return String(decoding: utf8[range.lowerBound..<end], as: UTF8.self)
  }

  private static func unquoted(_ value: Substring) -> String {
    var value = value.drop { $0 == " " }
    while value.last == " " { value.removeLast() }
    guard value.count >= 2, let mark = value.first, mark == "\"" || mark == "'", value.last == mark else {
      return String(value)
    }
    return String(value.dropFirst().dropLast())
  }
}
