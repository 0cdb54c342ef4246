// Bytes of a text file as UTF-8, whatever encoding they came in: a byte-order mark decides; else what is valid UTF-8 is
// UTF-8; else the pattern of zero bytes tells UTF-16 and UTF-32; else it is windows-1252, in which no byte is lost.
// Must not: guess silently between encodings that both fit, or drop a character it could decode.

struct DecodedText {
  var utf8: [UInt8]
  var encoding: String
}

enum TextDecoding {
  static func decode(_ bytes: [UInt8]) throws -> DecodedText {
    guard let decoded = decodeIfText(bytes[...]) else {
      throw IngestFailure(.notText, "the file is binary, not text in an encoding that can be read")
    }
    return decoded
  }

  /// The first few KiB as text; nil where the bytes are not text.
  static func decodedHead(of bytes: [UInt8]) -> String? {
    var end = min(bytes.count, 8_192)
    // Not in the middle of a UTF-8 sequence, nor of a wider unit.
    while end < bytes.count, end > 0, end & 3 != 0 || bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return decodeIfText(bytes[..<end]).map { String(decoding: $0.utf8, as: UTF8.self) }
  }

  private static func decodeIfText(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    if let marked = decodeByMark(bytes) { return marked }
    let zeros = bytes.count { $0 == 0 }
    if zeros * 5 > bytes.count, let wide = decodeByZeroPattern(bytes) { return wide }
    // A text file with a stray zero byte is still text; one in twenty is something else.
    guard zeros * 20 <= bytes.count, isMostlyPrintable(bytes) else { return nil }
    if String(validating: bytes, as: UTF8.self) != nil { return DecodedText(utf8: Array(bytes), encoding: "utf-8") }
    if let wide = decodeBareUTF16(bytes) { return wide }
    return LegacyEncoding.decode(bytes)
  }

  private static func decodeByMark(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return utf32(bytes.dropFirst(4), bigEndian: false) }
    if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return utf32(bytes.dropFirst(4), bigEndian: true) }
    if bytes.starts(with: [0xFF, 0xFE]) { return utf16(bytes.dropFirst(2), bigEndian: false) }
    if bytes.starts(with: [0xFE, 0xFF]) { return utf16(bytes.dropFirst(2), bigEndian: true) }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      let text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
      return DecodedText(utf8: Array(text.utf8), encoding: "utf-8")
    }
    return nil
  }

  /// Latin text in a wide encoding has its zero bytes at fixed places.
  private static func decodeByZeroPattern(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    var zeros = [0, 0, 0, 0]
    for (offset, byte) in bytes.enumerated() where byte == 0 { zeros[offset & 3] += 1 }
    let units = bytes.count / 4
    guard units > 0 else { return nil }
    let isZero = zeros.map { $0 * 10 > units * 9 }
    switch (isZero[0], isZero[1], isZero[2], isZero[3]) {
    case (false, _, true, true): return utf32(bytes, bigEndian: false)
    case (true, true, _, false): return utf32(bytes, bigEndian: true)
    default: break
    }
    let even = zeros[0] + zeros[2]
    let odd = zeros[1] + zeros[3]
    if odd > even * 4 { return utf16(bytes, bigEndian: false) }
    if even > odd * 4 { return utf16(bytes, bigEndian: true) }
    return nil
  }

  /// UTF-16 without a mark and without Latin letters: believed only where it is valid throughout and has spaces or line
  /// ends in one byte order.
  private static func decodeBareUTF16(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    guard bytes.count >= 8, bytes.count & 1 == 0 else { return nil }
    var little = 0
    var big = 0
    for index in stride(from: bytes.startIndex, to: bytes.endIndex, by: 2) {
      if bytes[index + 1] == 0, bytes[index] == 0x20 || bytes[index] == 0x0A { little += 1 }
      if bytes[index] == 0, bytes[index + 1] == 0x20 || bytes[index + 1] == 0x0A { big += 1 }
    }
    guard max(little, big) * 200 > bytes.count, little == 0 || big == 0 else { return nil }
    return utf16(bytes, bigEndian: big > 0)
  }

  private static func utf16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> DecodedText {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    for index in stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2) {
      let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      units.append(bigEndian ? first << 8 | second : second << 8 | first)
    }
    let text = String(decoding: units, as: UTF16.self)
    return DecodedText(utf8: Array(text.utf8), encoding: bigEndian ? "utf-16be" : "utf-16le")
  }

  private static func utf32(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> DecodedText {
    var utf8: [UInt8] = []
    utf8.reserveCapacity(bytes.count / 3)
    for index in stride(from: bytes.startIndex, to: bytes.endIndex - 3, by: 4) {
      var value: UInt32 = 0
      for offset in 0..<4 { value = value << 8 | UInt32(bytes[bigEndian ? index + offset : index + 3 - offset]) }
      appendUTF8(Unicode.Scalar(value)?.value ?? 0xFFFD, to: &utf8)
    }
    return DecodedText(utf8: utf8, encoding: bigEndian ? "utf-32be" : "utf-32le")
  }

  private static func isMostlyPrintable(_ bytes: ArraySlice<UInt8>) -> Bool {
    let controls = bytes.count { $0 < 0x20 && !(0x09...0x0D).contains($0) && $0 != 0x1B && $0 != 0 }
    return controls * 50 <= bytes.count
  }
}
