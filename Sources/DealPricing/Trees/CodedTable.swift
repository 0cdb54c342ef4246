// Numbers by row and column, each told by the place of its value among at most 64 ranges of its column: what trees are
// grown on. Columns lie one after the other, a byte a number, so that a node's column is read in one place.
// Invariant: the ranges come from the rows that a model is trained on and never change afterwards; a value that was
// never seen falls into the range where it would lie, a missing one (NaN) into the first.

/// The upper bounds of each column's ranges, ascending; the last range has none.
struct ColumnRanges: Sendable, Equatable {
  static let rangesMax = 64
  /// Rows that the bounds are chosen from.
  private static let sampleMax = 8_192

  let bounds: [[Float]]
  var columnCount: Int { bounds.count }

  init(bounds: [[Float]]) { self.bounds = bounds }

  /// Quantiles of each column over evenly spaced rows of a row-major table.
  init(rows: [Float], columns: Int) {
    precondition(columns > 0 && rows.count.isMultiple(of: columns), "a table has whole rows")
    let count = rows.count / columns
    let step = max(1, count / Self.sampleMax)
    bounds = (0..<columns).map { column in
      var values: [Float] = []
      for row in stride(from: 0, to: count, by: step) {
        let value = rows[row * columns + column]
        if value.isFinite { values.append(value) }
      }
      values.sort()
      var bounds: [Float] = []
      for range in 1..<Self.rangesMax where !values.isEmpty {
        let bound = values[min(values.count - 1, range * values.count / Self.rangesMax)]
        if bound < values[values.count - 1], bounds.last.map({ $0 < bound }) ?? true { bounds.append(bound) }
      }
      return bounds
    }
  }

  /// For bounds read from a file: few enough and ascending.
  var isSound: Bool {
    bounds.allSatisfy { column in
      column.count < Self.rangesMax && zip(column, column.dropFirst()).allSatisfy { $0 < $1 }
    }
  }

  /// The range that holds the value: the number of bounds below it.
  func code(of value: Float, column: Int) -> UInt8 {
    guard !value.isNaN else { return 0 }
    let bounds = bounds[column]
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    return UInt8(low)
  }
}

struct CodedTable: Sendable {
  let rowCount: Int
  let columnCount: Int
  /// Column-major.
  let codes: [UInt8]

  init(rows: [Float], ranges: ColumnRanges) {
    columnCount = ranges.columnCount
    precondition(rows.count.isMultiple(of: columnCount), "a table has whole rows")
    rowCount = rows.count / columnCount
    var codes = [UInt8](repeating: 0, count: rows.count)
    for column in 0..<columnCount {
      for row in 0..<rowCount {
        codes[column * rowCount + row] = ranges.code(of: rows[row * columnCount + column], column: column)
      }
    }
    self.codes = codes
  }
}
