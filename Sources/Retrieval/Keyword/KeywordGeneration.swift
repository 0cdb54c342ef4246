// What readers hold: sealed segments, which of their texts are alive, and the statistics over the living.
// Invariants: immutable; every slot is alive in at most one place; counts and frequencies are those of an index that
// had never held the dead texts.
package final class KeywordGeneration: Sendable {
  struct Place: Equatable {
    let part: Int
    let document: Int
  }

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
  package let documents: Int
  package var segmentCount: Int { parts.count }
  let totalLength: Int
  package let averageLength: Double
  let impacts: [UInt16]
  /// Part and document of each slot, packed, or `nowhere`.
  private let places: [UInt32]
  private static let nowhere = UInt32.max
  let workspaces: KeywordWorkspacePool
  /// For each part, by how much its peaks may have risen since the average length moved, in 65,536ths.
  let peakScales: [UInt64]

  init(parts: [Part], slotCount: Int, options: KeywordOptions, workspaces: KeywordWorkspacePool) {
    precondition(parts.count < 65_535, "a place is packed into 32 bits")
    self.parts = parts
    self.options = options
    self.workspaces = workspaces
    places = Self.places(of: parts, slotCount: slotCount)
    let documents = parts.reduce(0) { $0 + $1.aliveCount }
    totalLength = parts.reduce(0) { $0 + $1.length }
    averageLength = documents > 0 ? Double(totalLength) / Double(documents) : 0
    self.documents = documents
    let impacts = KeywordScale.impacts(averageLength: averageLength, options: options)
    self.impacts = impacts
    peakScales = parts.map { Self.peakScale(from: $0.segment.referenceImpacts, to: impacts) }
  }

  private static func places(of parts: [Part], slotCount: Int) -> [UInt32] {
    var places = [UInt32](repeating: nowhere, count: slotCount)
    for (index, part) in parts.enumerated() {
      for (document, slot) in part.segment.slots.enumerated() where part.isAlive(document) {
        places[Int(slot)] = UInt32(index) << 16 | UInt32(document)
      }
    }
    return places
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
  func place(of slot: UInt32) -> Place? {
    guard Int(slot) < places.count else { return nil }
    let packed = places[Int(slot)]
    return packed == Self.nowhere ? nil : Place(part: Int(packed >> 16), document: Int(packed & 0xFFFF))
  }

  /// What the generation occupies.
  package var byteCount: Int {
    parts.reduce(4 * places.count) {
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
