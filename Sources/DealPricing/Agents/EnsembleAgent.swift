// The ensemble and its three parts for one product: asks for comparables, then each part, then for one estimate of all.
// A machine without input or output. A part that fails or has nothing to say is left out and named as missing.
package import Base

package struct EnsembleAgent: Sendable {
  package enum Request: Sendable, Equatable {
    case compare
    case estimate(PricePart)
    case combine(PartEstimates)
  }

  package enum Answer: Sendable {
    case comparables([DealComparable])
    /// nil: nothing to say.
    case price(Double?)
    case combined(PriceEstimate?)
    case failed(String)
  }

  package private(set) var comparables: [DealComparable] = []
  package private(set) var parts = PartEstimates(specialist: nil, frontier: nil, randomForest: nil)
  package private(set) var estimate: PriceEstimate?
  package private(set) var missing: [String] = []
  package private(set) var remarks: [String] = []
  private var left: [Request] = [.estimate(.randomForest), .estimate(.frontier), .estimate(.specialist), .compare]
  private var asked: Request?
  private var isCombined = false

  package init() {}

  package mutating func next() -> Request? {
    asked = left.popLast()
    if asked == nil, !isCombined {
      isCombined = true
      if !parts.known.isEmpty || !comparables.isEmpty { asked = .combine(parts) }
    }
    return asked
  }

  package mutating func take(_ answer: Answer) {
    switch (asked, answer) {
    case (.compare, .comparables(let found)): comparables = found
    case (.compare, .failed(let why)): leaveOut("comparables", why)
    case (.estimate(let part), .price(let price?)) where price.isFinite && price >= 0: set(part, price)
    case (.estimate(let part), .price): leaveOut(part.rawValue, "it has nothing to say")
    case (.estimate(let part), .failed(let why)): leaveOut(part.rawValue, why)
    case (.combine, .combined(let found)): estimate = found
    case (_, .failed(let why)): remarks.append(why)
    default: preconditionFailure("an answer to another question")
    }
  }

  private mutating func set(_ part: PricePart, _ price: Double) {
    switch part {
    case .specialist: parts.specialist = price
    case .frontier: parts.frontier = price
    case .randomForest: parts.randomForest = price
    }
  }

  private mutating func leaveOut(_ part: String, _ why: String) {
    missing.append(part)
    remarks.append("\(part): \(why)")
  }

  package var partsJSON: JSON {
    [
      "specialist": JSON(parts.specialist), "frontier": JSON(parts.frontier), "random_forest": JSON(parts.randomForest),
    ]
  }

  /// Asked of the world until it is done.
  package static func driven(
    by world: any Appraiser, text: String, category: String, said: (PricePart, Double) -> Void = { _, _ in }
  ) -> EnsembleAgent {
    var agent = EnsembleAgent()
    while let request = agent.next() {
      do {
        switch request {
        case .compare: agent.take(.comparables(try world.comparables(text, category: category)))
        case .estimate(let part):
          let price = try world.estimate(part, text, category: category)
          agent.take(.price(price))
          if let price, !agent.missing.contains(part.rawValue) { said(part, price) }
        case .combine(let parts): agent.take(.combined(try world.combine(parts, text, category: category)))
        }
      } catch {
        agent.take(.failed(PlainFailure.describing(error).message))
      }
    }
    return agent
  }
}
