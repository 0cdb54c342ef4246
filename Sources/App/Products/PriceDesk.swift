// What a product is worth, asked of a collection: models trained by `deals train` where there are some, else its like
// products alone. Models lie beside the library with the fingerprint of what they were trained on.
package import Base
import DealPricing
import Foundation
package import KnowledgeBase
import Retrieval
import Store
import Synchronization

package final class PriceDesk: Sendable {
  private let library: Library
  private let collection: String
  private let threads: Int
  private let means: PriceMeans
  /// One after the other: the endpoint is not there.
  private static let failuresMax = 4
  /// By path: read when they are first asked for, and again when the file is another one.
  private static let held = Mutex<[String: (models: PriceModels, written: Date)]>([:])

  package init(
    library: Library, collection: String = CatalogueRequest.defaultCollection, threads: Int = Machine.cores,
    means: PriceMeans = PriceMeans()
  ) {
    self.means = means
    self.library = library
    self.collection = collection
    self.threads = threads
  }

  private var modelPath: String {
    "\(library.directory.path)/prices-\(SHA256Digest(of: collection.utf8).description.prefix(12)).model"
  }

  // MARK: Training

  /// `tell` is called with what is being done.
  package func train(tell: (String) -> Void) throws -> JSON {
    let clock = SystemClock()
    let begun = clock.monotonicSeconds()
    let prepared = try prepare(tell)
    tell("training on \(prepared.count { $0.side == .train }) products")
    guard let models = PriceModels(training: prepared, threads: threads, sources: means.sources) else {
      throw PlainFailure(
        .unprocessable, "too_few_products",
        "the collection '\(collection)' holds \(prepared.count) products, too few to train price models on",
        hint: "import at least a hundred: footnote products import FILE")
    }
    try FileAccess.write(models.bytes, to: modelPath)
    return [
      "collection": .string(collection), "currency": JSON(try library.currency(ofCollection: collection)),
      "products": .integer(prepared.count), "trained": .integer(prepared.count { $0.side == .train }),
      "fitted": .integer(prepared.count { $0.side == .fit }), "sources": .string(models.sources),
      "fingerprint": .string(models.fingerprint),
      "test": PriceReport(models, on: prepared, threads: threads, tolerance: try tolerance()).figures,
      "model_bytes": .integer(models.bytes.count),
      "elapsed_ms": .number(Shapes.rounded((clock.monotonicSeconds() - begun) * 1_000)),
    ]
  }

  /// How the trained models do on products that they were not trained on, and what alerts on simulated deals are worth.
  package func backtest(threshold: Double) throws -> JSON {
    guard let models = try models() else {
      throw PlainFailure(
        .notFound, "no_price_models", "no price models are trained for '\(collection)'",
        hint: "train them: footnote deals train --collection \(collection)")
    }
    let report = PriceReport(models, on: try prepare { _ in }, threads: threads, tolerance: try tolerance())
    return [
      "collection": .string(collection), "currency": JSON(try library.currency(ofCollection: collection)),
      "fingerprint": .string(models.fingerprint), "test": report.figures,
      "alerts": report.alerts(threshold: threshold), "chart": .string(report.chart),
    ]
  }

  private func tolerance() throws -> Double { try library.currency(ofCollection: collection) == "USD" ? 40 : 0 }

  /// Every product, dealt to its side, with its comparables. Of a very large catalogue an even share is taken.
  private func prepare(_ tell: (String) -> Void) throws -> [PreparedProduct] {
    tell("reading the products of '\(collection)'")
    let count = try index().count
    let share = min(1, Double(Limits.trainingProductsMax) / Double(max(1, count)))
    var products: [(product: PricedProduct, side: ProductSide, vector: [Float])] = []
    func isInShare(_ held: HeldRecord) -> Bool {
      let digest = SHA256Digest(of: "share \(held.key)".utf8).bytes
      return Double(Int(digest[0]) << 8 | Int(digest[1])) < share * 65_536
    }
    try library.eachRecord(inCollection: collection, where: isInShare) { held, text, vector in
      guard let product = ProductRecords.product(held, text: text) else { return }
      products.append((product, ProductSide(key: held.key), vector))
    }
    let byID = Dictionary(uniqueKeysWithValues: products.map { ($0.product.id, $0) })
    tell("looking for like products of \(products.count)")
    let search = ComparableSearch(index: try index()) { id in
      byID[id].flatMap { $0.side == .train ? $0.product : nil }
    }
    let chosen = products
    let prepared = mapParallel(chosen.count, threads: threads) { place in
      let entry = chosen[place]
      return PreparedProduct(
        product: entry.product, side: entry.side, vector: entry.vector,
        comparables: search.comparables(text: entry.product.text, vector: entry.vector, excluding: entry.product.id))
    }
    return try told(prepared, tell)
  }

  /// Where endpoints stand in for parts, an even share of the sides that are fitted and tested on is put to them; the
  /// rest of those sides is left out, so that all is fitted on the parts that are asked later.
  private func told(_ products: [PreparedProduct], _ tell: (String) -> Void) throws -> [PreparedProduct] {
    guard !means.replaced.isEmpty else { return products }
    var left: [ProductSide: Int] = [.fit: Limits.askedProductsMax, .test: Limits.askedProductsMax]
    var failures = 0
    let currency = try currency ?? "USD"
    return try products.compactMap { product in
      guard product.side != .train else { return product }
      guard let count = left[product.side], count > 0 else { return nil }
      left[product.side] = count - 1
      tell("asking the endpoints, \(left.values.reduce(0, +)) products to go")
      var asked = product
      for part in means.replaced {
        do {
          asked.said[part] = try means.price(
            part, of: product.product.text, like: product.comparables, documents: [], currency: currency)
          failures = 0
        } catch {
          failures += 1
          guard failures < Self.failuresMax else { throw error }
          asked.said[part] = .some(nil)
        }
      }
      return asked
    }
  }

  private func index() throws -> RetrievalIndex {
    guard let index = try library.index(ofCollection: collection), index.count > 0 else {
      throw PlainFailure(
        .notFound, "no_products", "there are no products in the collection '\(collection)'",
        hint: "import some: footnote products import FILE --collection \(collection)")
    }
    return index
  }

  // MARK: Pricing

  /// nil: none were trained. A damaged file is an error, told with the way out.
  func models() throws -> PriceModels? {
    guard FileAccess.exists(modelPath) else { return nil }
    let written = try? FileManager.default.attributesOfItem(atPath: modelPath)[.modificationDate] as? Date
    return try Self.held.withLock { held in
      if let known = held[modelPath], known.written == written { return known.models }
      let models = try PriceModels(
        bytes: FileAccess.read(modelPath, bytesMax: Limits.priceModelBytesMax), path: modelPath)
      held[modelPath] = (models, written ?? .distantPast)
      return models
    }
  }

  /// A description as the models see it: its vector, what it is compared with, and what each part makes of it.
  struct Appraisal: Sendable {
    let comparables: [ComparableProduct]
    /// nil: no models are trained. A damaged file of models costs the comparables nothing.
    let trained: Result<Trained?, any Error>

    struct Trained: Sendable {
      let models: PriceModels
      let parts: PartEstimates
    }
  }

  var currency: String? { get throws { try library.currency(ofCollection: collection) } }

  func appraisal(of description: String, category: String) throws -> Appraisal {
    let text = description.trimmingCharacters(in: .whitespacesAndNewlines)
    guard !text.isEmpty else {
      throw PlainFailure(.usage, "description_empty", "there is nothing to price", hint: "describe the product")
    }
    guard text.unicodeScalars.count <= Limits.questionScalarsMax else {
      throw PlainFailure(
        .usage, "description_too_long", "the description is longer than \(Limits.questionScalarsMax) characters")
    }
    let index = try index()
    let lines = text.split(separator: "\n", maxSplits: 1).map(String.init)
    let product = PricedProduct(
      id: 0, title: lines[0], category: category, description: lines.count > 1 ? lines[1] : "", price: 0)
    let vector = try library.vector(of: product.text)
    let search = ComparableSearch(index: index) { [library] id in
      (try? library.record(id: id)).flatMap { ProductRecords.product($0) }
    }
    var comparables = search.comparables(text: product.text, vector: vector)
    for place in comparables.indices { comparables[place].product = try named(comparables[place].product) }
    let compared = comparables
    return Appraisal(
      comparables: compared,
      trained: Result {
        try models().map {
          Appraisal.Trained(models: $0, parts: $0.parts(product, vector: vector, comparables: compared))
        }
      })
  }

  /// The title and description as well, which words are compared by.
  private func named(_ product: PricedProduct) throws -> PricedProduct {
    guard let held = try library.record(id: product.id) else { return product }
    return ProductRecords.product(held, text: try library.text(ofRecord: product.id) ?? "") ?? product
  }

  /// What is shown of them.
  func shown(_ comparables: [ComparableProduct]) throws -> [DealComparable] {
    try comparables.prefix(ComparableSearch.shownCount).compactMap { comparable in
      guard let held = try library.record(id: comparable.product.id) else { return nil }
      return DealComparable(
        title: comparable.product.title, price: comparable.product.price,
        relevance: Shapes.rounded(comparable.relevance), documentID: held.documentID,
        url: held.metadata.url?.string)
    }
  }

  // MARK: The map

  private static let maps = MadeOnce<JSON>(keysMax: 8)

  /// Points of the products' vectors in space, for the page to draw: an even share where there are very many. Made once
  /// for a generation of the collection.
  package func map(pointsMax: Int) throws -> JSON {
    _ = try index()
    let row = try library.database.read { try $0.collections() }.first { $0.name == collection }
    let key = "\(library.directory.path) \(collection) \(pointsMax)"
    return try Self.maps.value(key, generation: row?.generation ?? 0) { try makeMap(pointsMax: pointsMax) }
  }

  private func makeMap(pointsMax: Int) throws -> JSON {
    let count = try index().count
    let step = max(1, (count + pointsMax - 1) / pointsMax)
    var chosen: [(product: PricedProduct, documentID: String, vector: [Float])] = []
    var place = -1
    func isOneOfMany(_ held: HeldRecord) -> Bool {
      place += 1
      return place % step == 0
    }
    try library.eachRecord(inCollection: collection, where: isOneOfMany) { held, text, vector in
      guard let product = ProductRecords.product(held, text: text) else { return }
      chosen.append((product, held.documentID, vector))
    }
    let points = NeighbourMap.points(of: chosen.map(\.vector), threads: threads)
    return [
      "collection": .string(collection), "currency": JSON(try library.currency(ofCollection: collection)),
      "products": .integer(count),
      "points": .array(
        zip(points, chosen).map { point, entry in
          [
            "x": .number(Shapes.rounded(Double(point.x))), "y": .number(Shapes.rounded(Double(point.y))),
            "z": .number(Shapes.rounded(Double(point.z))),
            "category": .string(entry.product.category.split(separator: ">").first.map { String($0).trimmed } ?? ""),
            "title": .string(entry.product.title), "price": .number(entry.product.price),
            "document_id": .string(entry.documentID),
          ]
        }),
    ]
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
