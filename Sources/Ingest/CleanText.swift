// The one gate through which text enters a document: NFC, \n line ends, no U+0000, nothing invisible.
// Invariants: output is valid UTF-8 if the input was; what is dropped as invisible is counted, because hidden
// characters are how instructions are smuggled past a reader's eye.
// Must not: change anything a reader can see.
import CPoppler

enum CleanText {
  struct Tally {
    var scalars = 0
    /// Invisible and bidi-control characters that were dropped.
    var hidden = 0
  }

  /// Appends the cleaned form of `raw` (valid UTF-8) to `output`.
  static func append(_ raw: some Collection<UInt8>, to output: inout [UInt8]) -> Tally {
    let start = output.count
    var tally = Tally()
    var highest: UInt32 = 0
    var previous: UInt32 = 0
    var afterReturn = false
    var iterator = raw.makeIterator()
    while let byte = iterator.next() {
      if byte >= 0x20 && byte < 0x7F {
        output.append(byte)
        tally.scalars += 1
        previous = UInt32(byte)
        afterReturn = false
        continue
      }
      let scalar = byte < 0x80 ? UInt32(byte) : decodeRest(of: byte, &iterator)
      defer { afterReturn = scalar == 0x0D }
      switch verdict(on: scalar, after: previous) {
      case .lineEnd:
        if scalar == 0x0A && afterReturn { continue }
        output.append(0x0A)
        tally.scalars += 1
        previous = 0x0A
      case .drop: continue
      case .hide: tally.hidden += 1
      case .keep:
        appendUTF8(scalar, to: &output)
        tally.scalars += 1
        highest = max(highest, scalar)
        previous = scalar
      }
    }
    // Below U+0300 every string is its own NFC: https://unicode.org/reports/tr15/#Quick_Check_Table
    if highest >= 0x300 { tally.scalars = composeTail(of: &output, from: start) }
    return tally
  }

  static func clean(_ text: String) -> String {
    var bytes: [UInt8] = []
    _ = append(text.utf8, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private enum Verdict { case keep, drop, hide, lineEnd }

  private static func verdict(on scalar: UInt32, after previous: UInt32) -> Verdict {
    switch scalar {
    case 0x09: .keep
    case 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029: .lineEnd
    case 0x00...0x1F, 0x7F...0x9F, 0xFFFE, 0xFFFF: .drop
    // A soft hyphen is a place to break a line, and an inner BOM is a file joined to another: no one hides behind them.
    case 0xAD, 0xFEFF: .drop
    // Joiners shape Arabic, Indic scripts and emoji; between Latin letters they only hide.
    case 0x200C, 0x200D: previous >= 0x590 && !(0x2000...0x206F).contains(previous) ? .keep : .hide
    case 0x034F, 0x061C, 0x17B4, 0x17B5, 0x180B...0x180E, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060...0x206F,
      0xFE00...0xFE0F, 0xFFF9...0xFFFB, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
      .hide
    default: .keep
    }
  }

  private static func decodeRest<Bytes: IteratorProtocol<UInt8>>(of lead: UInt8, _ bytes: inout Bytes) -> UInt32 {
    let trailing = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3
    var scalar = UInt32(lead) & (0x3F >> UInt32(trailing))
    for _ in 0..<trailing { scalar = scalar << 6 | UInt32((bytes.next() ?? 0x80) & 0x3F) }
    return scalar
  }

  /// Composes `output[start...]`; g_utf8_normalize takes a length and copies:
  /// https://docs.gtk.org/glib/func.utf8_normalize.html
  private static func composeTail(of output: inout [UInt8], from start: Int) -> Int {
    let composed: [UInt8]? = unsafe output.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      let tail = unsafe base.advanced(by: start).assumingMemoryBound(to: CChar.self)
      guard let made = unsafe g_utf8_normalize(tail, bytes.count - start, G_NORMALIZE_NFC) else { return nil }
      defer { unsafe g_free(made) }
      let length = unsafe Int(g_utf8_strlen(made, -1))
      return unsafe Array(UnsafeRawBufferPointer(start: made, count: byteLength(made, ofScalars: length)))
    }
    if let composed, composed.count != output.count - start || !output[start...].elementsEqual(composed) {
      output.replaceSubrange(start..., with: composed)
    }
    return output[start...].count { $0 & 0xC0 != 0x80 }
  }

  private static func byteLength(_ text: UnsafePointer<CChar>, ofScalars count: Int) -> Int {
    unsafe g_utf8_offset_to_pointer(text, count) - UnsafeMutablePointer(mutating: text)
  }
}

func appendUTF8(_ scalar: UInt32, to output: inout [UInt8]) {
  if scalar < 0x80 {
    output.append(UInt8(scalar))
  } else if scalar < 0x800 {
    output.append(UInt8(0xC0 | scalar >> 6))
    output.append(UInt8(0x80 | scalar & 0x3F))
  } else if scalar < 0x10000 {
    output.append(UInt8(0xE0 | scalar >> 12))
    output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
    output.append(UInt8(0x80 | scalar & 0x3F))
  } else {
    output.append(UInt8(0xF0 | scalar >> 18 & 0x07))
    output.append(UInt8(0x80 | scalar >> 12 & 0x3F))
    output.append(UInt8(0x80 | scalar >> 6 & 0x3F))
    output.append(UInt8(0x80 | scalar & 0x3F))
  }
}
