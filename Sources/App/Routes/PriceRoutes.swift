// POST /deals/price, /deals/train and /deals/backtest, GET /map: what products are worth, and where they lie.
import Base
import HTTPKit
import KnowledgeBase

extension Routes {
  func addPriceRoutes(to router: inout Router) {
    router.add(.post, "/deals/price", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      let body = try RequestJSON(request)
      let asked = PriceRequest.price(
        description: try body.requiredString("description"), category: try body.string("category") ?? "",
        collection: try body.string("collection") ?? CatalogueRequest.defaultCollection)
      return try answer(asked, request)
    }
    router.add(.post, "/deals/train", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      let body = try RequestJSON(request)
      return try answer(
        .train(collection: try body.string("collection") ?? CatalogueRequest.defaultCollection), request)
    }
    router.add(.post, "/deals/backtest", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      let body = try RequestJSON(request)
      return try answer(
        .backtest(
          collection: try body.string("collection") ?? CatalogueRequest.defaultCollection,
          threshold: body.whole.threshold?.double ?? 50), request)
    }
    router.add(.get, "/map") { request in
      let text = request.queryValue("points") ?? "1000"
      guard let wanted = Int(text), (1...Limits.mapPointsMax).contains(wanted) else {
        throw PlainFailure(.usage, "bad_count", "'points' must be from 1 to \(Limits.mapPointsMax)")
      }
      let collection = request.queryValue("collection") ?? CatalogueRequest.defaultCollection
      return try answer(.map(collection: collection, pointsMax: wanted), request)
    }
  }

  private func answer(_ asked: PriceRequest, _ request: Request) throws -> Response {
    guard access(request).grant.sees(asked.collection) else { throw LibraryError.noSuchCollection(asked.collection) }
    return .json(try asked.answer(from: library, deals.means) { _ in }.utf8)
  }
}
