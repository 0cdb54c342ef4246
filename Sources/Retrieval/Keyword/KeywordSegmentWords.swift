// The texts of one segment as chains of word ids: what the tail of the index collects, what a merge copies and what a
// snapshot holds. All else in a segment is derived from it.
// Invariants: as in `KeywordSegment`.
import Text

struct KeywordSegmentWords: Sendable {
  var vocabulary = KeywordVocabulary()
  var stems: [UInt32] = []
  var traits: [WordTrait] = []
  var slots: [UInt32] = []
  var lengths: [UInt32] = []
  var forward: [UInt8] = []
  var forwardStarts: [UInt32] = [0]

  init() {}

  init(
    vocabulary: KeywordVocabulary, stems: [UInt32], traits: [WordTrait], slots: [UInt32], lengths: [UInt32],
    forward: [UInt8], forwardStarts: [UInt32]
  ) {
    self.vocabulary = vocabulary
    self.stems = stems
    self.traits = traits
    self.slots = slots
    self.lengths = lengths
    self.forward = forward
    self.forwardStarts = forwardStarts
  }

  var count: Int { slots.count }
  var isFull: Bool {
    count >= KeywordSegment.documentsMax || forward.count >= KeywordSegment.forwardBytesMax
  }

  /// Appends one text that was cut into words.
  mutating func append(slot: UInt32, _ list: WordList, stemmer: inout Stemmer) {
    var length: UInt32 = 0
    let bytes = list.bytes.span
    for token in list.tokens {
      let id = insert(bytes.extracting(token.byteRange), kind: token.kind, stemmer: &stemmer)
      VariableInteger.append(id, to: &forward)
      if token.isPlain { length &+= 1 }
    }
    finishText(slot: slot, length: length)
  }

  /// The id of a word; a new one gets its stem and traits.
  @inline(__always)
  private mutating func insert(_ word: Span<UInt8>, kind: WordToken.Kind, stemmer: inout Stemmer) -> UInt32 {
    let (id, isNew) = vocabulary.insert(word)
    if isNew || traits[Int(id)] == .stemOnly { learn(id, kind: kind, stemmer: &stemmer) }
    return id
  }

  @inline(never)
  private mutating func learn(_ id: UInt32, kind: WordToken.Kind, stemmer: inout Stemmer) {
    extendTables()
    traits[Int(id)] = kind == .whole ? .whole : kind == .word ? .word : .literal
    findStem(of: id, stemmer: &stemmer)
  }

  /// Looks the stem of a word up, or gives it an id.
  mutating func findStem(of id: UInt32, stemmer: inout Stemmer) {
    guard traits[Int(id)] == .word else {
      stems[Int(id)] = id
      return
    }
    var stem: [UInt8] = []
    stemmer.stem(vocabulary.bytes[vocabulary.range(of: id)], into: &stem)
    stems[Int(id)] = vocabulary.insert(stem.span).id
    extendTables()
  }

  /// A stem that no text holds as a word has an id too: it stands for itself until a text does hold it.
  private mutating func extendTables() {
    while stems.count < vocabulary.count {
      stems.append(UInt32(stems.count))
      traits.append(.stemOnly)
    }
  }

  private mutating func finishText(slot: UInt32, length: UInt32) {
    slots.append(slot)
    lengths.append(length)
    forwardStarts.append(UInt32(forward.count))
  }

  /// Appends the texts of a sealed segment that are still wanted. Words nobody uses any more stay behind.
  mutating func append(_ segment: KeywordSegment, where isWanted: (Int) -> Bool) {
    var known = [UInt32](repeating: .max, count: segment.vocabulary.count)
    for document in 0..<segment.count where isWanted(document) {
      segment.forEachWord(of: document) { old in
        var id = known[Int(old)]
        if id == .max {
          id = adopt(old, of: segment)
          known[Int(old)] = id
        }
        VariableInteger.append(id, to: &forward)
      }
      finishText(slot: segment.slots[document], length: segment.lengths[document])
    }
  }

  private mutating func adopt(_ old: UInt32, of segment: KeywordSegment) -> UInt32 {
    let slab = segment.vocabulary.bytes
    let bytes = slab.span
    let id = vocabulary.insert(bytes.extracting(segment.vocabulary.range(of: old))).id
    extendTables()
    if traits[Int(id)] == .stemOnly {
      traits[Int(id)] = segment.traits[Int(old)]
      let oldStem = segment.stems[Int(old)]
      stems[Int(id)] =
        oldStem == old ? id : vocabulary.insert(bytes.extracting(segment.vocabulary.range(of: oldStem))).id
      extendTables()
    }
    return id
  }
}
