// Least squares on a handful of columns, by the normal equations with a touch of ridge: the ensemble's weights.
import Foundation

struct LinearRegression: Sendable, Equatable {
  /// The intercept first.
  let coefficients: [Double]

  init(coefficients: [Double]) { self.coefficients = coefficients }

  /// `weights` says how much each row counts.
  init(rows: [[Double]], target: [Double], weights: [Double], ridge: Double = 1e-3) {
    precondition(!rows.isEmpty && rows.count == target.count && rows.count == weights.count, "one target a row")
    let size = rows[0].count + 1
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: size + 1), count: size)
    for (index, row) in rows.enumerated() {
      let columns = [1] + row
      for i in 0..<size {
        for j in 0..<size { matrix[i][j] += weights[index] * columns[i] * columns[j] }
        matrix[i][size] += weights[index] * columns[i] * target[index]
      }
    }
    let total = weights.reduce(0, +)
    for i in 1..<size { matrix[i][i] += ridge * total }
    coefficients = Self.solve(matrix)
  }

  func estimate(_ row: [Double]) -> Double {
    zip(coefficients.dropFirst(), row).reduce(coefficients[0]) { $0 + $1.0 * $1.1 }
  }

  /// Gauss with the largest pivot; a column that says nothing gets nothing.
  private static func solve(_ system: [[Double]]) -> [Double] {
    var matrix = system
    let size = matrix.count
    for column in 0..<size {
      let pivot = (column..<size).max { abs(matrix[$0][column]) < abs(matrix[$1][column]) } ?? column
      matrix.swapAt(column, pivot)
      guard abs(matrix[column][column]) > 1e-12 else { continue }
      for row in 0..<size where row != column {
        let factor = matrix[row][column] / matrix[column][column]
        for entry in column...size { matrix[row][entry] -= factor * matrix[column][entry] }
      }
    }
    return (0..<size).map { abs(matrix[$0][$0]) > 1e-12 ? matrix[$0][size] / matrix[$0][$0] : 0 }
  }
}
