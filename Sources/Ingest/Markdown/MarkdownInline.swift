// What of a line of Markdown is written otherwise than it stands: links that name their target elsewhere are given it,
// tags of HTML go, and its entities become their characters. Code between backticks stays as it is.
// Invariants: linear time. Must not: touch any other mark of Markdown: they are readable.
import CXML

struct MarkdownInline {
  static let labelBytesMax = 1_000

  /// Labels that some link used.
  private(set) var used: Set<String> = []
  private let definitions: [String: ArraySlice<UInt8>]

  init(_ definitions: [String: ArraySlice<UInt8>]) { self.definitions = definitions }

  mutating func written(_ line: ArraySlice<UInt8>) -> [UInt8] {
    // Most lines hold nothing of all this.
    guard line.contains(where: { $0 == 0x3C || $0 == 0x26 || $0 == 0x5B }) else { return Array(line) }
    let spans = CodeSpans(line)
    var out: [UInt8] = []
    out.reserveCapacity(line.count)
    /// Where, in what is written, brackets are open.
    var brackets: [Int] = []
    var index = line.startIndex
    while index < line.endIndex {
      let byte = line[index]
      if byte == 0x60, let end = spans.end(of: index) {
        out.append(contentsOf: line[index..<end])
        index = end
        continue
      }
      if byte == 0x5C, index + 1 < line.endIndex {
        out.append(contentsOf: line[index...index + 1])
        index += 2
        continue
      }
      if byte == 0x3C, let tag = InlineTag(line[index...], mayGoOn: false), tag.isKnown {
        if tag.parts, out.last.map({ !isBlank($0) }) ?? false { out.append(0x20) }
        index = tag.end
        continue
      }
      if byte == 0x26, let (character, end) = Entities.character(line[index...]) {
        out.append(contentsOf: String(character).utf8)
        index = end
        continue
      }
      if byte == 0x5B { brackets.append(out.count) }
      if byte == 0x5D, let open = brackets.popLast(),
        let (target, end) = reference(out[(open + 1)...], line[index...])
      {
        out.append(contentsOf: [0x5D, 0x28] + target + [0x29])
        index = end
        continue
      }
      out.append(byte)
      index += 1
    }
    return out
  }

  /// The target of a link whose words have just been closed, and where the link ends in the line: '[words][label]',
  /// '[label][]' or '[label]'.
  private mutating func reference(
    _ words: ArraySlice<UInt8>, _ rest: ArraySlice<UInt8>
  ) -> (target: ArraySlice<UInt8>, end: Int)? {
    guard !definitions.isEmpty else { return nil }
    let behind = rest.dropFirst()
    // A target of its own; or the beginning of a definition or footnote.
    if behind.first == 0x28 || behind.first == 0x3A || words.first == 0x5E { return nil }
    var label = words
    var end = behind.startIndex
    if behind.first == 0x5B, let close = behind.prefix(Self.labelBytesMax).firstIndex(of: 0x5D) {
      let named = behind[(behind.startIndex + 1)..<close]
      if !named.isEmpty { label = named }
      end = close + 1
    }
    guard label.count < Self.labelBytesMax else { return nil }
    let key = Self.normalised(label)
    guard let target = definitions[key] else { return nil }
    used.insert(key)
    return (target, end)
  }

  /// Labels are the same in any case and with any white space.
  static func normalised(_ label: ArraySlice<UInt8>) -> String {
    label.split(whereSeparator: isBlank).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ").lowercased()
  }
}

/// '<name …>' or '</name>' at the head of some bytes.
struct InlineTag {
  let name: String
  let isClosing: Bool
  let end: Int

  private static let bytesMax = 2_048
  private static let inline: Set<String> = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i",
    "img", "input", "ins", "kbd", "label", "mark", "picture", "q", "rp", "rt", "ruby", "s", "samp", "small", "source",
    "span", "strike", "strong", "sub", "sup", "svg", "time", "tt", "u", "var", "video", "wbr",
  ]
  /// Of the elements that are blocks, those that people write into cells and lines.
  private static let parting: Set<String> = [
    "br", "center", "dd", "details", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
  ]

  /// A tag of HTML, and not a placeholder such as '<name>' or a type such as 'List<Int>'.
  var isKnown: Bool { Self.inline.contains(name) || parts }

  /// What stands before it and what stands behind it are two words.
  var parts: Bool { Self.parting.contains(name) }

  /// `mayGoOn`: a tag that opens a block may end on a later line.
  init?(_ bytes: ArraySlice<UInt8>, mayGoOn: Bool) {
    guard bytes.first == 0x3C else { return nil }
    var rest = bytes.dropFirst()
    isClosing = rest.first == 0x2F
    if isClosing { rest = rest.dropFirst() }
    let letters = rest.prefix(16).prefix { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) }
    guard let first = letters.first, first >= 0x41 else { return nil }
    let behind = rest[letters.endIndex...].first
    guard behind == nil || behind == 0x3E || behind == 0x2F || behind.map(isBlank) == true else { return nil }
    name = String(decoding: letters, as: UTF8.self).lowercased()
    // The mark that ends it, but for those within quotes.
    var quote: UInt8?
    var index = letters.endIndex
    let last = min(bytes.endIndex, bytes.startIndex + Self.bytesMax)
    while index < last, quote != nil || bytes[index] != 0x3E {
      if let open = quote {
        if bytes[index] == open { quote = nil }
      } else if bytes[index] == 0x22 || bytes[index] == 0x27 {
        quote = bytes[index]
      }
      index += 1
    }
    guard index < last else {
      guard mayGoOn, HTMLBlocks.isBlock(name), last == bytes.endIndex else { return nil }
      end = bytes.endIndex
      return
    }
    end = index + 1
  }
}

/// Code between equal runs of backticks, found in one pass.
private struct CodeSpans {
  private var ends: [Int: Int] = [:]

  init(_ line: ArraySlice<UInt8>) {
    var runs: [Range<Int>] = []
    var index = line.startIndex
    while let start = line[index...].firstIndex(of: 0x60) {
      index = line[start...].firstIndex { $0 != 0x60 } ?? line.endIndex
      runs.append(start..<index)
    }
    // Of each length, the run that comes next.
    var next: [Int: Int] = [:]
    var closers = [Int?](repeating: nil, count: runs.count)
    for (place, run) in runs.enumerated().reversed() {
      closers[place] = next[run.count]
      next[run.count] = place
    }
    var place = 0
    while place < runs.count {
      guard let closer = closers[place] else {
        place += 1
        continue
      }
      ends[runs[place].lowerBound] = runs[closer].upperBound
      place = closer + 1
    }
  }

  func end(of start: Int) -> Int? { ends[start] }
}

/// Entities of HTML, as libxml2 knows them.
private enum Entities {
  static func character(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, end: Int)? {
    guard let semicolon = bytes.prefix(12).firstIndex(of: 0x3B) else { return nil }
    let name = String(decoding: bytes[(bytes.startIndex + 1)..<semicolon], as: UTF8.self)
    guard !name.isEmpty, name.utf8.allSatisfy({ $0 == 0x23 || $0 >= 0x30 && $0 <= 0x7A }) else { return nil }
    let value: UInt32?
    if name.hasPrefix("#x") || name.hasPrefix("#X") {
      value = UInt32(name.dropFirst(2), radix: 16)
    } else if name.hasPrefix("#") {
      value = UInt32(name.dropFirst())
    } else {
      value = unsafe htmlEntityLookup(name).map { unsafe UInt32($0.pointee.value) }
    }
    // A bar would be the border of a table's cell.
    guard let value, value >= 0x20, value != 0x7C, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, semicolon + 1)
  }
}
