// Which encoding before Unicode a text is in, where nobody says: every candidate reads a sample, and how far the
// reading is from what people write decides: letters of one alphabet, cases that agree, no signs inside words.
// Invariants: a candidate that the bytes break is out; the same bytes always give the same ranking; the sample is
// lines with bytes beyond ASCII, bounded, so that time does not grow with the file. Must not: decode the text; it
// only ranks.

enum EncodingGuess {
  struct Candidate {
    /// As iconv knows it.
    var name: String
    /// Per character beyond ASCII; 0 is a text without anything odd.
    var oddness: Double
  }

  private static let sampleBytesMax = 16 << 10

  /// The candidates that the bytes allow, the likeliest first.
  static func rank(_ bytes: ArraySlice<UInt8>) -> [Candidate] {
    if let escaped = escapedEncoding(bytes) { return [Candidate(name: escaped, oddness: 0)] }
    let sample = sample(of: bytes)
    var candidates = SingleByteReading.all.compactMap { reading in
      reading.oddness(of: sample).map { Candidate(name: reading.name, oddness: $0) }
    }
    candidates += DoubleByteReading.all.compactMap { reading in
      reading.oddness(of: sample).map { Candidate(name: reading.name, oddness: $0) }
    }
    return candidates.enumerated().sorted { ($0.element.oddness, $0.offset) < ($1.element.oddness, $1.offset) }
      .map(\.element)
  }

  /// The encodings of seven bits announce themselves by an escape.
  private static func escapedEncoding(_ bytes: ArraySlice<UInt8>) -> String? {
    guard let escape = bytes.firstIndex(of: 0x1B), !bytes.contains(where: { $0 >= 0x80 }) else { return nil }
    let rest = bytes[escape...].dropFirst()
    for mark in ["$B", "$@", "(J", "(I"] where rest.starts(with: mark.utf8) { return "ISO-2022-JP-3" }
    return rest.starts(with: "$)C".utf8) ? "ISO-2022-KR" : nil
  }

  /// Whole lines, since no encoding here has a line end inside a character.
  private static func sample(of bytes: ArraySlice<UInt8>) -> [UInt8] {
    var sample: [UInt8] = []
    var lineStart = bytes.startIndex
    var isWanted = false
    for index in bytes.indices {
      if bytes[index] >= 0x80 { isWanted = true }
      let isLong = index - lineStart >= sampleBytesMax
      guard bytes[index] == 0x0A || index == bytes.endIndex - 1 || isLong else { continue }
      if isWanted { sample += bytes[lineStart...index] }
      if sample.count >= sampleBytesMax { break }
      // The rest of a line that is longer than the sample would begin inside a character.
      if isLong, isWanted { break }
      lineStart = index + 1
      isWanted = false
    }
    return sample
  }
}
