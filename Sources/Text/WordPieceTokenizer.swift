// Text to token ids, id for id what the reference tokenizer of all-MiniLM-L6-v2 gives (BertNormalizer with lower case
// and stripped accents, BertPreTokenizer, WordPiece). One pass over the UTF-8: scalars are normalised, cut into words
// and matched as they come; nothing is built in between but the word at hand.
// It must not add [CLS] and [SEP], nor cut: the caller knows the window.

package struct WordPieceTokenizer: Sendable {
  package typealias TokenID = UInt32

  /// A word of more scalars is one unknown token, as in the reference.
  private static let wordScalarsMax = 100

  private let scalars = WordPieceScalars()
  private let vocabulary: WordPieceVocabulary
  /// Names that stand for themselves in raw text, before any normalising.
  private let specials: [(name: [UInt8], id: TokenID)]
  private let unknown: TokenID
  package let classify: TokenID  // [CLS]
  package let separate: TokenID  // [SEP]
  package var vocabularyCount: Int { vocabulary.count }

  /// `vocabularyLines` is the content of vocab.txt.
  package init(vocabularyLines: [UInt8]) throws(WordPieceFailure) {
    let vocabulary = try WordPieceVocabulary(lines: vocabularyLines)
    func special(_ name: String) throws(WordPieceFailure) -> TokenID {
      guard let id = vocabulary.id(of: name) else { throw .vocabularyDamaged(reason: "\(name) is missing") }
      return id
    }
    self.vocabulary = vocabulary
    unknown = try special("[UNK]")
    classify = try special("[CLS]")
    separate = try special("[SEP]")
    specials = [
      (Array("[PAD]".utf8), try special("[PAD]")), (Array("[UNK]".utf8), unknown),
      (Array("[CLS]".utf8), classify), (Array("[SEP]".utf8), separate),
      (Array("[MASK]".utf8), try special("[MASK]")),
    ]
  }

  package func ids(of text: String) -> [TokenID] {
    var ids: [TokenID] = []
    ids.reserveCapacity(text.utf8.count / 4 + 8)
    append(text, to: &ids)
    return ids
  }

  package func append(_ text: String, to ids: inout [TokenID]) {
    var word = Word()
    append(text.utf8Span.span, &word, to: &ids)
  }

  /// The bytes are valid UTF-8, since they are a String's.
  private func append(_ bytes: Span<UInt8>, _ word: inout Word, to ids: inout [TokenID]) {
    var position = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "["), let special = special(in: bytes, at: position) {
        flush(&word, to: &ids)
        ids.append(special.id)
        position += special.name.count
        continue
      }
      let scalar = decode(bytes, &position)
      let action = scalars.action(of: scalar)
      if action == WordPieceScalars.keep {
        word.append(scalar)
      } else {
        apply(action, scalar, &word, to: &ids)
      }
    }
    flush(&word, to: &ids)
  }

  private func apply(
    _ action: WordPieceScalars.Action, _ scalar: UInt32, _ word: inout Word, to ids: inout [TokenID]
  ) {
    switch action {
    case WordPieceScalars.keep: word.append(scalar)
    case WordPieceScalars.drop: break
    case WordPieceScalars.dropStarter: word.endRun()
    case WordPieceScalars.space: flush(&word, to: &ids)
    case WordPieceScalars.isolated:
      flush(&word, to: &ids)
      word.append(scalar)
      flush(&word, to: &ids)
    case WordPieceScalars.hangul:
      WordPieceScalars.forEachJamo(of: scalar) { word.append($0) }
    case WordPieceScalars.firstClass..<WordPieceScalars.firstMapped: word.append(scalar, class: action)
    default:
      scalars.forEachTarget(of: action) { apply(scalars.action(of: $0), $0, &word, to: &ids) }
    }
  }

  private func special(in bytes: Span<UInt8>, at position: Int) -> (name: [UInt8], id: TokenID)? {
    specials.first { special in
      position + special.name.count <= bytes.count
        && special.name.indices.allSatisfy { bytes[position + $0] == special.name[$0] }
    }
  }

  /// The longest piece first, again and again; a word with a rest that no piece begins is one unknown token.
  private func flush(_ word: inout Word, to ids: inout [TokenID]) {
    guard word.scalarCount > 0 else {
      word.endRun()
      return
    }
    defer { word.removeAll() }
    guard word.scalarCount <= Self.wordScalarsMax else {
      ids.append(unknown)
      return
    }
    let idCountBefore = ids.count
    var start = 0
    while start < word.bytes.count {
      guard let (piece, end) = longestPiece(of: word.bytes, from: start) else {
        ids.removeLast(ids.count - idCountBefore)
        ids.append(unknown)
        return
      }
      ids.append(piece)
      start = end
    }
  }

  private func longestPiece(of word: [UInt8], from start: Int) -> (TokenID, end: Int)? {
    var found: (TokenID, end: Int)?
    var hash = start == 0 ? WordPieceVocabulary.wordStart : WordPieceVocabulary.wordInside
    let endMax = min(word.count, start + vocabulary.pieceBytesMax)
    for index in start..<endMax {
      hash = WordPieceVocabulary.extended(hash, by: word[index])
      let isWholeScalar = index + 1 == word.count || word[index + 1] & 0xC0 != 0x80
      if isWholeScalar, let id = vocabulary.id(of: word, start..<index + 1, hash: hash, continues: start > 0) {
        found = (id, index + 1)
      }
    }
    return found
  }

  @inline(__always) private func decode(_ bytes: Span<UInt8>, _ position: inout Int) -> UInt32 {
    let first = UInt32(bytes[position])
    if first < 0x80 {
      position += 1
      return first
    }
    let length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    var scalar = first & (0x7F >> UInt32(length))
    for offset in 1..<length { scalar = scalar << 6 | UInt32(bytes[position + offset] & 0x3F) }
    position += length
    return scalar
  }

  /// The word at hand as UTF-8. Past the longest word that is matched it only counts. Marks that survive stand in the
  /// order of their combining classes, as canonical ordering asks; `tail` is the run that may still change places.
  private struct Word {
    private(set) var bytes: [UInt8] = []
    private(set) var scalarCount = 0
    private var tail: [(class: WordPieceScalars.Action, scalar: UInt32)] = []

    init() { bytes.reserveCapacity(4 * (wordScalarsMax + 1)) }

    @inline(__always) mutating func append(_ scalar: UInt32) {
      if !tail.isEmpty { tail.removeAll(keepingCapacity: true) }
      scalarCount += 1
      if scalarCount <= wordScalarsMax { push(scalar) }
    }

    mutating func append(_ scalar: UInt32, class combiningClass: WordPieceScalars.Action) {
      scalarCount += 1
      guard scalarCount <= wordScalarsMax else { return }
      let place = tail.lastIndex { $0.class <= combiningClass }.map { $0 + 1 } ?? 0
      for moved in tail[place...] { bytes.removeLast(Self.length(moved.scalar)) }
      tail.insert((combiningClass, scalar), at: place)
      for moved in tail[place...] { push(moved.scalar) }
    }

    mutating func endRun() { tail.removeAll(keepingCapacity: true) }

    mutating func removeAll() {
      bytes.removeAll(keepingCapacity: true)
      tail.removeAll(keepingCapacity: true)
      scalarCount = 0
    }

    private static func length(_ scalar: UInt32) -> Int {
      scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    }

    @inline(__always) private mutating func push(_ scalar: UInt32) {
      if scalar < 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: scalar))
        return
      }
      let length = Self.length(scalar)
      let marker = UInt8(truncatingIfNeeded: 0xF00 >> length)
      bytes.append(marker | UInt8(truncatingIfNeeded: scalar >> UInt32(6 * (length - 1))))
      for rest in stride(from: length - 2, through: 0, by: -1) {
        bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> UInt32(6 * rest)) & 0x3F)
      }
    }
  }
}
