// Bytes of a text file as UTF-8, whatever encoding they came in: a byte-order mark decides; else what is valid UTF-8 is
// UTF-8, also with a little damage; else the pattern of zero bytes tells UTF-16 and UTF-32; else the encoding whose
// reading looks most like what people write (EncodingGuess); last windows-1252, in which no byte is lost.
// Must not: guess silently between encodings that both fit, or drop a character it could decode.

struct DecodedText {
  var utf8: [UInt8]
  var encoding: String
  /// What whoever adds the document should know: damage, or a guess that could be another.
  var warning: String?
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
    if zeros * 5 > bytes.count, let wide = decodeByZeroPattern(bytes), isWritten(wide.utf8) { return wide }
    // A text file with a stray zero byte is still text; one in twenty is something else, or wide.
    guard zeros * 20 <= bytes.count else { return decodeBareUTF16(bytes) }
    if isMostlyPrintable(bytes) {
      let isSevenBit = !bytes.contains { $0 >= 0x80 }
      if isSevenBit, bytes.contains(0x1B), let escaped = decodeByGuess(bytes), escaped.encoding.hasPrefix("iso-2022") {
        return escaped
      }
      if String(validating: bytes, as: UTF8.self) != nil { return DecodedText(utf8: Array(bytes), encoding: "utf-8") }
    }
    if let wide = decodeBareUTF16(bytes) { return wide }
    guard isMostlyPrintable(bytes) else { return nil }
    return decodeDamagedUTF8(bytes) ?? decodeByGuess(bytes) ?? LegacyEncoding.decode(bytes)
  }

  /// Mostly UTF-8, with bytes in between that are not: those are read as windows-1252, as joined files and old logs
  /// want it. Chance makes hardly any whole sequences out of another encoding.
  private static func decodeDamagedUTF8(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    var utf8: [UInt8] = []
    utf8.reserveCapacity(bytes.count)
    var whole = 0
    var strays = 0
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let lead = bytes[index]
      let length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0
      let sequence = bytes[index...].prefix(length)
      if length == 1 {
        utf8.append(lead)
        index += 1
      } else if length > 1, sequence.count == length, String(validating: sequence, as: UTF8.self) != nil {
        utf8 += sequence
        whole += 1
        index += length
      } else {
        strays += 1
        utf8 += LegacyEncoding.decode(bytes[index...index]).utf8
        index += 1
      }
    }
    guard whole >= 4, whole >= strays * 4 else { return nil }
    let damage = strays == 1 ? "one byte of it is" : "\(strays) bytes of it are"
    return DecodedText(
      utf8: utf8, encoding: "utf-8", warning: "the text is UTF-8, but \(damage) not: read as windows-1252")
  }

  private static func decodeByGuess(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    let ranking = EncodingGuess.rank(bytes)
    for (place, candidate) in ranking.enumerated() {
      guard let text = NamedEncoding.decodeLeniently(Array(bytes), name: candidate.name) else { continue }
      var decoded = DecodedText(utf8: text.utf8, encoding: NamedEncoding.shownName(of: candidate.name))
      if decoded.encoding == "windows-1252", !bytes.contains(where: { (0x80...0x9F).contains($0) }) {
        decoded.encoding = "iso-8859-1"
      }
      if text.damaged > 0 {
        decoded.warning = "\(text.damaged) places of the text are not \(decoded.encoding), as the rest of it is"
      } else if let rival = rival(of: candidate, in: ranking[(place + 1)...], bytes, text.utf8) {
        decoded.warning = "the text does not say its encoding; it was read as \(decoded.encoding), \(rival) is possible"
      }
      return decoded
    }
    return nil
  }

  /// An encoding that fits nearly as well and gives another text.
  private static func rival(
    of chosen: EncodingGuess.Candidate, in others: ArraySlice<EncodingGuess.Candidate>, _ bytes: ArraySlice<UInt8>,
    _ utf8: [UInt8]
  ) -> String? {
    let close = others.prefix { $0.oddness < chosen.oddness + 0.1 }
    let head = Array(bytes.prefix(64 << 10))
    let other = close.first { candidate in
      guard let text = NamedEncoding.decodeLeniently(head, name: candidate.name)?.utf8 else { return false }
      return !utf8.starts(with: text)
    }
    return other.map { NamedEncoding.shownName(of: $0.name) }
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
    if isUTF32(bytes, bigEndian: false) { return utf32(bytes, bigEndian: false) }
    if isUTF32(bytes, bigEndian: true) { return utf32(bytes, bigEndian: true) }
    let even = zeros[0] + zeros[2]
    let odd = zeros[1] + zeros[3]
    if odd > even * 4 { return utf16(bytes, bigEndian: false) }
    if even > odd * 4 { return utf16(bytes, bigEndian: true) }
    return nil
  }

  /// Four bytes a character, of which the first is always zero and the second nearly always.
  private static func isUTF32(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> Bool {
    guard bytes.count >= 4, bytes.count & 3 == 0 else { return false }
    return stride(from: bytes.startIndex, to: bytes.endIndex - 3, by: 4).allSatisfy { index in
      let (plane, top) = bigEndian ? (bytes[index + 1], bytes[index]) : (bytes[index + 2], bytes[index + 3])
      return top == 0 && plane <= 0x10
    }
  }

  /// UTF-16 without a mark and without Latin letters: believed where it has spaces or line ends in one byte order
  /// only, or reads as one script in it.
  private static func decodeBareUTF16(_ bytes: ArraySlice<UInt8>) -> DecodedText? {
    guard bytes.count >= 8, bytes.count & 1 == 0 else { return nil }
    var little = 0
    var big = 0
    for index in stride(from: bytes.startIndex, to: bytes.endIndex, by: 2) {
      if bytes[index + 1] == 0, bytes[index] == 0x20 || bytes[index] == 0x0A { little += 1 }
      if bytes[index] == 0, bytes[index + 1] == 0x20 || bytes[index + 1] == 0x0A { big += 1 }
    }
    if max(little, big) * 200 > bytes.count, max(little, big) > 20 * min(little, big) {
      let text = utf16(bytes, bigEndian: big > little)
      return isWritten(text.utf8) ? text : nil
    }
    let head = bytes.prefix(8_192)
    let believed = [false, true].filter { bigEndian in
      let utf8 = utf16(head, bigEndian: bigEndian).utf8
      return isWritten(utf8) && isOfOneScript(String(decoding: utf8, as: UTF8.self).unicodeScalars.map(\.value))
    }
    return believed.count == 1 ? utf16(bytes, bigEndian: believed[0]) : nil
  }

  /// An alphabet takes up few blocks of Unicode; of Chinese, Japanese and Korean the common characters tell.
  private static func isOfOneScript(_ scalars: [UInt32]) -> Bool {
    var counts: [UInt32: Int] = [:]
    for scalar in scalars where scalar >= 0x80 { counts[scalar >> 7, default: 0] += 1 }
    let total = counts.values.reduce(0, +)
    if total > 0, (counts.values.max() ?? 0) * 10 >= total * 8, total * 2 > scalars.count { return true }
    let languages: [DoubleByteReading.Language] = [.japanese, .simplifiedChinese, .traditionalChinese, .korean]
    return languages.contains { language in
      DoubleByteReading.oddness(of: scalars, as: language).map { $0 < 0.8 } ?? false
    }
  }

  /// Hardly any characters that no one writes.
  private static func isWritten(_ utf8: [UInt8]) -> Bool {
    let scalars = String(decoding: utf8.prefix(64 << 10), as: UTF8.self).unicodeScalars
    let odd = scalars.count { scalar in
      switch scalar.properties.generalCategory {
      case .unassigned, .privateUse, .surrogate: true
      case .control: ![0x09, 0x0A, 0x0D].contains(scalar.value)
      default: scalar.value == 0xFFFD
      }
    }
    return odd * 50 <= scalars.count
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
