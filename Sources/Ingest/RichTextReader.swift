// RTF: a reader of our own, since Debian has none as a library. Control words, groups and bytes in one pass.
// Invariants: linear time; groups are bounded in depth; bytes are text in the code page that the font or the file
// names; pictures, objects and instructions of fields give no text, hidden and deleted text neither.
// Must not: know looks, but for the styles that are headings.
import Base

struct RichTextReader {
  private struct Group {
    var isSilent = false
    var destination = ""
    var isHidden = false
    var unicodeSkip = 1
    var encoding: String?
  }

  private let bytes: [UInt8]
  private var index = 0
  private var group = Group()
  private var groups: [Group] = []
  private var builder = DocumentBuilder(format: .rtf)
  private var paragraph: [UInt8] = []
  private var raw: [UInt8] = []
  private var captured: [UInt8] = []
  private var note: [UInt8] = []
  private var pageEncoding = "CP1252"
  private var fontEncodings: [Int: String] = [:]
  private var openFont = 0
  private var openStyle = 0
  private var headingStyles: [Int: Int] = [:]
  private var style = 0
  private var outlineLevel: Int?
  private var inTable = false
  private var tables = TableStack()
  private var skipsLeft = 0
  private var highSurrogate: UInt32?
  private var hiddenCount = 0
  private var pictureCount = 0
  private var notes: [String] = []

  private static let silent: Set<String> = [
    "colortbl", "pict", "object", "fldinst", "themedata", "colorschememapping", "latentstyles", "listtable",
    "listoverridetable", "rsidtbl", "generator", "xmlnstbl", "datastore", "filetbl", "revtbl", "nonshppict",
    "bkmkstart",
    "bkmkend", "private", "template", "annotation", "atnid", "atnauthor", "atndate", "atnref", "pgdsctbl", "mmathPr",
  ]
  private static let captured: Set<String> = ["title", "author", "subject", "keywords", "fonttbl", "stylesheet"]
  private static let kept: Set<String> = [
    "rtf", "fldrslt", "listtext", "pntext", "shptxt", "result", "upr", "ud", "shp", "shpinst", "field",
  ]

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func read(_ bytes: [UInt8]) throws -> Document {
    var reader = RichTextReader(bytes)
    return try reader.read()
  }

  private mutating func read() throws -> Document {
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case 0x7B: try open()
      case 0x7D: try close()
      case 0x5C: try control()
      case 0x0A, 0x0D: break
      case 0x09: put("\t")
      default: putByte(byte)
      }
    }
    guard groups.isEmpty else {
      throw IngestFailure(.damagedText, "the file ends in the middle: a group is never closed", hint: "save it again")
    }
    try endParagraph()
    try closeTable()
    guard builder.scalarCount > 0 else {
      throw pictureCount > 0
        ? IngestFailure(.noText, "the document holds pictures and no text")
        : IngestFailure(.emptyDocument, "the document holds no text")
    }
    builder.coverage.append(PartCoverage(part: "body", kind: .text))
    if pictureCount > 0 { builder.coverage.append(PartCoverage(part: "pictures (\(pictureCount))", kind: .imageOnly)) }
    if hiddenCount > 0 {
      builder.coverage.append(
        PartCoverage(part: "hidden text", kind: .skipped(reason: "marked as hidden or deleted: no reader sees it")))
      builder.warnings.append("hidden text in \(hiddenCount) places was left out")
    }
    return builder.finish()
  }

  // MARK: groups

  private mutating func open() throws {
    flush()
    guard groups.count < Limits.groupDepthMax else {
      throw IngestFailure(.tooDeep, "the document nests more than \(Limits.groupDepthMax) groups deep")
    }
    groups.append(group)
    // '{\*\name' may be passed over by who does not know the name.
    var look = index
    while look < bytes.count, bytes[look] == 0x0A || bytes[look] == 0x0D { look += 1 }
    guard look + 1 < bytes.count, bytes[look] == 0x5C else { return }
    var isOptional = false
    if bytes[look + 1] == 0x2A {
      isOptional = true
      look += 2
      while look < bytes.count, isBlank(bytes[look]) { look += 1 }
      guard look < bytes.count, bytes[look] == 0x5C else { return }
    }
    let name = String(
      decoding: bytes[(look + 1)...].prefix(32).prefix { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }, as: UTF8.self)
    if Self.silent.contains(name) || (isOptional && !Self.kept.contains(name) && !Self.captured.contains(name)) {
      group.isSilent = true
      if name == "pict" { pictureCount += 1 }
    }
    if Self.captured.contains(name)
      || ["header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "footnote"].contains(
        name)
    {
      group.destination = name
      captured = []
    }
  }

  private mutating func close() throws {
    flush()
    guard let outer = groups.popLast() else {
      throw IngestFailure(.damagedText, "the file closes a group that it never opened", hint: "save it again")
    }
    if group.destination != outer.destination { try endDestination(group.destination) }
    if group.destination == "stylesheet", outer.destination == "stylesheet" { endStyle() }
    group = outer
  }

  private mutating func endDestination(_ name: String) throws {
    let text = String(decoding: captured, as: UTF8.self).trimmingBlanks()
    captured = []
    guard !text.isEmpty, !group.isSilent else { return }
    if name == "footnote" {
      notes.append(text)
    } else if name.hasPrefix("header") || name.hasPrefix("footer") {
      let kind: Block.Kind = name.hasPrefix("header") ? .header : .footer
      if !builder.blocks.contains(where: { $0.kind == kind }) { try builder.append(text, as: kind) }
    } else if name == "title" {
      builder.title = text
    } else if name != "fonttbl", name != "stylesheet" {
      builder.metadata[name] = text
    }
  }

  private mutating func endStyle() {
    let name = String(decoding: captured, as: UTF8.self).lowercased().trimmingBlanks()
    captured = []
    if name.hasPrefix("heading "), let level = Int(name.dropFirst(8).prefix { $0.isNumber }), (1...9).contains(level) {
      headingStyles[openStyle] = level
    } else if name.hasPrefix("title") {
      headingStyles[openStyle] = 1
    }
    openStyle = 0
  }

  // MARK: control words

  private mutating func control() throws {
    guard index < bytes.count else { return }
    let first = bytes[index]
    guard first | 0x20 >= 0x61, first | 0x20 <= 0x7A else {
      index += 1
      return symbol(first)
    }
    let start = index
    while index < bytes.count, index - start < 32, bytes[index] | 0x20 >= 0x61, bytes[index] | 0x20 <= 0x7A {
      index += 1
    }
    let name = String(decoding: bytes[start..<index], as: UTF8.self)
    var value: Int?
    let isNegative = index < bytes.count && bytes[index] == 0x2D
    if isNegative { index += 1 }
    while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39, (value ?? 0) < 1 << 40 {
      value = (value ?? 0) * 10 + Int(bytes[index] - 0x30)
      index += 1
    }
    if isNegative { value = value.map { -$0 } }
    if index < bytes.count, bytes[index] == 0x20 { index += 1 }
    try word(name, value)
  }

  private mutating func symbol(_ byte: UInt8) {
    switch byte {
    case 0x27:
      let digits = bytes[min(index, bytes.count)...].prefix(2)
      guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else { return }
      index += 2
      putByte(value)
    case 0x5C, 0x7B, 0x7D: putByte(byte)
    case 0x7E: put("\u{A0}")
    case 0x5F: put("-")
    case 0x0A, 0x0D: try? endParagraph()
    default: break
    }
  }

  private static let characters: [String: String] = [
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
  ]

  private mutating func word(_ name: String, _ value: Int?) throws {
    if let text = Self.characters[name] { return put(text) }
    switch name {
    case "par", "sect", "page": try endParagraph()
    case "pard":
      flush()
      style = 0
      outlineLevel = nil
      inTable = false
    case "s": if group.destination == "stylesheet" { openStyle = value ?? 0 } else { style = value ?? 0 }
    case "outlinelevel": outlineLevel = value
    case "intbl": inTable = true
    case "cell", "nestcell": try endCell()
    case "row": try endRow()
    case "nestrow": paragraph += Array("; ".utf8)
    case "v", "deleted":
      flush()
      if value != 0, !group.isHidden { hiddenCount += 1 }
      group.isHidden = value != 0
    case "plain":
      flush()
      group.isHidden = false
      group.encoding = nil
    case "ansicpg": if let value { pageEncoding = "CP\(value)" }
    case "mac": pageEncoding = "MACINTOSH"
    case "pc": pageEncoding = "CP437"
    case "f":
      flush()
      if group.destination == "fonttbl" {
        openFont = value ?? 0
      } else {
        group.encoding = value.flatMap { fontEncodings[$0] }
      }
    case "fcharset": fontEncodings[openFont] = value.flatMap { Self.encoding(ofCharset: $0) }
    case "uc": group.unicodeSkip = min(max(value ?? 1, 0), 16)
    case "u": putUnit(value ?? 0)
    case "bin": index = min(index + max(value ?? 0, 0), bytes.count)
    default: break
    }
  }

  /// https://www.biblioscape.com/rtf15_spec.htm#Heading9, \fcharset
  private static func encoding(ofCharset charset: Int) -> String? {
    let pages = [
      77: "MACINTOSH", 128: "CP932", 129: "CP949", 130: "JOHAB", 134: "CP936", 136: "CP950", 161: "CP1253",
      162: "CP1254", 163: "CP1258", 177: "CP1255", 178: "CP1256", 186: "CP1257", 204: "CP1251", 222: "CP874",
      238: "CP1250",
    ]
    return pages[charset]
  }

  // MARK: text

  private mutating func putByte(_ byte: UInt8) {
    if skipsLeft > 0 {
      skipsLeft -= 1
      return
    }
    if !group.isSilent, !group.isHidden { raw.append(byte) }
  }

  private mutating func putUnit(_ value: Int) {
    flush()
    skipsLeft = group.unicodeSkip
    guard !group.isSilent, !group.isHidden else { return }
    let unit = UInt32(truncatingIfNeeded: value) & 0xFFFF
    if (0xD800...0xDBFF).contains(unit) {
      highSurrogate = unit
    } else if (0xDC00...0xDFFF).contains(unit) {
      if let high = highSurrogate { put(scalar: 0x10000 + (high - 0xD800) << 10 + (unit - 0xDC00)) }
      highSurrogate = nil
    } else {
      put(scalar: unit)
    }
  }

  private mutating func put(scalar: UInt32) {
    var bytes: [UInt8] = []
    appendUTF8(scalar, to: &bytes)
    append(bytes)
  }

  private mutating func put(_ text: String) {
    flush()
    skipsLeft = 0
    if !group.isSilent, !group.isHidden { append(Array(text.utf8)) }
  }

  /// Bytes that wait are made text in the encoding that holds here.
  private mutating func flush() {
    skipsLeft = 0
    guard !raw.isEmpty else { return }
    defer { raw = [] }
    if raw.allSatisfy({ $0 < 0x80 }) { return append(raw) }
    append(NamedEncoding.decode(raw, name: group.encoding ?? pageEncoding) ?? LegacyEncoding.decode(raw[...]).utf8)
  }

  private mutating func append(_ utf8: [UInt8]) {
    if group.destination.isEmpty { paragraph += utf8 } else if captured.count < 1 << 20 { captured += utf8 }
  }

  private mutating func endParagraph() throws {
    flush()
    guard group.destination.isEmpty else {
      if !captured.isEmpty { captured.append(0x0A) }
      return
    }
    if inTable {
      paragraph.append(0x20)
      return
    }
    try closeTable()
    defer { paragraph = [] }
    let text = String(decoding: paragraph, as: UTF8.self)
    let level = outlineLevel.flatMap { (0...8).contains($0) ? $0 + 1 : nil } ?? headingStyles[style]
    if let level {
      let line = TableStack.oneLine(paragraph)
      try builder.append(line, as: .heading(level: level))
      if level == 1, builder.title == nil, !line.isEmpty { builder.title = line }
    } else {
      let trimmed = text.trimmingBlanks()
      let isItem = trimmed.contains("\t") && Self.isLabel(trimmed.prefix { $0 != "\t" })
      let follows = isItem && builder.blocks.last?.kind == .listItem
      let shown = isItem ? trimmed.replacing("\t", with: " ", maxReplacements: 1) : trimmed
      try builder.append(shown, as: isItem ? .listItem : .paragraph, after: follows ? .line : .paragraph)
    }
    for note in notes { try builder.append(note, as: .footnote) }
    notes = []
  }

  /// '•', '3.', 'a)': what \listtext puts before an item.
  private static func isLabel(_ text: Substring) -> Bool {
    if ["•", "·", "o", "-", "–", "▪"].contains(text) { return true }
    return text.count <= 6 && (text.hasSuffix(".") || text.hasSuffix(")")) && text.count > 1
  }

  private mutating func endCell() throws {
    flush()
    if tables.isEmpty { tables.open() }
    tables.openCell()
    _ = tables.closeCell(paragraph)
    paragraph = []
  }

  private mutating func endRow() throws {
    if !tables.isEmpty { tables.closeRow(isHeader: false) }
    paragraph = []
  }

  private mutating func closeTable() throws {
    guard !tables.isEmpty else { return }
    tables.closeRow(isHeader: false)
    try TableWriter.write(TableStack.withCustomaryHeader(tables.close().rows), to: &builder)
  }
}
