// A source file as the rules read it: its lines, and its tokens without comments and strings, so that a word in a
// sentence never counts as code. The lexer knows as much of Swift and C as that takes and no more: interpolations count
// as string, and regex literals are not known (a rule bans them).

struct Token {
  enum Kind { case word, mark }

  let kind: Kind
  let text: String
  let line: Int
  /// Nothing stands between this token and the one before it.
  let isAttached: Bool
}

struct SourceText {
  let path: String
  let lines: [Substring]
  let tokens: [Token]

  init(path: String, text: String) {
    self.path = path
    self.lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var lexer = Lexer(text)
    self.tokens = lexer.tokens()
  }

  var isSwift: Bool { path.hasSuffix(".swift") }
  var isC: Bool { [".c", ".cpp", ".h", ".inc"].contains { path.hasSuffix($0) } }

  /// `Sources/<room>/…`, or nil outside Sources.
  var room: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  /// The given line, counted from 1, without the white space around it; empty outside the file.
  func trimmedLine(_ number: Int) -> Substring {
    lines.indices.contains(number - 1) ? lines[number - 1].trimmed : ""
  }
}

extension Substring {
  var trimmed: Substring {
    let isBlank = { (character: Character) in character == " " || character == "\t" || character == "\r" }
    guard let first = firstIndex(where: { !isBlank($0) }) else { return self[endIndex...] }
    let last = lastIndex { !isBlank($0) } ?? first
    return self[first...last]
  }
}

private struct Lexer {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var found: [Token] = []
  private var lastEnd = -1

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func tokens() -> [Token] {
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
      case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): skipBlockComment()
      case UInt8(ascii: "\""): skipString(hashes: 0)
      case UInt8(ascii: "#"):
        let hashes = bytes[position...].prefix { $0 == UInt8(ascii: "#") }.count
        if peek(hashes) == UInt8(ascii: "\"") {
          position += hashes
          skipString(hashes: hashes)
        } else {
          add(.mark, length: 1)
        }
      case UInt8(ascii: "'"): skipCharacterConstant()
      case _ where isWordByte(byte):
        add(.word, length: bytes[position...].prefix { isWordByte($0) }.count)
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "\n"):
        line += 1
        position += 1
      default: add(.mark, length: 1)
      }
    }
    return found
  }

  private func peek(_ distance: Int) -> UInt8? {
    position + distance < bytes.count ? bytes[position + distance] : nil
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  private mutating func add(_ kind: Token.Kind, length: Int) {
    let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
    found.append(Token(kind: kind, text: text, line: line, isAttached: position == lastEnd))
    position += length
    lastEnd = position
  }

  private mutating func skip(_ count: Int) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] == UInt8(ascii: "\n") { line += 1 }
      position += 1
    }
  }

  /// Block comments nest, as Swift's do.
  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if bytes[position] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
        depth += 1
        skip(2)
      } else if bytes[position] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
        depth -= 1
        skip(2)
      } else {
        skip(1)
      }
    } while depth > 0 && position < bytes.count
  }

  private mutating func skipString(hashes: Int) {
    let isLong = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"")
    let quotes = [UInt8](repeating: UInt8(ascii: "\""), count: isLong ? 3 : 1)
    let fence = quotes + [UInt8](repeating: UInt8(ascii: "#"), count: hashes)
    skip(quotes.count)
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "\\"), hashes == 0 {
        skip(2)
      } else if bytes[position...].starts(with: fence) {
        skip(fence.count)
        return
      } else if !isLong, bytes[position] == UInt8(ascii: "\n") {
        return  // not closed on its line: not a string after all
      } else {
        skip(1)
      }
    }
  }

  /// C's 'x' and '\n'; an apostrophe that closes nowhere near is a mark.
  private mutating func skipCharacterConstant() {
    let length = peek(1) == UInt8(ascii: "\\") ? 4 : 3
    if peek(length - 1) == UInt8(ascii: "'") { position += length } else { add(.mark, length: 1) }
  }
}
