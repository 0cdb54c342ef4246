// A product as the library's record and back: what the store's metadata says of it. One currency a collection; the
// first product decides.
import Base
import DealPricing
import KnowledgeBase
import Store

enum ProductRecords {
  /// Names of the metadata that are no attributes.
  private static let fields: Set = ["brand", "category", "price", "currency", "url", "title"]

  static func record(_ entry: CatalogueProduct) -> IncomingRecord {
    let product = entry.product
    var metadata = JSONObject()
    for (name, text) in [
      ("brand", product.brand), ("category", product.category), ("currency", entry.currency), ("url", entry.url),
    ] where !text.isEmpty { metadata[name] = .string(text) }
    metadata["price"] = .number(product.price)
    for (name, value) in product.attributes.sorted(by: { $0.key < $1.key }) where !fields.contains(name) {
      metadata[name] = .number(value)
    }
    return IncomingRecord(
      key: entry.key, title: product.title, text: text(of: product), metadata: .object(metadata))
  }

  /// Like `PricedProduct.text`, with the whole description.
  private static func text(of product: PricedProduct) -> String {
    [product.title, product.brand, product.category, product.description].filter { !$0.isEmpty }
      .joined(separator: "\n")
  }

  /// Nil where it has no price, and so is no product.
  static func product(_ held: HeldRecord, text: String = "") -> PricedProduct? {
    guard let price = held.metadata.price?.double, price > 0 else { return nil }
    let brand = held.metadata.brand?.string ?? ""
    let category = held.metadata.category?.string ?? ""
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
    let title = lines.popFirst() ?? ""
    for part in [brand, category] where !part.isEmpty && lines.first == part { lines = lines.dropFirst() }
    var attributes: [String: Double] = [:]
    for (name, value) in held.metadata.object ?? [:] where !fields.contains(name) { attributes[name] = value.double }
    return PricedProduct(
      id: held.id, title: title, brand: brand, category: category, description: lines.joined(separator: "\n"),
      attributes: attributes, price: price)
  }
}

extension Library {
  private static func currencyKey(_ collection: String) -> String { "currency \(collection)" }

  /// nil: no product is in it.
  func currency(ofCollection name: String) throws -> String? {
    try database.read { try $0.setting(Self.currencyKey(name)) }
  }

  /// Those in another currency than the collection's are refused, one by one; so are those that the store refuses.
  func addProducts(_ products: [CatalogueProduct], collection: String) throws -> ProductStatuses {
    var statuses = [ProductStatuses.Status?](repeating: nil, count: products.count)
    let held = try currency(ofCollection: collection)
    guard let currency = held ?? products.first?.currency else { return ProductStatuses([]) }
    if held == nil { try database.write { try $0.setSetting(Self.currencyKey(collection), to: currency) } }
    var waiting: [(place: Int, record: IncomingRecord)] = []
    for (place, product) in products.enumerated() {
      guard product.currency == currency else {
        statuses[place] = .refused(
          "its price is in \(product.currency), those of the collection '\(collection)' are in \(currency)")
        continue
      }
      let record = ProductRecords.record(product)
      if record.metadata.utf8.count > Limits.metadataBytesMax {
        statuses[place] = .refused("its columns are longer than \(Limits.metadataBytesMax >> 10) KiB")
      } else {
        waiting.append((place, record))
      }
    }
    let outcomes = try addRecords(waiting.map(\.record), collection: collection)
    for (entry, outcome) in zip(waiting, outcomes) { statuses[entry.place] = .stored(outcome.status.rawValue) }
    return ProductStatuses(statuses.compactMap { $0 })
  }
}

extension CatalogueProduct {
  /// As it goes to a server.
  var shape: JSON {
    var shape: JSONObject = [
      "line": .integer(line), "key": .string(key), "title": .string(product.title), "price": .number(product.price),
      "currency": .string(currency),
    ]
    for (name, text) in [
      ("brand", product.brand), ("category", product.category), ("description", product.description), ("url", url),
    ] where !text.isEmpty { shape[name] = .string(text) }
    if !product.attributes.isEmpty {
      var attributes = JSONObject()
      for (name, value) in product.attributes.sorted(by: { $0.key < $1.key }) { attributes[name] = .number(value) }
      shape["attributes"] = .object(attributes)
    }
    return .object(shape)
  }

  init(shape: JSON) throws {
    guard let key = shape.key?.string, !key.isEmpty, let title = shape.title?.string, !title.isEmpty,
      let price = shape.price?.double, price > 0, price <= Limits.priceMax,
      let currency = shape.currency?.string
    else {
      throw PlainFailure(.usage, "bad_product", "a product needs a key, a title, a price above zero and a currency")
    }
    var attributes: [String: Double] = [:]
    for (name, value) in shape.attributes?.object ?? [:] { attributes[name] = value.double }
    self.init(
      line: shape.line?.int ?? 0, key: key,
      product: PricedProduct(
        id: 0, title: title, brand: shape.brand?.string ?? "", category: shape.category?.string ?? "",
        description: shape.description?.string ?? "", attributes: attributes, price: price),
      currency: currency, url: shape.url?.string ?? "")
  }
}
