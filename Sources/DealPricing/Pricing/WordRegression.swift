// What single words are worth: a linear model of the logarithm of the price on hashed words and word pairs, weighted by
// their rarity, with a ridge penalty, solved by conjugate gradients. It knows brands, materials and sizes that an
// embedding blurs. Its estimate for a product that it was trained on says too much: what learns from it is given
// estimates by models that did not see the product.
// Invariant: the same products give the same weights.
import Foundation

struct WordRegression: Sendable, Equatable {
  let intercept: Float
  /// By place.
  let weights: [Float]
  /// By place; nothing for what fewer than two products hold.
  let rarity: [Float]

  private static let penalty = 0.3
  private static let roundsMax = 40

  init(intercept: Float, weights: [Float], rarity: [Float]) {
    precondition(
      weights.count == HashedWords.placeCount && rarity.count == weights.count, "one weight and one rarity a place")
    self.intercept = intercept
    self.weights = weights
    self.rarity = rarity
  }

  /// `target` holds the logarithms of the prices.
  init(texts: [HashedWords], target: [Float]) {
    precondition(texts.count == target.count && !target.isEmpty, "one target a text, and at least one")
    let mean = target.reduce(0.0) { $0 + Double($1) } / Double(target.count)
    let rarity = Self.rarity(in: texts)
    let rows = texts.map { WeightedWords($0, rarity: rarity) }
    intercept = Float(mean)
    weights = Self.solve(rows, target.map { Double($0) - mean }, rarity: rarity)
    self.rarity = rarity
  }

  func estimate(_ text: HashedWords) -> Float { estimate(weighted(text)) }

  func estimate(_ words: WeightedWords) -> Float {
    intercept + words.terms.reduce(0) { $0 + $1.value * weights[Int($1.place)] }
  }

  func weighted(_ text: HashedWords) -> WeightedWords { WeightedWords(text, rarity: rarity) }

  private static func rarity(in texts: [HashedWords]) -> [Float] {
    var holding = [Int](repeating: 0, count: HashedWords.placeCount)
    for text in texts { for entry in text.entries { holding[Int(entry.place)] += 1 } }
    return holding.map { $0 < 2 ? 0 : Float(log(Double(1 + texts.count) / Double(1 + $0)) + 1) }
  }

  /// Conjugate gradients on (X'X + penalty) w = X'y, without ever making X'X, on the places that products share.
  private static func solve(_ rows: [WeightedWords], _ target: [Double], rarity: [Float]) -> [Float] {
    var column = [Int32](repeating: -1, count: rarity.count)
    var count = 0
    for place in rarity.indices where rarity[place] > 0 {
      column[place] = Int32(count)
      count += 1
    }
    let rows = rows.map { row in row.terms.map { (place: Int(column[Int($0.place)]), value: Double($0.value)) } }
    var weights = [Double](repeating: 0, count: count)
    var residual = weights
    for (row, value) in zip(rows, target) {
      for term in row { residual[term.place] += term.value * value }
    }
    var direction = residual
    var size = squared(residual)
    let enough = size * 1e-8
    for _ in 0..<roundsMax where size > enough {
      var applied = direction.map { $0 * penalty }
      for row in rows {
        let product = row.reduce(0.0) { $0 + $1.value * direction[$1.place] }
        for term in row { applied[term.place] += term.value * product }
      }
      let step = size / zip(direction, applied).reduce(0) { $0 + $1.0 * $1.1 }
      for place in weights.indices {
        weights[place] += step * direction[place]
        residual[place] -= step * applied[place]
      }
      let next = squared(residual)
      let share = next / size
      for place in direction.indices { direction[place] = residual[place] + share * direction[place] }
      size = next
    }
    return column.map { $0 < 0 ? 0 : Float(weights[Int($0)]) }
  }

  private static func squared(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 } }
}
