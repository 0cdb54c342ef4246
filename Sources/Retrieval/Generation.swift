// One state of a collection as a reader holds it from its first look to its last: which slots live, what they are
// called, their fields and words. Immutable, save for the graph behind it: that is one for all generations, and a
// reader asks it only for slots that live in its own. While the reader is inside (VectorIndex.pinned), no such slot
// is given to another record; a record that is removed meanwhile may vanish from the reader's sight, but never turns
// into another.

struct Generation: Sendable {
  var number: UInt64
  var live = SlotSet(capacity: 0)
  var liveCount = 0
  var ids = PagedColumn<Int64>(filler: 0)
  var groups = PagedColumn<Int64>(filler: 0)
  /// The largest first.
  private(set) var fieldParts: [FieldPart] = []
  let vectors: VectorIndex
  let words: KeywordIndex
  private(set) var keywords: KeywordGeneration

  init(number: UInt64, vectors: VectorIndex, words: KeywordIndex, fieldParts: [FieldPart] = []) {
    self.number = number
    self.vectors = vectors
    self.words = words
    self.fieldParts = fieldParts
    keywords = words.generation
  }

  var slotCount: Int { live.capacity }

  /// The records a request may see.
  func allowed(by filter: Filter?) -> SlotSet {
    guard let filter else { return live }
    var allowed = filter.slots(in: fieldParts, capacity: slotCount)
    allowed.formIntersection(live)
    return allowed
  }

  /// For questions about one record; a walk over all ids.
  func slot(of id: Int64) -> UInt32? { ids.firstSlot(of: id) { live.contains($0) } }

  /// The records of a source; the cost is theirs, not the collection's.
  func slots(ofGroup group: Int64) -> [UInt32] {
    fieldParts.flatMap { part in part.segment.groups.slots(equalTo: group).filter { !part.isDead($0) } }
  }

  // MARK: The writer's side, on its own copy

  mutating func grow(to slotCount: Int) {
    guard slotCount > self.slotCount else { return }
    live.grow(to: slotCount)
    ids.grow(to: slotCount)
    groups.grow(to: slotCount)
  }

  mutating func remove(_ slots: [UInt32]) {
    for slot in slots {
      live.remove(slot)
      if let part = fieldParts.lastIndex(where: { $0.holds(slot) }) { fieldParts[part].remove(slot) }
    }
    liveCount -= slots.count
    fieldParts.removeAll { $0.liveCount == 0 }
    for index in fieldParts.indices
    where fieldParts[index].liveCount * 2 < fieldParts[index].segment.slots.count {
      fieldParts[index] = FieldPart.merged(fieldParts[index...index])
    }
  }

  /// The records by ascending slot; no slot of them lives.
  mutating func add(_ records: [(slot: UInt32, record: Record)]) {
    guard !records.isEmpty else { return }
    for (slot, record) in records {
      live.insert(slot)
      ids[slot] = record.id
      groups[slot] = record.group
    }
    liveCount += records.count
    fieldParts.append(FieldPart(RecordSegment(records)))
    while fieldParts.count > 1,
      fieldParts[fieldParts.count - 2].liveCount <= 2 * fieldParts[fieldParts.count - 1].liveCount
    {
      let last = fieldParts.count - 2
      fieldParts.replaceSubrange(last..., with: [FieldPart.merged(fieldParts[last...])])
    }
  }

  /// Takes up what the keyword index last published.
  mutating func takeKeywords() { keywords = words.generation }
}
