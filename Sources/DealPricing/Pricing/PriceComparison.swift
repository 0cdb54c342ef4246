// A product beside those that are like it, pair by pair: how like they are, and what speaks for their price being its
// price too. Invariant: of the product itself nothing is read but what a stranger would know; its price is no column.
import Foundation

/// A comparable as the estimate sees it.
struct LikePrice: Sendable, Equatable {
  var logarithm: Double
  /// 0...1: half by meaning, half by words.
  var likeness: Double
  var isOfSameBrand: Bool
}

/// What comparing reads of one product.
struct ComparedProduct: Sendable {
  let product: PricedProduct
  let reading: ProductReading
  let weighted: WeightedWords

  init(_ product: PricedProduct, reading: ProductReading, words: WordRegression) {
    self.product = product
    self.reading = reading
    weighted = words.weighted(reading.words)
  }

  init(_ product: PricedProduct, words: WordRegression) {
    self.init(product, reading: ProductReading(product), words: words)
  }
}

struct PriceComparison: Sendable {
  /// In the order of the comparables.
  let like: [LikePrice]
  /// Row-major, a row a comparable.
  let rows: [Float]

  private static let plainColumns = 11
  static func columnCount(attributes: Int) -> Int { plainColumns + attributes }

  /// How fast the weight of a comparable falls with the distance in likeness from the best.
  static let sharpness = 0.05

  /// `wordEstimate` is by a word model that did not see the product.
  init(
    _ one: ComparedProduct, with others: [(product: ComparedProduct, cosine: Double)], wordEstimate: Float,
    attributes: [String]
  ) {
    let brand = one.product.brand
    let words = others.map { one.weighted.likeness(to: $0.product.weighted) }
    like = others.indices.map { index in
      LikePrice(
        logarithm: PriceEnsemble.logarithm(others[index].product.product.price),
        likeness: (others[index].cosine + words[index]) / 2,
        isOfSameBrand: !brand.isEmpty && brand == others[index].product.product.brand)
    }
    let nearest = like.map(\.likeness).max() ?? 0
    let weights = like.map { exp(($0.likeness - nearest) / Self.sharpness) }
    let branded = zip(like, weights).map { $0.isOfSameBrand ? $1 : 0 }
    let brandShare = Float(like.count(where: \.isOfSameBrand)) / Float(max(1, like.count))
    var rows: [Float] = []
    rows.reserveCapacity(others.count * Self.columnCount(attributes: attributes.count))
    for (index, other) in others.enumerated() {
      let from = Float(like[index].logarithm) - wordEstimate
      rows.append(Float(other.cosine))
      rows.append(Float(words[index]))
      rows.append(Float(like[index].likeness - nearest))
      rows.append(like[index].isOfSameBrand ? 1 : 0)
      rows.append(one.product.category == other.product.product.category ? 1 : 0)
      rows.append(Float(one.reading.sharedNumbers(with: other.product.reading)))
      rows.append(Self.support(of: index, among: like, weights))
      rows.append(Self.support(of: index, among: like, branded))
      rows.append(brandShare)
      rows.append(from)
      rows.append(abs(from))
      for name in attributes {
        rows.append(Self.distance(one.product.attributes[name], other.product.product.attributes[name]))
      }
    }
    self.rows = rows
  }

  /// The share of the other comparables' weight that an estimate of this one's price would be near to.
  private static func support(of index: Int, among like: [LikePrice], _ weights: [Double]) -> Float {
    var near = 0.0
    var all = 0.0
    for other in like.indices where other != index {
      all += weights[other]
      if PriceNearness.isNear(like[index].logarithm, to: like[other].logarithm) { near += weights[other] }
    }
    return all > 0 ? Float(near / all) : .nan
  }

  private static func distance(_ one: Double?, _ other: Double?) -> Float {
    guard let one, let other, one > 0, other > 0 else { return .nan }
    return Float(abs(log(one / other)))
  }
}
