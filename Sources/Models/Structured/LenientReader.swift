// Reads JSON as models write it: comments, trailing commas, other quotes, bare keys, the literals of Python and
// JavaScript, unescaped line breaks, a missing brace at the very end. It repairs only what can be read in one way; what
// leaves a choice is a ReplyProblem. One pass, bounded depth, and a budget of steps over all its attempts, so that its
// time is linear in the reply whatever that holds. Strings are read in LenientReader+Strings.swift.
import Base

struct LenientReader {
  struct Found {
    let value: JSON
    let end: Int
    /// Objects that the reply's end left open, counted from the outermost.
    let openObjects: Int
  }

  let bytes: [UInt8]
  var position = 0
  /// Whether the attempt has read a key with its colon, or an element: then this was meant to be JSON.
  private(set) var hasStructure = false
  private let depthMax: Int
  private var openObjects = 0
  private var stepsLeft: Int

  init(_ bytes: [UInt8], depthMax: Int = Limits.jsonDepthMax) {
    self.bytes = bytes
    self.depthMax = depthMax
    stepsLeft = 16 * bytes.count + 4_096
  }

  mutating func read(at start: Int) throws -> Found {
    position = start
    hasStructure = false
    openObjects = 0
    let value = try value(depth: 1)
    return Found(value: value, end: position, openObjects: openObjects)
  }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func at(_ index: Int, _ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index >= 0, index + count <= bytes.count else { return false }
    for offset in 0..<count where unsafe bytes[index + offset] != text.utf8Start[offset] { return false }
    return true
  }

  func isHere(_ text: StaticString) -> Bool { at(position, text) }

  mutating func step() throws {
    stepsLeft -= 1
    guard stepsLeft > 0 else { throw ReplyProblem(.badSyntax, "the reply is too tangled to be read") }
  }

  func unexpected() -> ReplyProblem {
    guard let byte = current else { return ReplyProblem(.cutOff, "the reply ends in the middle") }
    if byte == UInt8(ascii: "."), isHere("...") { return ReplyProblem(.leftOut, "the reply leaves out a part ('...')") }
    let shown = byte > 0x20 && byte < 0x7F ? "'\(Unicode.Scalar(byte))'" : "a character"
    return ReplyProblem(.badSyntax, "unexpected \(shown) at byte \(position)")
  }

  // MARK: Values

  private mutating func value(depth: Int) throws -> JSON {
    guard let byte = current else { throw unexpected() }
    switch byte {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."):
      return try number()
    default:
      if let quote = quoteHere() { return .string(try string(quote, isKey: false)) }
      return try word()
    }
  }

  private mutating func array(depth: Int) throws -> JSON {
    guard depth <= depthMax else { throw ReplyProblem(.tooDeep, "nested deeper than \(depthMax) levels") }
    position += 1
    var elements: [JSON] = []
    while true {
      try skipFiller()
      if current == UInt8(ascii: "]") { break }
      if !elements.isEmpty || current == nil { hasStructure = true }
      guard current != nil, !isHere("```") else { throw ReplyProblem(.cutOff, "the reply ends within an array") }
      elements.append(try value(depth: depth + 1))
      guard openObjects == 0 else { throw ReplyProblem(.cutOff, "the reply ends within an array") }
      try skipFiller()
      if takeComma() {
        hasStructure = true
        continue
      }
      if current == UInt8(ascii: "]") { break }
      // Only what begins with a bracket can follow without a comma and still be read in one way.
      guard current == UInt8(ascii: "{") || current == UInt8(ascii: "[") else {
        guard current != nil, !isHere("```") else { throw ReplyProblem(.cutOff, "the reply ends within an array") }
        throw unexpected()
      }
    }
    position += 1
    return .array(elements)
  }

  private mutating func object(depth: Int) throws -> JSON {
    guard depth <= depthMax else { throw ReplyProblem(.tooDeep, "nested deeper than \(depthMax) levels") }
    position += 1
    var members: [(key: String, value: JSON)] = []
    var places: [String: Int] = [:]
    var isAfterComma = false
    while true {
      try skipFiller()
      if current == UInt8(ascii: "}") {
        position += 1
        break
      }
      if current == nil || isHere("```") {
        guard !members.isEmpty, !isAfterComma else { throw ReplyProblem(.cutOff, "the reply ends within an object") }
        openObjects += 1
        break
      }
      let key = try key()
      hasStructure = true
      try skipFiller()
      let value = try value(depth: depth + 1)
      if let place = places[key] {
        // The same twice is once; which of two others counts, nobody knows.
        guard members[place].value == value else {
          throw ReplyProblem(.duplicateKey, "the member \"\(key)\" stands twice with different values")
        }
      } else {
        places[key] = members.count
        members.append((key, value))
      }
      if openObjects > 0 {
        openObjects += 1
        break
      }
      try skipFiller()
      isAfterComma = takeComma()
    }
    return .object(JSONObject(distinct: members))
  }

  private mutating func key() throws -> String {
    let key: String
    if let quote = quoteHere() {
      key = try string(quote, isKey: true)
    } else {
      let start = position
      while let byte = current, isNamePart(byte, isFirst: position == start) { position += 1 }
      guard position > start else { throw unexpected() }
      key = String(decoding: bytes[start..<position], as: UTF8.self)
    }
    try skipFiller()
    if current == UInt8(ascii: ":") {
      position += 1
    } else if isHere("：") {
      position += 3
    } else {
      throw unexpected()
    }
    return key
  }

  private func isNamePart(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "$"):
      true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): !isFirst
    default: false
    }
  }

  private mutating func word() throws -> JSON {
    let start = position
    while let byte = current, isNamePart(byte, isFirst: position == start) { position += 1 }
    let word = String(decoding: bytes[start..<position], as: UTF8.self)
    switch word.lowercased() {
    case "true": return true
    case "false": return false
    case "null", "none", "undefined", "nil": return .null
    case "nan", "inf", "infinity": throw ReplyProblem(.notANumber, "\(word) is no number in JSON")
    default:
      position = start
      // Letters at the very end may be the beginning of a word.
      let isCut = !word.isEmpty && start + word.utf8.count == bytes.count
      throw isCut ? ReplyProblem(.cutOff, "the reply ends in the middle of a value") : unexpected()
    }
  }

  private mutating func number() throws -> JSON {
    let start = position
    var text = ""
    while let byte = current {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
        UInt8(ascii: "e"), UInt8(ascii: "E"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "_") where position > start: break
      default:
        guard isDelimiter() else {
          if text == "-" || text == "+" { throw ReplyProblem(.notANumber, "no number stands at byte \(start)") }
          throw unexpected()
        }
        return try number(text, at: start)
      }
      position += 1
    }
    // Its next digit may be what was cut off.
    throw ReplyProblem(.cutOff, "the reply ends in the middle of a number")
  }

  private func isDelimiter() -> Bool {
    guard let byte = current else { return true }
    switch byte {
    case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#"): return true
    default: return isHere("//") || isHere("/*") || isHere("，") || isHere("\u{A0}") || isHere("```")
    }
  }

  private func number(_ text: String, at start: Int) throws -> JSON {
    guard !text.hasPrefix("..") else { throw ReplyProblem(.leftOut, "the reply leaves out a part ('...')") }
    // '+5', '.5' and '5.' are numbers in other languages, and the same ones.
    var plain = text.hasPrefix("+") ? String(text.dropFirst()) : text
    let sign = plain.hasPrefix("-") ? "-" : ""
    plain.removeFirst(sign.count)
    if plain.hasPrefix("."), plain.count > 1 { plain = "0" + plain }
    if plain.hasSuffix("."), plain.count > 1 { plain.removeLast() }
    guard let read = try? JSON(parsing: sign + plain) else {
      throw ReplyProblem(.notANumber, "\(text.prefix(40)) is no number in JSON")
    }
    return read
  }

  // MARK: Between values

  mutating func takeComma() -> Bool {
    if current == UInt8(ascii: ",") {
      position += 1
      return true
    }
    guard isHere("，") else { return false }
    position += 3
    return true
  }

  /// White space and comments.
  private mutating func skipFiller() throws {
    while let byte = current {
      try step()
      switch byte {
      case 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20: position += 1
      case UInt8(ascii: "#"): try skipComment(to: "\n", isEndNeeded: false)
      case UInt8(ascii: "/"):
        if isHere("//") {
          try skipComment(to: "\n", isEndNeeded: false)
        } else if isHere("/*") {
          try skipComment(to: "*/", isEndNeeded: true)
        } else {
          return
        }
      default:
        guard let length = invisibleHere() else { return }
        position += length
      }
    }
  }

  private mutating func skipComment(to end: StaticString, isEndNeeded: Bool) throws {
    let start = position
    while position < bytes.count, !isHere(end) {
      try step()
      // '// … and so on' stands for elements that are not there.
      if isHere("...") || isHere("…") {
        throw ReplyProblem(.leftOut, "a comment at byte \(start) stands for a part that is left out")
      }
      position += 1
    }
    guard position < bytes.count else {
      if isEndNeeded { throw ReplyProblem(.cutOff, "the reply ends within a comment") }
      return
    }
    position += end.utf8CodeUnitCount
  }

  /// Bytes of a character that nobody sees: no-break space, byte order mark, zero width.
  private func invisibleHere() -> Int? {
    if isHere("\u{A0}") { return 2 }
    return isHere("\u{FEFF}") || isHere("\u{200B}") || isHere("\u{2060}") || isHere("\u{3000}") ? 3 : nil
  }
}
