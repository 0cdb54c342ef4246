// Messaging: what an alert says, and what becomes of it after each try.
// Invariants: a message keeps its id through all tries, so that a receiver can tell a repeat; it is tried again
// until it is taken, ever less often, and given up after days, which is said.
package import Base
package import Store

package enum MessagingAgent {
  private static let attemptsMax = 30
  private static let delaySecondsMax = 3_600.0
  private static let askedSecondsMax = 86_400.0

  package static func body(_ deal: DealRow) -> JSON {
    let estimate = deal.estimate ?? deal.price
    let scalars = deal.description.unicodeScalars.prefix(Limits.alertNameScalarsMax)
    let name = String(String.UnicodeScalarView(scalars)).filter { !$0.isNewline }
    return [
      "title": "Deal alert",
      "text": .string(
        "\(name): price \(deal.currency) \(PlanningAgent.two(deal.price)), worth about "
          + "\(PlanningAgent.two(estimate)), discount \(PlanningAgent.two(estimate - deal.price))"),
      "url": .string(deal.url), "deal_id": .string(deal.id), "price": .number(deal.price),
      "estimate": .number(estimate),
      "currency": .string(deal.currency),
    ]
  }

  /// The first message of a deal, and each that is sent again by hand, has its own id; a try is no message of its own.
  package static func id(_ deal: String, occasion: Int) -> String {
    String("\(SHA256Digest(of: "deal message \(deal) \(occasion)".utf8))".prefix(24))
  }

  package enum Outcome: Sendable, Equatable {
    case taken(receipt: String)
    /// Another try may help, not sooner than the receiver asked for.
    case failed(String, askedSeconds: Double?)
    /// The receiver will never take it.
    case refused(String)
  }

  package static func after(
    _ message: DealMessageRow, _ outcome: Outcome, now: Double, chance: Double
  ) -> DealMessageRow {
    var next = message
    switch outcome {
    case .taken(let receipt):
      next.state = "sent"
      next.outcome = receipt
    case .refused(let why):
      next.state = "given_up"
      next.outcome = why
    case .failed(let why, let askedSeconds):
      next.outcome = why
      next.state = next.attempts >= attemptsMax ? "given_up" : "waiting"
      let doubled = 15 * Double(sign: .plus, exponent: min(next.attempts, 20), significand: 1)
      let own = min(doubled, delaySecondsMax) * (0.75 + 0.25 * chance)
      next.nextAt = now + max(own, min(askedSeconds ?? 0, askedSecondsMax))
    }
    return next
  }
}
