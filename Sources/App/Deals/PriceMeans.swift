// What prices are asked of besides the trained models: a specialist behind an endpoint, a chat model as the frontier.
import Base
import DealPricing
package import KnowledgeBase
import Models

package struct PriceMeans: Sendable {
  var specialist: SpecialistEndpoint?
  var frontier: ChatFrontier?

  package init() {}

  package init(
    _ configuration: Configuration, library: Library, isCancelled: (@Sendable () -> Bool)? = nil
  ) throws {
    let prompts = try ChatEndpoints.prompts(configuration)
    if let url = configuration.text(Settings.specialistURL) {
      let form = configuration.text(Settings.specialistForm).flatMap(SpecialistEndpoint.Form.init(rawValue:)) ?? .json
      specialist = SpecialistEndpoint(
        form, url: url, model: configuration.text(Settings.specialistModel) ?? "specialist",
        key: configuration.secret(Settings.specialistKey),
        headers: configuration.headers(Settings.specialistHeaders), prompt: try prompts.prompt("price-specialist"),
        waitSeconds: configuration.number(Settings.specialistWait) ?? 180, isCancelled: isCancelled)
    }
    if configuration.text(Settings.dealFrontier) != "comparables",
      let model = try ChatEndpoints.service(configuration, library: library)
    {
      frontier = ChatFrontier(
        PromptedModel(model, prompt: try prompts.prompt("price-frontier"), isCancelled: isCancelled))
    }
  }

  /// What an ensemble was fitted on is told by this.
  var sources: String { "specialist \(specialist?.name ?? "own"), frontier \(frontier?.name ?? "own")" }

  var replaced: [PricePart] { (specialist == nil ? [] : [.specialist]) + (frontier == nil ? [] : [.frontier]) }

  /// nil where the part is not asked here.
  func price(
    _ part: PricePart, of text: String, like comparables: [ComparableProduct], documents: [String], currency: String
  ) throws -> Double? {
    switch part {
    case .specialist: try specialist?.price(of: text, currency: currency)
    case .frontier:
      try frontier?.price(of: text, like: comparables.map(\.product), documents: documents, currency: currency)
    case .randomForest: nil
    }
  }
}
