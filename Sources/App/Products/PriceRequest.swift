// The questions of the pricing side as a command, a route and a server's client put them.
import Base
import DealPricing
import KnowledgeBase

package enum PriceRequest: Sendable {
  case train(collection: String)
  case price(description: String, category: String, collection: String)
  case backtest(collection: String, threshold: Double)
  case map(collection: String, pointsMax: Int)

  var path: String {
    switch self {
    case .train: "/deals/train"
    case .price: "/deals/price"
    case .backtest: "/deals/backtest"
    case .map: "/map"
    }
  }

  var collection: String {
    switch self {
    case .train(let collection), .price(_, _, let collection), .backtest(let collection, _), .map(let collection, _):
      collection
    }
  }

  var body: JSON {
    switch self {
    case .train(let collection): ["collection": .string(collection)]
    case .price(let description, let category, let collection):
      [
        "description": .string(description), "category": .string(category), "collection": .string(collection),
      ]
    case .backtest(let collection, let threshold):
      ["collection": .string(collection), "threshold": .number(threshold)]
    case .map(let collection, let pointsMax):
      ["collection": .string(collection), "points": .integer(pointsMax)]
    }
  }

  /// The contract's shape. What is wrong with the question, or with the catalogue as a whole, is an error; what is
  /// wrong with a part costs that part.
  private static func price(
    _ description: String, _ category: String, by desk: PriceDesk, _ means: PriceMeans
  ) throws -> JSON {
    let appraiser = CatalogueAppraiser(desk, means)
    try appraiser.check(description, category: category)
    return DealShapes.price(
      EnsembleAgent.driven(by: appraiser, text: description, category: category), currency: try desk.currency,
      remarks: [appraiser.fitRemark()].compactMap { $0 })
  }

  func answer(from library: Library, _ means: PriceMeans, tell: (String) -> Void) throws -> JSON {
    switch self {
    case .train(let collection): try PriceDesk(library: library, collection: collection, means: means).train(tell: tell)
    case .price(let description, let category, let collection):
      try Self.price(description, category, by: PriceDesk(library: library, collection: collection), means)
    case .backtest(let collection, let threshold):
      try PriceDesk(library: library, collection: collection, means: means).backtest(threshold: threshold)
    case .map(let collection, let pointsMax):
      try PriceDesk(library: library, collection: collection).map(pointsMax: pointsMax)
    }
  }
}
