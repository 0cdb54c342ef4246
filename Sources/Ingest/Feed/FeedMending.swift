// Bytes of an XML feed as UTF-8 that an XML parser can read: the encoding undone, the DTD out, entities of HTML written
// as numbers, ampersands that stand alone escaped. One walk, no more than a small factor of growth.
// Invariants: no DTD comes out of here, so nothing can be declared, expanded or fetched; a DTD that declares something
// is refused, not cut out, because what it declares is needed to read the rest.
import Base
import CXML

struct MendedFeed {
  let utf8: [UInt8]
  let warnings: [String]
}

struct FeedMending {
  private let input: [UInt8]
  private var at = 0
  private var output: [UInt8] = []
  private var warnings: [String] = []

  static func mend(_ bytes: [UInt8], contentType: String?) throws -> MendedFeed {
    let decoded = try FeedEncoding.decode(bytes, contentType: contentType)
    var mending = FeedMending(input: decoded)
    return try mending.run()
  }

  private init(input: [UInt8]) {
    self.input = input
    output.reserveCapacity(input.count + input.count / 16)
  }

  private mutating func run() throws -> MendedFeed {
    // What stands before the first tag is no feed.
    at = input.firstIndex(of: UInt8(ascii: "<")) ?? input.count
    while at < input.count {
      switch input[at] {
      case UInt8(ascii: "<"): try markup()
      case UInt8(ascii: "&"): reference()
      case 0x09, 0x0A, 0x0D, 0x20...: take(1)
      default: at += 1
      }
    }
    return MendedFeed(utf8: output, warnings: warnings)
  }

  private mutating func take(_ count: Int) {
    let end = min(at + count, input.count)
    output += input[at..<end]
    at = end
  }

  private func stands(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard at + count <= input.count else { return false }
    return (0..<count).allSatisfy { unsafe input[at + $0] == text.utf8Start[$0] }
  }

  private func end(of text: String, from start: Int) -> Int? {
    let sought = Array(text.utf8)
    var index = start
    while let next = input[index...].firstIndex(of: sought[0]) {
      if input[next...].starts(with: sought) { return next + sought.count }
      index = next + 1
    }
    return nil
  }

  private mutating func markup() throws {
    if stands("<![CDATA[") {
      guard let end = end(of: "]]>", from: at) else {
        warnings.append("a CDATA section has no end")
        section(to: input.count)
        output += Array("]]>".utf8)
        return
      }
      section(to: end)
    } else if stands("<!--") {
      at = end(of: "-->", from: at + 4) ?? input.count
    } else if stands("<?") {
      // Declarations of the encoding are done with, and style sheets are nobody's here.
      at = end(of: "?>", from: at) ?? input.count
    } else if stands("<!") {
      try documentType()
    } else if at + 1 < input.count, isNameStart(input[at + 1]) || input[at + 1] == UInt8(ascii: "/") {
      tag()
    } else {
      // A 'less than' that begins no tag.
      output += Array("&lt;".utf8)
      at += 1
    }
  }

  /// Characters that XML has no place for are left out here, too.
  private mutating func section(to end: Int) {
    for byte in input[at..<end] where byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      output.append(byte)
    }
    at = end
  }

  private mutating func documentType() throws {
    let start = at
    while at < input.count, input[at] != UInt8(ascii: ">") {
      if input[at] == UInt8(ascii: "[") {
        throw IngestFailure(
          .dtdForbidden, "the feed declares a DTD, which can hide entities; such files are refused")
      }
      at += 1
    }
    at = min(at + 1, input.count)
    if at - start > 1_024 { warnings.append("a document type of unusual length was left out") }
  }

  /// To the tag's end, its quoted values mended as text is.
  private mutating func tag() {
    var quote: UInt8?
    while at < input.count {
      let byte = input[at]
      if byte == UInt8(ascii: "&") {
        reference()
        continue
      }
      if let open = quote {
        if byte == open { quote = nil }
        if byte == UInt8(ascii: "<") {
          output += Array("&lt;".utf8)
          at += 1
          continue
        }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      }
      if byte >= 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { output.append(byte) }
      at += 1
      if quote == nil, byte == UInt8(ascii: ">") { return }
    }
  }

  private func isNameStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte == 0x3A || byte >= 0x80
  }

  private static let referenceBytesMax = 32

  /// At an ampersand.
  private mutating func reference() {
    let window = input[(at + 1)..<min(at + 1 + Self.referenceBytesMax, input.count)]
    if let semicolon = window.firstIndex(of: UInt8(ascii: ";")) {
      let name = String(decoding: input[(at + 1)..<semicolon], as: UTF8.self)
      if let written = Self.written(name) {
        output += Array(written.utf8)
        at = semicolon + 1
        return
      }
    }
    output += Array("&amp;".utf8)
    at += 1
  }

  /// The reference as XML knows it; nil where it is none.
  private static func written(_ name: String) -> String? {
    if ["amp", "lt", "gt", "quot", "apos"].contains(name) { return "&\(name);" }
    if name.hasPrefix("#") { return value(ofNumber: name.dropFirst()).map { "&#\(scalar($0));" } }
    // https://gnome.pages.gitlab.gnome.org/libxml2/devhelp/libxml2-HTMLparser.html#htmlEntityLookup
    guard let entity = unsafe htmlEntityLookup(name) else { return nil }
    return unsafe "&#\(entity.pointee.value);"
  }

  private static func value(ofNumber digits: Substring) -> UInt32? {
    let isHexadecimal = digits.first == "x" || digits.first == "X"
    return UInt32(isHexadecimal ? digits.dropFirst() : digits, radix: isHexadecimal ? 16 : 10)
  }

  /// The number of a reference that begins here, and where it ends.
  static func number(_ bytes: ArraySlice<UInt8>) -> (value: UInt32, end: Int)? {
    let window = bytes.prefix(referenceBytesMax)
    guard window.starts(with: Array("&#".utf8)), let semicolon = window.firstIndex(of: UInt8(ascii: ";")),
      let value = value(ofNumber: Substring(decoding: window[(window.startIndex + 2)..<semicolon], as: UTF8.self))
    else { return nil }
    return (value, semicolon + 1)
  }

  /// Numbers from 128 to 159 are meant as windows-1252; what is no character is shown as missing.
  static func scalar(_ value: UInt32) -> UInt32 {
    if (0x80...0x9F).contains(value), let byte = UInt8(exactly: value),
      let text = NamedEncoding.decode([byte], name: "WINDOWS-1252"),
      let scalar = String(decoding: text, as: UTF8.self).unicodeScalars.first
    {
      return scalar.value
    }
    guard let scalar = Unicode.Scalar(value), value >= 0x20 || [0x09, 0x0A, 0x0D].contains(value),
      ![0xFFFE, 0xFFFF].contains(value)
    else { return 0xFFFD }
    return scalar.value
  }
}

/// A feed's encoding: a mark; its own word in the XML declaration where the bytes keep it; the server's word; a guess.
enum FeedEncoding {
  static func decode(_ bytes: [UInt8], contentType: String?) throws -> [UInt8] {
    let hasMark = [[0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF]].contains {
      bytes.starts(with: $0)
    }
    if hasMark { return clean(try TextDecoding.decode(bytes).utf8) }
    // '<?xm' in EBCDIC: https://www.w3.org/TR/xml/#sec-guessing
    if bytes.starts(with: [0x4C, 0x6F, 0xA7, 0x94]), let text = NamedEncoding.decode(bytes, name: "IBM037") {
      return clean(text)
    }
    let zeros = bytes.prefix(64).count { $0 == 0 }
    if zeros == 0 {
      let named = [declared(in: bytes), charset(of: contentType)]
      for name in named.compactMap({ $0 }) where !["utf-16", "utf-32", "ucs-2"].contains(where: name.hasPrefix) {
        if name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii" {
          if String(validating: bytes, as: UTF8.self) != nil { return clean(bytes) }
        } else if let text = NamedEncoding.decode(bytes, name: wider(name)) {
          return clean(text)
        }
      }
    }
    return clean(try TextDecoding.decode(bytes).utf8)
  }

  /// What is written under these names is in truth the larger set: https://encoding.spec.whatwg.org/#names-and-labels
  private static func wider(_ name: String) -> String {
    switch name {
    case "iso-8859-1", "iso8859-1", "latin1", "latin-1", "windows-1252", "cp1252": "WINDOWS-1252"
    case "gb2312", "gbk", "gb_2312-80": "GB18030"
    case "iso-8859-9": "WINDOWS-1254"
    case "shift_jis", "shift-jis", "x-sjis", "sjis": "CP932"
    case "euc-kr", "ks_c_5601-1987": "CP949"
    case "big5": "BIG5-HKSCS"
    default: name
    }
  }

  private static func declared(in bytes: [UInt8]) -> String? {
    let head = String(decoding: bytes.prefix(256).map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
    guard let opened = head.firstRange(of: "<?xml"), let closed = head.firstRange(of: "?>") else { return nil }
    guard opened.upperBound < closed.lowerBound else { return nil }
    return value(of: "encoding", in: head[opened.upperBound..<closed.lowerBound])
  }

  private static func charset(of contentType: String?) -> String? {
    contentType.flatMap { value(of: "charset", in: $0[...]) }
  }

  private static func value(of key: String, in text: Substring) -> String? {
    guard let found = text.lowercased().firstRange(of: key) else { return nil }
    let lowered = text.lowercased()
    let rest = lowered[found.upperBound...].drop { $0 == " " || $0 == "=" || $0 == "\"" || $0 == "'" }
    let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    return name.isEmpty ? nil : String(name)
  }

  /// Valid UTF-8, whatever the converter let through.
  private static func clean(_ utf8: [UInt8]) -> [UInt8] {
    var bytes = utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(utf8.dropFirst(3)) : utf8
    if String(validating: bytes, as: UTF8.self) == nil { bytes = Array(String(decoding: bytes, as: UTF8.self).utf8) }
    return withoutControls(bytes)
  }

  /// U+0080 to U+009F are controls that nobody writes: windows-1252 was meant.
  private static func withoutControls(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.indices.contains(where: { isControl(bytes, at: $0) }) else { return bytes }
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if isControl(bytes, at: index) {
        output += NamedEncoding.decode([bytes[index + 1]], name: "WINDOWS-1252") ?? []
        index += 2
      } else {
        output.append(bytes[index])
        index += 1
      }
    }
    return output
  }

  private static func isControl(_ bytes: [UInt8], at index: Int) -> Bool {
    bytes[index] == 0xC2 && index + 1 < bytes.count && (0x80...0x9F).contains(bytes[index + 1])
  }
}
