// Parts of a price that are asked elsewhere: a specialist behind an endpoint that sleeps, hangs and babbles, a chat
// model as the frontier and as the scanner, and a planner by tool calls that does as it likes.
import Base
import Models
import ScriptedEndpoint
import Synchronization
import Testing

@testable import DealPricing

/// Says what it is told to say, one reply a call, the last one again and again.
private final class ScriptedModel: ChatModel {
  let name = "scripted"
  private let replies: [String]
  private let ending: ChatReply.Ending
  let asked = Mutex<[ChatRequest]>([])

  init(_ replies: [String], ending: ChatReply.Ending = .complete) {
    self.replies = replies
    self.ending = ending
  }

  func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply {
    let number = asked.withLock { asked in
      asked.append(request)
      return asked.count - 1
    }
    var reply = ChatReply(
      text: replies[min(number, replies.count - 1)], model: name, usage: ChatUsage(inputTokens: 1, outputTokens: 1))
    reply.ending = ending
    return reply
  }
}

@Suite struct PriceReplyTests {
  @Test(arguments: [
    ("129.99", 129.99), ("$129.99", 129.99), (" $1,299 \n", 1_299), ("1,299.50", 1_299.5), ("USD 40", 40),
    ("40 USD", 40), ("129.", 129),
  ])
  func onePriceIsRead(_ text: String, _ price: Double) {
    #expect(PriceReply.amount(in: text, currency: "USD") == price)
  }

  @Test(arguments: [
    "", "about $100", "$100-$200", "100 200", "-5", "$-5", "£20", "free", "nan", "1e400", "0", "$0.00", "12k dollars",
    "The price is $40.", String(repeating: "9", count: 70), "100%",
  ])
  func nothingElseIsAPrice(_ text: String) { #expect(PriceReply.amount(in: text, currency: "USD") == nil) }

  @Test func jsonNamesIt() {
    #expect(PriceReply.amount(in: 12.5, currency: "USD") == 12.5)
    #expect(PriceReply.amount(in: ["price": 7], currency: "USD") == 7)
    #expect(PriceReply.amount(in: ["estimate": "$7.25"], currency: "USD") == 7.25)
    #expect(PriceReply.amount(in: ["status": "ok"], currency: "USD") == nil)
    #expect(PriceReply.amount(in: ["price": -7], currency: "USD") == nil)
    #expect(PriceReply.completion("149.00\n\nHow much does", currency: "USD") == 149)
    #expect(PriceReply.completion("149 or so", currency: "USD") == nil)
  }
}

@Suite struct SpecialistEndpointTests {
  private final class NoSleep: Sleeper {
    let slept = Mutex(0)
    func sleep(seconds: Double) { slept.withLock { $0 += 1 } }
  }

  private func specialist(
    _ form: SpecialistEndpoint.Form, _ url: String, waitSeconds: Double = 20, sleeper: any Sleeper = NoSleep()
  ) throws -> SpecialistEndpoint {
    SpecialistEndpoint(
      form, url: url, model: "pricer", key: Secret("the-key"), prompt: try PromptShelf().prompt("price-specialist"),
      waitSeconds: waitSeconds, sleeper: sleeper)
  }

  @Test func aCompletionIsAskedAsItWasTrained() throws {
    let server = try ScriptedEndpoint { _, _ in .json(["choices": [["text": "129.00\n\nHow"]]]) }
    defer { server.stop() }
    #expect(try specialist(.completion, server.url).price(of: "A steel kettle", currency: "USD") == 129)
    let request = try #require(server.requests.first)
    #expect(request.path == "/v1/completions" && request.header("Authorization") == "Bearer the-key")
    #expect(request.json.prompt?.string?.hasSuffix("A steel kettle\n\nPrice is $") == true)
    #expect(request.json.model?.string == "pricer" && request.json.temperature?.double == 0)
  }

  @Test func aFunctionTakesJSONAtItsOwnAddress() throws {
    let server = try ScriptedEndpoint { _, _ in .json(199.5) }
    defer { server.stop() }
    #expect(try specialist(.json, server.url).price(of: "Drill", currency: "USD") == 199.5)
    #expect(server.requests.first?.path == "/" && server.requests.first?.json.description?.string == "Drill")
  }

  @Test func aColdStartIsWaitedFor() throws {
    let sleeper = NoSleep()
    let server = try ScriptedEndpoint { request, number in
      switch number {
      case 0: .error(503)
      case 1: .html(502)
      case 2: .reply(303, [("Location", "/later?call=1")], body: [])
      case 3: .reply(303, [("Location", "/later?call=1")], body: [])
      default: .json(["price": 88])
      }
    }
    defer { server.stop() }
    #expect(try specialist(.json, server.url + "/price", sleeper: sleeper).price(of: "x", currency: "USD") == 88)
    #expect(server.requests.map(\.path) == ["/price", "/price", "/price", "/later?call=1", "/later?call=1"])
    #expect(server.requests.last?.method == "GET" && sleeper.slept.withLock { $0 } == 2)
  }

  @Test func noKeyGoesToAnotherServer() throws {
    let canary = try ScriptedEndpoint { _, _ in .json(1) }
    let server = try ScriptedEndpoint { _, _ in .reply(303, [("Location", canary.url + "/x")], body: []) }
    defer {
      server.stop()
      canary.stop()
    }
    #expect(throws: (any Error).self) { try specialist(.json, server.url).price(of: "x", currency: "USD") }
    #expect(canary.connectionCount == 0)
  }

  @Test func whatHangsIsGivenUp() throws {
    let server = try ScriptedEndpoint { _, _ in [.hang] }
    defer { server.stop() }
    #expect(throws: EndpointFailure.self) {
      try specialist(.json, server.url, waitSeconds: 0.3).price(of: "x", currency: "USD")
    }
  }

  @Test(arguments: ["about 40 dollars", "{}", "[1, 2]", "<html>"])
  func whatIsNoPriceIsAnError(_ body: String) throws {
    let server = try ScriptedEndpoint { _, _ in .reply(200, body: Array(body.utf8)) }
    defer { server.stop() }
    #expect(throws: (any Error).self) { try specialist(.json, server.url).price(of: "x", currency: "USD") }
  }
}

@Suite struct ChatFormTests {
  private let products = (1...7).map {
    PricedProduct(id: Int64($0), title: "Kettle \($0)", description: "Boils.", price: Double($0) * 10)
  }

  private func frontier(_ model: ScriptedModel) throws -> ChatFrontier {
    ChatFrontier(PromptedModel(model, prompt: try PromptShelf().prompt("price-frontier")))
  }

  @Test func theFrontierIsShownFiveWithTheirPrices() throws {
    let model = ScriptedModel(["$34.50"])
    let price = try frontier(model).price(of: "Steel kettle", like: products, documents: ["d1"], currency: "USD")
    #expect(price == 34.5)
    let request = try #require(model.asked.withLock { $0.first })
    let told = request.messages.map(\.text).joined()
    #expect(told.contains("Kettle 5") && told.contains("Price is 50.00") && !told.contains("Kettle 6"))
    #expect(told.contains("Steel kettle") && request.documents == ["d1"] && request.temperature == 0)
  }

  @Test func whatIsNoPriceIsNone() throws {
    for said in ["I would say $40", "", "$40 to $50", "£40"] {
      #expect(throws: NoPriceSaid.self) {
        try frontier(ScriptedModel([said])).price(of: "x", like: [], documents: [], currency: "USD")
      }
    }
    // Cut off, 129 may have been 1299.
    #expect(throws: NoPriceSaid.self) {
      try frontier(ScriptedModel(["129"], ending: .cutOff)).price(of: "x", like: [], documents: [], currency: "USD")
    }
  }

  @Test func theScannersChoiceIsCheckedAndMendedOnce() throws {
    let good = #"{"deals":[{"number":2,"product_description":"A drill with two batteries","price":49}]}"#
    let model = ScriptedModel(["Sure! Here are the deals.", good])
    func chooser(_ model: ScriptedModel) throws -> DealChooser {
      DealChooser(PromptedModel(model, prompt: try PromptShelf().prompt("deal-choice")))
    }
    let entries = ["$30 off kettles", "Drill with two batteries $49"].map { DealEntry(title: $0, link: "", text: "") }
    #expect(
      try chooser(model).choose(entries) == [
        ChosenDeal(number: 2, description: "A drill with two batteries", price: 49)
      ])
    #expect(model.asked.withLock { $0.count } == 2)
    let beyond = good.replacing("\"number\":2", with: "\"number\":9")
    #expect(try chooser(ScriptedModel([beyond])).choose(entries) == [])
  }

  @Test func thePlannersCallsAreOfItsForm() throws {
    let model = ScriptedModel([#"{"tool":"launch","deal":null}"#, #"{"tool":"estimate","deal":2}"#])
    let planner = PlannerModel(PromptedModel(model, prompt: try PromptShelf().prompt("deal-planner")))
    let call = try planner.call([ChatMessage(.user, "Begin.")])
    #expect(call == AutonomousPlanner.Call(tool: .estimate, deal: 2))
  }
}

@Suite struct AutonomousPlannerTests {
  private let deals = (1...3).map { number in
    FoundDeal(
      key: "k\(number)", description: "Kettle \(number)", price: Money(amount: 10, currency: "USD"), formerly: nil,
      url: "", category: "", details: "", foundBy: "rules", title: "")
  }

  /// Runs a script of calls; estimates are answered.
  private func planned(
    _ calls: [AutonomousPlanner.Call], steps: Int = 40, alerts: Int = 1
  ) -> (planner: AutonomousPlanner, told: [String]) {
    var settings = DealSettings()
    settings.plannerStepsMax = steps
    settings.alertsPerRunMax = alerts
    var planner = AutonomousPlanner(opening: [ChatMessage(.user, "Begin.")], deals: deals, settings: settings)
    var number = 0
    var told: [String] = []
    while let request = planner.next() {
      switch request {
      case .think(let transcript):
        told.append(transcript.last?.text ?? "")
        guard number < calls.count else {
          planner.take(.failed("the model hangs"))
          continue
        }
        planner.take(.called(calls[number]))
        number += 1
      case .estimate: planner.take(.valued("Worth about 99."))
      }
    }
    return (planner, told)
  }

  @Test func itScansEstimatesNotifiesAndEnds() {
    let (planner, told) = planned([
      .init(tool: .scan, deal: nil), .init(tool: .notify, deal: 2), .init(tool: .estimate, deal: 2),
      .init(tool: .notify, deal: 2), .init(tool: .estimate, deal: 3), .init(tool: .notify, deal: 3),
      .init(tool: .estimate, deal: 17), .init(tool: .finish, deal: nil),
    ])
    #expect(planner.chosen == ["k2"] && planner.left.map(\.key) == ["k1"] && planner.why == nil)
    #expect(told[1].contains("[3] Kettle 3, price USD 10.00") && told[2] == "Estimate it first.")
    #expect(told[3] == "Worth about 99." && told[6] == "No more may be told in this run.")
    #expect(told[7].contains("no deal of that number"))
  }

  @Test func itEndsWhateverTheModelDoes() {
    let endless = planned([AutonomousPlanner.Call](repeating: .init(tool: .scan, deal: nil), count: 100), steps: 7)
    #expect(endless.told.count == 7 && endless.planner.chosen == nil && endless.planner.why != nil)
    let failing = planned([.init(tool: .estimate, deal: 1)])
    #expect(failing.planner.chosen == nil && failing.planner.why == "the model hangs")
    #expect(failing.planner.left.count == 2)
  }
}
