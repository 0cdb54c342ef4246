// The direction in which the passages of one source lie together: the name in front of each, the matter they share. A
// question that names the source is near all of them along it, and nearest to those that say little else; that chooses
// the source, not the passage. So of each cosine a share of what it owes to that direction is taken off, measured from
// the mean of the source, so that the source as a whole keeps its place. A source with one candidate loses nothing.

struct CommonDirections {
  private struct Source {
    /// Candidates that have a vector.
    var members: [Int]
    /// How far each is off the source's mean along the common direction.
    var off: [Float]
    /// Of the members' sum, whose direction is the common one.
    var length: Float
  }

  private var sources: [Source] = []

  /// `members` are indices of `slots`, source by source.
  init(_ members: [[Int]], _ slots: [UInt32], _ vectors: some CandidateVectors) {
    for indices in members where indices.count > 1 {
      var held: [Int] = []
      var sum: [Float] = []
      for index in indices {
        guard let vector = vectors.vector(slots[index]) else { continue }
        held.append(index)
        if sum.isEmpty { sum = vector } else { sum.add(vector, times: 1) }
      }
      let length = sum.length
      guard held.count > 1, length > 0 else { continue }
      let along = vectors.similarities(of: held.map { slots[$0] }, to: sum.map { $0 / length }).map { $0 ?? 0 }
      let mean = along.reduce(0, +) / Float(along.count)
      sources.append(Source(members: held, off: along.map { $0 - mean }, length: length))
    }
  }

  /// The cosines less the loss, not below nought.
  func unshared(_ cosines: [Float?], loss: Double) -> [Double] {
    var values = cosines.map { Double($0 ?? 0) }
    for source in sources {
      // The query's product with the sum is the sum of its products.
      let product = source.members.reduce(Float(0)) { $0 + (cosines[$1] ?? 0) } / source.length
      for (index, off) in zip(source.members, source.off) { values[index] -= loss * Double(product * off) }
    }
    return values.map { max($0, 0) }
  }
}

extension [Float] {
  var length: Float { reduce(0) { $0 + $1 * $1 }.squareRoot() }

  mutating func add(_ other: [Float], times factor: Float) {
    for place in indices { self[place] += factor * other[place] }
  }
}
