// How likely a comparable's price is near the product's own: learned from the training products, each beside those
// that are like it. Likeness alone does not tell, for a like product of another brand or another size may cost twice as
// much; what brand, numbers, the other comparables and the words say of the price does.
// Invariants: two halves of the products train a model each; a training product is asked of the model that did not see
// it, so that what learns from the answers is told no more than about a stranger; others are asked of both. The same
// products give the same models on any number of threads.
import Base

struct PriceAgreement: Sendable, Equatable {
  let halves: [BoostedTrees]
  /// Training products.
  let learnedFrom: Int

  /// Beyond so many, an even share of the products is learned from.
  private static let productsMax = 10_000
  private static let chanceMin = 0.002
  /// From so many products on, what was learned counts more than likeness does.
  private static let productsForTrust = 750.0
  private static let options = BoostingOptions(
    runs: 1, treesARun: 80, learningRate: 0.1, depthMax: 5, leafRowsMin: 60, columnShare: 0.6, rowShare: 0.6,
    rowsATreeMax: 100_000)

  init(halves: [BoostedTrees], learnedFrom: Int) {
    self.halves = halves
    self.learnedFrom = learnedFrom
  }

  /// How much plain likeness still counts beside the chances, 0...1: all where little could be learned.
  var likenessPower: Double { 1 / (1 + Double(learnedFrom) / Self.productsForTrust) }

  /// `comparison` gives the product at a place beside its comparables, none of which is the product itself.
  init(
    logarithms: [Double], columns: Int, threads: Int, comparison: @Sendable (Int) -> PriceComparison
  ) {
    learnedFrom = logarithms.count
    let step = max(1, (logarithms.count + Self.productsMax - 1) / Self.productsMax)
    halves = mapParallel(2, threads: threads) { half in
      var rows: [Float] = []
      var target: [Float] = []
      for place in stride(from: half, to: logarithms.count, by: 2 * step) {
        let compared = comparison(place)
        rows += compared.rows
        target += compared.like.map { PriceNearness.isNear($0.logarithm, to: logarithms[place]) ? 1 : 0 }
      }
      // Without comparables there is nothing to learn, and no one to ask about.
      if target.isEmpty {
        rows = [Float](repeating: 0, count: columns)
        target = [0]
      }
      var options = Self.options
      options.seed &+= UInt64(half)
      return BoostedTrees(rows: rows, columns: columns, target: target, options: options, threads: 1)
    }
  }

  /// For each comparable. `place` is that of a training product; nil: a stranger.
  func chances(_ compared: PriceComparison, trainedAt place: Int? = nil) -> [Double] {
    let asked = place.map { [halves[1 - $0 % 2]] } ?? halves
    let columns = asked[0].ranges.columnCount
    return compared.like.indices.map { index in
      let row = Array(compared.rows[index * columns..<(index + 1) * columns])
      let chance = asked.reduce(0) { $0 + Double($1.estimate(row)) } / Double(asked.count)
      return min(1, max(Self.chanceMin, chance))
    }
  }
}
