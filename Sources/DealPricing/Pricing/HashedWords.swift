// A product's words and word pairs as places in a table of weights: no vocabulary is kept, only numbers.

struct HashedWords: Sendable {
  static let bits = 18
  static var placeCount: Int { 1 << bits }

  struct Entry: Sendable, Equatable {
    var place: UInt32
    var count: Float
  }

  /// By ascending place, each once.
  let entries: [Entry]

  init(_ words: [String]) {
    var places: [UInt32] = []
    places.reserveCapacity(words.count * 2)
    var before: UInt64?
    for word in words {
      let hash = Self.hashed(word)
      places.append(Self.place(hash))
      if let before { places.append(Self.place(before &* 0x1000_0000_01B3 ^ hash)) }
      before = hash
    }
    places.sort()
    var counted: [Entry] = []
    for place in places {
      if counted.last?.place == place {
        counted[counted.count - 1].count += 1
      } else {
        counted.append(Entry(place: place, count: 1))
      }
    }
    entries = counted
  }

  /// FNV-1a, the same everywhere: models are kept on disk.
  private static func hashed(_ word: String) -> UInt64 {
    word.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private static func place(_ hash: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: ((hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15) >> (64 - UInt64(bits)))
  }
}
