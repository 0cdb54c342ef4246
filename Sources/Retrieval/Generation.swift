// One state of a collection, complete and immutable: what a reader holds from its first look to its last. Slots only
// ever grow within a line of generations, so what one generation says of a slot stays true in the next, save that the
// record may have died.

struct Generation: Sendable {
  var number: UInt64
  /// Neighbouring runs from slot 0 without gaps.
  var segments: [RecordSegment] = []
  var live = SlotSet(capacity: 0)
  var liveCount = 0
  var vectors: ExactVectors
  var keywords = PlainKeywords()

  init(number: UInt64, dimension: Int) {
    self.number = number
    vectors = ExactVectors(dimension: dimension)
  }

  var slotCount: Int { live.capacity }

  /// The records a request may see.
  func allowed(by filter: Filter?) -> SlotSet {
    guard let filter else { return live }
    var allowed = filter.slots(in: segments, capacity: slotCount)
    allowed.formIntersection(live)
    return allowed
  }

  func id(of slot: UInt32) -> Int64 {
    let segment = segment(of: slot)
    return segment.ids[Int(slot - segment.firstSlot)]
  }

  func group(of slot: UInt32) -> Int64 {
    let segment = segment(of: slot)
    return segment.groups[Int(slot - segment.firstSlot)]
  }

  /// For questions about one record; a walk over all ids.
  func slot(of id: Int64) -> UInt32? {
    for segment in segments.reversed() {
      for (offset, found) in segment.ids.enumerated().reversed() where found == id {
        let slot = segment.firstSlot + UInt32(offset)
        if live.contains(slot) { return slot }
      }
    }
    return nil
  }

  private func segment(of slot: UInt32) -> RecordSegment {
    var low = 0
    var high = segments.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if segments[middle].firstSlot <= slot { low = middle } else { high = middle - 1 }
    }
    return segments[low]
  }

  mutating func append(_ records: some Collection<Record>) {
    let firstSlot = UInt32(slotCount)
    live.grow(to: slotCount + records.count)
    for (offset, record) in records.enumerated() {
      live.insert(firstSlot + UInt32(offset))
      vectors.append(record.vector)
      keywords.append(record.text)
    }
    liveCount += records.count
    guard !records.isEmpty else { return }
    segments.append(RecordSegment(firstSlot: firstSlot, records: records))
    while segments.count > 1, segments[segments.count - 2].count <= 2 * segments[segments.count - 1].count {
      let last = segments.removeLast()
      segments.append(segments.removeLast().merged(with: last, live: live))
    }
  }

  mutating func remove(_ slot: UInt32) {
    guard live.contains(slot) else { return }
    live.remove(slot)
    keywords.remove(slot)
    liveCount -= 1
  }
}
