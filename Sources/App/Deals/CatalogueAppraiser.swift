// What a text is worth by a catalogue of products: its trained models where there are some, else its like products
// alone; what endpoints are configured for is asked of them instead. A text is embedded and compared once for all that
// is asked about it. An endpoint that failed is left alone for the rest of a run: it would keep every deal waiting.
import Base
import DealPricing
import Foundation
import KnowledgeBase
import Synchronization

final class CatalogueAppraiser: Appraiser {
  private struct Last: Sendable {
    let text: String
    let category: String
    let appraisal: PriceDesk.Appraisal
  }

  private let desk: PriceDesk
  private let means: PriceMeans
  private let last = Mutex<Last?>(nil)
  private let failed = Mutex<[PricePart: String]>([:])

  init(_ desk: PriceDesk, _ means: PriceMeans) {
    self.desk = desk
    self.means = means
  }

  var currency: String? { try? desk.currency }

  private func appraisal(_ text: String, _ category: String) throws -> PriceDesk.Appraisal {
    if let known = last.withLock({ $0 }), known.text == text, known.category == category { return known.appraisal }
    let made = try desk.appraisal(of: text, category: category)
    last.withLock { $0 = Last(text: text, category: category, appraisal: made) }
    return made
  }

  /// Throws what is wrong with the text or the catalogue as a whole.
  func check(_ text: String, category: String) throws { _ = try appraisal(text, category).trained.get() }

  func comparables(_ text: String, category: String) throws -> [DealComparable] {
    try desk.shown(appraisal(text, category).comparables)
  }

  func estimate(_ part: PricePart, _ text: String, category: String) throws -> Double? {
    let appraisal = try appraisal(text, category)
    if means.replaced.contains(part) { return try asked(part, text, appraisal) }
    switch part {
    case .frontier:
      guard let trained = try? appraisal.trained.get() else {
        return ComparableEstimate.price(of: appraisal.comparables)?.price
      }
      return trained.parts.frontier
    case .specialist, .randomForest:
      guard let parts = try appraisal.trained.get()?.parts else {
        throw PlainFailure(
          .notFound, "no_price_models", "no price models are trained",
          hint: "train them: footnote deals train")
      }
      return part == .specialist ? parts.specialist : parts.randomForest
    }
  }

  private func asked(_ part: PricePart, _ text: String, _ appraisal: PriceDesk.Appraisal) throws -> Double? {
    if let why = failed.withLock({ $0[part] }) {
      throw PlainFailure(.upstream, "endpoint_left_alone", "it failed earlier in this run: \(why)")
    }
    do {
      return try means.price(
        part, of: text, like: appraisal.comparables,
        documents: try desk.shown(appraisal.comparables).map(\.documentID), currency: try desk.currency ?? "USD")
    } catch {
      // A reply that is no price says nothing about the next one.
      if !(error is NoPriceSaid) { failed.withLock { $0[part] = PlainFailure.describing(error).message } }
      throw error
    }
  }

  /// Where the ensemble was fitted on other parts than those that are asked now.
  func fitRemark() -> String? {
    guard let fitted = try? desk.models()?.sources, fitted != means.sources else { return nil }
    return "the ensemble was fitted on other parts (\(fitted)); 'footnote deals train' fits it anew"
  }

  func combine(_ parts: PartEstimates, _ text: String, category: String) throws -> PriceEstimate? {
    let appraisal = try appraisal(text, category)
    guard let trained = try? appraisal.trained.get() else {
      return means.replaced.isEmpty
        ? ComparableEstimate.price(of: appraisal.comparables)
        : ComparableEstimate.price(of: appraisal.comparables, beside: parts)
    }
    var whole = trained.parts
    whole.specialist = parts.specialist
    whole.frontier = parts.frontier
    whole.randomForest = parts.randomForest
    return trained.models.estimate(whole)
  }
}
