// What the price models see of a product: never its price, but for training.

package struct PricedProduct: Sendable, Equatable {
  package var id: Int64
  package var title: String
  package var brand: String
  package var category: String
  package var description: String
  /// Numbers that the catalogue gives beside the text, such as a weight.
  package var attributes: [String: Double]
  package var price: Double

  package init(
    id: Int64, title: String, brand: String = "", category: String = "", description: String = "",
    attributes: [String: Double] = [:], price: Double
  ) {
    self.id = id
    self.title = title
    self.brand = brand
    self.category = category
    self.description = description
    self.attributes = attributes
    self.price = price
  }

  /// What is embedded and what words are sought in.
  package var text: String {
    var parts = [title]
    for part in [brand, category, String(description.prefix(Self.descriptionCharactersMax))] where !part.isEmpty {
      parts.append(part)
    }
    return parts.joined(separator: "\n")
  }

  private static let descriptionCharactersMax = 800
}
