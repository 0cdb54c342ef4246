// The deal finder with a chat model, through the binary: a model that picks, plans by tool calls and estimates; one
// that makes things up, one that never ends, one that hangs. Whatever it does, the rules of an alert hold.
import Base
import Foundation
import ScriptedEndpoint
import Testing

@Suite struct DealModelTests {
  private enum Task { case choose, plan, estimate }

  /// What a request is for, by the prompt that it opens with.
  private static func task(_ request: ScriptedEndpoint.Request) -> Task {
    let opening = request.json.messages?.array?.first?.content?.string ?? ""
    if opening.contains("You pick deals") { return .choose }
    return opening.contains("in charge of one run") ? .plan : .estimate
  }

  private static func picks(_ deals: [(Int, Double)]) -> [ScriptedEndpoint.Step] {
    let list = deals.map { number, price in
      #"{"number":\#(number),"product_description":"A kettle, told anew, number \#(number)","price":\#(price)}"#
    }
    return ChatScript.reply([#"{"deals":[\#(list.joined(separator: ","))]}"#])
  }

  /// A model with its answers by task; the planner's are given the number of turns that it has had.
  private func model(
    picks: [(Int, Double)] = [(1, 20), (3, 22)], price: String = "210",
    plan: @escaping @Sendable (Int) -> [ScriptedEndpoint.Step]
  ) throws -> ScriptedEndpoint {
    try ScriptedEndpoint { request, _ in
      switch Self.task(request) {
      case .choose: Self.picks(picks)
      case .estimate: ChatScript.reply([price])
      case .plan: plan((request.json.messages?.array?.count ?? 0) / 2 - 1)
      }
    }
  }

  private static func call(_ tool: String, _ deal: Int? = nil) -> [ScriptedEndpoint.Step] {
    ChatScript.reply([#"{"tool":"\#(tool)","deal":\#(deal.map(String.init) ?? "null")}"#])
  }

  private func stage(_ model: ScriptedEndpoint, _ more: [String: String] = [:]) throws -> DealStage {
    try DealStage(
      [
        "FOOTNOTE_LLM_URL": model.url, "FOOTNOTE_LLM_MODEL": "m", "FOOTNOTE_LLM_ATTEMPTS": "1",
        "FOOTNOTE_DEALS_PLANNER": "true",
      ].merging(more) { $1 })
  }

  private func warnings(_ report: JSON) -> String {
    (report.warnings?.array ?? []).compactMap(\.string).joined(separator: "\n")
  }

  @Test func aModelPicksPlansAndEstimates() throws {
    let calls: [(String, Int?)] = [("scan", nil), ("estimate", 1), ("estimate", 2), ("notify", 2), ("finish", nil)]
    let model = try model { turn in
      turn < calls.count ? Self.call(calls[turn].0, calls[turn].1) : .error(500)
    }
    defer { model.stop() }
    let stage = try stage(model)
    let outcome = try stage.run("deals", "run")
    for words in ["[Planning Agent] scan", "[Planning Agent] estimate 2", "[Planning Agent] finish"] {
      #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }
    let deals = try stage.deals()
    #expect(deals.count == 2 && deals.allSatisfy { $0.evidence?.found_by?.string == "model" })
    #expect(deals.allSatisfy { $0.parts?.frontier?.double == 210 })
    // The cheaper one is the better deal; the planner wanted the other, and that is what counts among those that hold.
    let told = try #require(deals.first { $0.alerted?.bool == true })
    #expect(told.deal?.price?.double == 22 && told.deal?.product_description?.string?.contains("number 3") == true)
    #expect(deals.first { $0.alerted?.bool == false }?.reason?.string == "the planner did not choose it")
    #expect(stage.told.count == 1)
    // It is told what it asked for, and nothing but.
    let transcript = model.requests.last { Self.task($0) == .plan }?.json.messages?.array?.compactMap(\.content?.string)
    #expect(transcript?.contains { $0.contains("[2] A kettle, told anew, number 3, price USD 22.00") } == true)
    #expect(transcript?.contains { $0.hasPrefix("Worth about ") } == true)
  }

  @Test(arguments: ["endless", "babble", "fails", "nothing worth it"])
  func whateverAPlannerDoesTheRulesHold(_ kind: String) throws {
    let model = try model { turn in
      switch kind {
      case "endless": Self.call("scan")
      case "babble": ChatScript.reply(["I would rather not."])
      case "fails": .error(401, "no key")
      default: turn == 0 ? Self.call("notify", 1) : Self.call("finish")
      }
    }
    defer { model.stop() }
    let stage = try stage(model, ["FOOTNOTE_DEALS_PLANNER_STEPS": "4"])
    let report = try stage.json("deals", "run")
    let why = [
      "endless": "it came to no end within its steps", "babble": "the planner was left",
      "fails": "the planner was left",
    ]
    if let words = why[kind] {
      #expect(warnings(report).contains(words), "\(report)")
      #expect(report.alerted?.int == 1)
    } else {
      // It may leave out; it cannot tell what it has not estimated.
      #expect(report.alerted?.int == 0 && !warnings(report).contains("planner"))
    }
    let deals = try stage.deals()
    #expect(deals.count == 2 && deals.allSatisfy { $0.estimate?.double != nil })
    #expect(model.requests.count { Self.task($0) == .plan } <= 4 * 3)
  }

  @Test func whatAModelMakesUpIsNoDeal() throws {
    let model = try model(picks: [(1, 12_345), (2, 21)], price: "about 200 dollars") { _ in Self.call("finish") }
    defer { model.stop() }
    let stage = try stage(model, ["FOOTNOTE_DEALS_PLANNER": "false"])
    let report = try stage.json("deals", "run")
    #expect(report.found?.int == 1 && report.refused?.int == 2)
    let deal = try #require(try stage.deals().first)
    #expect(deal.deal?.price?.double == 21 && deal.parts?.frontier == .null)
    #expect(deal.missing?.array?.contains("frontier") == true && deal.estimate?.double != nil)
  }

  @Test func aModelThatHangsCostsItsOwnPartsOnce() throws {
    let model = try ScriptedEndpoint { _, _ in [.hang] }
    defer { model.stop() }
    let stage = try stage(
      model, ["FOOTNOTE_LLM_FIRST_TEXT_SECONDS": "0.5", "FOOTNOTE_LLM_REQUEST_SECONDS": "1"])
    let report = try stage.json("deals", "run")
    #expect(report.found?.int == 3 && report.alerted?.int == 1, "\(report)")
    #expect(warnings(report).contains("the model did not choose"))
    #expect(warnings(report).contains("failed earlier in this run"))
    #expect(try stage.deals().allSatisfy { $0.missing?.array?.contains("frontier") == true })
    // Choosing, planning and one estimate: the others of the run do not wait for it.
    #expect(model.requests.count <= 3)
  }
}
