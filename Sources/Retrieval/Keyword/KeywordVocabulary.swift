// The strings of one segment, words and stems alike, numbered in order of arrival.
// Invariants: an id is an index into `ends`; ids are dense and never change; the table is at most three quarters
// full, so that every probe ends. The hash is keyed per process: nobody outside can choose words that collide.
import Base

struct KeywordVocabulary: Sendable {
  private(set) var bytes: [UInt8] = []
  /// Where each string ends in the slab; it begins where the one before ends.
  private(set) var ends: [UInt32] = []
  private var hashes: [UInt32] = []
  /// Id plus one, or zero; a power of two of them.
  private var table: [UInt32] = [UInt32](repeating: 0, count: 256)

  var count: Int { ends.count }

  var byteCount: Int { bytes.count + 4 * (ends.count + hashes.count + table.count) }

  private static let keys: (UInt64, UInt64) = {
    let drawn = SystemRandom().bytes(16)
    func word(_ range: Range<Int>) -> UInt64 { range.reduce(0) { $0 << 8 | UInt64(drawn[$1]) } }
    return (word(0..<8), word(8..<16) | 1)
  }()

  /// Multiplies eight bytes at a time into 128 bits and folds them.
  @inline(__always)
  static func hash(_ word: Span<UInt8>) -> UInt32 {
    var state = keys.0 ^ UInt64(truncatingIfNeeded: word.count)
    var index = 0
    repeat {
      var chunk: UInt64 = 0
      let end = min(index + 8, word.count)
      while index < end {
        chunk = chunk << 8 | UInt64(word[index])
        index += 1
      }
      let product = (state ^ chunk).multipliedFullWidth(by: keys.1 ^ 0x9E37_79B9_7F4A_7C15)
      state = product.high ^ product.low &+ keys.1
    } while index < word.count
    return UInt32(truncatingIfNeeded: state ^ state >> 32)
  }

  func range(of id: UInt32) -> Range<Int> { (id == 0 ? 0 : Int(ends[Int(id) - 1]))..<Int(ends[Int(id)]) }

  func string(_ id: UInt32) -> String { String(decoding: bytes[range(of: id)], as: UTF8.self) }

  @inline(__always)
  private func holds(_ id: UInt32, _ word: Span<UInt8>) -> Bool {
    let range = range(of: id)
    guard range.count == word.count else { return false }
    for offset in 0..<word.count where bytes[range.lowerBound + offset] != word[offset] { return false }
    return true
  }

  func find(_ word: Span<UInt8>) -> UInt32? {
    let hash = Self.hash(word)
    let mask = table.count - 1
    var place = Int(hash) & mask
    while table[place] != 0 {
      let id = table[place] - 1
      if hashes[Int(id)] == hash, holds(id, word) { return id }
      place = (place + 1) & mask
    }
    return nil
  }

  /// The id of the word, and whether it is new.
  @inline(__always)
  mutating func insert(_ word: Span<UInt8>) -> (id: UInt32, isNew: Bool) {
    let hash = Self.hash(word)
    let mask = table.count - 1
    var place = Int(hash) & mask
    while table[place] != 0 {
      let id = table[place] - 1
      if hashes[Int(id)] == hash, holds(id, word) { return (id, false) }
      place = (place + 1) & mask
    }
    let id = UInt32(ends.count)
    for index in word.indices { bytes.append(word[index]) }
    ends.append(UInt32(bytes.count))
    hashes.append(hash)
    table[place] = id + 1
    if ends.count * 4 > table.count * 3 { grow() }
    return (id, true)
  }

  private mutating func grow() {
    let mask = table.count * 2 - 1
    table = [UInt32](repeating: 0, count: mask + 1)
    for (id, hash) in hashes.enumerated() {
      var place = Int(hash) & mask
      while table[place] != 0 { place = (place + 1) & mask }
      table[place] = UInt32(id) + 1
    }
  }
}
