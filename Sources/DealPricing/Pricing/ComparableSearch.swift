// Like products with their prices, from the retrieval core: one hybrid search, narrowed to products that may be
// compared (a filter), the product itself left out.
package import Retrieval

package struct ComparableSearch: Sendable {
  /// How many the models choose from; the best five are shown.
  package static let count = 40
  package static let shownCount = 5
  private let index: RetrievalIndex
  private let filter: Filter?
  private let product: @Sendable (Int64) -> PricedProduct?

  /// `product` gives the product of a record's id; nil where it is gone.
  package init(
    index: RetrievalIndex, filter: Filter? = nil,
    product: @escaping @Sendable (Int64) -> PricedProduct?
  ) {
    self.index = index
    self.filter = filter
    self.product = product
  }

  package func comparables(text: String, vector: [Float], excluding id: Int64? = nil) -> [ComparableProduct] {
    let request = SearchRequest(
      text: text, vector: vector, limit: Self.count + (id == nil ? 0 : 1), filter: filter, lambda: 1)
    let hits = index.search(request).filter { $0.id != id }
    return hits.prefix(Self.count).compactMap { hit in
      guard let held = product(hit.id) else { return nil }
      return ComparableProduct(product: held, cosine: hit.semantic ?? 0, relevance: hit.score)
    }
  }
}
