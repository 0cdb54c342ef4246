// The price that most evidence agrees with, and what keeps it near the regression.
import Foundation
import Testing

@testable import DealPricing

@Suite struct PriceChoiceTests {
  private func evidence(_ prices: [Double]) -> [PriceEvidence] {
    prices.map { PriceEvidence(logarithm: log1p($0), weight: 1) }
  }

  @Test func theEstimateIsNearToAsManyPricesAsCanBe() throws {
    let estimate = expm1(try #require(PriceChoice.heaviest(evidence([100, 120, 140, 400, 420, 10]))))
    #expect([100, 120, 140].allSatisfy { abs(estimate - $0) <= 0.2 * $0 + 1 })
    #expect(PriceChoice.heaviest([]) == nil)
    #expect(abs(expm1(PriceChoice.heaviest(evidence([250])) ?? 0) - 250) < 6)
  }

  @Test func whatLiesFarFromTheRegressionCountsLess() {
    var parts = PartEstimates(specialist: 400, frontier: 400, randomForest: 400)
    parts.witnesses = evidence([100, 101, 102, 400, 410])
    let near = PriceChoice(comparablesWeight: 0, reach: 0.3).logarithm(parts, around: log1p(390))
    let wide = PriceChoice(comparablesWeight: 0, reach: 50).logarithm(parts, around: log1p(390))
    #expect(abs(expm1(near) - 405) < 20)
    #expect(abs(expm1(wide) - 101) < 5)
    #expect(PriceChoice.regression.logarithm(parts, around: 5) == 5)
    parts.witnesses = []
    #expect(PriceChoice(comparablesWeight: 1, reach: 1).logarithm(parts, around: 5) == 5)
  }

  @Test func theBetterChoiceIsFoundOnHeldOutProducts() {
    // The regression points between two clusters; only the witnesses know which one.
    let parts = (0..<40).map { index in
      var parts = PartEstimates(specialist: 200, frontier: 200, randomForest: 200)
      parts.witnesses = evidence([index % 2 == 0 ? 100 : 400, index % 2 == 0 ? 102 : 396])
      return parts
    }
    let target: [Double] = (0..<40).map { log1p($0 % 2 == 0 ? 100.0 : 400.0) }
    let choice = PriceChoice.best(parts: parts, around: target.map { _ in log1p(200) }, target: target)
    #expect(choice.reach > 0)
    let blind = parts.map { part in
      var part = part
      part.witnesses = []
      return part
    }
    #expect(PriceChoice.best(parts: blind, around: target, target: target) == .regression)
  }

  @Test func fewProductsAreDrawnTowardsThePartsMean() throws {
    // The specialist is right and the others are half and double: only many products may say so aloud.
    func ensemble(_ count: Int) -> PriceEnsemble {
      let prices = (0..<count).map { 50 + Double($0 * 37 % 400) }
      return PriceEnsemble(
        parts: prices.enumerated().map { index, price in
          PartEstimates(specialist: price, frontier: price * (index % 3 == 0 ? 2 : 1), randomForest: price / 2)
        }, prices: prices)
    }
    let strange = PartEstimates(specialist: 100, frontier: 100, randomForest: 50)
    let few = try #require(ensemble(10).estimate(strange)).price
    let many = try #require(ensemble(900).estimate(strange)).price
    // The geometric mean of 100, 100 and 50.
    let mean = 79.4
    #expect(abs(many - 100) < 5)
    #expect(few > mean - 3 && few < many - 2)
  }
}
