// Which encoding a page is in: a mark, valid UTF-8, the page's own word, in that order. UTF-8 goes before the page's
// word because a page that is valid UTF-8 beyond ASCII is hardly ever anything else. Must not: believe a word that
// the bytes break.

enum HTMLEncoding {
  static func decode(_ bytes: [UInt8]) throws -> DecodedText {
    let head = bytes.prefix(2_048).map { $0 < 0x80 ? $0 | ($0 >= 0x41 && $0 <= 0x5A ? 0x20 : 0) : 0x3F }
    let hasMark = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    if !hasMark, String(validating: bytes, as: UTF8.self) == nil, let name = declared(in: head), name != "utf-8",
      let text = NamedEncoding.decodeLeniently(bytes, name: name)
    {
      var decoded = DecodedText(utf8: text.utf8, encoding: name)
      if text.damaged > 0 {
        decoded.warning = "\(text.damaged) places of the page are not \(name), as it says of itself"
      }
      return decoded
    }
    return try TextDecoding.decode(bytes)
  }

  private static func declared(in head: [UInt8]) -> String? {
    let text = String(decoding: head, as: UTF8.self)
    guard let found = text.firstRange(of: "charset=") ?? text.firstRange(of: "encoding=") else { return nil }
    let name = text[found.upperBound...].drop { $0 == "\"" || $0 == "'" || $0 == " " }
      .prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    return name.isEmpty ? nil : String(name)
  }
}
