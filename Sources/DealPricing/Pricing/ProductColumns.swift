// A product as the numbers that the specialist learns from: its vector, what its words are worth, what like products
// cost, and plain counts. Invariant: the columns and their order are fixed when a model is trained and kept with it.

struct ProductColumns: Sendable, Equatable {
  static let attributesMax = 12
  private static let countColumns = 5

  let dimension: Int
  /// Attributes that enough products have, by name.
  let attributes: [String]

  init(dimension: Int, attributes: [String]) {
    self.dimension = dimension
    self.attributes = attributes
  }

  /// The attributes that at least one product in twenty has, the commonest first.
  init(dimension: Int, of products: [PricedProduct]) {
    var counts: [String: Int] = [:]
    for product in products { for name in product.attributes.keys { counts[name, default: 0] += 1 } }
    let common = counts.filter { $0.value * 20 >= products.count }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    self.init(dimension: dimension, attributes: common.prefix(Self.attributesMax).map(\.key))
  }

  var count: Int { dimension + 1 + ComparableEstimate.columnCount + Self.countColumns + attributes.count }

  func row(
    _ product: PricedProduct, vector: [Float], wordEstimate: Float, comparables: ComparableEstimate?
  ) -> [Float] {
    precondition(vector.count == dimension, "a product's vector is of the model's dimension")
    var row = vector
    row.append(wordEstimate)
    row += comparables?.columns ?? [Float](repeating: .nan, count: ComparableEstimate.columnCount)
    let numbers = Self.numbers(in: product.title)
    row.append(Float(product.title.utf8.count))
    row.append(Float(product.description.utf8.count))
    row.append(Float(numbers.count))
    row.append(numbers.max() ?? .nan)
    row.append(numbers.first ?? .nan)
    for name in attributes { row.append(product.attributes[name].map { Float($0) } ?? .nan) }
    return row
  }

  /// Whole and decimal numbers of a title: sizes, capacities, counts.
  private static func numbers(in text: String) -> [Float] {
    text.utf8.split { !(48...57).contains($0) && $0 != 46 }
      .compactMap { Float(String(decoding: $0, as: UTF8.self)) }.filter(\.isFinite)
  }
}
