// A run planned by a model, tool call by tool call: what to value in which order, and what to tell. A machine without
// input or output.
// Invariants: it ends after so many steps, whatever the model does; it can tell nothing that the rules of an alert
// would not tell (they are asked afterwards all the same), only leave out; what it has not valued is valued without it;
// where it fails or does not finish, the rules decide alone.
package import Models

package struct AutonomousPlanner: Sendable {
  package enum Tool: String, Sendable, CaseIterable {
    case scan
    case estimate
    case notify
    case finish
  }

  package struct Call: Sendable, Equatable {
    package let tool: Tool
    package let deal: Int?

    package init(tool: Tool, deal: Int?) {
      self.tool = tool
      self.deal = deal
    }
  }

  package enum Request: Sendable, Equatable {
    case think([ChatMessage])
    case estimate(FoundDeal)
  }

  package enum Answer: Sendable {
    case called(Call)
    case valued(String)
    case failed(String)
  }

  /// Keys of the deals that it wants told; nil: it did not come to an end, or failed.
  package private(set) var chosen: Set<String>?
  package private(set) var why: String?
  private let deals: [FoundDeal]
  private let alertsMax: Int
  private var transcript: [ChatMessage]
  private var stepsLeft: Int
  private var valued: [Int: String] = [:]
  private var notified: [Int] = []
  private var valuing: Int?
  private var isOver = false

  package init(opening: [ChatMessage], deals: [FoundDeal], settings: DealSettings) {
    self.deals = deals
    alertsMax = settings.alertsPerRunMax
    stepsLeft = settings.plannerStepsMax
    transcript = opening
  }

  /// What no step came to.
  package var left: [FoundDeal] { deals.indices.filter { valued[$0 + 1] == nil }.map { deals[$0] } }

  package mutating func next() -> Request? {
    if let valuing { return .estimate(deals[valuing - 1]) }
    guard !isOver else { return nil }
    guard stepsLeft > 0 else {
      isOver = true
      why = "it came to no end within its steps"
      return nil
    }
    stepsLeft -= 1
    return .think(transcript)
  }

  package mutating func take(_ answer: Answer) {
    switch answer {
    case .failed(let reason):
      if let valuing { valued[valuing] = "it could not be valued" }
      isOver = true
      valuing = nil
      why = reason
    case .valued(let text):
      guard let number = valuing else { return }
      valued[number] = text
      valuing = nil
      tell(text)
    case .called(let call):
      transcript.append(ChatMessage(.assistant, "\(call.tool.rawValue)\(call.deal.map { " \($0)" } ?? "")"))
      perform(call)
    }
  }

  private mutating func perform(_ call: Call) {
    switch call.tool {
    case .scan:
      let listed = deals.enumerated().map { index, deal in
        "[\(index + 1)] \(deal.description.prefix(400)), price \(deal.price.currency) "
          + PlanningAgent.two(deal.price.amount)
      }
      tell(listed.joined(separator: "\n"))
    case .estimate:
      guard let number = known(call.deal) else { return }
      if let text = valued[number] { tell(text) } else { valuing = number }
    case .notify:
      guard let number = known(call.deal) else { return }
      guard valued[number] != nil else { return tell("Estimate it first.") }
      guard notified.contains(number) || notified.count < alertsMax else {
        return tell("No more may be told in this run.")
      }
      if !notified.contains(number) { notified.append(number) }
      tell("It is told at the end, if the rules of an alert hold.")
    case .finish:
      isOver = true
      chosen = Set(notified.map { deals[$0 - 1].key })
    }
  }

  private mutating func known(_ number: Int?) -> Int? {
    guard let number, (1...max(1, deals.count)).contains(number), number <= deals.count else {
      tell("There is no deal of that number; there are \(deals.count).")
      return nil
    }
    return number
  }

  private mutating func tell(_ text: String) { transcript.append(ChatMessage(.user, text)) }
}
