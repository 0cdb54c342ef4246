// Text in one of the encodings before Unicode. windows-1252 gives every byte a character, so nothing can be lost by it:
// it is the reading of last resort.
// Must not: claim an encoding that the bytes break.

enum LegacyEncoding {
  static func decode(_ bytes: ArraySlice<UInt8>) -> DecodedText {
    var utf8: [UInt8] = []
    utf8.reserveCapacity(bytes.count + bytes.count / 8)
    var usesWindowsRange = false
    for byte in bytes {
      if byte >= 0x80 && byte < 0xA0 {
        usesWindowsRange = true
        appendUTF8(windows1252[Int(byte) - 0x80], to: &utf8)
      } else {
        appendUTF8(UInt32(byte), to: &utf8)
      }
    }
    return DecodedText(utf8: utf8, encoding: usesWindowsRange ? "windows-1252" : "iso-8859-1")
  }

  /// 0x80...0x9F as the web reads them: https://encoding.spec.whatwg.org/index-windows-1252.txt
  private static let windows1252: [UInt32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
    0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,
    0x017E, 0x0178,
  ]
}
