// The values of one field and one kind over a run of slots, sorted: every predicate a filter knows is a range of keys,
// and a range of keys is one stretch of `slots`. Immutable once built.

struct SortedColumn<Key: Comparable & Sendable>: Sendable {
  private(set) var keys: [Key]
  /// slots[starts[k] ..< starts[k + 1]] hold keys[k]; one more entry than keys.
  private(set) var starts: [UInt32]
  private(set) var slots: [UInt32]

  var isEmpty: Bool { keys.isEmpty }

  /// The three arrays as described above; the caller has checked them.
  init(keys: [Key], starts: [UInt32], slots: [UInt32]) {
    self.keys = keys
    self.starts = starts
    self.slots = slots
  }

  init(_ entries: [(key: Key, slot: UInt32)]) {
    self.init(keys: [], starts: [0], slots: [])
    let sorted = entries.sorted { ($0.key, $0.slot) < ($1.key, $1.slot) }
    slots.reserveCapacity(sorted.count)
    for entry in sorted {
      if keys.last == entry.key {
        // A list may name one value twice.
        if slots.last == entry.slot { continue }
      } else {
        if !keys.isEmpty { starts.append(UInt32(slots.count)) }
        keys.append(entry.key)
      }
      slots.append(entry.slot)
    }
    if !keys.isEmpty { starts.append(UInt32(slots.count)) }
  }

  var entries: [(key: Key, slot: UInt32)] {
    keys.indices.flatMap { index in slots(at: index..<index + 1).map { (keys[index], $0) } }
  }

  /// The first index whose key is not before `key` (or, `past` it, is after it).
  func bound(_ key: Key, past: Bool = false) -> Int {
    var low = 0
    var high = keys.count
    while low < high {
      let middle = (low + high) / 2
      if past ? keys[middle] <= key : keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func slots(at range: Range<Int>) -> ArraySlice<UInt32> {
    guard !range.isEmpty else { return [] }
    return slots[Int(starts[range.lowerBound])..<Int(starts[range.upperBound])]
  }

  func slots(equalTo key: Key) -> ArraySlice<UInt32> { slots(at: bound(key)..<bound(key, past: true)) }

  /// For explanations, where a walk is cheap enough.
  func keys(of slot: UInt32) -> [Key] {
    keys.indices.filter { slots(at: $0..<$0 + 1).contains(slot) }.map { keys[$0] }
  }
}
