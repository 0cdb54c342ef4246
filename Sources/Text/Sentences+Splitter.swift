// The state machine of `Sentences`: scalars in, ranges out.
// A stop makes a sentence ready to end; what follows it confirms (white space, then no small letter) or takes back.

struct SentenceSplitter {
  private var ranges: [Range<Int>] = []
  private var scalar = 0
  /// Of the sentence being read; nil between sentences.
  private var start: Int?
  /// Behind its last scalar that is not white space.
  private var end = 0
  private var lineBreaks = 0
  private var previousIsSpace = true
  /// The word that is being read, folded to ASCII lower case, with its inner full stops; too long a word is no
  /// abbreviation.
  private var word: [UInt8] = []
  private var wordIsTooLong = false
  private var wordStart = 0
  private var wordBeginsUppercase = false
  private var pending: Pending = .none

  private static let wordLengthMax = 12

  private enum Pending {
    case none
    case weak  // ends here if a sentence can begin with what follows
    case afterAbbreviation  // ends here only if a capital follows
    case firm
  }

  mutating func take(_ current: SentenceScalar, next: Int, in text: Span<UInt8>) {
    defer { scalar += 1 }
    if current.isSpace {
      if current.isLineBreak, !(current.value == 0x0A && previousIsReturn) { lineBreaks += 1 }
      previousIsReturn = current.value == 0x0D
      if lineBreaks > 1 { close() }
      if pending == .weak || pending == .afterAbbreviation { isConfirmed = true }
      previousIsSpace = true
      return
    }
    previousIsReturn = false
    if pending != .none, !current.isCloser || previousIsSpace { settle(before: current) }
    if lineBreaks > 0, start != nil, beginsListItem(current, next: next, in: text) { close() }
    lineBreaks = 0
    begin(current)
    if current.isFirmStop {
      pending = .firm
    } else if current.isStop {
      pending = current.isFullStop ? fullStop() : .weak
      isConfirmed = false
    }
    readWord(current)
    end = scalar + 1
    previousIsSpace = false
  }

  mutating func finish() -> [Range<Int>] {
    close()
    return ranges
  }

  private var previousIsReturn = false
  private var isConfirmed = false  // white space stands behind the pending stop

  private mutating func begin(_ current: SentenceScalar) {
    guard start == nil else { return }
    start = scalar
    word.removeAll(keepingCapacity: true)
    wordIsTooLong = false
    wordStart = scalar
  }

  private mutating func close() {
    if let start { ranges.append(start..<end) }
    start = nil
    pending = .none
    isConfirmed = false
  }

  /// A scalar stands behind a stop and its closing quotes: does the sentence end there?
  private mutating func settle(before current: SentenceScalar) {
    switch pending {
    case .none: return
    case .firm: close()
    case .weak: if isConfirmed, !current.isLowercase { close() }
    case .afterAbbreviation:
      if isConfirmed, !current.isLowercase, !current.isDigit, current.isLetter { close() }
    }
    pending = .none
    isConfirmed = false
  }

  /// What the word before a full stop makes of it.
  private func fullStop() -> Pending {
    guard !previousIsSpace, !wordIsTooLong else { return .weak }
    let isFirstWord = wordStart == start
    if word.isEmpty { return .weak }
    if isFirstWord, word.count <= 3, word.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return .none }  // 1. 23.
    if word.count == 1, word[0] >= 0x61 {
      // An initial, or the marker of a list item; `I` at the end of a sentence is rare, `J.` before a name is not.
      return wordBeginsUppercase || isFirstWord ? .none : .weak
    }
    if Self.neverEnding.contains(word) { return .none }
    if Self.seldomEnding.contains(word) || word.contains(0x2E) { return .afterAbbreviation }
    return .weak
  }

  private mutating func readWord(_ current: SentenceScalar) {
    if previousIsSpace || !(current.isLetter || current.isDigit || current.isFullStop) {
      word.removeAll(keepingCapacity: true)
      wordIsTooLong = false
      wordStart = scalar
      wordBeginsUppercase = current.isLetter && !current.isLowercase
      if !(current.isLetter || current.isDigit) {
        wordStart += 1
        return
      }
    }
    if word.isEmpty { wordBeginsUppercase = current.isLetter && !current.isLowercase }
    guard word.count < Self.wordLengthMax, current.value < 0x80 else {
      wordIsTooLong = true
      return
    }
    word.append(current.isASCIILetter ? UInt8(current.value | 0x20) : UInt8(current.value))
  }

  /// At the first scalar of a line: a bullet, or a number or letter with a bracket or full stop, and a space.
  private func beginsListItem(_ current: SentenceScalar, next: Int, in text: Span<UInt8>) -> Bool {
    func isSpace(_ at: Int) -> Bool { at < text.count && (text[at] == 0x20 || text[at] == 0x09) }
    switch current.value {
    case 0x2D, 0x2A, 0x2B, 0x2022, 0x2023, 0x25E6, 0x2043, 0x2219, 0x25AA, 0x25CF, 0x2013, 0x2014:
      return isSpace(next)
    case 0x23: return true
    default: break
    }
    guard current.isDigit || current.isASCIILetter else { return false }
    var at = next
    if current.isDigit {
      while at < text.count, at < next + 2, text[at] >= 0x30, text[at] <= 0x39 { at += 1 }
    }
    guard at < text.count, text[at] == 0x2E || text[at] == 0x29 else { return false }
    return isSpace(at + 1)
  }

  private static func set(_ words: String) -> Set<[UInt8]> {
    Set(words.split(whereSeparator: \.isWhitespace).map { Array($0.utf8) })
  }

  /// Something always follows these.
  private static let neverEnding = set(
    """
    mr mrs ms mx dr prof rev hon pres gov sen rep gen col maj capt cpt lt cmdr sgt st mt ft messrs mme mlle
    vs cf eg ie e.g i.e viz resp approx ca incl excl esp
    no nos nr fig figs eq eqs tab sec sect ch chap art arts par para cl ref refs pp vol vols ed eds
    jan feb mar apr jun jul aug sep sept oct nov dec
    bzw z.b d.h u.a p.ex
    """)

  /// These end a sentence when a capital follows.
  private static let seldomEnding = set(
    """
    etc al inc ltd co corp llc plc gmbh ag bros jr sr esq phd ph.d m.d b.a m.a d.c u.s u.k e.u u.n a.m p.m
    dept univ assn ave blvd rd min max est tel ext
    """)
}
