// Grows one tree on a coded table: at each node the best of a few columns drawn by chance, by how much a cut lowers the
// squared error. Used by the random forest (deep trees on samples) and by boosting (shallow trees on what is left).
// Invariants: the same seed, rows and targets give the same tree; sums are taken in the order of the rows.
import Base

struct TreeShape: Sendable {
  var depthMax: Int
  /// Rows in a leaf at least.
  var leafRowsMin: Int
  /// Columns looked at in a node.
  var columnsTried: Int
  /// Added to the number of rows of a leaf when its value is taken: small leaves are drawn towards zero.
  var shrinkage: Double
  /// How many of a leaf's targets the tree keeps.
  var samplesALeafMax = 0
}

/// Scratch memory for growing many trees, one after the other, on one thread.
struct TreeGrower {
  private let table: CodedTable
  private let shape: TreeShape
  private var random: SeededRandom
  private var columns: [Int]
  /// Rows of the node at hand lie side by side, their targets beside them.
  private var rows: [UInt32] = []
  private var targets: [Float] = []
  private var spareRows: [UInt32] = []
  private var spareTargets: [Float] = []

  init(table: CodedTable, shape: TreeShape, seed: UInt64) {
    self.table = table
    self.shape = shape
    random = SeededRandom(seed: seed)
    columns = Array(0..<table.columnCount)
  }

  private struct Work {
    var node: Int
    var range: Range<Int>
    var depth: Int
    var sum: Double
  }

  private struct Cut {
    var gain: Double
    var column: Int
    var code: UInt8
    var leftCount: Int
    var leftSum: Double
  }

  /// `rows` may name a row more than once; `target` is by row of the table.
  mutating func grow(rows chosen: [UInt32], target: [Float]) -> RegressionTree {
    precondition(!chosen.isEmpty && target.count == table.rowCount, "a tree needs rows and a target for each")
    rows = chosen
    targets = chosen.map { target[Int($0)] }
    spareRows = rows
    spareTargets = targets
    let sum = targets.reduce(0.0) { $0 + Double($1) }
    var samples: [Float] = []
    var nodes = [RegressionTree.Node(column: -1, code: 0, left: 0, value: value(sum, rows.count))]
    var waiting = [Work(node: 0, range: 0..<rows.count, depth: 0, sum: sum)]
    while let work = waiting.popLast() {
      guard work.depth < shape.depthMax, work.range.count >= 2 * shape.leafRowsMin, let cut = bestCut(work)
      else {
        keepSamples(of: work, &nodes, &samples)
        continue
      }
      partition(work.range, by: cut)
      let middle = work.range.lowerBound + cut.leftCount
      let left = nodes.count
      nodes[work.node].column = Int32(cut.column)
      nodes[work.node].code = cut.code
      nodes[work.node].left = UInt32(left)
      let rightSum = work.sum - cut.leftSum
      nodes.append(.init(column: -1, code: 0, left: 0, value: value(cut.leftSum, cut.leftCount)))
      nodes.append(.init(column: -1, code: 0, left: 0, value: value(rightSum, work.range.count - cut.leftCount)))
      waiting.append(
        Work(node: left + 1, range: middle..<work.range.upperBound, depth: work.depth + 1, sum: rightSum))
      waiting.append(
        Work(node: left, range: work.range.lowerBound..<middle, depth: work.depth + 1, sum: cut.leftSum))
    }
    return RegressionTree(nodes: nodes, samples: samples)
  }

  /// Evenly spaced among the leaf's sorted targets, so that their distribution stays.
  private func keepSamples(of work: Work, _ nodes: inout [RegressionTree.Node], _ samples: inout [Float]) {
    guard shape.samplesALeafMax > 0 else { return }
    let sorted = targets[work.range].sorted()
    let kept = min(sorted.count, shape.samplesALeafMax)
    nodes[work.node].left = UInt32(samples.count)
    nodes[work.node].code = UInt8(kept)
    for place in 0..<kept { samples.append(sorted[(2 * place + 1) * sorted.count / (2 * kept)]) }
  }

  private func value(_ sum: Double, _ count: Int) -> Float { Float(sum / (Double(count) + shape.shrinkage)) }

  private mutating func bestCut(_ work: Work) -> Cut? {
    let parent = work.sum * work.sum / Double(work.range.count)
    var best: Cut?
    // The first places of a shuffle that goes on from node to node.
    for place in 0..<min(shape.columnsTried, columns.count) {
      columns.swapAt(place, Int.random(in: place..<columns.count, using: &random))
      if let cut = cut(column: columns[place], work, parent: parent), cut.gain > best?.gain ?? 1e-9 { best = cut }
    }
    return best
  }

  /// Sums by code, then the best place among the codes.
  private func cut(column: Int, _ work: Work, parent: Double) -> Cut? {
    unsafe withUnsafeTemporaryAllocation(of: SIMD2<Double>.self, capacity: ColumnRanges.rangesMax) { sums in
      unsafe sums.initialize(repeating: .zero)
      unsafe table.codes.withUnsafeBufferPointer { codes in
        unsafe rows.withUnsafeBufferPointer { rows in
          unsafe targets.withUnsafeBufferPointer { targets in
            let base = column * table.rowCount
            for place in work.range {
              // In bounds: a row is below rowCount and a code below rangesMax, by construction of the table.
              let code = unsafe Int(codes[base + Int(rows[place])])
              unsafe sums[code] += SIMD2(Double(targets[place]), 1)
            }
          }
        }
      }
      let count = Double(work.range.count)
      let least = Double(shape.leafRowsMin)
      var left = SIMD2<Double>.zero
      var best: Cut?
      for code in 0..<ColumnRanges.rangesMax - 1 {
        let here = unsafe sums[code]
        guard here.y > 0 else { continue }
        left += here
        let rightCount = count - left.y
        guard rightCount >= least, rightCount > 0 else { break }
        guard left.y >= least else { continue }
        let right = work.sum - left.x
        let gain = left.x * left.x / left.y + right * right / rightCount - parent
        if gain > best?.gain ?? 1e-9 {
          best = Cut(gain: gain, column: column, code: UInt8(code), leftCount: Int(left.y), leftSum: left.x)
        }
      }
      return best
    }
  }

  /// Rows of the left side first, both sides in the order they had.
  private mutating func partition(_ range: Range<Int>, by cut: Cut) {
    let base = cut.column * table.rowCount
    var left = range.lowerBound
    var right = range.lowerBound + cut.leftCount
    for place in range {
      let row = rows[place]
      if table.codes[base + Int(row)] <= cut.code {
        spareRows[left] = row
        spareTargets[left] = targets[place]
        left += 1
      } else {
        spareRows[right] = row
        spareTargets[right] = targets[place]
        right += 1
      }
    }
    precondition(left == range.lowerBound + cut.leftCount && right == range.upperBound, "a cut counts its rows")
    rows.replaceSubrange(range, with: spareRows[range])
    targets.replaceSubrange(range, with: spareTargets[range])
  }
}
