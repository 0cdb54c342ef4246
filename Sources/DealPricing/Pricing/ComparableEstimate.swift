// What like products cost: the frontier's way without a model. Comparables come from the retrieval core with their
// prices; the estimate is where their prices agree. What each counts is how likely its price is near, where that was
// learned (`PriceAgreement`), else how like it is. A sharp weight lets a near twin decide alone; where several are
// equally near, the estimate goes where most of the weight lies within a fifth, for that is what 'about right' means,
// rather than between two clusters where no price is.
import Foundation

package struct ComparableProduct: Sendable, Equatable {
  package var product: PricedProduct
  /// Of the two vectors.
  package var cosine: Double
  /// 0...1, as the retrieval core scores it: what is shown.
  package var relevance: Double

  package init(product: PricedProduct, cosine: Double, relevance: Double) {
    self.product = product
    self.cosine = cosine
    self.relevance = relevance
  }
}

package struct ComparableEstimate: Sendable, Equatable {
  /// Logarithms of prices.
  var mean: Float
  var mode: Float
  var spread: Float
  /// The best likeness, and the fifth's.
  var nearest: Float
  var fifth: Float
  var lowest: Float
  var highest: Float
  var first: Float
  var second: Float
  /// Of the comparables of the same brand alone; not numbers where there is none.
  var brandMode: Float
  var brandNearest: Float
  var brandCount: Float
  /// By how likely each comparable's price is near: where most of them agree, their mean and spread, the price of the
  /// surest and how sure it is. Not numbers where nothing was learned of that.
  var agreed: Float
  var agreedMean: Float
  var agreedSpread: Float
  var surest: Float
  var surestChance: Float
  /// The comparables that the estimate rests on, their weights one in all.
  var evidence: [PriceEvidence]

  static let columnCount = 17
  var columns: [Float] {
    [mean, mode, spread, nearest, fifth, lowest, highest, first, second, brandMode, brandNearest, brandCount]
      + [agreed, agreedMean, agreedSpread, surest, surestChance]
  }

  /// What the comparables say by themselves.
  var estimate: Double { Double(agreed.isNaN ? mode : agreed) }

  /// Comparables that the estimate rests on.
  private static let count = 12
  /// How much the likelier of two comparables counts more: the third power of its chance.
  private static let chancePower = 3.0
  /// The width, in logarithms, within which prices support each other.
  private static let agreement = 0.18

  /// Nil where there is nothing to compare with. `chances` says of each candidate how likely its price is near,
  /// `likenessPower` how much likeness counts beside that.
  init?(_ candidates: [LikePrice], chances: [Double]? = nil, likenessPower: Double = 0) {
    let order = candidates.indices.sorted {
      (candidates[$1].likeness, $0) < (candidates[$0].likeness, $1)
    }
    let ranked = order.map { candidates[$0] }
    guard !ranked.isEmpty else { return nil }
    let like = Array(ranked.prefix(Self.count))
    let weights = Self.weights(like)
    let logarithms = like.map(\.logarithm)
    let total = weights.reduce(0, +)
    let evidence = zip(logarithms, weights).map { PriceEvidence(logarithm: $0, weight: $1 / total) }
    (mean, spread) = Self.meanAndSpread(evidence)
    mode = Float(Self.mode(logarithms, weights))
    nearest = Float(like[0].likeness)
    fifth = Float(like[min(4, like.count - 1)].likeness)
    lowest = Float(logarithms.min() ?? 0)
    highest = Float(logarithms.max() ?? 0)
    first = Float(logarithms[0])
    second = Float(logarithms[min(1, logarithms.count - 1)])
    let branded = Array(ranked.filter(\.isOfSameBrand).prefix(Self.count))
    brandMode = branded.isEmpty ? .nan : Float(Self.mode(branded.map(\.logarithm), Self.weights(branded)))
    brandNearest = branded.first.map { Float($0.likeness) } ?? .nan
    brandCount = Float(branded.count)
    guard let chances else {
      (agreed, agreedMean, agreedSpread, surest, surestChance) = (.nan, .nan, .nan, .nan, .nan)
      self.evidence = evidence
      return
    }
    let sure = zip(candidates, chances).map { candidate, chance in
      let distance = (candidate.likeness - like[0].likeness) / PriceComparison.sharpness
      return pow(chance, Self.chancePower) * exp(likenessPower * distance)
    }
    let all = sure.reduce(0, +)
    let learned = zip(candidates, sure).map { PriceEvidence(logarithm: $0.logarithm, weight: $1 / all) }
    (agreedMean, agreedSpread) = Self.meanAndSpread(learned)
    agreed = PriceChoice.heaviest(learned).map { Float($0) } ?? agreedMean
    let best = chances.indices.max { (chances[$0], $1) < (chances[$1], $0) } ?? 0
    surest = Float(candidates[best].logarithm)
    surestChance = Float(chances[best])
    self.evidence = learned
  }

  /// The weights are one in all.
  private static func meanAndSpread(_ evidence: [PriceEvidence]) -> (Float, Float) {
    let mean = evidence.reduce(0) { $0 + $1.weight * $1.logarithm }
    let variance = evidence.reduce(0) { $0 + $1.weight * ($1.logarithm - mean) * ($1.logarithm - mean) }
    return (Float(mean), Float(variance.squareRoot()))
  }

  /// Where no model is trained: likeness is the core's relevance, and the interval spans what the comparables cost.
  package static func price(of comparables: [ComparableProduct]) -> PriceEstimate? {
    let like = comparables.map {
      LikePrice(
        logarithm: PriceEnsemble.logarithm($0.product.price), likeness: ($0.cosine + $0.relevance) / 2,
        isOfSameBrand: false)
    }
    return ComparableEstimate(like).map { compared in
      let mode = Double(compared.mode)
      return PriceEstimate(
        price: PriceEnsemble.price(mode), low: PriceEnsemble.price(min(mode, Double(compared.lowest))),
        high: PriceEnsemble.price(max(mode, Double(compared.highest))))
    }
  }

  /// Where no ensemble is fitted and endpoints say what they think: the middle of all, the interval around all.
  package static func price(
    of comparables: [ComparableProduct], beside parts: PartEstimates
  ) -> PriceEstimate? {
    let alone = price(of: comparables)
    let known = parts.known.sorted()
    guard let least = known.first, let greatest = known.last else { return alone }
    return PriceEstimate(
      price: known.count == 2 ? (least + greatest) / 2 : known[known.count / 2],
      low: min(least, alone?.low ?? least), high: max(greatest, alone?.high ?? greatest))
  }

  private static func weights(_ like: [LikePrice]) -> [Double] {
    like.map { exp(($0.likeness - like[0].likeness) / PriceComparison.sharpness) }
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
