// Trees, forests and boosting against what they must find, and against themselves on other numbers of threads.
import Base
import Testing

@testable import DealPricing

/// A seeded table whose target is a step in one column and a slope in another; the rest is noise.
struct MadeTable {
  static let columns = 12
  var rows: [Float] = []
  var target: [Float] = []

  init(count: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<count {
      let row = (0..<Self.columns).map { _ in Float.random(in: -1...1, using: &random) }
      rows += row
      target.append((row[3] > 0.2 ? 4 : 0) + 2 * row[7] + Float.random(in: -0.1...0.1, using: &random))
    }
  }

  func row(_ index: Int) -> [Float] { Array(rows[index * Self.columns..<(index + 1) * Self.columns]) }

  func meanSquaredError(_ estimate: ([Float]) -> Float) -> Float {
    target.indices.reduce(0) { $0 + (estimate(row($1)) - target[$1]) * (estimate(row($1)) - target[$1]) }
      / Float(target.count)
  }

  var variance: Float {
    let mean = target.reduce(0, +) / Float(target.count)
    return target.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(target.count)
  }
}

@Suite struct TreeTests {
  @Test func aValueFallsIntoTheRangeThatHoldsIt() {
    let ranges = ColumnRanges(rows: (0..<1_000).map { Float($0) }, columns: 1)
    #expect(ranges.bounds[0].count < ColumnRanges.rangesMax)
    for (code, bound) in ranges.bounds[0].enumerated() {
      #expect(ranges.code(of: bound, column: 0) == UInt8(code))
      #expect(ranges.code(of: bound.nextUp, column: 0) == UInt8(code + 1))
    }
    #expect(ranges.code(of: .nan, column: 0) == 0)
    #expect(ranges.code(of: .infinity, column: 0) == UInt8(ranges.bounds[0].count))
  }

  @Test func aColumnOfOneValueOrNoneHasOneRange() {
    let ranges = ColumnRanges(rows: [5, .nan, 5, .nan, 5, .nan], columns: 2)
    #expect(ranges.bounds == [[], []])
  }

  @Test func aTreeFindsTheStep() {
    let made = MadeTable(count: 500, seed: 1)
    let ranges = ColumnRanges(rows: made.rows, columns: MadeTable.columns)
    let shape = TreeShape(depthMax: 1, leafRowsMin: 5, columnsTried: MadeTable.columns, shrinkage: 0)
    var grower = TreeGrower(table: CodedTable(rows: made.rows, ranges: ranges), shape: shape, seed: 7)
    let tree = grower.grow(rows: (0..<500).map { UInt32($0) }, target: made.target)
    #expect(tree.nodes.count == 3)
    #expect(tree.nodes[0].column == 3)
    #expect(tree.nodes[2].value - tree.nodes[1].value > 3)
  }

  @Test func noLeafHoldsFewerRowsThanAsked() {
    let made = MadeTable(count: 300, seed: 2)
    let ranges = ColumnRanges(rows: made.rows, columns: MadeTable.columns)
    let table = CodedTable(rows: made.rows, ranges: ranges)
    var grower = TreeGrower(
      table: table, shape: TreeShape(depthMax: 30, leafRowsMin: 7, columnsTried: 4, shrinkage: 0), seed: 3)
    let tree = grower.grow(rows: (0..<300).map { UInt32($0) }, target: made.target)
    var leaves: [Int: Int] = [:]
    for row in 0..<300 {
      var place = 0
      while tree.nodes[place].column >= 0 {
        let node = tree.nodes[place]
        place = Int(node.left) + (table.codes[Int(node.column) * 300 + row] <= node.code ? 0 : 1)
      }
      leaves[place, default: 0] += 1
    }
    #expect(leaves.values.reduce(0, +) == 300)
    #expect(leaves.values.allSatisfy { $0 >= 7 })
    #expect(tree.isSound(columns: MadeTable.columns))
  }

  @Test func forestAndBoostingLearnWhatIsThereOnUnseenRows() {
    let made = MadeTable(count: 1_500, seed: 4)
    let unseen = MadeTable(count: 400, seed: 5)
    let forest = RandomForest(
      rows: made.rows, columns: MadeTable.columns, target: made.target, options: ForestOptions(trees: 40), threads: 2)
    let boosted = BoostedTrees(
      rows: made.rows, columns: MadeTable.columns, target: made.target,
      options: BoostingOptions(runs: 2, treesARun: 120), threads: 2)
    #expect(unseen.meanSquaredError { forest.estimate($0).mean } < unseen.variance * 0.15)
    #expect(unseen.meanSquaredError { boosted.estimate($0) } < unseen.variance * 0.03)
  }

  @Test func oneThreadAndTwoGiveTheSame() {
    let made = MadeTable(count: 400, seed: 6)
    func forest(_ threads: Int) -> RandomForest {
      RandomForest(
        rows: made.rows, columns: MadeTable.columns, target: made.target, options: ForestOptions(trees: 9),
        threads: threads)
    }
    func boosted(_ threads: Int) -> BoostedTrees {
      BoostedTrees(
        rows: made.rows, columns: MadeTable.columns, target: made.target,
        options: BoostingOptions(runs: 3, treesARun: 10), threads: threads)
    }
    #expect(forest(1) == forest(2))
    #expect(boosted(1) == boosted(2))
  }
}
