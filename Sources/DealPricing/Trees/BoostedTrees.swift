// Gradient-boosted trees: each shallow tree is fitted to what those before it left over. A few runs with seeds of their
// own are grown side by side and averaged, which is steadier than one long run and keeps every core busy.
import Base

struct BoostingOptions: Sendable {
  var runs = 4
  var treesARun = 220
  var learningRate: Float = 0.06
  var seed: UInt64 = 42
  var depthMax = 6
  var leafRowsMin = 8
  var columnShare = 0.3
  /// Of the rows, for each tree.
  var rowShare = 0.7
  var rowsATreeMax = 60_000
}

struct BoostedTrees: Sendable, Equatable {
  struct Run: Sendable, Equatable { let trees: [RegressionTree] }

  let ranges: ColumnRanges
  let base: Float
  let learningRate: Float
  let runs: [Run]

  init(ranges: ColumnRanges, base: Float, learningRate: Float, runs: [Run]) {
    self.ranges = ranges
    self.base = base
    self.learningRate = learningRate
    self.runs = runs
  }

  init(rows: [Float], columns: Int, target: [Float], options: BoostingOptions = BoostingOptions(), threads: Int) {
    let ranges = ColumnRanges(rows: rows, columns: columns)
    let table = CodedTable(rows: rows, ranges: ranges)
    precondition(target.count == table.rowCount && !target.isEmpty, "one target a row, and at least one row")
    let base = Float(target.reduce(0.0) { $0 + Double($1) } / Double(target.count))
    let shape = TreeShape(
      depthMax: options.depthMax, leafRowsMin: options.leafRowsMin,
      columnsTried: max(1, Int((Double(columns) * options.columnShare).rounded(.up))), shrinkage: 1)
    runs = mapParallel(options.runs, threads: threads) { number in
      Self.run(
        table, target: target, base: base, shape: shape, options: options,
        seed: options.seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
    }
    self.ranges = ranges
    self.base = base
    learningRate = options.learningRate
  }

  private static func run(
    _ table: CodedTable, target: [Float], base: Float, shape: TreeShape, options: BoostingOptions, seed: UInt64
  ) -> Run {
    var random = SeededRandom(seed: seed)
    var grower = TreeGrower(table: table, shape: shape, seed: random.next())
    var left = target.map { $0 - base }
    let sampled = max(1, min(options.rowsATreeMax, Int(Double(table.rowCount) * options.rowShare)))
    var trees: [RegressionTree] = []
    for _ in 0..<options.treesARun {
      // Each row with the chance that gives about as many rows as wanted, in order.
      let chance = Double(sampled) / Double(table.rowCount)
      var rows = (0..<UInt32(table.rowCount)).filter { _ in Double.random(in: 0..<1, using: &random) < chance }
      if rows.isEmpty { rows = [0] }
      let tree = grower.grow(rows: rows, target: left)
      for row in left.indices {
        left[row] -= options.learningRate * tree.value { table.codes[$0 * table.rowCount + row] }
      }
      trees.append(tree)
    }
    return Run(trees: trees)
  }

  /// For trees read from a file: that no estimate walks out of an array.
  func isSound(columns: Int) -> Bool {
    !runs.isEmpty && ranges.columnCount == columns && ranges.isSound
      && runs.allSatisfy { $0.trees.allSatisfy { $0.isSound(columns: columns) } }
  }

  func estimate(_ row: [Float]) -> Float {
    precondition(row.count == ranges.columnCount, "a row has a number a column")
    let codes = row.indices.map { ranges.code(of: row[$0], column: $0) }
    var sum = 0.0
    for run in runs {
      for tree in run.trees { sum += Double(tree.value { codes[$0] }) }
    }
    return base + learningRate * Float(sum / Double(runs.count))
  }
}
