// The trained price models of one catalogue: words, comparables with what their prices are worth as a guess, boosted
// trees (the specialist), a random forest on the vectors, and their ensemble. A catalogue is in one currency; models of
// different currencies never meet.
// Invariants: products are dealt to training (80 of 100), fitting (10) and testing (10) by a hash of their identity, so
// that a product stays on its side however often a model is trained; no part sees a product of the other sides; the
// same catalogue gives the same models on any number of threads.
import Base
import Foundation

package enum ProductSide: Sendable, Equatable {
  case train, fit, test

  /// By the name that the catalogue's owner gave the product.
  package init(key: String) {
    let bytes = SHA256Digest(of: key.utf8).bytes
    let place = (Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])) % 100
    self = place < 80 ? .train : place < 90 ? .fit : .test
  }
}

/// A product ready for the models. `comparables` are of products on the training side, itself left out.
package struct PreparedProduct: Sendable {
  package var product: PricedProduct
  package var side: ProductSide
  package var vector: [Float]
  package var comparables: [ComparableProduct]
  /// What endpoints said in the place of parts of our own; nil: it failed.
  package var said: [PricePart: Double?] = [:]

  package init(product: PricedProduct, side: ProductSide, vector: [Float], comparables: [ComparableProduct]) {
    self.product = product
    self.side = side
    self.vector = vector
    self.comparables = comparables
  }
}

package struct PriceModels: Sendable, Equatable {
  /// Fewer products give no model: comparables alone are then the estimate.
  package static let trainingProductsMin = 60
  private static let folds = 5

  let columns: ProductColumns
  let words: WordRegression
  let agreement: PriceAgreement
  let specialist: BoostedTrees
  let forest: RandomForest
  /// On the specialist's columns, with the prices that came to its leaves: what the ensemble's choice rests on.
  let witnesses: RandomForest
  let ensemble: PriceEnsemble
  /// Of the products they were trained on.
  package let fingerprint: String
  /// Which parts the ensemble was fitted on.
  package let sources: String

  init(
    columns: ProductColumns, words: WordRegression, agreement: PriceAgreement, specialist: BoostedTrees,
    forest: RandomForest, witnesses: RandomForest, ensemble: PriceEnsemble, fingerprint: String, sources: String
  ) {
    self.columns = columns
    self.words = words
    self.agreement = agreement
    self.specialist = specialist
    self.forest = forest
    self.witnesses = witnesses
    self.ensemble = ensemble
    self.fingerprint = fingerprint
    self.sources = sources
  }

  /// Nil where there are too few products on the training or the fitting side.
  package init?(training products: [PreparedProduct], threads: Int, sources: String = "") {
    let train = products.filter { $0.side == .train }
    let fit = products.filter { $0.side == .fit }
    guard train.count >= Self.trainingProductsMin, fit.count >= 8 else { return nil }
    let begun = PriceModels(partsOf: train, sources: sources, threads: threads)
    self = begun.with(PriceEnsemble(parts: begun.parts(of: fit, threads: threads), prices: fit.map(\.product.price)))
  }

  private func parts(of products: [PreparedProduct], threads: Int) -> [PartEstimates] {
    mapParallel(products.count, threads: threads) { parts(of: products[$0]) }
  }

  private func with(_ ensemble: PriceEnsemble) -> PriceModels {
    PriceModels(
      columns: columns, words: words, agreement: agreement, specialist: specialist, forest: forest,
      witnesses: witnesses, ensemble: ensemble, fingerprint: fingerprint, sources: sources)
  }

  /// The parts alone, each trained on these products; an ensemble is still to be fitted.
  private init(partsOf train: [PreparedProduct], sources: String, threads: Int) {
    let dimension = train[0].vector.count
    let target = train.map { Float(PriceEnsemble.logarithm($0.product.price)) }
    let columns = ProductColumns(dimension: dimension, of: train.map(\.product))
    let readings = mapParallel(train.count, threads: threads) { ProductReading(train[$0].product) }
    let texts = readings.map(\.words)
    let words = WordRegression(texts: texts, target: target)
    let unseen = Self.outOfFold(texts, target, threads: threads)
    // Comparables are of the training side: each is read once, not once for every product that is like it.
    let compared = mapParallel(train.count, threads: threads) { index in
      ComparedProduct(train[index].product, reading: readings[index], words: words)
    }
    let known = Dictionary(uniqueKeysWithValues: compared.map { ($0.product.id, $0) })
    let comparison: @Sendable (Int) -> PriceComparison = { index in
      PriceComparison(
        compared[index],
        with: train[index].comparables.map { other in
          (known[other.product.id] ?? ComparedProduct(other.product, words: words), other.cosine)
        }, wordEstimate: unseen[index], attributes: columns.attributes)
    }
    let agreement = PriceAgreement(
      logarithms: target.map { Double($0) },
      columns: PriceComparison.columnCount(attributes: columns.attributes.count), threads: threads,
      comparison: comparison)
    let rows = mapParallel(train.count, threads: threads) { index in
      let like = comparison(index)
      return columns.row(
        train[index].product, vector: train[index].vector, wordEstimate: unseen[index],
        comparables: ComparableEstimate(
          like.like, chances: agreement.chances(like, trainedAt: index), likenessPower: agreement.likenessPower))
    }.flatMap { $0 }
    specialist = BoostedTrees(rows: rows, columns: columns.count, target: target, threads: threads)
    var options = ForestOptions()
    options.leafRowsMin = 3
    options.samplesALeafMax = 8
    witnesses = RandomForest(rows: rows, columns: columns.count, target: target, options: options, threads: threads)
    forest = RandomForest(rows: train.flatMap(\.vector), columns: dimension, target: target, threads: threads)
    self.columns = columns
    self.words = words
    self.agreement = agreement
    self.sources = sources
    fingerprint = Self.fingerprint(of: train)
    ensemble = PriceEnsemble(regression: LinearRegression(coefficients: []), choice: .regression, width: 0)
  }

  /// Estimates for each training product by a word model that did not see it.
  private static func outOfFold(_ texts: [HashedWords], _ target: [Float], threads: Int) -> [Float] {
    let models = mapParallel(folds, threads: threads) { fold in
      let seen = texts.indices.filter { $0 % folds != fold }
      return WordRegression(texts: seen.map { texts[$0] }, target: seen.map { target[$0] })
    }
    return texts.indices.map { models[$0 % folds].estimate(texts[$0]) }
  }

  private static func fingerprint(of products: [PreparedProduct]) -> String {
    var hasher = SHA256Hasher()
    for prepared in products {
      hasher.update("\(prepared.product.id)\u{0}\(prepared.product.text)\u{0}\(prepared.product.price)\u{0}".utf8)
    }
    return String(hasher.finish().description.prefix(16))
  }

  /// With what endpoints said in the place of parts.
  func parts(of prepared: PreparedProduct) -> PartEstimates {
    var parts = parts(prepared.product, vector: prepared.vector, comparables: prepared.comparables)
    if let said = prepared.said[.specialist] { parts.specialist = said }
    if let said = prepared.said[.frontier] { parts.frontier = said }
    return parts
  }

  /// What each part makes of a product; the frontier has nothing to say without comparables.
  package func parts(
    _ product: PricedProduct, vector: [Float], comparables: [ComparableProduct]
  ) -> PartEstimates {
    let read = ComparedProduct(product, words: words)
    let wordEstimate = words.estimate(read.weighted)
    let like = PriceComparison(
      read, with: comparables.map { (ComparedProduct($0.product, words: words), $0.cosine) },
      wordEstimate: wordEstimate, attributes: columns.attributes)
    let compared = ComparableEstimate(
      like.like, chances: agreement.chances(like), likenessPower: agreement.likenessPower)
    let row = columns.row(product, vector: vector, wordEstimate: wordEstimate, comparables: compared)
    return PartEstimates(
      specialist: PriceEnsemble.price(Double(specialist.estimate(row))),
      frontier: compared.map { PriceEnsemble.price($0.estimate) },
      randomForest: PriceEnsemble.price(Double(forest.estimate(vector).mean)),
      witnesses: witnesses.samples(row), comparables: compared?.evidence ?? [])
  }

  package func estimate(_ parts: PartEstimates) -> PriceEstimate? { ensemble.estimate(parts) }
}
