// The model behind the autonomous planner: one tool call a turn, checked against its form.
package import Models

package struct PlannerModel: Sendable {
  private let model: any ChatModel
  private let isCancelled: (@Sendable () -> Bool)?

  package init(_ model: any ChatModel, isCancelled: (@Sendable () -> Bool)? = nil) {
    self.model = model
    self.isCancelled = isCancelled
  }

  private static let schema: Schema<AutonomousPlanner.Call> = .object(
    Schema<AutonomousPlanner.Tool>.choice.member("tool", "the tool that is called"),
    Schema<Int>.integer.orNull().member("deal", "the number of the deal, for estimate and notify")
  ) { AutonomousPlanner.Call(tool: $0, deal: $1) }

  package func call(_ messages: [ChatMessage]) throws -> AutonomousPlanner.Call {
    var request = ChatRequest(purpose: "deals", messages)
    request.isCancelled = isCancelled
    return try StructuredModel(model).value(of: Self.schema, named: "call_tool", about: "calls one tool", request).value
  }
}
