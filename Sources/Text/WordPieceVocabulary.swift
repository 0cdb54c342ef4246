// The word pieces of the model: bytes to id, by an open-addressing table over one slab of bytes.
// Invariants: ids are line numbers of vocab.txt; pieces that begin a word and pieces that continue one ("##…") live
// in the same table, told apart by the seed of their hash. It must not normalise anything: it sees finished bytes.
package import Base

package enum WordPieceFailure: Failure {
  case vocabularyDamaged(reason: String)

  package var kind: FailureKind { .corruption }
  package var code: String { "vocabulary_damaged" }
  package var message: String {
    switch self {
    case .vocabularyDamaged(let reason): "the tokenizer's vocabulary is damaged: \(reason)"
    }
  }
  package var hint: String { "`make run` fetches the model again" }
}

struct WordPieceVocabulary: Sendable {
  typealias TokenID = UInt32
  static let wordStart: UInt32 = 0x811C_9DC5
  static let wordInside: UInt32 = 0x2F0B_4C47
  private static let emptySlot: UInt32 = .max

  let count: Int
  private let bytes: [UInt8]
  private let starts: [UInt32]  // of each piece in `bytes`, without its "##"
  private let inside: [Bool]
  private let slots: [UInt32]
  private let slotMask: UInt32
  /// No piece is longer, so no search for one need look further.
  let pieceBytesMax: Int

  init(lines content: [UInt8]) throws(WordPieceFailure) {
    var bytes: [UInt8] = []
    var starts: [UInt32] = [0]
    var inside: [Bool] = []
    bytes.reserveCapacity(content.count)
    var lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    guard lines.count > 0, lines.count < Limits.vocabularyPiecesMax else {
      throw .vocabularyDamaged(reason: "it has \(lines.count) lines")
    }
    for var line in lines {
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      let continues = line.count > 2 && line.starts(with: [UInt8(ascii: "#"), UInt8(ascii: "#")])
      bytes += continues ? line.dropFirst(2) : line
      inside.append(continues)
      starts.append(UInt32(bytes.count))
    }
    var capacity = 1024
    while capacity < lines.count * 2 { capacity *= 2 }
    var slots = [UInt32](repeating: Self.emptySlot, count: capacity)
    let slotMask = UInt32(capacity - 1)
    var longest = 0
    for id in 0..<lines.count {
      var hash = inside[id] ? Self.wordInside : Self.wordStart
      for index in Int(starts[id])..<Int(starts[id + 1]) { hash = Self.extended(hash, by: bytes[index]) }
      var slot = Self.mixed(hash) & slotMask
      while slots[Int(slot)] != Self.emptySlot { slot = (slot + 1) & slotMask }
      slots[Int(slot)] = UInt32(id)
      longest = max(longest, Int(starts[id + 1] - starts[id]))
    }
    count = lines.count
    pieceBytesMax = longest
    (self.bytes, self.starts, self.inside, self.slots, self.slotMask) = (
      bytes, starts, inside, slots, slotMask
    )
  }

  /// The hash of a prefix grown by one byte (FNV-1a), so that all prefixes of a word cost one pass.
  @inline(__always) static func extended(_ hash: UInt32, by byte: UInt8) -> UInt32 {
    (hash ^ UInt32(byte)) &* 0x0100_0193
  }

  @inline(__always) private static func mixed(_ hash: UInt32) -> UInt32 { hash ^ (hash >> 15) }

  /// The piece that equals `word[range]`, whose hash from the seed of `continues` is given.
  @inline(__always)
  func id(of word: [UInt8], _ range: Range<Int>, hash: UInt32, continues: Bool) -> TokenID? {
    var slot = Self.mixed(hash) & slotMask
    while true {
      let id = slots[Int(slot)]
      if id == Self.emptySlot { return nil }
      let start = Int(starts[Int(id)])
      if Int(starts[Int(id) + 1]) - start == range.count, inside[Int(id)] == continues,
        range.allSatisfy({ bytes[start + $0 - range.lowerBound] == word[$0] })
      {
        return id
      }
      slot = (slot + 1) & slotMask
    }
  }

  /// The id of a whole line of the vocabulary that begins a word.
  func id(of text: String) -> TokenID? {
    let word = Array(text.utf8)
    return id(of: word, 0..<word.count, hash: word.reduce(Self.wordStart, Self.extended), continues: false)
  }
}
