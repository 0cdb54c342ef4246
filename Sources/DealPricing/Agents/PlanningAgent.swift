// Planning: the order of a run, and which of its deals are worth waking somebody.
// A machine without input or output, and a rule without state.
package import Store

/// When a watch runs: every so many seconds from one begin to the next, up to a tenth later by chance, so that many
/// watchers do not come at the same second; never before the last run has ended.
package enum DealSchedule {
  private static let jitter = 0.1
  private static let pauseSeconds = 1.0

  package static func next(startedAt: Double, now: Double, everySeconds: Double, chance: Double) -> Double {
    max(startedAt + everySeconds * (1 + jitter * chance), now + pauseSeconds)
  }
}

package struct PlanningAgent: Sendable {
  package enum Step: Sendable, Equatable {
    /// What an earlier run left in the outbox.
    case deliver
    case scan
    case price(FoundDeal)
    case weigh
  }

  private enum Phase { case begin, scan, price, weigh, deliver, done }

  private var phase = Phase.begin
  private var waiting: [FoundDeal] = []

  package init() {}

  package mutating func next() -> Step? {
    switch phase {
    case .begin:
      phase = .scan
      return .deliver
    case .scan:
      phase = .price
      return .scan
    case .price:
      if let deal = waiting.popLast() { return .price(deal) }
      phase = .weigh
      return .weigh
    case .weigh:
      phase = .done
      return .deliver
    case .deliver, .done: return nil
    }
  }

  package mutating func found(_ deals: [FoundDeal]) { waiting = deals.reversed() }

  package struct Verdict: Sendable, Equatable {
    package let id: String
    package let isAlert: Bool
    package let reason: String
  }

  /// The best discount first; at most as many alerts as allowed, the others say why not. `chosen`: a planner's own
  /// choice among those of this run.
  package static func weigh(
    _ deals: [DealRow], _ settings: DealSettings, run: Int = 0, chosen: Set<String>? = nil
  ) -> [Verdict] {
    let ranked = deals.sorted { left, right in
      let (a, b) = ((left.estimate ?? -1) - left.price, (right.estimate ?? -1) - right.price)
      return a == b ? left.id < right.id : a > b
    }
    var alerts = 0
    return ranked.map { deal in
      func passed(_ why: String) -> Verdict { Verdict(id: deal.id, isAlert: false, reason: why) }
      guard let estimate = deal.estimate else { return passed("no estimate") }
      let discount = estimate - deal.price
      guard discount > settings.threshold else {
        return passed("the discount of \(two(discount)) is not over \(two(settings.threshold))")
      }
      if settings.asksInterval {
        guard let low = deal.low, low > deal.price else {
          return passed("it may be worth as little as \(two(deal.low ?? 0)), which does not beat the price")
        }
      }
      if let chosen, deal.run == run, !chosen.contains(deal.id) { return passed("the planner did not choose it") }
      guard alerts < settings.alertsPerRunMax else { return passed("better deals were told in this run") }
      alerts += 1
      return Verdict(
        id: deal.id, isAlert: true, reason: "the discount of \(two(discount)) is over \(two(settings.threshold))")
    }
  }

  /// A valued deal, as a planner is told of it.
  static func told(_ deal: DealRow) -> String {
    guard let estimate = deal.estimate else { return "It could not be valued." }
    return "Worth about \(two(estimate)) (\(two(deal.low ?? 0)) to \(two(deal.high ?? estimate))), discount "
      + two(estimate - deal.price) + "."
  }

  package static func two(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "?" }
    let cents = Int((abs(value) * 100).rounded())
    return "\(value < 0 ? "-" : "")\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
  }
}
