// The price models as a whole on a made catalogue: what they learn, that no side leaks, that a file holds, and what
// happens when a part is missing.
import Base
import Testing

@testable import DealPricing

/// Products whose price follows from kind, brand and size, with vectors that know the kind only.
struct MadeCatalogue {
  static let dimension = 8
  var products: [PreparedProduct] = []

  init(count: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let kinds = [("kettle", 30.0), ("laptop", 900.0), ("chair", 120.0), ("lamp", 45.0)]
    let brands = [("Orwell", 1.0), ("Vantis", 1.8), ("Plume", 0.7)]
    var made: [(product: PricedProduct, vector: [Float], kind: Int)] = []
    for number in 0..<count {
      let kind = Int.random(in: 0..<kinds.count, using: &random)
      let brand = brands[Int.random(in: 0..<brands.count, using: &random)]
      let size = Int.random(in: 1...4, using: &random)
      let price =
        kinds[kind].1 * brand.1 * (0.6 + 0.2 * Double(size)) * Double.random(in: 0.95...1.05, using: &random)
      var vector = (0..<Self.dimension).map { _ in Float.random(in: -0.1...0.1, using: &random) }
      vector[kind] += 1
      made.append(
        (
          PricedProduct(
            id: Int64(number), title: "\(brand.0) \(kinds[kind].0) size \(size)", brand: brand.0, price: price),
          vector, kind
        ))
    }
    let sides = made.map { ProductSide(key: "made-\($0.product.id)") }
    products = made.indices.map { index in
      let like = made.indices.filter { $0 != index && sides[$0] == .train && made[$0].kind == made[index].kind }
        .prefix(ComparableSearch.count)
      return PreparedProduct(
        product: made[index].product, side: sides[index], vector: made[index].vector,
        comparables: like.map {
          ComparableProduct(product: made[$0].product, cosine: 0.9, relevance: 0.7)
        })
    }
  }
}

@Suite struct PriceModelTests {
  static let catalogue = MadeCatalogue(count: 900, seed: 11)
  static let models = PriceModels(training: catalogue.products, threads: 2)

  private func models() throws -> PriceModels { try #require(Self.models) }

  @Test func aProductStaysOnItsSide() {
    let sides = (0..<4_000).map { ProductSide(key: "product-\($0)") }
    #expect(sides == (0..<4_000).map { ProductSide(key: "product-\($0)") })
    let trained = sides.count { $0 == .train }
    #expect((3_080...3_320).contains(trained))
    #expect((320...480).contains(sides.count { $0 == .test }))
  }

  @Test func theEnsembleComesNearAndItsIntervalHolds() throws {
    let models = try models()
    let tested = Self.catalogue.products.filter { $0.side == .test }
    let parts = tested.map { models.parts($0.product, vector: $0.vector, comparables: $0.comparables) }
    let prices = tested.map(\.product.price)
    func error(_ values: [Double?]) -> Double {
      PriceMeasures(estimates: values.map { $0 ?? 0 }, prices: prices, tolerance: 0).rmsle
    }
    let estimates = parts.map { models.estimate($0) }
    let ensemble = error(estimates.map { $0?.price })
    #expect(ensemble < error(parts.map(\.frontier)))
    #expect(ensemble < error(parts.map(\.randomForest)))
    #expect(ensemble < 0.06)
    let covered = zip(estimates, prices).count { ($0?.low ?? 0) <= $1 && $1 <= ($0?.high ?? 0) }
    #expect(Double(covered) >= 0.75 * Double(tested.count))
    #expect(estimates.allSatisfy { ($0?.low ?? -1) >= 0 && ($0?.price ?? -1) >= 0 })
  }

  @Test func testProductsDoNotChangeTheModels() throws {
    var changed = Self.catalogue.products
    for index in changed.indices where changed[index].side == .test { changed[index].product.price *= 10 }
    #expect(PriceModels(training: changed, threads: 1) == (try models()))
  }

  @Test func tooFewProductsGiveNoModel() {
    #expect(PriceModels(training: Array(Self.catalogue.products.prefix(20)), threads: 1) == nil)
  }

  @Test func aMissingPartIsLeftOutAndNamed() throws {
    let models = try models()
    let product = Self.catalogue.products[0]
    var parts = models.parts(product.product, vector: product.vector, comparables: [])
    #expect(parts.missing == ["frontier"])
    let estimate = try #require(models.estimate(parts))
    #expect(estimate.low < estimate.price && estimate.price < estimate.high)
    parts.specialist = nil
    #expect(models.estimate(parts) != nil)
    parts.randomForest = nil
    #expect(models.estimate(parts) == nil)
  }

  @Test func aFileGivesTheSameModelsAgain() throws {
    let models = try models()
    #expect(try PriceModels(bytes: models.bytes, path: "m") == models)
  }

  @Test func aDamagedFileIsRefused() throws {
    let bytes = try models().bytes
    for cut in [0, 7, 11, 40, bytes.count / 2, bytes.count - 1] {
      #expect(throws: PriceModelFailure.self) { try PriceModels(bytes: Array(bytes.prefix(cut)), path: "m") }
    }
    for place in stride(from: 0, to: bytes.count, by: bytes.count / 40) {
      var flipped = bytes
      flipped[place] ^= 0x10
      #expect(throws: PriceModelFailure.self) { try PriceModels(bytes: flipped, path: "m") }
    }
  }

  @Test(arguments: [3, 9]) func aFileOfAnotherVersionSaysSo(_ version: UInt8) throws {
    var bytes = Array(try models().bytes.dropLast(32))
    bytes[8] = version
    bytes += SHA256Digest(of: bytes).bytes
    #expect(throws: PriceModelFailure(reason: .otherVersion, path: "m")) {
      try PriceModels(bytes: bytes, path: "m")
    }
  }

  @Test func comparablesAgreeWhereMostOfTheirWeightLies() throws {
    func like(_ price: Double, _ likeness: Double) -> LikePrice {
      LikePrice(logarithm: PriceEnsemble.logarithm(price), likeness: likeness, isOfSameBrand: price < 30)
    }
    let twin = try #require(ComparableEstimate([like(400, 0.6), like(100, 0.95), like(420, 0.6)]))
    #expect(abs(PriceEnsemble.price(Double(twin.mode)) - 100) < 2)
    #expect(twin.brandCount == 0 && twin.brandMode.isNaN)
    let cluster = try #require(ComparableEstimate([like(20, 0.6), like(100, 0.6), like(104, 0.6), like(98, 0.6)]))
    #expect(abs(PriceEnsemble.price(Double(cluster.mode)) - 100) < 4)
    #expect(abs(PriceEnsemble.price(Double(cluster.brandMode)) - 20) < 0.1)
    #expect(ComparableEstimate([]) == nil)
  }
}
