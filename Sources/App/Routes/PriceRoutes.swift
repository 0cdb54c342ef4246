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
      return try answer(asked)
    }
    router.add(.post, "/deals/train", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      try demandCommandLine(request)
      let body = try RequestJSON(request)
      return try answer(.train(collection: try body.string("collection") ?? CatalogueRequest.defaultCollection))
    }
    router.add(.post, "/deals/backtest", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      try demandCommandLine(request)
      let body = try RequestJSON(request)
      return try answer(
        .backtest(
          collection: try body.string("collection") ?? CatalogueRequest.defaultCollection,
          threshold: body.whole.threshold?.double ?? 50))
    }
    router.add(.get, "/map") { request in
      let wanted = request.queryValue("points").flatMap { Int($0) } ?? 1_000
      guard (1...Limits.mapPointsMax).contains(wanted) else {
        throw PlainFailure(.usage, "bad_count", "'points' must be from 1 to \(Limits.mapPointsMax)")
      }
      let collection = request.queryValue("collection") ?? CatalogueRequest.defaultCollection
      return try answer(.map(collection: collection, pointsMax: wanted))
    }
  }

  /// Training keeps the machine busy for a while: only who owns the library starts it.
  private func demandCommandLine(_ request: Request) throws {
    guard request.principal is OwnerPrincipal else {
      throw PlainFailure(
        .denied, "owner_only", "only the library's owner may train and measure price models",
        hint: "run 'footnote deals train'")
    }
  }

  private func answer(_ asked: PriceRequest) throws -> Response {
    .json(try asked.answer(from: library) { _ in }.utf8)
  }
}
