// The frontier by a chat model: it is shown five like products with their prices, and its reply must be a price and
// nothing else.
import Models

package struct ChatFrontier: Sendable {
  private static let outputTokensMax = 24
  private static let descriptionCharactersMax = 800

  private let asked: PromptedModel

  package init(_ asked: PromptedModel) { self.asked = asked }

  package var name: String { asked.model.name }

  /// `documents` are those that the comparables stand in: with them goes what is kept of the call.
  package func price(
    of description: String, like comparables: [PricedProduct], documents: [String], currency: String
  ) throws -> Double {
    let shown = comparables.prefix(ComparableSearch.shownCount).map { product in
      "\(product.text.prefix(Self.descriptionCharactersMax))\nPrice is \(PlanningAgent.two(product.price))"
    }
    var request = asked.request(
      try asked.messages([
        "description": String(description.prefix(Self.descriptionCharactersMax * 2)),
        "comparables": shown.isEmpty ? "(none)" : shown.joined(separator: "\n\n"), "currency": currency,
      ]))
    request.outputTokensMax = Self.outputTokensMax
    request.documents = documents
    let reply = try asked.model.reply(to: request, onText: nil)
    // Half a number is another number.
    guard reply.ending == .complete, let price = PriceReply.amount(in: reply.text, currency: currency) else {
      throw NoPriceSaid(reply.model, said: reply.text)
    }
    return price
  }
}
