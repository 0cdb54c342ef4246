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
    let rows = texts.map { Row($0, rarity: rarity) }
    intercept = Float(mean)
    weights = Self.solve(rows, target.map { Double($0) - mean })
    self.rarity = rarity
  }

  func estimate(_ text: HashedWords) -> Float {
    intercept + Row(text, rarity: rarity).terms.reduce(0) { $0 + $1.value * weights[Int($1.place)] }
  }

  /// How far two texts hold the same rare words: the cosine of their rows, 0...1.
  func likeness(_ one: HashedWords, _ other: HashedWords) -> Double {
    let rows = (Row(one, rarity: rarity), Row(other, rarity: rarity))
    var product: Float = 0
    var place = 0
    for term in rows.0.terms {
      while place < rows.1.terms.count, rows.1.terms[place].place < term.place { place += 1 }
      guard place < rows.1.terms.count else { break }
      if rows.1.terms[place].place == term.place { product += term.value * rows.1.terms[place].value }
    }
    return Double(product)
  }

  private static func rarity(in texts: [HashedWords]) -> [Float] {
    var holding = [Int](repeating: 0, count: HashedWords.placeCount)
    for text in texts { for entry in text.entries { holding[Int(entry.place)] += 1 } }
    return holding.map { $0 < 2 ? 0 : Float(log(Double(1 + texts.count) / Double(1 + $0)) + 1) }
  }

  /// Of unit length, so that a long description counts no more than a short title.
  private struct Row {
    var terms: [(place: UInt32, value: Float)] = []

    init(_ text: HashedWords, rarity: [Float]) {
      var square: Float = 0
      for entry in text.entries where rarity[Int(entry.place)] > 0 {
        let value = (1 + logf(entry.count)) * rarity[Int(entry.place)]
        terms.append((entry.place, value))
        square += value * value
      }
      guard square > 0 else { return }
      let scale = 1 / square.squareRoot()
      for index in terms.indices { terms[index].value *= scale }
    }
  }

  /// Conjugate gradients on (X'X + penalty) w = X'y, without ever making X'X.
  private static func solve(_ rows: [Row], _ target: [Double]) -> [Float] {
    var weights = [Double](repeating: 0, count: HashedWords.placeCount)
    var residual = weights
    for (row, value) in zip(rows, target) {
      for term in row.terms { residual[Int(term.place)] += Double(term.value) * value }
    }
    var direction = residual
    var size = squared(residual)
    let enough = size * 1e-8
    for _ in 0..<roundsMax where size > enough {
      var applied = direction.map { $0 * penalty }
      for row in rows {
        let product = row.terms.reduce(0.0) { $0 + Double($1.value) * direction[Int($1.place)] }
        for term in row.terms { applied[Int(term.place)] += Double(term.value) * product }
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
    return weights.map { Float($0) }
  }

  private static func squared(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 } }
}
