// A set of slots as bits. A slot is a record's place in one generation of a collection; the filter, the graph walk and
// the keyword scan all speak in slots. Asking for a slot past the capacity is answered with no.

package struct SlotSet: Sendable, Equatable {
  package private(set) var capacity: Int
  package private(set) var words: [UInt64]

  package init(capacity: Int) {
    self.capacity = capacity
    words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
  }

  package init(allOf capacity: Int) {
    self.capacity = capacity
    words = [UInt64](repeating: ~0, count: (capacity + 63) / 64)
    clearTail()
  }

  init(capacity: Int, words: [UInt64]) {
    precondition(words.count == (capacity + 63) / 64)
    self.capacity = capacity
    self.words = words
    clearTail()
  }

  package func contains(_ slot: UInt32) -> Bool {
    let word = Int(slot >> 6)
    return word < words.count && words[word] & (1 << UInt64(slot & 63)) != 0
  }

  package mutating func insert(_ slot: UInt32) { words[Int(slot >> 6)] |= 1 << UInt64(slot & 63) }

  package mutating func insert(contentsOf slots: some Sequence<UInt32>) {
    for slot in slots { insert(slot) }
  }

  package mutating func remove(_ slot: UInt32) { words[Int(slot >> 6)] &= ~(1 << UInt64(slot & 63)) }

  package mutating func grow(to capacity: Int) {
    precondition(capacity >= self.capacity)
    self.capacity = capacity
    words.append(contentsOf: repeatElement(0, count: (capacity + 63) / 64 - words.count))
  }

  package mutating func formIntersection(_ other: SlotSet) {
    precondition(other.capacity == capacity)
    for index in words.indices { words[index] &= other.words[index] }
  }

  package mutating func formUnion(_ other: SlotSet) {
    precondition(other.capacity == capacity)
    for index in words.indices { words[index] |= other.words[index] }
  }

  /// The other may be of a smaller capacity.
  package mutating func formSubtraction(_ other: SlotSet) {
    precondition(other.capacity <= capacity)
    for index in other.words.indices { words[index] &= ~other.words[index] }
  }

  package mutating func formComplement() {
    for index in words.indices { words[index] = ~words[index] }
    clearTail()
  }

  package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  package func forEach(_ body: (UInt32) -> Void) {
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        body(UInt32(index * 64 + rest.trailingZeroBitCount))
        rest &= rest - 1
      }
    }
  }

  /// Bits past the capacity stay zero, so that counts and comparisons need not mask.
  private mutating func clearTail() {
    if capacity % 64 != 0, let last = words.indices.last { words[last] &= (1 << UInt64(capacity % 64)) - 1 }
  }
}
