// Builds the Document form: every reader of a format writes through here, so offsets, cleaning and bounds are kept in
// one place.
// Invariants: `scalarCount` is the scalar length of `utf8` at every moment; a separator never opens or closes the text;
// text past `Limits.extractedScalarsMax` throws.
// Must not: know formats.
import Base

struct DocumentBuilder {
  /// What stands between a piece and the one before it.
  enum Join {
    case paragraph, line, space, none

    fileprivate var bytes: [UInt8] {
      switch self {
      case .paragraph: [0x0A, 0x0A]
      case .line: [0x0A]
      case .space: [0x20]
      case .none: []
      }
    }
  }

  let format: DocumentFormat
  var title: String?
  var metadata: [String: String] = [:]
  var blocks: [Block] = []
  var coverage: [PartCoverage] = []
  var warnings: [String] = []
  private(set) var pages: [PageSpan] = []
  private(set) var boxes = BoxMap()
  private(set) var utf8: [UInt8] = []
  private(set) var scalarCount = 0
  private(set) var hiddenCount = 0
  private var pendingJoin = Join.none
  private var openPage: PageSpan?

  init(format: DocumentFormat) { self.format = format }

  /// How the bytes were read, for whoever wonders about odd letters.
  mutating func note(_ decoded: DecodedText) {
    metadata["encoding"] = decoded.encoding
    if let warning = decoded.warning { warnings.append(warning) }
  }

  /// Nothing was written that a reader would see.
  var hasNoWords: Bool {
    String(decoding: utf8, as: UTF8.self).unicodeScalars.allSatisfy { $0.properties.isWhitespace }
  }

  /// Asks for a separator before the next text; at the very beginning there is none.
  mutating func join(_ join: Join) { pendingJoin = scalarCount == 0 ? .none : join }

  /// Writes text and gives the range it took, separators not counted.
  @discardableResult
  mutating func write(_ raw: some Collection<UInt8>) throws -> Range<Int> {
    let separator = pendingJoin.bytes
    let keep = utf8.count
    utf8.append(contentsOf: separator)
    let tally = CleanText.append(raw, to: &utf8)
    hiddenCount += tally.hidden
    if tally.scalars == 0 {
      utf8.removeLast(utf8.count - keep)
      return scalarCount..<scalarCount
    }
    pendingJoin = .none
    scalarCount += separator.count
    let start = scalarCount
    scalarCount += tally.scalars
    guard scalarCount <= Limits.extractedScalarsMax else {
      throw IngestFailure(
        .tooLarge, "the document holds more than \(Limits.extractedScalarsMax) characters of text",
        hint: "split it into parts")
    }
    return start..<scalarCount
  }

  /// A whole block: nothing at all when `text` is blank.
  @discardableResult
  mutating func append(_ text: String, as kind: Block.Kind, after join: Join = .paragraph, page: Int? = nil)
    throws -> Range<Int>?
  {
    let bytes = Array(text.utf8)
    let trimmed = trimmedRange(of: bytes)
    guard !trimmed.isEmpty else { return nil }
    self.join(join)
    let range = try write(bytes[trimmed])
    guard !range.isEmpty else { return nil }
    blocks.append(Block(kind: kind, start: range.lowerBound, end: range.upperBound, page: page))
    return range
  }

  /// A short piece of what was written; O(text) where it is not ASCII.
  func text(of range: Range<Int>) -> String {
    var start = 0
    var left = range.lowerBound
    while left > 0 || (start < utf8.count && utf8[start] & 0xC0 == 0x80) {
      if utf8[start] & 0xC0 != 0x80 { left -= 1 }
      start += 1
    }
    var end = start
    left = range.count
    while end < utf8.count, left > 0 || utf8[end] & 0xC0 == 0x80 {
      if utf8[end] & 0xC0 != 0x80 { left -= 1 }
      end += 1
    }
    return String(decoding: utf8[start..<end], as: UTF8.self)
  }

  /// `places` are those of the range's characters; where they are more or fewer, the word's box is shared out evenly.
  mutating func addBox(
    _ box: Rectangle, of range: Range<Int>, page: Int, places: ArraySlice<CharacterPlace> = [], isVertical: Bool = false
  ) {
    guard !range.isEmpty else { return }
    boxes.append(
      start: range.lowerBound, length: range.count, page: page, box: box, places: places, isVertical: isVertical)
  }

  mutating func beginPage(number: Int, label: String?, width: Double, height: Double) {
    endPage()
    openPage = PageSpan(
      number: number, label: label, start: scalarCount, end: scalarCount, width: width, height: height)
  }

  mutating func endPage() {
    guard var page = openPage else { return }
    page.end = scalarCount
    pages.append(page)
    openPage = nil
  }

  /// Closes the document. The caller decides what an empty text means in its format.
  consuming func finish() -> Document {
    endPage()
    if hiddenCount > 0 {
      metadata["hidden_characters"] = String(hiddenCount)
      warnings.append("\(hiddenCount) invisible or direction-control characters were removed")
    }
    return Document(
      text: String(decoding: utf8, as: UTF8.self), title: title.map(CleanText.clean), format: format,
      metadata: metadata.mapValues(CleanText.clean), pages: pages, blocks: blocks, boxes: boxes, coverage: coverage,
      warnings: warnings)
  }
}

func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

func trimmedRange(of bytes: [UInt8]) -> Range<Int> {
  var start = 0
  var end = bytes.count
  while start < end, isBlank(bytes[start]) { start += 1 }
  while end > start, isBlank(bytes[end - 1]) { end -= 1 }
  return start..<end
}
