// How trained models did on the products that nothing was trained or fitted on: figures by part, every pair of estimate
// and price for a chart, and what alerts would have been worth.
package import Base
import Foundation

package struct PriceReport: Sendable {
  package struct Tested: Sendable {
    package let price: Double
    package let parts: PartEstimates
    package let estimate: PriceEstimate
  }

  package let tested: [Tested]
  private let tolerance: Double

  package init(_ models: PriceModels, on products: [PreparedProduct], threads: Int, tolerance: Double) {
    let held = products.filter { $0.side == .test }
    tested = mapParallel(held.count, threads: threads) { index in
      let parts = models.parts(of: held[index])
      return Tested(
        price: held[index].product.price, parts: parts,
        estimate: models.estimate(parts) ?? PriceEstimate(price: 0, low: 0, high: 0))
    }
    self.tolerance = tolerance
  }

  package var figures: JSON {
    let covered = tested.count { $0.estimate.low <= $0.price && $0.price <= $0.estimate.high }
    return [
      "products": .integer(tested.count), "specialist": measures { $0.parts.specialist ?? 0 },
      "frontier": measures { $0.parts.frontier ?? 0 }, "random_forest": measures { $0.parts.randomForest ?? 0 },
      "ensemble": measures(\.estimate.price),
      "coverage": .number(tested.isEmpty ? 0 : Double(covered) / Double(tested.count)),
    ]
  }

  private func measures(_ estimate: (Tested) -> Double) -> JSON {
    PriceMeasures(estimates: tested.map(estimate), prices: tested.map(\.price), tolerance: tolerance).json
  }

  // MARK: Alerts

  /// Simulated deals: each test product is offered once for about what it costs and once as a bargain. An alert is
  /// given where the discount is over the threshold and even the interval's lower end is above the offer; it is right
  /// where the offer is at least a quarter below the price.
  package func alerts(threshold: Double, seed: UInt64 = 42) -> JSON {
    var random = SeededRandom(seed: seed)
    var counts = (offers: 0, bargains: 0, alerts: 0, right: 0)
    for product in tested {
      let usual = product.price * Double.random(in: 0.9...1.1, using: &random)
      let bargain = product.price * Double.random(in: 0.3...0.7, using: &random)
      for offer in [usual, bargain] {
        let isBargain = offer <= 0.75 * product.price
        counts.offers += 1
        if isBargain { counts.bargains += 1 }
        guard product.estimate.price - offer > threshold, product.estimate.low > offer else { continue }
        counts.alerts += 1
        if isBargain { counts.right += 1 }
      }
    }
    return [
      "threshold": .number(threshold), "offers": .integer(counts.offers), "bargains": .integer(counts.bargains),
      "alerts": .integer(counts.alerts), "right": .integer(counts.right),
      "precision": counts.alerts > 0 ? .number(Double(counts.right) / Double(counts.alerts)) : .null,
      "recall": counts.bargains > 0 ? .number(Double(counts.right) / Double(counts.bargains)) : .null,
    ]
  }

  package var chart: String {
    PriceChart.svg(tested.map { (estimate: $0.estimate.price, price: $0.price) }, tolerance: max(1, tolerance))
  }
}
