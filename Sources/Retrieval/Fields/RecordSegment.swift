// What a run of neighbouring slots holds besides text and vector: ids, groups and field columns. Immutable, so that any
// number of generations share it; runs of similar size are merged, which keeps their number near the logarithm of the
// records and the work of an insert near constant. Values of dead slots are dropped in a merge.

final class RecordSegment: Sendable {
  let firstSlot: UInt32
  let ids: [Int64]
  let groups: [Int64]
  let fields: [String: FieldColumns]

  var count: Int { ids.count }
  var slots: Range<UInt32> { firstSlot..<firstSlot + UInt32(ids.count) }

  init(firstSlot: UInt32, ids: [Int64], groups: [Int64], fields: [String: FieldColumns]) {
    self.firstSlot = firstSlot
    self.ids = ids
    self.groups = groups
    self.fields = fields
  }

  convenience init(firstSlot: UInt32, records: some Collection<Record>) {
    var builders: [String: FieldColumns.Builder] = [:]
    for (offset, record) in records.enumerated() {
      for (name, value) in record.fields {
        builders[name, default: FieldColumns.Builder()].add(value, slot: firstSlot + UInt32(offset))
      }
    }
    self.init(
      firstSlot: firstSlot, ids: records.map(\.id), groups: records.map(\.group),
      fields: builders.mapValues { $0.finish() })
  }

  func merged(with next: RecordSegment, live: SlotSet) -> RecordSegment {
    precondition(slots.upperBound == next.firstSlot)
    var merged: [String: FieldColumns] = [:]
    for name in Set(fields.keys).union(next.fields.keys) {
      var builder = FieldColumns.Builder()
      for columns in [fields[name], next.fields[name]] {
        if let columns { builder.add(columns, live: live) }
      }
      merged[name] = builder.finish()
    }
    return RecordSegment(
      firstSlot: firstSlot, ids: ids + next.ids, groups: groups + next.groups, fields: merged)
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

    mutating func add(_ columns: FieldColumns, live: SlotSet) {
      texts.append(contentsOf: columns.texts.entries.filter { live.contains($0.slot) })
      numbers.append(contentsOf: columns.numbers.entries.filter { live.contains($0.slot) })
      dates.append(contentsOf: columns.dates.entries.filter { live.contains($0.slot) })
      present.append(contentsOf: columns.present.filter { live.contains($0) })
    }

    func finish() -> FieldColumns {
      FieldColumns(
        texts: SortedColumn(texts), numbers: SortedColumn(numbers), dates: SortedColumn(dates),
        present: present.sorted())
    }
  }
}
