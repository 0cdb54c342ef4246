// Strings as models write them: in other quotes, with line breaks, with quotes inside that were not escaped, with
// escapes of other languages. A string that can be read in two ways is a ReplyProblem.
import Base

extension LenientReader {
  enum Quote { case double, single, backtick, curly, tripleDouble, tripleSingle }

  func quoteHere() -> Quote? {
    switch current {
    case UInt8(ascii: "\""): isHere("\"\"\"") ? .tripleDouble : .double
    case UInt8(ascii: "'"): isHere("'''") ? .tripleSingle : .single
    case UInt8(ascii: "`"): isHere("```") ? nil : .backtick
    default: isHere("“") || isHere("”") ? .curly : nil
    }
  }

  mutating func string(_ quote: Quote, isKey: Bool) throws -> String {
    position += quote.length
    var text: [UInt8] = []
    var innerQuotes = 0
    var escapes = Escapes()
    while let byte = current {
      try step()
      if let length = quote.endLength(in: self) {
        if try closes(quote, length, isKey: isKey) {
          position += length
          guard quote != .double || innerQuotes.isMultiple(of: 2) else { throw unescaped() }
          guard !escapes.areMixed else {
            throw ReplyProblem(.ambiguous, "a string at byte \(position) has backslashes that are not escaped")
          }
          return try valid(text)
        }
        innerQuotes += 1
        text += bytes[position..<position + length]
        position += length
      } else if byte == UInt8(ascii: "\\") {
        position += 1
        try escape(into: &text, &escapes)
      } else {
        if quote == .backtick, isHere("${") { throw ReplyProblem(.ambiguous, "a template with ${} is no value") }
        guard byte != 0 else { throw unexpected() }
        text.append(byte)
        position += 1
      }
    }
    throw ReplyProblem(.cutOff, "the reply ends within a string")
  }

  private func unescaped() -> ReplyProblem {
    ReplyProblem(.ambiguous, "a quote within a string at byte \(position) is not escaped")
  }

  private func valid(_ text: [UInt8]) throws -> String {
    guard let valid = String(validating: text, as: UTF8.self) else {
      throw ReplyProblem(.badSyntax, "a string is not valid UTF-8")
    }
    return valid
  }

  /// Whether the quote here ends the string: what follows can only follow a string. Anything else is a quote within it.
  private mutating func closes(_ quote: Quote, _ length: Int, isKey: Bool) throws -> Bool {
    if isKey || quote == .tripleDouble || quote == .tripleSingle { return true }
    var index = position + length
    var isOnNextLine = false
    while index < bytes.count, bytes[index] == 0x20 || (0x09...0x0D).contains(bytes[index]) {
      try step()
      if bytes[index] == 0x0A { isOnNextLine = true }
      index += 1
    }
    guard index < bytes.count else { return true }
    switch bytes[index] {
    case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"): return true
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      // On the next line a member without a comma before it; here, two strings or one.
      if !isOnNextLine, bytes[index] == bytes[position] { throw unescaped() }
      return isOnNextLine
    // What was inside so far may have been a value, and this the next key.
    case UInt8(ascii: ":"): throw unescaped()
    default: return at(index, "//") || at(index, "/*") || at(index, "#") || at(index, "，") || at(index, "```")
    }
  }

  // MARK: Escapes

  /// A string that keeps one backslash as it is has none escaped; its `\n` may be the start of a file's name.
  struct Escapes {
    fileprivate var hasKept = false
    fileprivate var hasLetters = false
    fileprivate var areMixed: Bool { hasKept && hasLetters }
  }

  private mutating func escape(into text: inout [UInt8], _ escapes: inout Escapes) throws {
    guard let byte = current else { throw ReplyProblem(.cutOff, "the reply ends within a string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "'"), UInt8(ascii: "`"):
      text.append(byte)
      return
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "u"): text += try unicode()
    case UInt8(ascii: "x"):
      guard let value = hexadecimal(digits: 2) else { throw ReplyProblem(.ambiguous, "\\x without two digits") }
      text += String(Character(Unicode.Scalar(UInt8(value)))).utf8
    case UInt8(ascii: "_"), 0x0A, 0x0D:
      throw ReplyProblem(.ambiguous, "a backslash at byte \(position - 1) is not escaped")
    default:
      text += [UInt8(ascii: "\\"), byte]
      escapes.hasKept = true
      return
    }
    escapes.hasLetters = true
  }

  private mutating func unicode() throws -> [UInt8] {
    func broken() -> ReplyProblem { ReplyProblem(.badSyntax, "an escape at byte \(position) is half of a character") }
    guard let first = hexadecimal(digits: 4) else { throw broken() }
    if let scalar = Unicode.Scalar(first) { return Array(String(Character(scalar)).utf8) }
    guard (0xD800..<0xDC00).contains(first), isHere("\\u") else { throw broken() }
    position += 2
    guard let second = hexadecimal(digits: 4), (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw broken() }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal(digits: Int) -> UInt32? {
    guard position + digits <= bytes.count else { return nil }
    let text = String(decoding: bytes[position..<position + digits], as: UTF8.self)
    guard let value = UInt32(text, radix: 16), !text.hasPrefix("+") else { return nil }
    position += digits
    return value
  }
}

extension LenientReader.Quote {
  fileprivate var length: Int {
    switch self {
    case .double, .single, .backtick: 1
    case .curly, .tripleDouble, .tripleSingle: 3
    }
  }

  /// Bytes of the closing quote that stands where the reader is; nil where none does.
  fileprivate func endLength(in reader: LenientReader) -> Int? {
    switch self {
    case .double: reader.current == UInt8(ascii: "\"") ? 1 : nil
    case .single: reader.current == UInt8(ascii: "'") ? 1 : nil
    case .backtick: reader.current == UInt8(ascii: "`") ? 1 : nil
    case .curly: reader.isHere("”") || reader.isHere("“") ? 3 : nil
    case .tripleDouble: reader.isHere("\"\"\"") ? 3 : nil
    case .tripleSingle: reader.isHere("'''") ? 3 : nil
    }
  }
}
