// Text in an encoding that the file itself names, converted by the system's iconv through glib.
// Must not: be tried on a guess: iconv accepts nearly any bytes for some encodings.
import CPoppler

enum NamedEncoding {
  /// Nil where the name is unknown or the bytes do not fit: https://docs.gtk.org/glib/func.convert.html
  static func decode(_ bytes: [UInt8], name: String) -> [UInt8]? {
    var written: gsize = 0
    let converted = unsafe bytes.withUnsafeBytes { raw in
      unsafe g_convert(
        raw.bindMemory(to: CChar.self).baseAddress, gssize(raw.count), "UTF-8", name, nil, &written, nil)
    }
    guard let converted = unsafe converted else { return nil }
    defer { unsafe g_free(converted) }
    return unsafe Array(UnsafeRawBufferPointer(start: converted, count: Int(written)))
  }
}
