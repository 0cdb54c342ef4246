// A text read in an encoding of one byte a character, and how odd it looks so.
// Invariants: a byte without a character rules the encoding out; one pass over the sample with a table look-up a byte.
// Must not: know languages but by `Alphabets`.

struct SingleByteReading: Sendable {
  let name: String
  /// What an encoding must be the better by than one that is more used.
  private let rarity: Double
  private let kinds: [Kind?]
  private let scalars: [UInt32]

  /// What a character is, as far as its neighbours mind.
  private struct Kind: Sendable {
    enum Role: Sendable { case space, digit, upper, lower, caseless, mark, quote, apostrophe, sign, symbol, control }
    enum Script: Sendable { case latin, greek, cyrillic, hebrew, arabic, thai, none }

    var role: Role
    var script: Script
    var opens = false
    var closes = false
    var isUsual = false
    /// A form that a letter has only at a word's end.
    var endsWord = false

    var isLetter: Bool { role == .upper || role == .lower || role == .caseless }
  }

  /// The more used ones first.
  static let all: [SingleByteReading] = [
    ("CP1252", 0), ("CP1251", 0), ("CP1255", 0), ("CP1256", 0), ("CP1253", 0), ("CP874", 0), ("KOI8-R", 0.03),
    ("KOI8-U", 0.04), ("CP1250", 0.05), ("ISO-8859-5", 0.05), ("IBM866", 0.05), ("ISO-8859-7", 0.03),
    ("ISO-8859-6", 0.05), ("CP1254", 0.08), ("ISO-8859-2", 0.1), ("ISO-8859-8", 0.1), ("CP1257", 0.1),
    ("ISO-8859-15", 0.12), ("CP1258", 0.15), ("ISO-8859-13", 0.2), ("ISO-8859-4", 0.3), ("ISO-8859-3", 0.3),
    ("ISO-8859-16", 0.3), ("ISO-8859-10", 0.35), ("ISO-8859-14", 0.4), ("MACINTOSH", 0.8), ("IBM850", 0.8),
    ("IBM852", 0.85), ("IBM437", 0.9),
  ].compactMap { SingleByteReading(name: $0.0, rarity: $0.1) }

  private init?(name: String, rarity: Double) {
    self.name = name
    self.rarity = rarity
    // Line ends part the codes of the question, so these two answer for themselves.
    let codes = (UInt8.min...UInt8.max).map { $0 == 0x0A || $0 == 0x0D ? [0x20] : [$0] }
    let found = NamedEncoding.characters(of: codes, name: name)
    guard found.count == 256 else { return nil }
    let kinds = found.map { $0.flatMap { Unicode.Scalar($0) }.map(Self.kind) }
    // An iconv without this encoding reads nothing in it.
    guard kinds[0x41] != nil, kinds[0x80...].contains(where: { $0 != nil }) else { return nil }
    self.kinds = kinds
    scalars = found.map { $0 ?? 0 }
  }

  private static func kind(of scalar: Unicode.Scalar) -> Kind {
    let value = scalar.value
    let script: Kind.Script =
      switch value {
      case 0..<0x250, 0x1E00..<0x1F00: .latin
      case 0x370..<0x400, 0x1F00..<0x2000: .greek
      case 0x400..<0x530: .cyrillic
      case 0x590..<0x600: .hebrew
      case 0x600..<0x700: .arabic
      case 0xE00..<0xE80: .thai
      default: .none
      }
    let role: Kind.Role =
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .titlecaseLetter: .upper
      case .lowercaseLetter: .lower
      case .otherLetter, .modifierLetter: .caseless
      case .nonspacingMark, .spacingMark, .enclosingMark: .mark
      case .decimalNumber: .digit
      case .control: value == 0x09 || value == 0x0A || value == 0x0D ? .space : .control
      case .spaceSeparator: value == 0x20 ? .space : .quote
      case .otherSymbol, .mathSymbol, .modifierSymbol: .symbol
      default: .sign
      }
    var kind = Kind(role: role, script: script)
    if value == 0x2019 || value == 0xB7 || value == 0xAD {
      kind.role = .apostrophe
    } else if usualSigns.contains(scalar) {
      kind.role = .quote
    }
    kind.isUsual = "’“”–…«»\u{A0}".unicodeScalars.contains(scalar)
    kind.opens = "“„«‘‚‹¿¡".unicodeScalars.contains(scalar)
    kind.endsWord = "ςךםןףץ".unicodeScalars.contains(scalar)
    kind.closes = "”»›".unicodeScalars.contains(scalar)
    return kind
  }

  private static let greekAccented = Set("άέήίόύώΐΰ".unicodeScalars.map(\.value))
  private static let usualSigns = Set("“”‘„«»‚‹›–—…•\u{A0}¿¡§°©®™€£¹²³ºªµ½¼¾×№".unicodeScalars)

  /// Nil where a byte has no character.
  func oddness(of bytes: [UInt8]) -> Double? {
    var oddness = 0.0
    var counted = 0
    var letters = [Int](repeating: 0, count: 256)
    for index in bytes.indices where bytes[index] >= 0x80 {
      guard let kind = kinds[Int(bytes[index])] else { return nil }
      let before = index > 0 ? kinds[Int(bytes[index - 1])] : Self.blank
      let after = index + 1 < bytes.count ? kinds[Int(bytes[index + 1])] : Self.blank
      guard let before, let after else { return nil }
      counted += 1
      switch kind.role {
      case .control: oddness += 8
      case .upper, .lower, .caseless, .mark:
        letters[Int(bytes[index])] += 1
        oddness += Self.oddness(ofLetter: kind, between: before, and: after)
      default: oddness += Self.oddness(ofSign: kind, between: before, and: after)
      }
    }
    guard counted > 0 else { return nil }
    return (oddness + self.oddness(ofAlphabet: letters)) / Double(counted) + rarity
  }

  private static let blank: Kind? = Kind(role: .space, script: .none)

  private static func oddness(ofLetter kind: Kind, between before: Kind, and after: Kind) -> Double {
    var oddness = 0.0
    if kind.role == .mark {
      if !before.isLetter, before.role != .mark { oddness += 4 }
    }
    if kind.script != .none {
      if before.isLetter, before.script != kind.script, before.script != .none { oddness += 3 }
      if after.isLetter, after.script != kind.script, after.script != .none { oddness += 3 }
    }
    if kind.endsWord, after.isLetter { oddness += 3 }
    guard kind.role == .upper else { return oddness }
    if before.role == .lower {
      oddness += 4
    } else if before.role == .upper || after.role == .upper {
      oddness += 0.6
    } else if !before.isLetter {
      oddness += 0.3
    }
    if before.role == .upper, after.role == .lower { oddness += 1 }
    return oddness
  }

  private static func oddness(ofSign kind: Kind, between before: Kind, and after: Kind) -> Double {
    if before.isLetter, after.isLetter, kind.role != .apostrophe { return 5 }
    switch kind.role {
    case .apostrophe, .quote:
      var oddness = kind.isUsual ? 0.2 : 0.7
      if kind.opens, before.isLetter { oddness += 2 }
      if kind.closes, after.isLetter { oddness += 1.5 }
      return oddness
    case .symbol: return 3.5
    default: return 2.5
    }
  }

  /// Of the letters, how far they are from the alphabet that explains them best.
  private func oddness(ofAlphabet letters: [Int]) -> Double {
    var other = 0.0
    var greek = (plain: 0.0, accented: 0.0)
    var latin: [(scalar: UInt32, count: Double, isMark: Bool)] = []
    for byte in 0x80...0xFF where letters[byte] > 0 {
      guard let kind = kinds[byte] else { continue }
      let count = Double(letters[byte])
      if kind.script == .latin || kind.script == .none {
        latin.append((scalars[byte], count, kind.role == .mark))
      } else {
        other += (Alphabets.otherRanks[scalars[byte]] ?? 2) * count
      }
      if kind.script == .greek, kind.role == .lower {
        if Self.greekAccented.contains(scalars[byte]) { greek.accented += count } else { greek.plain += count }
      }
    }
    // Every Greek word of more than one syllable has an accent.
    if greek.plain > 10, greek.accented * 25 < greek.plain { other += greek.plain }
    guard !latin.isEmpty else { return other }
    let best = Alphabets.latinRanks.map { ranks in
      latin.reduce(0) { sum, letter in
        let odd = ranks[letter.scalar].map { $0 * 0.8 } ?? (letter.isMark ? 0.5 : 2.5)
        return sum + odd * letter.count
      }
    }.min()
    return other + (best ?? 0)
  }
}
