// The price that the most evidence agrees with. Evidence is what products cost that are like this one; it counts less
// the further it lies from where the regression points. An estimate is near a price where it is within a fifth of it,
// so the estimate is put where the prices that it would be near to weigh most.
// Invariant: the same evidence gives the same choice; without evidence the regression stands.
import Foundation

struct PriceEvidence: Sendable, Equatable {
  var logarithm: Double
  var weight: Double
}

struct PriceChoice: Sendable, Equatable {
  /// Of the comparables, where the other products' is 1.
  var comparablesWeight: Double
  /// How far evidence may lie from the regression, in logarithms; 0: the regression stands alone.
  var reach: Double

  static let regression = PriceChoice(comparablesWeight: 0, reach: 0)
  /// The likeliest first.
  private static let weights = [1, 0.5, 0]
  private static let reaches = [0.25, 0.15, 0.5, 1]
  /// What another choice must be better by, in products and as a share of all, so that a few do not decide.
  private static let gainMin = 0.25
  private static let gainShareMin = 0.005

  /// The choice that meets most of these products; a product that is just missed counts a little.
  static func best(parts: [PartEstimates], around middles: [Double], target: [Double]) -> PriceChoice {
    var best = regression
    var bestScore = -Double.infinity
    let gainMin = max(gainMin, gainShareMin * Double(target.count))
    let others = reaches.flatMap { reach in weights.map { PriceChoice(comparablesWeight: $0, reach: reach) } }
    for choice in [regression] + others {
      let score = target.indices.reduce(0.0) {
        $0 + nearness(of: choice.logarithm(parts[$1], around: middles[$1]), to: target[$1])
      }
      if score > bestScore + gainMin {
        best = choice
        bestScore = score
      }
    }
    return best
  }

  private static func nearness(of estimate: Double, to price: Double) -> Double {
    let distance = estimate - price
    let over = distance > 0 ? distance - PriceNearness.above : -distance - PriceNearness.below
    return 1 / (1 + exp(over / 0.04))
  }

  func logarithm(_ parts: PartEstimates, around middle: Double) -> Double {
    guard reach > 0 else { return middle }
    var evidence = parts.witnesses
    if comparablesWeight > 0 {
      evidence += parts.comparables.map {
        PriceEvidence(logarithm: $0.logarithm, weight: $0.weight * comparablesWeight)
      }
    }
    for index in evidence.indices {
      let distance = (evidence[index].logarithm - middle) / reach
      evidence[index].weight *= exp(-distance * distance / 2)
    }
    return Self.heaviest(evidence) ?? middle
  }

  /// The middle of the range of estimates that are near to the most weight.
  static func heaviest(_ evidence: [PriceEvidence]) -> Double? {
    let sorted = evidence.filter { $0.weight > 0 }.sorted { ($0.logarithm, $0.weight) < ($1.logarithm, $1.weight) }
    var best: (weight: Double, estimate: Double)?
    var end = 0
    var weight = 0.0
    let width = PriceNearness.above + PriceNearness.below
    for start in sorted.indices {
      while end < sorted.count, sorted[end].logarithm <= sorted[start].logarithm + width {
        weight += sorted[end].weight
        end += 1
      }
      if weight > (best?.weight ?? 0) * (1 + 1e-9) {
        let least = sorted[end - 1].logarithm - PriceNearness.below
        let most = sorted[start].logarithm + PriceNearness.above
        best = (weight, (least + most) / 2)
      }
      weight -= sorted[start].weight
    }
    return best?.estimate
  }
}
