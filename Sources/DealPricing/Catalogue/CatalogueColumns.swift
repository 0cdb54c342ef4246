// Which column of a catalogue is what: by the user's word, else by the names that shops commonly use.
// Must not: take a second price, such as a list price, for a fact about the product; that would tell the answer.
package import Base

package struct CatalogueColumns: Sendable, Equatable {
  package enum Field: String, Sendable, CaseIterable {
    case title, description, category, price, url, brand, currency, key
  }

  /// Names in lower case, the best first.
  private static let known: [Field: [String]] = [
    .title: ["title", "name", "product_title", "product_name", "product", "item"],
    .description: ["description", "product_description", "about_product", "details", "summary", "text"],
    .category: ["category", "product_category", "main_category", "department", "categories"],
    .price: ["price", "selling_price", "sale_price", "final_price", "discounted_price", "current_price"],
    .url: ["url", "link", "product_url", "product_link"],
    .brand: ["brand", "manufacturer", "vendor", "brand_name"],
    .currency: ["currency", "price_currency"],
    .key: ["id", "sku", "asin", "product_id", "uniq_id", "key"],
  ]
  private static let priceWords = ["price", "mrp", "cost", "discount", "rating", "review", "stock", "rank"]

  private let mapped: [Field: String]

  /// `mapping` holds the user's own: field to column.
  package init(mapping: [Field: String] = [:]) { mapped = mapping }

  package func value(_ field: Field, in members: JSONObject) -> JSON? {
    if let name = mapped[field] { return members[name] }
    for name in Self.known[field] ?? [] {
      if let found = members.first(where: { $0.key.lowercased() == name && !isTaken($0.key) })?.value, !found.isNull {
        return found
      }
    }
    return nil
  }

  /// A column that the user gave to a field is no other field's.
  private func isTaken(_ column: String) -> Bool { mapped.values.contains(column) }

  /// The user's columns that the record does not have.
  package func absent(in members: JSONObject) -> [String] {
    let names = Set(members.map(\.key))
    return mapped.values.filter { !names.contains($0) }.sorted()
  }

  /// Numbers beside the fields, such as a weight; of measures such as `12 x 9.5 x 0.3 inches` their product, as
  /// `<column>_size`.
  func attributes(in members: JSONObject) -> [String: Double] {
    var attributes: [String: Double] = [:]
    for (name, value) in members {
      let lower = name.lowercased()
      guard !isTaken(name), !Self.known.values.contains(where: { $0.contains(lower) }),
        !Self.priceWords.contains(where: { lower.contains($0) })
      else { continue }
      if let number = value.double ?? value.string.flatMap({ Double($0) }), number.isFinite {
        attributes[name] = number
      } else if let size = value.string.flatMap(Self.size) {
        attributes["\(name)_size"] = size
      }
    }
    return attributes
  }

  /// Nil unless the text is two or three measures and nothing else.
  private static func size(of text: String) -> Double? {
    let measures = text.split(omittingEmptySubsequences: false) { "xX×".contains($0) }
    guard (2...3).contains(measures.count) else { return nil }
    var size = 1.0
    for measure in measures {
      let trimmed = measure.drop { $0 == " " }
      let number = trimmed.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let value = Double(number), value > 0, !trimmed.dropFirst(number.count).contains(where: \.isNumber)
      else { return nil }
      size *= value
    }
    return size.isFinite ? size : nil
  }
}
