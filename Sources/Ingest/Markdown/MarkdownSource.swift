// Markdown as pieces: text whose links are written out and whose inline tags are gone, code as it stands, and blocks of
// HTML for the reader of HTML.
// Invariants: linear time; every line is in one piece, but definitions of links that are used, which stand in the links
// then. Must not: find blocks of Markdown (MarkdownBlocks), or read HTML.

struct MarkdownSource {
  enum Piece: Equatable {
    case markdown([UInt8])
    case html([UInt8])
  }

  private enum Role {
    case text, verbatim, html, opensHTML
    case definition(String)
  }

  private let utf8: [UInt8]
  private var lines: [(range: Range<Int>, role: Role)] = []
  private var definitions: [String: ArraySlice<UInt8>] = [:]

  init(_ utf8: [UInt8]) {
    self.utf8 = utf8
    classify()
  }

  var pieces: [Piece] {
    var inline = MarkdownInline(definitions)
    // Links first, so that it is known which definitions they use.
    let written = lines.map { line -> [UInt8] in
      if case .text = line.role { return inline.written(utf8[line.range]) }
      return Array(utf8[line.range])
    }
    var pieces: [Piece] = []
    var open: [UInt8] = []
    var isHTML = false
    func close() {
      if !open.isEmpty { pieces.append(isHTML ? .html(open) : .markdown(open)) }
      open = []
    }
    for (line, bytes) in zip(lines, written) {
      var belongsToHTML = false
      switch line.role {
      case .definition(let label) where inline.used.contains(label): continue
      case .opensHTML:
        close()
        belongsToHTML = true
      case .html: belongsToHTML = true
      case .text, .verbatim, .definition: break
      }
      if belongsToHTML != isHTML { close() }
      isHTML = belongsToHTML
      open.append(contentsOf: bytes)
      open.append(0x0A)
    }
    close()
    return pieces
  }

  // MARK: What each line is

  private mutating func classify() {
    var scanner = LineScanner(utf8)
    var found: [Range<Int>] = []
    while let line = scanner.next() { found.append(line.bytes) }
    // What is never closed is no block: the rest of the file would go with it.
    let last = HTMLBlocks.End.closed.map { end in found.lastIndex { end.isIn(utf8[$0]) } ?? -1 }
    func isClosed(_ end: HTMLBlocks.End, from number: Int) -> Bool {
      HTMLBlocks.End.closed.firstIndex(of: end).map { last[$0] >= number } ?? true
    }
    var fence: [UInt8]?
    var html: HTMLBlocks.End?
    var isInList = false
    // A line of text before it keeps a line from being code, or a tag alone on its line from being HTML.
    var goesOn = false
    for (number, range) in found.enumerated() {
      let line = utf8[range]
      let content = line.drop { $0 == 0x20 || $0 == 0x09 }
      let isBlankLine = content.allSatisfy(isBlank)
      let isDeep = content.startIndex - range.lowerBound >= 4 || line.first == 0x09
      if let open = fence {
        lines.append((range, .verbatim))
        if content.starts(with: open), content.allSatisfy({ $0 == open[0] || isBlank($0) }) { fence = nil }
        continue
      }
      if let end = html {
        if end == .blank, isBlankLine {
          html = nil
        } else {
          lines.append((range, .html))
          if end.isIn(line) { html = nil }
          continue
        }
      }
      if isBlankLine {
        lines.append((range, .verbatim))
        goesOn = false
        continue
      }
      if !isDeep, !goesOn, content.startIndex == range.lowerBound, !MarkdownMarks.isListItem(content) {
        isInList = false
      }
      if let mark = MarkdownMarks.fence(content) {
        fence = mark
        lines.append((range, .verbatim))
        goesOn = false
        continue
      } else if isDeep, !goesOn, !isInList {
        lines.append((range, .verbatim))
        continue
      } else if !isDeep, let start = HTMLBlocks.start(content, interrupts: goesOn) {
        let end = isClosed(start, from: number) ? start : .blank
        if start == .comment, end == .blank {
          lines.append((range, .text))
          goesOn = true
          continue
        }
        lines.append((range, .opensHTML))
        if !end.isIn(content.dropFirst(end == .comment ? 4 : 0)) { html = end }
        goesOn = false
        continue
      } else if !isDeep, !goesOn, let (label, target) = definition(content) {
        lines.append((range, .definition(label)))
        if definitions[label] == nil { definitions[label] = target }
        continue
      } else {
        if MarkdownMarks.isListItem(content) { isInList = true }
        lines.append((range, .text))
      }
      goesOn = content.first != 0x23
    }
  }

  /// '[label]: target', with a title behind it or not. '[^label]:' is a footnote.
  private func definition(_ content: ArraySlice<UInt8>) -> (label: String, target: ArraySlice<UInt8>)? {
    guard content.first == 0x5B, content.dropFirst().first != 0x5E,
      let end = content.prefix(MarkdownInline.labelBytesMax).firstIndex(of: 0x5D),
      content[(end + 1)...].first == 0x3A
    else { return nil }
    let label = MarkdownInline.normalised(content[(content.startIndex + 1)..<end])
    var rest = content[(end + 2)...].drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
    guard !label.isEmpty, !rest.isEmpty else { return nil }
    if rest.first == 0x3C, let close = rest.firstIndex(of: 0x3E) { return (label, rest[(rest.startIndex + 1)..<close]) }
    let target = rest.prefix { !isBlank($0) }
    let behind = rest[target.endIndex...].drop(while: isBlank)
    // Words behind the target that are no title: no definition, but somebody's note.
    guard behind.isEmpty || behind.first == 0x22 || behind.first == 0x27 || behind.first == 0x28 else { return nil }
    return (label, target)
  }
}

/// Where a block of HTML begins and ends in Markdown: https://spec.commonmark.org/0.31.2/#html-blocks. A table goes on
/// to its end, though lines in it be blank: that is how people write them.
enum HTMLBlocks {
  enum End: Equatable {
    case blank, table, comment, script

    /// Those that only their own mark ends.
    static let closed: [End] = [.table, .comment, .script]

    func isIn(_ line: ArraySlice<UInt8>) -> Bool {
      switch self {
      case .blank: false
      case .table: HTMLBlocks.contains("</table", in: line)
      case .comment: HTMLBlocks.contains("-->", in: line)
      case .script: ["</script", "</style", "</pre", "</textarea"].contains { HTMLBlocks.contains($0, in: line) }
      }
    }
  }

  private static let names: Set<String> = [
    "address", "article", "aside", "base", "basefont", "blockquote", "body", "caption", "center", "col", "colgroup",
    "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frame",
    "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "legend", "li", "link",
    "main", "menu", "menuitem", "nav", "noframes", "ol", "optgroup", "option", "p", "param", "picture", "search",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "track", "ul",
  ]

  /// `interrupts`: a paragraph is open, which only the surest kinds end.
  static func start(_ content: ArraySlice<UInt8>, interrupts: Bool) -> End? {
    guard content.first == 0x3C else { return nil }
    if content.starts(with: "<!--".utf8) { return .comment }
    guard let tag = InlineTag(content, mayGoOn: true) else { return nil }
    if ["script", "style", "pre", "textarea"].contains(tag.name), !tag.isClosing { return .script }
    if tag.name == "table", !tag.isClosing { return .table }
    if names.contains(tag.name) { return .blank }
    // Any other tag that is alone on its line.
    guard !interrupts, tag.isKnown, content[tag.end...].allSatisfy(isBlank) else { return nil }
    return .blank
  }

  static func isBlock(_ name: String) -> Bool { names.contains(name) }

  static func contains(_ word: StaticString, in line: ArraySlice<UInt8>) -> Bool {
    let mark = Array("\(word)".utf8)
    guard line.count >= mark.count, let first = mark.first else { return false }
    return line.indices.dropLast(mark.count - 1).contains { index in
      line[index] == first && zip(line[index...], mark).allSatisfy { $0 == $1 || $0 | 0x20 == $1 && $0 >= 0x41 }
    }
  }
}

/// Marks at the head of a line that more than one of the readers of Markdown must know.
enum MarkdownMarks {
  static func fence(_ content: ArraySlice<UInt8>) -> [UInt8]? {
    guard let first = content.first, first == 0x60 || first == 0x7E else { return nil }
    let run = content.prefix { $0 == first }
    // A line of `code` is no fence.
    guard run.count >= 3, first == 0x7E || !content.dropFirst(run.count).contains(0x60) else { return nil }
    return Array(run)
  }

  static func isListItem(_ content: ArraySlice<UInt8>) -> Bool {
    guard let first = content.first else { return false }
    if first == 0x2D || first == 0x2A || first == 0x2B { return content.dropFirst().first == 0x20 }
    let digits = content.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
    guard (1...9).contains(digits) else { return false }
    let rest = content.dropFirst(digits)
    return (rest.first == 0x2E || rest.first == 0x29) && rest.dropFirst().first == 0x20
  }
}
