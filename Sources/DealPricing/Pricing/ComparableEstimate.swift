// What like products cost: the frontier's way without a model. Comparables come from the retrieval core with their
// prices; the estimate is where their prices agree. A sharp weight lets a near twin decide alone; where several are
// equally near, the estimate goes where most of the weight lies within a fifth, for that is what 'about right' means,
// rather than between two clusters where no price is.
import Foundation

package struct ComparableProduct: Sendable, Equatable {
  package var id: Int64
  package var title: String
  package var price: Double
  /// 0...1, as the retrieval core scores it.
  package var relevance: Double

  package init(id: Int64, title: String, price: Double, relevance: Double) {
    self.id = id
    self.title = title
    self.price = price
    self.relevance = relevance
  }
}

struct ComparableEstimate: Sendable, Equatable {
  /// Logarithms of prices.
  var mean: Float
  var mode: Float
  var spread: Float
  /// The best relevance, and the fifth's.
  var nearest: Float
  var fifth: Float
  var lowest: Float
  var highest: Float
  var first: Float
  var second: Float

  static let columnCount = 9
  var columns: [Float] { [mean, mode, spread, nearest, fifth, lowest, highest, first, second] }

  /// How fast the weight falls with the distance in relevance from the best.
  private static let sharpness = 0.05
  /// The width, in logarithms, within which prices support each other.
  private static let agreement = 0.18

  /// Nil where there is nothing to compare with. `comparables` are the best first.
  init?(_ comparables: [ComparableProduct]) {
    guard let best = comparables.first else { return nil }
    let logarithms = comparables.map { log(max($0.price, 0.01)) }
    let weights = comparables.map { exp(($0.relevance - best.relevance) / Self.sharpness) }
    let total = weights.reduce(0, +)
    let mean = zip(weights, logarithms).reduce(0) { $0 + $1.0 * $1.1 } / total
    let variance = zip(weights, logarithms).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) } / total
    self.mean = Float(mean)
    mode = Float(Self.mode(logarithms, weights))
    spread = Float(variance.squareRoot())
    nearest = Float(best.relevance)
    fifth = Float(comparables[min(4, comparables.count - 1)].relevance)
    lowest = Float(logarithms.min() ?? mean)
    highest = Float(logarithms.max() ?? mean)
    first = Float(logarithms[0])
    second = Float(logarithms[min(1, logarithms.count - 1)])
  }

  /// The weighted mean around the price with the most weight near it (a step of mean shift from the best start).
  private static func mode(_ values: [Double], _ weights: [Double]) -> Double {
    func pull(_ at: Double) -> (mass: Double, mean: Double) {
      var mass = 0.0
      var sum = 0.0
      for (value, weight) in zip(values, weights) {
        let distance = (value - at) / agreement
        let share = weight * exp(-distance * distance / 2)
        mass += share
        sum += share * value
      }
      return (mass, sum / mass)
    }
    let start = values.max { pull($0).mass < pull($1).mass } ?? 0
    return pull(pull(start).mean).mean
  }
}
