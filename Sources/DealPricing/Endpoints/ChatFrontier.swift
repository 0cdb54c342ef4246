// The frontier by a chat model: it is shown five like products with their prices, and its reply must be a price and
// nothing else.
package import Models

package struct ChatFrontier: Sendable {
  private static let outputTokensMax = 24
  private static let descriptionCharactersMax = 800

  private let model: any ChatModel
  private let prompt: Prompt
  private let isCancelled: (@Sendable () -> Bool)?

  package init(_ model: any ChatModel, prompt: Prompt, isCancelled: (@Sendable () -> Bool)? = nil) {
    self.model = model
    self.prompt = prompt
    self.isCancelled = isCancelled
  }

  package var name: String { model.name }

  /// `documents` are those that the comparables stand in: with them goes what is kept of the call.
  package func price(
    of description: String, like comparables: [PricedProduct], documents: [String], currency: String
  ) throws -> Double {
    let shown = comparables.prefix(ComparableSearch.shownCount).map { product in
      "\(product.text.prefix(Self.descriptionCharactersMax))\nPrice is \(PlanningAgent.two(product.price))"
    }
    var request = ChatRequest(
      purpose: "deals",
      try prompt.messages([
        "description": String(description.prefix(Self.descriptionCharactersMax * 2)),
        "comparables": shown.isEmpty ? "(none)" : shown.joined(separator: "\n\n"), "currency": currency,
      ]))
    request.outputTokensMax = Self.outputTokensMax
    request.documents = documents
    request.isCancelled = isCancelled
    let reply = try model.reply(to: request, onText: nil)
    // Half a number is another number.
    guard reply.ending == .complete, let price = PriceReply.amount(in: reply.text, currency: currency) else {
      throw NoPriceSaid(reply.model, said: reply.text)
    }
    return price
  }
}
