// A random forest: deep trees, each on a sample of the rows drawn with replacement and on columns drawn anew at every
// node; the estimate is their mean, and how far they differ says how sure it is.
// Invariants: seeded, and the same on any number of threads.
import Base

struct ForestOptions: Sendable {
  var trees = 100
  var seed: UInt64 = 42
  var leafRowsMin = 2
  /// A tree of a very large table is grown on so many rows.
  var rowsATreeMax = 60_000
  /// The share of the columns looked at in a node.
  var columnShare = 1.0 / 3
  /// How many of a leaf's targets are kept; 0: the mean alone.
  var samplesALeafMax = 0
}

struct RandomForest: Sendable, Equatable {
  let ranges: ColumnRanges
  let trees: [RegressionTree]

  init(ranges: ColumnRanges, trees: [RegressionTree]) {
    self.ranges = ranges
    self.trees = trees
  }

  /// `rows` is row-major with `columns` numbers a row.
  init(rows: [Float], columns: Int, target: [Float], options: ForestOptions = ForestOptions(), threads: Int) {
    let ranges = ColumnRanges(rows: rows, columns: columns)
    let table = CodedTable(rows: rows, ranges: ranges)
    precondition(target.count == table.rowCount && !target.isEmpty, "one target a row, and at least one row")
    let shape = TreeShape(
      depthMax: 64, leafRowsMin: options.leafRowsMin,
      columnsTried: max(1, Int((Double(columns) * options.columnShare).rounded(.up))), shrinkage: 0,
      samplesALeafMax: options.samplesALeafMax)
    trees = mapParallel(options.trees, threads: threads) { number in
      var random = SeededRandom(seed: options.seed &+ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
      let sample = (0..<min(table.rowCount, options.rowsATreeMax)).map { _ in
        UInt32.random(in: 0..<UInt32(table.rowCount), using: &random)
      }.sorted()
      var grower = TreeGrower(table: table, shape: shape, seed: random.next())
      return grower.grow(rows: sample, target: target)
    }
    self.ranges = ranges
  }

  struct Estimate: Sendable, Equatable {
    var mean: Float
    /// The standard deviation over the trees.
    var spread: Float
  }

  /// The targets that came to the row's leaves, each tree with the same weight in all.
  func samples(_ row: [Float]) -> [PriceEvidence] {
    precondition(row.count == ranges.columnCount, "a row has a number a column")
    let codes = row.indices.map { ranges.code(of: row[$0], column: $0) }
    return trees.flatMap { tree in
      let samples = tree.samples { codes[$0] }
      return samples.map {
        PriceEvidence(logarithm: Double($0), weight: 1 / Double(samples.count * trees.count))
      }
    }
  }

  func estimate(_ row: [Float]) -> Estimate {
    precondition(row.count == ranges.columnCount, "a row has a number a column")
    let codes = row.indices.map { ranges.code(of: row[$0], column: $0) }
    var sum = 0.0
    var squares = 0.0
    for tree in trees {
      let value = Double(tree.value { codes[$0] })
      sum += value
      squares += value * value
    }
    let mean = sum / Double(trees.count)
    return Estimate(mean: Float(mean), spread: Float(max(0, squares / Double(trees.count) - mean * mean).squareRoot()))
  }
}
