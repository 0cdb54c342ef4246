// Text in an encoding with a name, converted by the system's iconv through glib.
// Invariants: names are taken as browsers take them, so 'latin1' has the quotes of windows-1252.
// Must not: be tried on a guess alone: iconv accepts nearly any bytes for some encodings (EncodingGuess weighs them).
import CPoppler

enum NamedEncoding {
  /// Nil where the name is unknown or the bytes do not fit: https://docs.gtk.org/glib/func.convert.html
  static func decode(_ bytes: [UInt8], name: String) -> [UInt8]? {
    var read: gsize = 0
    return convert(bytes[...], from: iconvName(of: name), read: &read)
  }

  /// The same for bytes of which a few are damaged: each of those becomes U+FFFD. Nil where they are more than one in a
  /// hundred, or than `damagedMax`.
  static func decodeLeniently(_ bytes: [UInt8], name: String, damagedMax: Int? = nil) -> (utf8: [UInt8], damaged: Int)?
  {
    let damagedMax = damagedMax ?? bytes.count / 100 + 2
    let target = iconvName(of: name)
    var utf8: [UInt8] = []
    var rest = bytes[...]
    var damaged = 0
    while !rest.isEmpty {
      var read: gsize = 0
      if let whole = convert(rest, from: target, read: &read) {
        utf8 += whole
        break
      }
      let good = Int(read)
      damaged += 1
      guard good < rest.count, damaged <= damagedMax else { return nil }
      var again: gsize = 0
      if good > 0 {
        guard let part = convert(rest.prefix(good), from: target, read: &again) else { return nil }
        utf8 += part
      }
      utf8 += [0xEF, 0xBF, 0xBD]
      rest = rest.dropFirst(good + 1)
    }
    return (utf8, damaged)
  }

  /// The characters of codes, in their order; nil for a code without one. One call for all: opening iconv is dear.
  static func characters(of codes: [[UInt8]], name: String) -> [UInt32?] {
    guard let text = decodeLeniently(codes.flatMap { $0 + [0x0A] }, name: name, damagedMax: codes.count) else {
      return []
    }
    let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    return lines.dropLast().map { line in
      let scalars = String(decoding: line, as: UTF8.self).unicodeScalars
      guard scalars.count == 1, let scalar = scalars.first, scalar != "\u{FFFD}" else { return nil }
      return scalar.value
    }
  }

  private static func convert(_ bytes: ArraySlice<UInt8>, from name: String, read: inout gsize) -> [UInt8]? {
    var written: gsize = 0
    let converted = unsafe bytes.withUnsafeBytes { raw in
      unsafe g_convert(
        raw.bindMemory(to: CChar.self).baseAddress, gssize(raw.count), "UTF-8", name, &read, &written, nil)
    }
    guard let converted = unsafe converted else { return nil }
    defer { unsafe g_free(converted) }
    return unsafe Array(UnsafeRawBufferPointer(start: converted, count: Int(written)))
  }

  /// What the name stands for on the web: https://encoding.spec.whatwg.org/#names-and-labels
  private static func iconvName(of name: String) -> String {
    let label = name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
    return aliases[label] ?? name
  }

  private static let aliases: [String: String] = [
    "iso88591": "CP1252", "latin1": "CP1252", "ascii": "CP1252", "usascii": "CP1252", "iso88599": "CP1254",
    "latin5": "CP1254", "tis620": "CP874", "iso885911": "CP874", "windows874": "CP874", "gb2312": "GB18030",
    "gbk": "GB18030", "xgbk": "GB18030", "big5": "BIG5-HKSCS", "big5hkscs": "BIG5-HKSCS", "euckr": "CP949",
    "ksc56011987": "CP949", "windows949": "CP949", "shiftjis": "CP932", "sjis": "CP932", "xsjis": "CP932",
    "windows31j": "CP932", "mskanji": "CP932", "iso88598i": "ISO-8859-8", "xmacroman": "MACINTOSH", "mac": "MACINTOSH",
    "unicode": "UTF-16LE", "utf8": "UTF-8", "iso2022jp": "ISO-2022-JP-3",
  ]

  /// The name that people know an encoding by, from iconv's.
  static func shownName(of name: String) -> String {
    if let shown = shownNames[name] { return shown }
    return (name.hasPrefix("CP125") ? "windows-" + name.dropFirst(2) : name).lowercased()
  }

  private static let shownNames = [
    "CP932": "shift_jis", "CP949": "euc-kr", "CP874": "tis-620", "BIG5-HKSCS": "big5", "ISO-2022-JP-3": "iso-2022-jp",
  ]
}
