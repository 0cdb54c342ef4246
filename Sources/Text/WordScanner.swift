// The cursor of `WordTokenizer`: one pass over the bytes, a few bytes of look-ahead.
// Invariants: `at` only grows; `scalar` is the number of scalars before `at`; what a whole or a word may hold is
// bounded, so that a megabyte of one letter or of joined parts costs no more than any other text.
import Base

struct WordScanner {
  private var at = 0
  private var scalar = 0

  mutating func scan(_ text: Span<UInt8>, into list: inout WordList) {
    while at < text.count {
      let glyph = Glyph(text, at)
      switch glyph.kind {
      case .letter, .digit, .several: run(text, prefix: nil, into: &list)
      case .dense: pairs(text, into: &list)
      case .dropped: advance(glyph)
      case .separator:
        if glyph.folded == 0xA7 { section(text, into: &list) } else { advance(glyph) }
      }
    }
  }

  @inline(__always)
  private mutating func advance(_ glyph: Glyph) {
    at += glyph.byteCount
    scalar += 1
  }

  private func peek(_ text: Span<UInt8>, _ offset: Int = 0) -> Glyph? {
    at + offset < text.count ? Glyph(text, at + offset) : nil
  }

  // MARK: Runs of joined parts

  /// What the parts of a run have in common, to tell an identifier from words that merely touch.
  private struct Shape {
    var parts = 0
    var hasDigit = false
    var hasTellingJoiner = false  // one that plain prose does not put between words
    var isAcronym = true  // single letters and full stops
  }

  private mutating func run(
    _ text: Span<UInt8>, prefix: (folded: UInt32, scalarStart: Int)?, into list: inout WordList
  ) {
    let firstToken = list.tokens.count
    let scalarStart = scalar
    var shape = Shape()
    var joined = false  // the list's `whole` is in use

    part(text, shape: &shape, into: &list)
    joining: while let joiner = joiner(text, shape: shape) {
      if !joined {
        list.whole.removeAll(keepingCapacity: true)
        appendLastToken(of: &list)
        joined = true
      }
      switch joiner {
      case .mark(let glyph):
        let sign = UInt8(truncatingIfNeeded: glyph.folded)
        if sign != UInt8(ascii: ".") { shape.isAcronym = false }
        if Self.tellingJoiners.contains(sign) { shape.hasTellingJoiner = true }
        list.whole.append(sign)
        advance(glyph)
        part(text, shape: &shape, into: &list)
        appendLastToken(of: &list)
      case .bracket: bracket(text, shape: &shape, into: &list)
      case .suffix(let sign, let count):
        shape.isAcronym = false
        shape.hasTellingJoiner = true
        list.whole.append(contentsOf: repeatElement(sign, count: count))
        at += count
        scalar += count
        break joining
      }
    }

    if !joined && prefix == nil { return }
    if !joined {
      list.whole.removeAll(keepingCapacity: true)
      appendLastToken(of: &list)
    }
    finish(shape, prefix: prefix, scalarStart: scalarStart, firstToken: firstToken, into: &list)
  }

  private mutating func finish(
    _ shape: Shape, prefix: (folded: UInt32, scalarStart: Int)?, scalarStart: Int, firstToken: Int,
    into list: inout WordList
  ) {
    guard list.whole.count <= Limits.wordBytesMax, shape.parts <= Limits.wordPartsMax else { return }
    if shape.isAcronym, shape.parts > 1 {
      let first = list.tokens[firstToken]
      // The dots are a matter of house style: U.S. and US are one word, and its letters are none.
      list.tokens.removeSubrange(firstToken...)
      list.bytes.removeSubrange(Int(first.byteStart)...)
      list.bytes.append(contentsOf: list.whole.lazy.filter { $0 != 0x2E })
      list.append(.word, scalars: scalarStart..<scalar, byteStart: Int(first.byteStart))
      return
    }
    let isIdentifier = shape.hasDigit || shape.hasTellingJoiner
    if shape.parts > 1 || shape.hasTellingJoiner, isIdentifier {
      let byteStart = list.bytes.count
      list.bytes.append(contentsOf: list.whole)
      list.append(.whole, scalars: scalarStart..<scalar, byteStart: byteStart)
    }
    if let prefix, let sign = Unicode.Scalar(prefix.folded) {
      let byteStart = list.bytes.count
      list.bytes.append(contentsOf: Array(String(Character(sign)).utf8))
      list.bytes.append(contentsOf: list.whole)
      list.append(.whole, scalars: prefix.scalarStart..<scalar, byteStart: byteStart)
    }
  }

  private func appendLastToken(of list: inout WordList) {
    guard let last = list.tokens.last, list.whole.count <= Limits.wordBytesMax else { return }
    list.whole.append(contentsOf: list.bytes[last.byteRange])
  }

  /// A section sign, doubled or not, and the number behind it.
  private mutating func section(_ text: Span<UInt8>, into list: inout WordList) {
    let scalarStart = scalar
    while let glyph = peek(text), glyph.folded == 0xA7, glyph.kind == .separator { advance(glyph) }
    if let space = peek(text), space.isASCII(" ") { advance(space) }
    if let number = peek(text), number.kind == .digit {
      run(text, prefix: (folded: 0xA7, scalarStart: scalarStart), into: &list)
    }
  }

  // MARK: Parts

  private mutating func part(_ text: Span<UInt8>, shape: inout Shape, into list: inout WordList) {
    let scalarStart = scalar
    let byteStart = list.bytes.count
    let byteLimit = byteStart + Limits.wordBytesMax
    var letters = 0
    var digits = 0
    var grouped = false
    reading: while at < text.count {
      let glyph = Glyph(text, at)
      switch glyph.kind {
      case .letter:
        letters += 1
        append(glyph.folded, below: byteLimit, to: &list)
      case .digit:
        digits += 1
        append(glyph.folded, below: byteLimit, to: &list)
      case .several:
        letters += 1
        for scalar in Folding.expansion(of: glyph.folded) { append(scalar, below: byteLimit, to: &list) }
      case .dropped: break
      case .dense: break reading
      case .separator:
        if letters == 0, glyph.isASCII(","), grouped || digits <= 3, isThousandsGroup(text) {
          grouped = true
          break  // the comma is skipped, the digits follow
        }
        if digits == 0, letters > 0, glyph.isASCII("'") {
          contraction(text, byteLimit, &letters, into: &list)
        }
        break reading
      }
      advance(glyph)
    }
    shape.parts += 1
    if digits > 0 { shape.hasDigit = true }
    if digits > 0 || letters != 1 { shape.isAcronym = false }
    list.append(digits > 0 ? .literal : .word, scalars: scalarStart..<scalar, byteStart: byteStart)
  }

  @inline(__always)
  private func append(_ scalar: UInt32, below byteLimit: Int, to list: inout WordList) {
    if scalar < 0x80 {
      if list.bytes.count < byteLimit { list.bytes.append(UInt8(truncatingIfNeeded: scalar)) }
    } else if list.bytes.count + 4 <= byteLimit, let value = Unicode.Scalar(scalar) {
      for byte in UTF8.encode(value) ?? UTF8.encodedReplacementCharacter { list.bytes.append(byte) }
    }
  }

  /// At a comma: exactly three digits follow.
  private func isThousandsGroup(_ text: Span<UInt8>) -> Bool {
    func isDigit(_ offset: Int) -> Bool {
      at + offset < text.count && text[at + offset] >= 0x30 && text[at + offset] <= 0x39
    }
    return isDigit(1) && isDigit(2) && isDigit(3) && !isDigit(4)
  }

  /// At an apostrophe behind a letter: `'s` is dropped, an English contraction stays one word, else the word ends here.
  private mutating func contraction(
    _ text: Span<UInt8>, _ byteLimit: Int, _ letters: inout Int, into list: inout WordList
  ) {
    guard let apostrophe = peek(text) else { return }
    var suffix: [UInt8] = []
    var offset = apostrophe.byteCount
    while suffix.count < 3, let glyph = peek(text, offset), glyph.isWordScalar || glyph.kind == .dense {
      guard glyph.kind == .letter, glyph.folded < 0x80 else { return }
      suffix.append(UInt8(truncatingIfNeeded: glyph.folded))
      offset += glyph.byteCount
    }
    let isPossessive = suffix == [0x73]
    guard isPossessive || Self.contractions.contains(suffix) else { return }
    if !isPossessive, list.bytes.count + 4 <= byteLimit {
      list.bytes.append(0x27)
      list.bytes.append(contentsOf: suffix)
      letters += suffix.count
    }
    at += offset
    scalar += 1 + suffix.count
  }

  private static let contractions: Set<[UInt8]> = Set(
    ["t", "re", "ve", "ll", "d", "m"].map { Array($0.utf8) })

  // MARK: Joiners

  private enum Joiner {
    case mark(Glyph)
    case bracket
    case suffix(UInt8, count: Int)  // of `c++` and `c#`, in ASCII
  }

  private static let tellingJoiners: [UInt8] = [".", "_", "@", "&"].map { UInt8(ascii: $0) }

  /// What joins the part that was just read to the next one, if anything does.
  private func joiner(_ text: Span<UInt8>, shape: Shape) -> Joiner? {
    guard let glyph = peek(text), glyph.kind == .separator, let sign = Unicode.Scalar(glyph.folded) else {
      return nil
    }
    switch sign {
    case "-", ".", "/", "_", ":", "@", "&", "+":
      if let next = peek(text, glyph.byteCount) {
        if next.isWordScalar { return .mark(glyph) }
        let isDouble = sign == "+" && next.isASCII("+") && glyph.byteCount + next.byteCount == 2
        if isDouble, !shape.hasDigit, shape.parts == 1 { return .suffix(UInt8(ascii: "+"), count: 2) }
      }
      return nil
    case "#":
      guard shape.parts == 1, !shape.hasDigit, glyph.byteCount == 1 else { return nil }
      if let next = peek(text, 1), next.isWordScalar { return nil }
      return .suffix(UInt8(ascii: "#"), count: 1)
    case "(":
      guard shape.hasDigit, glyph.byteCount == 1 else { return nil }
      for length in 1...4 {
        guard at + length + 1 < text.count, Glyph(text, at + length).isPlainASCII else { return nil }
        if text[at + length + 1] == 0x29 { return .bracket }
      }
      return nil
    default: return nil
    }
  }

  /// At the bracket of `401(k)`: a few ASCII letters or digits, and the closing bracket.
  private mutating func bracket(_ text: Span<UInt8>, shape: inout Shape, into list: inout WordList) {
    at += 1
    scalar += 1
    part(text, shape: &shape, into: &list)
    list.whole.append(0x28)
    appendLastToken(of: &list)
    list.whole.append(0x29)
    at += 1
    scalar += 1
  }

  // MARK: Scripts without spaces

  private mutating func pairs(_ text: Span<UInt8>, into list: inout WordList) {
    var previous: (folded: UInt32, scalar: Int)?
    var isLonely = true
    while let glyph = peek(text), glyph.kind == .dense || glyph.kind == .dropped {
      if glyph.kind == .dense {
        if let before = previous {
          appendPair(before.folded, glyph.folded, scalars: before.scalar..<scalar + 1, to: &list)
          isLonely = false
        }
        previous = (glyph.folded, scalar)
      }
      advance(glyph)
    }
    if isLonely, let only = previous {
      appendPair(only.folded, nil, scalars: only.scalar..<only.scalar + 1, to: &list)
    }
  }

  private func appendPair(_ first: UInt32, _ second: UInt32?, scalars: Range<Int>, to list: inout WordList) {
    let byteStart = list.bytes.count
    append(first, below: byteStart + 8, to: &list)
    if let second { append(second, below: byteStart + 8, to: &list) }
    list.append(.pair, scalars: scalars, byteStart: byteStart)
  }
}

extension Glyph {
  fileprivate var isPlainASCII: Bool { byteCount == 1 && (kind == .letter || kind == .digit) }
}
