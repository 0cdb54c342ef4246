// One number a slot, in pages: generations share the pages that a batch did not touch, so that publishing a small batch
// copies little. Slots never written hold the filler.

struct PagedColumn<Value: PlainBytes>: Sendable {
  private static var pageSize: Int { 4_096 }

  private var pages: [[Value]] = []
  private let filler: Value

  init(filler: Value) { self.filler = filler }

  subscript(slot: UInt32) -> Value {
    get { pages[Int(slot) / Self.pageSize][Int(slot) % Self.pageSize] }
    set { pages[Int(slot) / Self.pageSize][Int(slot) % Self.pageSize] = newValue }
  }

  mutating func grow(to count: Int) {
    while pages.count * Self.pageSize < count {
      pages.append([Value](repeating: filler, count: Self.pageSize))
    }
  }

  func firstSlot(of value: Value, where isWanted: (UInt32) -> Bool) -> UInt32? where Value: Equatable {
    for (index, page) in pages.enumerated() {
      for (offset, held) in page.enumerated() where held == value {
        let slot = UInt32(index * Self.pageSize + offset)
        if isWanted(slot) { return slot }
      }
    }
    return nil
  }

  func values(count: Int) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(count)
    for page in pages { values.append(contentsOf: page.prefix(count - values.count)) }
    return values
  }

  init(_ values: [Value], filler: Value) {
    self.filler = filler
    grow(to: values.count)
    for (slot, value) in values.enumerated() { self[UInt32(slot)] = value }
  }
}
