// The fields and groups of one batch of records, or of several merged. Immutable, so that any number of generations
// share it; what died since is noted beside it (FieldPart). Batches of similar size are merged, which keeps their
// number near the logarithm of the records and the work of an insert near constant.

final class RecordSegment: Sendable {
  /// Ascending.
  let slots: [UInt32]
  let fields: [String: FieldColumns]
  /// Which slots are parts of one source.
  let groups: SortedColumn<Int64>

  init(slots: [UInt32], fields: [String: FieldColumns], groups: SortedColumn<Int64>) {
    self.slots = slots
    self.fields = fields
    self.groups = groups
  }

  /// The records by ascending slot.
  convenience init(_ records: [(slot: UInt32, record: Record)]) {
    var builders: [String: FieldColumns.Builder] = [:]
    for (slot, record) in records {
      for (name, value) in record.fields { builders[name, default: .init()].add(value, slot: slot) }
    }
    self.init(
      slots: records.map(\.slot), fields: builders.mapValues { $0.finish() },
      groups: SortedColumn(records.map { ($0.record.group, $0.slot) }))
  }

  func holds(_ slot: UInt32) -> Bool {
    var low = 0
    var high = slots.count
    while low < high {
      let middle = (low + high) / 2
      if slots[middle] < slot { low = middle + 1 } else { high = middle }
    }
    return low < slots.count && slots[low] == slot
  }
}

/// A segment and which of its records died since it was made. A slot is alive in at most one part.
struct FieldPart: Sendable {
  let segment: RecordSegment
  private(set) var dead: SlotSet?
  private(set) var liveCount: Int

  init(_ segment: RecordSegment) {
    self.segment = segment
    liveCount = segment.slots.count
  }

  func holds(_ slot: UInt32) -> Bool { !isDead(slot) && segment.holds(slot) }

  func isDead(_ slot: UInt32) -> Bool { dead?.contains(slot) ?? false }

  mutating func remove(_ slot: UInt32) {
    if dead == nil { dead = SlotSet(capacity: Int(segment.slots.last ?? 0) + 1) }
    dead?.insert(slot)
    liveCount -= 1
  }

  /// What lives in all parts, as one segment.
  static func merged(_ parts: ArraySlice<FieldPart>) -> FieldPart {
    var builders: [String: FieldColumns.Builder] = [:]
    var slots: [UInt32] = []
    var groups: [(key: Int64, slot: UInt32)] = []
    for part in parts {
      slots.append(contentsOf: part.segment.slots.filter { !part.isDead($0) })
      groups.append(contentsOf: part.segment.groups.entries.filter { !part.isDead($0.slot) })
      for (name, columns) in part.segment.fields {
        builders[name, default: .init()].add(columns) { !part.isDead($0) }
      }
    }
    return FieldPart(
      RecordSegment(
        slots: slots.sorted(),
        fields: builders.mapValues { $0.finish() }.filter { !$0.value.present.isEmpty },
        groups: SortedColumn(groups)))
  }
}

/// One field over one segment, by kind. A list's elements stand among the texts.
struct FieldColumns: Sendable {
  let texts: SortedColumn<String>
  let numbers: SortedColumn<Double>
  let dates: SortedColumn<Double>
  /// Slots that have the field at all, an empty list included; ascending.
  let present: [UInt32]

  struct Builder {
    private var texts: [(key: String, slot: UInt32)] = []
    private var numbers: [(key: Double, slot: UInt32)] = []
    private var dates: [(key: Double, slot: UInt32)] = []
    private var present: [UInt32] = []

    mutating func add(_ value: FieldValue, slot: UInt32) {
      present.append(slot)
      switch value {
      case .text(let text): texts.append((text, slot))
      // NaN has no place in an order; a comparison could never be true of it.
      case .number(let number): if !number.isNaN { numbers.append((number, slot)) }
      case .date(let seconds): if !seconds.isNaN { dates.append((seconds, slot)) }
      case .list(let elements): texts.append(contentsOf: elements.map { ($0, slot) })
      }
    }

    mutating func add(_ columns: FieldColumns, where isWanted: (UInt32) -> Bool) {
      texts.append(contentsOf: columns.texts.entries.filter { isWanted($0.slot) })
      numbers.append(contentsOf: columns.numbers.entries.filter { isWanted($0.slot) })
      dates.append(contentsOf: columns.dates.entries.filter { isWanted($0.slot) })
      present.append(contentsOf: columns.present.filter(isWanted))
    }

    func finish() -> FieldColumns {
      FieldColumns(
        texts: SortedColumn(texts), numbers: SortedColumn(numbers), dates: SortedColumn(dates),
        present: present.sorted())
    }
  }
}
