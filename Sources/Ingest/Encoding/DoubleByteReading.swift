// A text read in an encoding of several bytes a character (Japanese, Chinese, Korean), and how odd it looks so.
// Invariants: bytes that break the encoding rule it out, except a character that the sample's end cuts.
// Must not: be asked about text without bytes beyond ASCII.

struct DoubleByteReading: Sendable {
  enum Language: Sendable { case japanese, simplifiedChinese, traditionalChinese, korean }

  let name: String
  private let language: Language

  static let all = [
    DoubleByteReading(name: "CP932", language: .japanese), DoubleByteReading(name: "EUC-JP", language: .japanese),
    DoubleByteReading(name: "GB18030", language: .simplifiedChinese),
    DoubleByteReading(name: "BIG5-HKSCS", language: .traditionalChinese),
    DoubleByteReading(name: "CP949", language: .korean),
  ]

  func oddness(of bytes: [UInt8]) -> Double? {
    for cut in 0..<4 where cut < bytes.count {
      if let utf8 = NamedEncoding.decode(Array(bytes.dropLast(cut)), name: name) {
        return Self.oddness(of: Array(String(decoding: utf8, as: UTF8.self).unicodeScalars.map(\.value)), as: language)
      }
    }
    return nil
  }

  /// Of characters beyond ASCII, as a text of the language; nil where there are none.
  static func oddness(of scalars: [UInt32], as language: Language) -> Double? {
    var oddness = 0.0
    var counted = 0
    var kana = 0
    for (index, scalar) in scalars.enumerated() where scalar >= 0x80 {
      counted += 1
      let before = index > 0 ? scalars[index - 1] : 0x20
      let after = index + 1 < scalars.count ? scalars[index + 1] : 0x20
      let touchesLatin = isLatinLetter(before) || isLatinLetter(after)
      if touchesLatin { oddness += 1.5 }
      switch scalar {
      case 0x3041...0x30FF:
        kana += 1
        if language != .japanese { oddness += 1.2 }
      case 0xFF61...0xFF9F: oddness += 2
      case 0xAC00...0xD7AF:
        oddness += language != .korean ? 3 : Alphabets.hangul.contains(scalar) ? 0 : 1
      case 0x4E00...0x9FFF, 0x3400...0x4DBF:
        oddness += oddnessOfHan(scalar, as: language) + (touchesLatin ? 3 : 0)
      case 0x3000...0x303F, 0xFF01...0xFF60, 0xB7, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026: oddness += 0.2
      case 0xE000...0xF8FF: oddness += 6
      default: oddness += Unicode.Scalar(scalar)?.properties.isAlphabetic == true ? 2.5 : 2
      }
    }
    guard counted > 0 else { return nil }
    // Japanese without its syllables is hardly a text.
    return oddness / Double(counted) + (language == .japanese && kana * 20 < counted ? 1 : 0)
  }

  private static func isLatinLetter(_ scalar: UInt32) -> Bool {
    (0x41...0x5A).contains(scalar) || (0x61...0x7A).contains(scalar)
  }

  private static func oddnessOfHan(_ scalar: UInt32, as language: Language) -> Double {
    switch language {
    case .simplifiedChinese:
      Alphabets.simplified.contains(scalar) ? 0 : simplifiedFirst.contains(scalar) ? 0.9 : 2.5
    case .traditionalChinese:
      Alphabets.traditional.contains(scalar) ? 0 : traditionalFirst.contains(scalar) ? 0.9 : 2.5
    case .japanese:
      Alphabets.simplified.contains(scalar) || Alphabets.traditional.contains(scalar)
        ? 0.5 : japaneseFirst.contains(scalar) ? 0.9 : 2.5
    case .korean:
      Alphabets.traditional.contains(scalar) ? 0.5 : 2.5
    }
  }

  // The first levels of the national standards: what their committees held to be in common use.
  private static let simplifiedFirst = level(of: "GB2312", leads: 0xB0...0xD7, trails: [0xA1...0xFE])
  private static let japaneseFirst = level(of: "EUC-JP", leads: 0xB0...0xCF, trails: [0xA1...0xFE])
  private static let traditionalFirst = level(of: "BIG5", leads: 0xA4...0xC5, trails: [0x40...0x7E, 0xA1...0xFE])

  private static func level(of name: String, leads: ClosedRange<UInt8>, trails: [ClosedRange<UInt8>]) -> Set<UInt32> {
    let codes = leads.flatMap { lead in trails.joined().map { [lead, $0] } }
    return Set(NamedEncoding.characters(of: codes, name: name).compactMap { $0 })
  }
}
