// Every vector compared with the question: the plain way, against which the graph is measured.

struct ExactVectors: Sendable {
  let dimension: Int
  private(set) var numbers: [Float]
  /// Slots without a vector hold zeros here and are never found.
  private(set) var present: SlotSet

  init(dimension: Int, numbers: [Float] = [], present: SlotSet = SlotSet(capacity: 0)) {
    self.dimension = dimension
    self.numbers = numbers
    self.present = present
  }

  mutating func append(_ vector: [Float]) {
    let slot = present.capacity
    present.grow(to: slot + 1)
    if vector.isEmpty {
      numbers.append(contentsOf: repeatElement(0, count: dimension))
    } else {
      present.insert(UInt32(slot))
      numbers.append(contentsOf: vector)
    }
  }

  func similarity(of slot: UInt32, to query: [Float]) -> Float? {
    guard present.contains(slot) else { return nil }
    return dot(slot, query)
  }

  func similarity(between first: UInt32, and second: UInt32) -> Float? {
    guard present.contains(first), present.contains(second) else { return nil }
    let start = Int(first) * dimension
    return dot(second, Array(numbers[start..<start + dimension]))
  }

  /// Best first; ties by slot.
  func nearest(to query: [Float], count: Int, among allowed: SlotSet) -> [(slot: UInt32, similarity: Float)] {
    var found: [(slot: UInt32, similarity: Float)] = []
    allowed.forEach { slot in
      if present.contains(slot) { found.append((slot, dot(slot, query))) }
    }
    found.sort { ($1.similarity, $0.slot) < ($0.similarity, $1.slot) }
    return Array(found.prefix(count))
  }

  private func dot(_ slot: UInt32, _ query: [Float]) -> Float {
    precondition(query.count == dimension)
    let start = Int(slot) * dimension
    var total: Float = 0
    for index in 0..<dimension { total += numbers[start + index] * query[index] }
    return total
  }
}
