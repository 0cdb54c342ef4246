// What a text is worth by a catalogue of products: its trained models where there are some, else its like products
// alone. A text is embedded and compared once for all that is asked about it.
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
  private let last = Mutex<Last?>(nil)

  init(_ desk: PriceDesk) { self.desk = desk }

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

  func combine(_ parts: PartEstimates, _ text: String, category: String) throws -> PriceEstimate? {
    let appraisal = try appraisal(text, category)
    guard let trained = try? appraisal.trained.get() else {
      return ComparableEstimate.price(of: appraisal.comparables)
    }
    var whole = trained.parts
    whole.specialist = parts.specialist
    whole.frontier = parts.frontier
    whole.randomForest = parts.randomForest
    return trained.models.estimate(whole)
  }
}
