// Plain text: kept whole, paragraphs found at blank lines. A line is never taken for a heading: text has none.
// Must not: reflow or reorder.

enum PlainTextReader {
  static func read(_ bytes: [UInt8]) throws -> Document {
    let decoded = try TextDecoding.decode(bytes)
    var builder = DocumentBuilder(format: .text)
    builder.note(decoded)
    let trimmed = trimmedRange(of: decoded.utf8)
    try builder.write(decoded.utf8[trimmed])
    guard !builder.hasNoWords else {
      throw IngestFailure(.emptyDocument, "the file holds no text")
    }
    builder.blocks = paragraphs(in: builder.utf8, kind: .paragraph)
    builder.coverage = [PartCoverage(part: "body", kind: .text)]
    return builder.finish()
  }

  /// Paragraphs of clean text: runs of lines that are not blank.
  static func paragraphs(in utf8: [UInt8], kind: Block.Kind) -> [Block] {
    var blocks: [Block] = []
    var lines = LineScanner(utf8)
    var open: Range<Int>?
    while let line = lines.next() {
      if line.isBlank {
        if let range = open { blocks.append(Block(kind: kind, start: range.lowerBound, end: range.upperBound)) }
        open = nil
      } else {
        open = (open?.lowerBound ?? line.scalars.lowerBound)..<line.scalars.upperBound
      }
    }
    if let range = open { blocks.append(Block(kind: kind, start: range.lowerBound, end: range.upperBound)) }
    return blocks
  }
}

/// The lines of clean text, each with its place in bytes and in scalars, line ends not counted.
struct LineScanner {
  struct Line {
    var bytes: Range<Int>
    var scalars: Range<Int>
    var isBlank: Bool
  }

  private let utf8: [UInt8]
  private var byte = 0
  private var scalar = 0

  init(_ utf8: [UInt8]) { self.utf8 = utf8 }

  mutating func next() -> Line? {
    guard byte < utf8.count else { return nil }
    let (startByte, startScalar) = (byte, scalar)
    var isBlank = true
    while byte < utf8.count, utf8[byte] != 0x0A {
      if utf8[byte] & 0xC0 != 0x80 { scalar += 1 }
      if utf8[byte] != 0x20 && utf8[byte] != 0x09 { isBlank = false }
      byte += 1
    }
    let line = Line(bytes: startByte..<byte, scalars: startScalar..<scalar, isBlank: isBlank)
    byte += 1
    scalar += 1
    return line
  }
}
