// The model behind the autonomous planner: one tool call a turn, checked against its form.
package import Models

package struct PlannerModel: Sendable {
  private let asked: PromptedModel

  package init(_ asked: PromptedModel) { self.asked = asked }

  /// What it is told first.
  package func opening(_ settings: DealSettings) throws -> [ChatMessage] {
    try asked.messages([
      "rules": "At most \(settings.alertsPerRunMax) may be told in one run, and only where the discount is over "
        + "\(settings.threshold)."
    ])
  }

  private static let schema: Schema<AutonomousPlanner.Call> = .object(
    Schema<AutonomousPlanner.Tool>.choice.member("tool", "the tool that is called"),
    Schema<Int>.integer.orNull().member("deal", "the number of the deal, for estimate and notify")
  ) { AutonomousPlanner.Call(tool: $0, deal: $1) }

  package func call(_ messages: [ChatMessage]) throws -> AutonomousPlanner.Call {
    try StructuredModel(asked.model).value(
      of: Self.schema, named: "call_tool", about: "calls one tool", asked.request(messages)
    ).value
  }
}
