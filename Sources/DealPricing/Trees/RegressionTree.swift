// One tree: from a row's codes to a number. Nodes lie in one array, children side by side, the root first. A tree that
// keeps samples also tells which targets came to a leaf: a leaf's `left` is then where they begin, its `code` how many.

struct RegressionTree: Sendable, Equatable {
  struct Node: Sendable, Equatable {
    /// The column that decides; negative in a leaf.
    var column: Int32
    /// Codes up to this one go left.
    var code: UInt8
    /// The left child; the right one follows it.
    var left: UInt32
    /// The mean of the targets that came here.
    var value: Float
  }

  var nodes: [Node]
  /// Targets by leaf; empty where none are kept.
  var samples: [Float] = []

  func value(codes: (Int) -> UInt8) -> Float { nodes[leaf(codes: codes)].value }

  /// The targets that came to the row's leaf.
  func samples(codes: (Int) -> UInt8) -> ArraySlice<Float> {
    let node = nodes[leaf(codes: codes)]
    return samples[Int(node.left)..<Int(node.left) + Int(node.code)]
  }

  private func leaf(codes: (Int) -> UInt8) -> Int {
    var place = 0
    while nodes[place].column >= 0 {
      let node = nodes[place]
      place = Int(node.left) + (codes(Int(node.column)) <= node.code ? 0 : 1)
    }
    return place
  }

  /// Whether every node leads to nodes behind it, so that a walk ends inside the array: for trees read from a file.
  func isSound(columns: Int) -> Bool {
    !nodes.isEmpty
      && nodes.enumerated().allSatisfy { place, node in
        node.value.isFinite
          && (node.column < 0
            ? Int(node.left) + Int(node.code) <= samples.count
            : Int(node.column) < columns && Int(node.left) > place && Int(node.left) + 1 < nodes.count)
      } && samples.allSatisfy(\.isFinite)
  }
}
