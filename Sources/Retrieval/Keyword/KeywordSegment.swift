// A sealed part of the keyword index: up to 65,536 texts, their words in order and, for every term, who holds it.
// A term is a stem or, where a stem has several forms in the segment, one of these forms: list `stem` and list
// `vocabulary.count + word`. A form that is alone is found by its stem's list.
// Invariants: immutable; a local document number is the place of its text in `slots`; `forward` is a chain of word
// ids in LEB128, each below `vocabulary.count`, and `forwardStarts` cuts it into texts; postings of a list rise by
// document. Postings and peaks follow from the chain and are never written to disk.
// Must not: know which of its texts are still wanted; a generation does.
import Vectors

final class KeywordSegment: Sendable {
  static let documentsMax = KeywordPostings.documentsMax
  /// Past this many bytes of words a segment is sealed early, so that offsets fit 32 bits with room to spare.
  static let forwardBytesMax = 256 << 20

  let vocabulary: KeywordVocabulary
  /// The term of each word: its stem, or itself.
  let stems: [UInt32]
  let traits: [WordTrait]
  let slots: [UInt32]
  /// Plain words of each text.
  let lengths: [UInt32]
  let forward: [UInt8]
  let forwardStarts: [UInt32]

  let postings: [UInt32]
  /// Where the postings of each list begin, and behind the last one their end.
  let postingStarts: [UInt32]
  /// The highest impact in each list at `referenceLength`.
  let peaks: [UInt16]
  let referenceLength: Double
  let referenceImpacts: [UInt16]

  init(_ words: KeywordSegmentWords, options: KeywordOptions) {
    vocabulary = words.vocabulary
    stems = words.stems
    traits = words.traits
    slots = words.slots
    lengths = words.lengths
    forward = words.forward
    forwardStarts = words.forwardStarts
    let total = lengths.reduce(into: 0) { $0 += Int($1) }
    referenceLength = lengths.isEmpty ? 0 : Double(total) / Double(lengths.count)
    referenceImpacts = KeywordScale.impacts(averageLength: referenceLength, options: options)
    (postings, postingStarts, peaks) = KeywordInversion.invert(words, impacts: referenceImpacts)
  }

  var count: Int { slots.count }

  /// The list of a stem.
  func stemList(_ stem: Span<UInt8>) -> Int? { vocabulary.find(stem).map(Int.init) }

  /// The list of a form: its own, or its stem's where it is the only form.
  func formList(_ word: Span<UInt8>) -> Int? {
    vocabulary.find(word).flatMap { formList(ofWord: Int($0)) }
  }

  func formList(ofWord id: Int) -> Int? {
    if traits[id] == .stemOnly { return nil }
    let own = vocabulary.count + id
    return listCount(own) > 0 ? own : Int(stems[id])
  }

  func listCount(_ list: Int) -> Int { Int(postingStarts[list + 1] - postingStarts[list]) }

  func listRange(_ list: Int) -> Range<Int> { Int(postingStarts[list])..<Int(postingStarts[list + 1]) }

  /// Calls the body with every word of a text, in order.
  @inline(__always)
  func forEachWord(of document: Int, _ body: (UInt32) -> Void) {
    var at = Int(forwardStarts[document])
    let end = Int(forwardStarts[document + 1])
    while at < end { body(VariableInteger.read(forward, &at)) }
  }

  /// What the segment occupies, to hold against what went in.
  var byteCount: Int {
    vocabulary.byteCount + 4
      * (stems.count + slots.count + lengths.count + forwardStarts.count + postings.count)
      + 4 * postingStarts.count + 2 * peaks.count + forward.count + traits.count
  }
}

/// What a string of the vocabulary is in the texts of its segment.
enum WordTrait: UInt8, Sendable {
  /// Only the stem of other words.
  case stemOnly
  /// Of letters only: has a stem.
  case word
  /// A number, a pair of a dense script: its own stem.
  case literal
  /// An identifier in one piece, beside its parts.
  case whole

  /// Counts towards length and phrases.
  var isPlain: Bool { self == .word || self == .literal }
}

/// LEB128: seven bits a byte, the lowest first.
enum VariableInteger {
  @inline(__always)
  static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  static func read(_ bytes: [UInt8], _ at: inout Int) -> UInt32 {
    var value = UInt32(bytes[at])
    at += 1
    guard value >= 0x80 else { return value }
    value &= 0x7F
    var shift: UInt32 = 7
    while true {
      let byte = bytes[at]
      at += 1
      value |= UInt32(byte & 0x7F) << shift
      if byte < 0x80 || shift == 28 { return value }
      shift += 7
    }
  }
}
