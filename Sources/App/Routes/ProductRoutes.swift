// POST /products: a batch of a catalogue. The command `products import` on a library that this server owns reads the
// file itself and sends batches.
import Base
import DealPricing
import HTTPKit
import KnowledgeBase

extension Routes {
  func addProductRoutes(to router: inout Router) {
    router.add(.post, "/products", accepts: .json(maxBytes: Limits.catalogueBodyBytesMax)) { request in
      let body = try RequestJSON(request)
      let products = try (body.whole.products?.array ?? []).map { try CatalogueProduct(shape: $0) }
      guard !products.isEmpty, products.count <= Limits.catalogueBatchRecords else {
        throw PlainFailure(
          .usage, "bad_field", "'products' must be a list of 1 to \(Limits.catalogueBatchRecords) products")
      }
      let collection = try body.string("collection") ?? CatalogueRequest.defaultCollection
      try access(request).grant.demandWrite(to: collection)
      return .json(try library.addProducts(products, collection: collection).shape.utf8)
    }
  }
}
