// What a comparable's price is worth as a guess: learned from pairs, by halves that do not see what they are asked
// about.
import Base
import Foundation
import Testing

@testable import DealPricing

/// Products of two brands, one twice as dear; what is likest is always of the other brand.
private struct MadePairs {
  static let count = 240
  let words: WordRegression
  let products: [ComparedProduct]

  init() {
    var random = SeededRandom(seed: 5)
    var made: [PricedProduct] = []
    for number in 0..<Self.count {
      let isDear = number % 2 == 1
      let price = (isDear ? 200.0 : 100.0) * Double.random(in: 0.95...1.05, using: &random)
      made.append(
        PricedProduct(
          id: Int64(number), title: "Kettle \(number % 7) litres", brand: isDear ? "Vantis" : "Orwell",
          attributes: number % 3 == 0 ? ["weight": Double(1 + number % 5)] : [:], price: price))
    }
    let words = WordRegression(
      texts: made.map { ProductReading($0).words }, target: made.map { Float(PriceEnsemble.logarithm($0.price)) })
    self.words = words
    products = made.map { ComparedProduct($0, words: words) }
  }

  func comparison(_ place: Int) -> PriceComparison {
    PriceComparison(
      products[place],
      with: (1...6).map { step in
        (products[(place + step) % Self.count], cosine: step % 2 == 0 ? 0.2 : 0.95)
      }, wordEstimate: 5, attributes: ["weight"])
  }

  func agreement(threads: Int = 2) -> PriceAgreement {
    let pairs = self
    return PriceAgreement(
      logarithms: products.map { PriceEnsemble.logarithm($0.product.price) },
      columns: PriceComparison.columnCount(attributes: 1), threads: threads
    ) { pairs.comparison($0) }
  }
}

@Suite struct PriceAgreementTests {
  private let pairs = MadePairs()

  @Test func whatTellsThePriceCountsNotWhatIsLikest() throws {
    let compared = pairs.comparison(10)
    let chances = pairs.agreement().chances(compared)
    #expect(compared.like.map(\.isOfSameBrand) == [false, true, false, true, false, true])
    for (like, chance) in zip(compared.like, chances) { #expect(like.isOfSameBrand ? chance > 0.8 : chance < 0.2) }
    let estimate = try #require(ComparableEstimate(compared.like, chances: chances))
    #expect(abs(PriceEnsemble.price(estimate.estimate) - 100) < 10)
    // By likeness alone it would be the other brand's price.
    #expect(abs(PriceEnsemble.price(Double(try #require(ComparableEstimate(compared.like)).mode)) - 200) < 20)
    #expect(abs(estimate.evidence.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
  }

  @Test func aTrainedProductIsAskedOfTheHalfThatDidNotSeeIt() {
    let agreement = pairs.agreement()
    var logarithms = pairs.products.map { PriceEnsemble.logarithm($0.product.price) }
    logarithms[0] += 4
    let other = PriceAgreement(
      logarithms: logarithms, columns: PriceComparison.columnCount(attributes: 1), threads: 2
    ) { [pairs] in pairs.comparison($0) }
    #expect(agreement.halves[0] != other.halves[0])
    #expect(agreement.halves[1] == other.halves[1])

    // Halves that always say the same tell who was asked.
    let ranges = ColumnRanges(bounds: [[Float]](repeating: [], count: PriceComparison.columnCount(attributes: 1)))
    let asked = PriceAgreement(
      halves: [0.25, 0.75].map { BoostedTrees(ranges: ranges, base: $0, learningRate: 1, runs: [.init(trees: [])]) },
      learnedFrom: 240)
    let compared = pairs.comparison(0)
    #expect(asked.chances(compared, trainedAt: 0) == [Double](repeating: 0.75, count: 6))
    #expect(asked.chances(compared, trainedAt: 1) == [Double](repeating: 0.25, count: 6))
    #expect(asked.chances(compared) == [Double](repeating: 0.5, count: 6))
  }

  @Test func whereLittleWasLearnedLikenessStillCounts() throws {
    func like(_ price: Double, _ likeness: Double) -> LikePrice {
      LikePrice(logarithm: PriceEnsemble.logarithm(price), likeness: likeness, isOfSameBrand: true)
    }
    // Three agree by their chances, the twin by its likeness.
    let prices = [like(400, 0.95), like(100, 0.6), like(101, 0.6), like(102, 0.6)]
    func estimate(learnedFrom count: Int) throws -> Double {
      let power = PriceAgreement(halves: [], learnedFrom: count).likenessPower
      let chances = [0.5, 0.5, 0.5, 0.5]
      return PriceEnsemble.price(
        try #require(ComparableEstimate(prices, chances: chances, likenessPower: power)).estimate)
    }
    #expect(abs(try estimate(learnedFrom: 100) - 400) < 20)
    #expect(abs(try estimate(learnedFrom: 20_000) - 101) < 5)
  }

  @Test func theSameOnAnyNumberOfThreads() {
    #expect(pairs.agreement(threads: 1) == pairs.agreement(threads: 2))
  }

  @Test func withoutComparablesThereIsNothingToLearn() {
    let none = PriceAgreement(logarithms: [4, 5], columns: 11, threads: 1) { [pairs] _ in
      PriceComparison(pairs.products[0], with: [], wordEstimate: 5, attributes: [])
    }
    let one = PriceComparison(
      pairs.products[0], with: [(pairs.products[1], 0.5)], wordEstimate: 5, attributes: [])
    #expect(none.chances(one).allSatisfy { $0 > 0 && $0 < 0.01 })
  }

  @Test func aProductsOwnPriceIsNoColumn() {
    let compared = pairs.comparison(10)
    var dearer = pairs.products[10].product
    dearer.price *= 3
    let again = PriceComparison(
      ComparedProduct(dearer, words: pairs.words),
      with: (1...6).map { (pairs.products[10 + $0], cosine: $0 % 2 == 0 ? 0.2 : 0.95) }, wordEstimate: 5,
      attributes: ["weight"])
    #expect(same(compared.rows, again.rows))
    #expect(compared.rows.count == 6 * PriceComparison.columnCount(attributes: 1))
  }

  /// Numbers that are missing are the same, too.
  private func same(_ one: [Float], _ other: [Float]) -> Bool {
    one.map(\.bitPattern) == other.map(\.bitPattern)
  }

  @Test func titlesShareTheirNumbersOrNot() {
    func reading(_ title: String) -> ProductReading { ProductReading(PricedProduct(id: 1, title: title, price: 1)) }
    let one = reading("Vantis X500 television 55 inch")
    #expect(one.sharedNumbers(with: reading("Vantis X500 television, 55 inch, black")) == 1)
    #expect(one.sharedNumbers(with: reading("Vantis X500 television 65 inch")) == 1.0 / 3)
    #expect(one.sharedNumbers(with: reading("Vantis television")) == 0)
    #expect(reading("Kettle").sharedNumbers(with: reading("Toaster")) == 1)
  }

  @Test func wordsAreWorthWhatTheyCost() {
    let texts = (0..<80).map { number in
      ProductReading(
        PricedProduct(id: 1, title: number % 2 == 0 ? "gold ring \(number)" : "brass ring \(number)", price: 1)
      ).words
    }
    let words = WordRegression(texts: texts, target: (0..<80).map { $0 % 2 == 0 ? 6 : 3 })
    func estimate(_ title: String) -> Float {
      words.estimate(ProductReading(PricedProduct(id: 1, title: title, price: 1)).words)
    }
    #expect(estimate("gold ring 900") > 5 && estimate("brass ring 900") < 4)
    #expect(abs(estimate("nothing of all this") - 4.5) < 0.5)
  }
}
