// Prices where there is no catalogue yet: nothing is compared, every part is missing, and the estimate says so.
import Base
import DealPricing
import KnowledgeBase

struct NoPrices: CataloguePrices {
  let collection: String
  var currency: String? { nil }

  private var failure: PlainFailure {
    PlainFailure(
      .notFound, "no_products", "there are no products in the collection '\(collection)' to compare with",
      hint: "footnote products import FILE")
  }

  func comparables(_ text: String, category: String) throws -> [DealComparable] { throw failure }
  func estimate(_ part: PricePart, _ text: String, category: String) throws -> Double? { throw failure }
  func combine(_ parts: PartEstimates) throws -> PriceEstimate? { nil }
}

enum LibraryPrices {
  static func of(_ library: Library, _ configuration: Configuration) -> any CataloguePrices {
    NoPrices(collection: configuration.text(Settings.dealCollection) ?? "products")
  }
}
