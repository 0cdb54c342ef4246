// How near the price models come, on a catalogue given by file: a split by a hash of each product's identity, every
// part and the ensemble on the products that nothing was trained or fitted on. With `--out` it leaves the vectors and
// the sides there, so that a peer is measured on the same; with `--chart` a picture of estimates against prices.
package import Base
package import Embedding
import Foundation
import Retrieval

package struct PriceBenchmark {
  private let embedder: any Embedder
  private let threads: Int
  private let clock: any Clock
  private static let embeddedAtOnce = 512

  package init(embedder: any Embedder, threads: Int, clock: any Clock) {
    self.embedder = embedder
    self.threads = threads
    self.clock = clock
  }

  package func run(products path: String, output: String?, chart: String? = nil) throws -> String {
    let catalogue = try readProducts(path)
    let vectors = try embed(catalogue.map(\.product.text))
    if let output {
      var writer = ModelWriter()
      for vector in vectors { for number in vector { writer.write(number) } }
      try FileAccess.write(writer.bytes, to: output + ".f32")
      let lines = catalogue.map { entry -> String in
        JSON.object([
          "side": .string("\(entry.side)"), "price": .number(entry.product.price),
          "title": .string(entry.product.title),
        ]).text + "\n"
      }
      try FileAccess.write(Array(lines.joined().utf8), to: output + ".jsonl")
    }
    let begun = clock.monotonicSeconds()
    let prepared = try prepare(catalogue, vectors)
    let compared = clock.monotonicSeconds()
    guard let models = PriceModels(training: prepared, threads: threads) else {
      throw PlainFailure(.unprocessable, "too_few_products", "'\(path)' holds too few products to train on")
    }
    let trained = clock.monotonicSeconds()
    let tolerance = catalogue.first.map { $0.currency == "USD" ? 40.0 : 0 } ?? 0
    let report = PriceReport(models, on: prepared, threads: threads, tolerance: tolerance)
    if let chart { try FileAccess.write(Array(report.chart.utf8), to: chart) }
    var result: JSONObject = [
      "products": .integer(catalogue.count), "trained": .integer(prepared.count { $0.side == .train }),
      "fitted": .integer(prepared.count { $0.side == .fit }), "tested": .integer(report.tested.count),
      "comparables_s": .number(compared - begun), "train_s": .number(trained - compared),
      "model_bytes": .integer(models.bytes.count),
    ]
    for (name, value) in report.figures.object ?? [:] where name != "products" { result[name] = value }
    return JSON.object(result).text
  }

  private struct Entry {
    var product: PricedProduct
    var side: ProductSide
    var currency: String
  }

  private func readProducts(_ path: String) throws -> [Entry] {
    let lines = try FileAccess.read(path, bytesMax: Limits.measuredBytesMax).split(separator: 10)
    return try lines.enumerated().compactMap { number, line in
      let json = try JSON(parsing: Array(line))
      guard let title = json.title?.string, let price = json.price?.double, price > 0 else { return nil }
      let product = PricedProduct(
        id: Int64(number), title: title, brand: json.brand?.string ?? "", category: json.category?.string ?? "",
        description: json.description?.string ?? "",
        attributes: CatalogueColumns().attributes(in: json.object ?? [:]), price: price)
      return Entry(
        product: product, side: ProductSide(key: json.id?.string ?? "\(number)"),
        currency: json.currency?.string ?? "")
    }
  }

  private func embed(_ texts: [String]) throws -> [[Float]] {
    var vectors: [[Float]] = []
    for start in stride(from: 0, to: texts.count, by: Self.embeddedAtOnce) {
      let batch = try embedder.embed(Array(texts[start..<min(start + Self.embeddedAtOnce, texts.count)]))
      vectors += (0..<batch.count).map { Array(batch[$0]) }
    }
    return vectors
  }

  private func prepare(_ catalogue: [Entry], _ vectors: [[Float]]) throws -> [PreparedProduct] {
    let index = RetrievalIndex(dimension: embedder.identity.dimension, threads: threads)
    let compared = catalogue.indices.filter { catalogue[$0].side == .train }
    try index.apply(
      add: compared.map { place in
        Record(
          id: catalogue[place].product.id, text: catalogue[place].product.text, vector: vectors[place],
          group: catalogue[place].product.id)
      }, remove: [])
    let byID = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.product.id, $0.product) })
    let search = ComparableSearch(index: index) { id in byID[id] }
    return mapParallel(catalogue.count, threads: threads) { place in
      let entry = catalogue[place]
      return PreparedProduct(
        product: entry.product, side: entry.side, vector: vectors[place],
        comparables: search.comparables(text: entry.product.text, vector: vectors[place], excluding: entry.product.id))
    }
  }
}

/// How far estimates are from prices.
package struct PriceMeasures: Sendable, Equatable {
  package var meanAbsoluteError: Double
  /// Root mean squared difference of logarithms.
  package var rmsle: Double
  package var withinFifth: Double
  /// Within a fifth or the given sum.
  package var near: Double

  package init(estimates: [Double], prices: [Double], tolerance: Double) {
    precondition(estimates.count == prices.count, "an estimate a price")
    let count = Double(max(1, prices.count))
    let misses = zip(estimates, prices).map { abs($0 - $1) }
    meanAbsoluteError = misses.reduce(0, +) / count
    let squares = zip(estimates, prices).map { pow(log1p(max(0, $0)) - log1p($1), 2) }
    rmsle = (squares.reduce(0, +) / count).squareRoot()
    withinFifth = Double(zip(misses, prices).count { $0 <= 0.2 * $1 }) / count
    near = Double(zip(misses, prices).count { $0 <= max(0.2 * $1, tolerance) }) / count
  }

  package var json: JSON {
    [
      "mae": .number(meanAbsoluteError), "rmsle": .number(rmsle), "within_20": .number(withinFifth),
      "within_20_or_40": .number(near),
    ]
  }
}
