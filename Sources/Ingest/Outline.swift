// A document as the units that chunks are made of: headings, sentences, table rows, each with its tokens counted once.
// Invariants: units cover the text without gap or overlap; a unit with its section's prefix fits the window; tokens of
// neighbouring units add up, because units end where the embedder splits words anyway (`isTorn` marks the others).
// Must not: decide where chunks end.
import Text

struct Outline {
  struct Unit {
    var start: Int
    var end: Int
    var tokens: Int
    var section: Int
    var isHeading = false
    var opensParagraph = false
    /// Ends inside a word that is longer than a window: it must not be joined with what follows.
    var isTorn = false
    /// The table it is a row of; its header row is then repeated in the prefix of a chunk that begins here.
    var table: Int?
    var isTableHeader = false
  }

  struct Section {
    var path: String
    /// Before a chunk that begins inside the section.
    var prefix: Prefix
    /// Before a chunk that begins with the section's own heading, which need not be said twice.
    var outerPrefix: Prefix

    var widestPrefixTokens: Int { max(prefix.tokens, outerPrefix.tokens) }
  }

  /// A text for the embedder's eyes, with its tokens.
  struct Prefix {
    var text = ""
    var tokens = 0
  }

  private(set) var units: [Unit] = []
  private(set) var sections: [Section] = []
  private(set) var tableHeaders: [Prefix] = []

  private let text: ScalarText
  private let title: String
  private let options: ChunkingOptions
  private let countTokens: (String) -> Int
  private var headings: [(level: Int, words: String)] = []
  /// The tables that the block at hand lies in, from the outermost: where each ends, and its header once it is known.
  private var openTables: [(end: Int, header: Int?)] = []

  /// A window never holds more scalars than this, so that a long word that counts as one token is cut as well.
  private var unitScalarsMax: Int { options.tokensMax * 8 }

  init(
    _ document: Document, text: ScalarText, options: ChunkingOptions, countTokens: @escaping (String) -> Int
  ) {
    self.text = text
    self.options = options
    self.countTokens = countTokens
    title = document.title.map { Self.oneLine($0) } ?? ""
    openSection()
    var position = 0
    for block in document.blocks where block.end > block.start {
      openTables.removeAll { $0.end <= block.start }
      if block.kind == .table { openTables.append((block.end, nil)) }
      guard block.kind != .table, block.start >= position else { continue }
      // The marks before a heading ('## ') are of its line, so they go with it.
      let start = block.isHeading ? lineStart(of: block.start, notBefore: position) : block.start
      if start > position { addGap(position..<start) }
      add(block, from: start)
      position = block.end
    }
    if position < text.scalarCount { addGap(position..<text.scalarCount) }
  }

  private mutating func add(_ block: Block, from start: Int) {
    switch block.kind {
    case .heading(let level):
      while let last = headings.last, last.level >= level { headings.removeLast() }
      headings.append((level, Self.oneLine(text.slice(block.start..<block.end))))
      openSection()
      addPieces(of: start..<block.end, like: unit(isHeading: true))
    case .tableRow(let isHeader):
      // The header or footer of a page between two rows does not end their table.
      let known = openTables.isEmpty ? units.last?.table : openTables[openTables.count - 1].header
      if isHeader || known == nil { openTable(block, isHeader: isHeader) }
      let header = isHeader ? tableHeaders.count - 1 : known ?? tableHeaders.count - 1
      if !openTables.isEmpty { openTables[openTables.count - 1].header = header }
      var row = unit()
      row.table = header
      row.isTableHeader = isHeader
      addPieces(of: block.start..<block.end, like: row)
    case .paragraph, .listItem, .header, .footer, .footnote, .code, .caption, .table:
      addSentences(of: block.start..<block.end)
    }
  }

  /// A header of several rows is one header; a table without one repeats nothing.
  private mutating func openTable(_ block: Block, isHeader: Bool) {
    let row = isHeader ? text.slice(block.start..<block.end) + "\n" : ""
    if let last = units.last, last.isTableHeader, last.table == tableHeaders.count - 1, isHeader {
      let joined = tableHeaders[tableHeaders.count - 1].text + row
      tableHeaders[tableHeaders.count - 1] = fittingHeader(joined)
    } else {
      tableHeaders.append(fittingHeader(row))
    }
  }

  private func fittingHeader(_ header: String) -> Prefix {
    let tokens = countTokens(header)
    return tokens <= options.tokensMax / 4 ? Prefix(text: header, tokens: tokens) : Prefix()
  }

  /// White space between blocks belongs to the unit before it; text outside every block is a unit like any other.
  private mutating func addGap(_ range: Range<Int>) {
    let isMark = units.last.map { $0.isHeading } ?? false && range.count <= 8
    if !units.isEmpty, isMark || text.utf8Slice(range).allSatisfy(isBlank) {
      units[units.count - 1].end = range.upperBound
    } else {
      addSentences(of: range)
    }
  }

  private func lineStart(of scalar: Int, notBefore floor: Int) -> Int {
    let bytes = text.utf8Range(floor..<scalar)
    var index = bytes.upperBound
    var start = scalar
    while index > bytes.lowerBound, text.utf8[index - 1] != 0x0A {
      index -= 1
      if isScalarStart(text.utf8[index]) { start -= 1 }
    }
    return start
  }

  private mutating func addSentences(of range: Range<Int>) {
    let bytes = text.utf8Range(range)
    var start = range.lowerBound
    var byte = bytes.lowerBound
    var template = unit()
    template.opensParagraph = true
    for end in SentenceScanner.ends(in: text.utf8[bytes]) where end > byte {
      let scalars = text.utf8[byte..<end].count { isScalarStart($0) }
      addPieces(of: start..<start + scalars, like: template)
      template.opensParagraph = false
      start += scalars
      byte = end
    }
  }

  /// Whatever stands inside a table, such as the footer of a page that it runs over, is of that table.
  private func unit(isHeading: Bool = false) -> Unit {
    Unit(
      start: 0, end: 0, tokens: 0, section: sections.count - 1, isHeading: isHeading,
      table: openTables.last.flatMap(\.header))
  }

  /// The range as one unit, or as several where it does not fit the window.
  private mutating func addPieces(of range: Range<Int>, like template: Unit) {
    var template = template
    let header = template.table.map { tableHeaders[$0].tokens } ?? 0
    let limit = max(options.tokensMax - sections[template.section].widestPrefixTokens - header, 1)
    var waiting = [range]
    while let piece = waiting.popLast() {
      let tokens = piece.count > unitScalarsMax ? Int.max : countTokens(text.slice(piece))
      if tokens <= limit || piece.count == 1 {
        template.start = piece.lowerBound
        template.end = piece.upperBound
        template.tokens = tokens
        template.isTorn = piece.upperBound < range.upperBound && !isBlank(byteBefore(piece.upperBound))
        units.append(template)
        template.opensParagraph = false
      } else {
        let middle = cut(in: piece)
        waiting.append(middle..<piece.upperBound)
        waiting.append(piece.lowerBound..<middle)
      }
    }
  }

  private func byteBefore(_ scalar: Int) -> UInt8 {
    let end = text.utf8Offset(ofScalar: scalar)
    return end > 0 ? text.utf8[end - 1] : 0x20
  }

  /// A place near the middle, or at the end of what a unit may hold: after white space where there is some close by.
  private func cut(in range: Range<Int>) -> Int {
    let half = range.lowerBound + min(range.count / 2, unitScalarsMax)
    let reach = min((half - range.lowerBound) / 2, 400)
    let bytes = text.utf8Range(half - reach..<half)
    for offset in stride(from: bytes.upperBound - 1, through: bytes.lowerBound, by: -1)
    where isBlank(text.utf8[offset]) {
      return half - reach + text.utf8[bytes.lowerBound...offset].count { isScalarStart($0) }
    }
    return half
  }

  private mutating func openSection() {
    let words = headings.map(\.words)
    sections.append(
      Section(
        path: words.joined(separator: " > "), prefix: prefix(of: words), outerPrefix: prefix(of: words.dropLast())))
  }

  /// A prefix may take a third of the window; past that the nearest heading has to do, or nothing.
  private func prefix(of path: some BidirectionalCollection<String>) -> Prefix {
    var lines = path.isEmpty ? [] : [path.joined(separator: " > ")]
    if !title.isEmpty, headings.first?.words != title { lines.insert(title, at: 0) }
    for text in [lines.map { $0 + "\n" }.joined(), path.last.map { $0 + "\n" } ?? ""] {
      let tokens = countTokens(text)
      if tokens <= options.tokensMax / 3 { return Prefix(text: text, tokens: tokens) }
    }
    return Prefix()
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
