// The parts' estimates made one: a linear regression over specialist, frontier and random forest with the least and the
// greatest of them, in logarithms of prices, fitted on products that no part was trained on; then, near it, the price
// with which the most evidence agrees within a fifth, for prices come in clusters and no product costs their mean; and
// an interval that held the wanted share of those products.
// A part that failed is left out: its place is taken by the middle of the others, which the answer names as missing.
import Foundation

package struct PartEstimates: Sendable, Equatable {
  /// Prices; nil where the part failed.
  package var specialist: Double?
  package var frontier: Double?
  package var randomForest: Double?
  /// What products of the same leaves and what comparables cost; empty where they are not known.
  var witnesses: [PriceEvidence] = []
  var comparables: [PriceEvidence] = []

  package init(specialist: Double?, frontier: Double?, randomForest: Double?) {
    self.init(
      specialist: specialist, frontier: frontier, randomForest: randomForest, witnesses: [], comparables: [])
  }

  init(
    specialist: Double?, frontier: Double?, randomForest: Double?, witnesses: [PriceEvidence],
    comparables: [PriceEvidence]
  ) {
    self.witnesses = witnesses
    self.comparables = comparables
    self.specialist = specialist
    self.frontier = frontier
    self.randomForest = randomForest
  }

  package var missing: [String] {
    [("specialist", specialist), ("frontier", frontier), ("random_forest", randomForest)]
      .filter { $0.1 == nil }.map(\.0)
  }

  var known: [Double] { [specialist, frontier, randomForest].compactMap { $0 } }
}

package struct PriceEstimate: Sendable, Equatable {
  package var price: Double
  package var low: Double
  package var high: Double
}

struct PriceEnsemble: Sendable, Equatable {
  /// The share of products whose price the interval shall hold.
  static let coverage = 0.9
  private static let rounds = 12
  private static let folds = 5
  private static let partCount = 3
  /// Towards the parts' mean, as strong as so many products.
  private static let pull = 30.0

  let regression: LinearRegression
  let choice: PriceChoice
  /// The interval's half width in logarithms, in units of `scale`.
  let width: Double

  init(regression: LinearRegression, choice: PriceChoice, width: Double) {
    self.regression = regression
    self.choice = choice
    self.width = width
  }

  init(parts: [PartEstimates], prices: [Double]) {
    let rows = parts.map(Self.columns)
    let target = prices.map { Self.logarithm($0) }
    regression = Self.fitted(rows, target)
    // Judged by regressions that did not see the product: what was fitted to it would come too near.
    var unseen = [Double](repeating: 0, count: rows.count)
    for fold in 0..<Self.folds {
      let seen = rows.indices.filter { $0 % Self.folds != fold }
      let part = Self.fitted(seen.map { rows[$0] }, seen.map { target[$0] })
      for index in rows.indices where index % Self.folds == fold { unseen[index] = part.estimate(rows[index]) }
    }
    let choice = PriceChoice.best(parts: parts, around: unseen, target: target)
    self.choice = choice
    let misses = rows.indices.map { index in
      abs(choice.logarithm(parts[index], around: unseen[index]) - target[index]) / Self.scale(rows[index])
    }.sorted()
    // The conformal quantile: one more than the share, so that a new product is held with that chance.
    let place = Int((Double(misses.count + 1) * Self.coverage).rounded(.up)) - 1
    width = misses[min(max(0, place), misses.count - 1)]
  }

  /// Fitted so that most estimates come near, not so that the few far ones come a little less far: rows are weighted
  /// anew by how well they were met, from least squares on. What is fitted is how the estimate differs from the parts'
  /// mean, drawn towards not differing: what few products say is mostly chance.
  private static func fitted(_ rows: [[Double]], _ target: [Double]) -> LinearRegression {
    let means = rows.map { $0.prefix(partCount).reduce(0, +) / Double(partCount) }
    let distances = zip(rows, means).map { row, mean in row.map { $0 - mean } }
    let left = zip(target, means).map { $0 - $1 }
    let squares = distances.reduce(0) { $0 + $1.prefix(partCount).reduce(0) { $0 + $1 * $1 } }
    let spread = squares / Double(rows.count * partCount) + 0.01
    let ridge = pull * spread / Double(rows.count)
    var weights = [Double](repeating: 1, count: rows.count)
    var fitted = LinearRegression(rows: distances, target: left, weights: weights, ridge: ridge)
    for _ in 0..<rounds {
      for index in rows.indices {
        let distance = left[index] - fitted.estimate(distances[index])
        weights[index] = 1 / (distance * distance + 0.0225).squareRoot()
      }
      fitted = LinearRegression(rows: distances, target: left, weights: weights, ridge: ridge)
    }
    // The same said of the parts themselves.
    var coefficients = fitted.coefficients
    let rest = (1 - coefficients.dropFirst().reduce(0, +)) / Double(partCount)
    for part in 1...partCount { coefficients[part] += rest }
    return LinearRegression(coefficients: coefficients)
  }

  /// Nil where every part failed.
  func estimate(_ parts: PartEstimates) -> PriceEstimate? {
    guard !parts.known.isEmpty else { return nil }
    let row = Self.columns(parts)
    let middle = choice.logarithm(parts, around: regression.estimate(row))
    let half = width * Self.scale(row)
    return PriceEstimate(
      price: Self.price(middle), low: Self.price(middle - half), high: Self.price(middle + half))
  }

  private static func columns(_ parts: PartEstimates) -> [Double] {
    let known = parts.known.map(logarithm).sorted()
    guard let least = known.first, let greatest = known.last else { return [0, 0, 0, 0, 0] }
    let middle = known.count == 2 ? (least + greatest) / 2 : known[known.count / 2]
    let all = [parts.specialist, parts.frontier, parts.randomForest].map { $0.map(logarithm) ?? middle }
    return all + [least, greatest]
  }

  /// The further the parts are from each other, the less sure they are together.
  private static func scale(_ row: [Double]) -> Double { 0.25 + (row[4] - row[3]) }

  /// A price of nothing is a logarithm of nothing: no estimate falls below zero.
  static func logarithm(_ price: Double) -> Double { log1p(max(0, price)) }
  static func price(_ logarithm: Double) -> Double { max(0, expm1(min(logarithm, 30))) }
}
