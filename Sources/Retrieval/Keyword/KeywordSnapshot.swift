// The keyword index as bytes: for each segment its vocabulary and the living texts as chains of word ids. Postings
// and statistics are derived again on reading, which costs a fraction of a second for 100,000 passages and leaves
// nothing to be inconsistent.
//
// Layout, all numbers 32 bits, little-endian: magic, version, options (k1, b and exact share as bits of doubles in
// two words each, language as a string), number of segments; for each segment: words, their ends in the slab, the
// slab, traits (a byte each), texts, slots, ends of the chains, chains. A string or slab is its byte count and
// its bytes.
// Invariants: what is read is checked word by word before it is used; bytes that fail are refused as a whole, never
// read in part. Must not: hold a checksum; the file around it does.
import Text

enum KeywordSnapshot {
  static let magic: UInt32 = 0x574B_4E46  // FNKW
  static let version: UInt32 = 1
  /// A billion texts in full segments; more is no snapshot of ours.
  static let segmentsMax = 16_384

  static func bytes(of generation: KeywordGeneration) -> [UInt8] {
    var writer = KeywordSnapshotWriter()
    writer.append(magic)
    writer.append(version)
    let options = generation.options
    for value in [options.k1, options.b, options.exactShare] {
      writer.append(UInt32(truncatingIfNeeded: value.bitPattern))
      writer.append(UInt32(truncatingIfNeeded: value.bitPattern >> 32))
    }
    writer.append(Array(options.language.rawValue.utf8))
    writer.append(UInt32(generation.parts.count))
    for part in generation.parts {
      var words = KeywordSegmentWords()
      if part.alive == nil {
        words = part.segment.words
      } else {
        words.append(part.segment) { part.isAlive($0) }
      }
      writer.append(words)
    }
    return writer.bytes
  }

  /// Nil when the bytes are not a whole snapshot of this version and these options, or name a slot past the limit.
  static func segments(from bytes: [UInt8], options: KeywordOptions, slotLimit: Int) -> [KeywordSegment]? {
    var reader = KeywordSnapshotReader(bytes: bytes)
    guard reader.word() == magic, reader.word() == version else { return nil }
    for value in [options.k1, options.b, options.exactShare] {
      guard let low = reader.word(), let high = reader.word() else { return nil }
      guard value.bitPattern == UInt64(high) << 32 | UInt64(low) else { return nil }
    }
    guard let language = reader.slab(), Array(language) == Array(options.language.rawValue.utf8) else {
      return nil
    }
    guard let count = reader.word(), count <= segmentsMax else { return nil }
    var stemmer = Stemmer(options.language)
    var segments: [KeywordSegment] = []
    var taken = Set<UInt32>()
    for _ in 0..<count {
      guard let words = KeywordSegmentWords(reading: &reader, stemmer: &stemmer) else { return nil }
      for slot in words.slots where Int(slot) >= slotLimit || !taken.insert(slot).inserted { return nil }
      segments.append(KeywordSegment(words, options: options))
    }
    return reader.isAtEnd ? segments : nil
  }
}

extension KeywordIndex {
  /// What was published last, as bytes.
  package func snapshot() -> [UInt8] { KeywordSnapshot.bytes(of: generation) }

  /// Nil when the bytes do not verify: the caller builds the index anew from its texts.
  package convenience init?(
    reading bytes: [UInt8], options: KeywordOptions = KeywordOptions(), slotLimit: Int
  ) {
    guard let segments = KeywordSnapshot.segments(from: bytes, options: options, slotLimit: slotLimit) else {
      return nil
    }
    self.init(options, segments: segments)
  }
}

struct KeywordSnapshotWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ word: UInt32) {
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }

  mutating func append(_ words: [UInt32]) {
    append(UInt32(words.count))
    for word in words { append(word) }
  }

  mutating func append(_ slab: [UInt8]) {
    append(UInt32(slab.count))
    bytes.append(contentsOf: slab)
  }

  mutating func append(_ words: KeywordSegmentWords) {
    append(words.vocabulary.ends)
    append(words.vocabulary.bytes)
    append(words.traits.map(\.rawValue))
    append(words.slots)
    append(Array(words.forwardStarts.dropFirst()))
    append(words.forward)
  }
}

/// Reads within bounds only; past the end everything is nil.
struct KeywordSnapshotReader {
  private let bytes: [UInt8]
  private var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { at == bytes.count }

  mutating func word() -> UInt32? {
    guard bytes.count - at >= 4 else { return nil }
    defer { at += 4 }
    return (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
  }

  mutating func words() -> [UInt32]? {
    guard let count = word().map(Int.init), (bytes.count - at) / 4 >= count else { return nil }
    var words: [UInt32] = []
    words.reserveCapacity(count)
    for _ in 0..<count {
      let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
      words.append(low | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24)
      at += 4
    }
    return words
  }

  mutating func slab() -> ArraySlice<UInt8>? {
    guard let count = word().map(Int.init), bytes.count - at >= count else { return nil }
    defer { at += count }
    return bytes[at..<at + count]
  }
}

extension KeywordSegmentWords {
  /// Stems are found again: those of another edition of the stemmer would never meet the stems of a question.
  init?(reading reader: inout KeywordSnapshotReader, stemmer: inout Stemmer) {
    guard let ends = reader.words(), let slab = reader.slab(), let traits = reader.slab(),
      let slots = reader.words(), let chainEnds = reader.words(), let chains = reader.slab()
    else { return nil }
    guard readVocabulary(ends: ends, slab: slab) else { return nil }
    guard traits.count == ends.count else { return nil }
    for trait in traits {
      guard let trait = WordTrait(rawValue: trait) else { return nil }
      self.traits.append(trait)
    }
    stems = Array(0..<UInt32(ends.count))
    for id in ends.indices { findStem(of: UInt32(id), stemmer: &stemmer) }
    guard !slots.isEmpty, slots.count <= KeywordSegment.documentsMax, chainEnds.count == slots.count else {
      return nil
    }
    self.slots = slots
    guard readChains(Array(chains), ends: chainEnds) else { return nil }
  }

  /// No string twice: ids are looked up by their strings.
  private mutating func readVocabulary(ends: [UInt32], slab: ArraySlice<UInt8>) -> Bool {
    let bytes = Array(slab)
    var start = 0
    for end in ends {
      guard Int(end) >= start, Int(end) <= bytes.count else { return false }
      guard vocabulary.insert(bytes.span.extracting(start..<Int(end))).isNew else { return false }
      start = Int(end)
    }
    return start == bytes.count
  }

  private mutating func readChains(_ chains: [UInt8], ends: [UInt32]) -> Bool {
    var at = 0
    for end in ends {
      guard Int(end) >= at, Int(end) <= chains.count else { return false }
      // A number that runs past the end of its chain would be read past the end of all chains.
      if at < Int(end), chains[Int(end) - 1] >= 0x80 { return false }
      var length: UInt32 = 0
      while at < Int(end) {
        let word = Int(VariableInteger.read(chains, &at))
        guard word < stems.count, traits[word] != .stemOnly else { return false }
        if traits[word].isPlain { length += 1 }
      }
      guard at == Int(end) else { return false }
      lengths.append(length)
      forwardStarts.append(end)
    }
    forward = chains
    return at == chains.count
  }
}

extension KeywordSegment {
  /// What the segment was made from.
  var words: KeywordSegmentWords {
    KeywordSegmentWords(
      vocabulary: vocabulary, stems: stems, traits: traits, slots: slots, lengths: lengths, forward: forward,
      forwardStarts: forwardStarts)
  }
}
