// What readers hold: sealed segments, which of their texts are alive, and the statistics over the living.
// Invariants: immutable; every slot is alive in at most one place; counts and frequencies are those of an index that
// had never held the dead texts.
import Text

final class KeywordGeneration: Sendable {
  /// One segment with what became of it since it was sealed.
  struct Part: Sendable {
    let segment: KeywordSegment
    /// One bit a text; nil while all are alive.
    var alive: [UInt64]?
    var aliveCount: Int
    /// Living texts in each list; nil while all are alive.
    var frequencies: [UInt32]?
    var length: Int

    init(_ segment: KeywordSegment) {
      self.segment = segment
      aliveCount = segment.count
      length = segment.lengths.reduce(into: 0) { $0 += Int($1) }
    }

    func isAlive(_ document: Int) -> Bool {
      guard let alive else { return true }
      return alive[document >> 6] & (1 << UInt64(document & 63)) != 0
    }

    func frequency(of list: Int) -> Int {
      frequencies.map { Int($0[list]) } ?? segment.listCount(list)
    }

    /// Marks texts dead and takes their words out of the frequencies.
    mutating func remove(_ documents: [Int]) {
      var bits = alive ?? [UInt64](repeating: ~0, count: (segment.count + 63) / 64)
      var counts = frequencies ?? segment.peaks.indices.map { UInt32(segment.listCount($0)) }
      alive = nil
      frequencies = nil
      for document in documents {
        bits[document >> 6] &= ~(1 << UInt64(document & 63))
        length -= Int(segment.lengths[document])
        for list in segment.lists(of: document) { counts[list] -= 1 }
      }
      aliveCount -= documents.count
      alive = bits
      frequencies = counts
    }
  }

  let parts: [Part]
  let options: KeywordOptions
  let documents: Int
  let totalLength: Int
  let averageLength: Double
  let impacts: [UInt16]
  /// For each part, by how much its peaks may have risen since the average length moved, in 65,536ths.
  let peakScales: [UInt64]

  init(parts: [Part], options: KeywordOptions) {
    self.parts = parts
    self.options = options
    let documents = parts.reduce(0) { $0 + $1.aliveCount }
    totalLength = parts.reduce(0) { $0 + $1.length }
    averageLength = documents > 0 ? Double(totalLength) / Double(documents) : 0
    self.documents = documents
    let impacts = KeywordScale.impacts(averageLength: averageLength, options: options)
    self.impacts = impacts
    peakScales = parts.map { Self.peakScale(from: $0.segment.referenceImpacts, to: impacts) }
  }

  /// The largest ratio of a new impact to the old one, rounded up: a bound that holds for every count and length.
  private static func peakScale(from old: [UInt16], to new: [UInt16]) -> UInt64 {
    var scale: UInt64 = 65_536
    for index in new.indices where new[index] > old[index] {
      scale = max(scale, (UInt64(new[index]) << 16) / UInt64(max(1, old[index])) + 1)
    }
    return scale
  }

  /// No impact of the list's postings is above it.
  func peak(of list: Int, part: Int) -> UInt16 {
    UInt16(min(65_535, (UInt64(parts[part].segment.peaks[list]) * peakScales[part]) >> 16 + 1))
  }

  /// Where the living text of a slot is.
  func place(of slot: UInt32) -> (part: Int, document: Int)? {
    for (index, part) in parts.enumerated() {
      for document in part.segment.slots.indices
      where part.segment.slots[document] == slot && part.isAlive(document) {
        return (index, document)
      }
    }
    return nil
  }

  var byteCount: Int {
    parts.reduce(0) {
      $0 + $1.segment.byteCount + 8 * ($1.alive?.count ?? 0) + 4 * ($1.frequencies?.count ?? 0)
    }
  }
}

extension KeywordSegment {
  /// The lists that a text is in.
  func lists(of document: Int) -> Set<Int> {
    var lists: Set<Int> = []
    forEachWord(of: document) { word in
      lists.insert(Int(stems[Int(word)]))
      let own = vocabulary.count + Int(word)
      if listCount(own) > 0 { lists.insert(own) }
    }
    return lists
  }
}
