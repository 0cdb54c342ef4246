// A whole day of the deal finder from one seed: a clock that only the test moves, feeds that change, hang, lie and
// die, pages without content, a model that makes things up, receivers that fail. Told again, it is the same day to the
// letter.
import Base
import Foundation
import Models
import Store
import Synchronization
import Testing

@testable import DealPricing

#if canImport(Glibc)
  import Glibc
#endif

private final class DayClock: Clock {
  let now = Mutex(1_800_000_000.0)
  func wallSeconds() -> Double { now.withLock { $0 } }
  func monotonicSeconds() -> Double { now.withLock { $0 } }
  func pass(_ seconds: Double) { now.withLock { $0 += seconds } }
}

private final class SeededSource: RandomSource {
  let state: Mutex<SeededRandom>
  init(_ seed: UInt64) { state = Mutex(SeededRandom(seed: seed)) }
  func bytes(_ count: Int) -> [UInt8] {
    state.withLock { random in (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) } }
  }
}

private struct Trouble: Failure {
  let message: String
  var kind: FailureKind { .upstream }
  var code: String { "scripted" }
}

/// The world of a day. Every answer comes from the seed.
private final class ScriptedWorld: DealWorld {
  struct State {
    var random: SeededRandom
    var nextEntry = 0
    var pagesRead: [String] = []
    var sent: [String] = []
    var taken: Set<String> = []
  }
  let state: Mutex<State>
  let hasModel: Bool
  /// Steps until the process is killed, as by a power cut; none: it lives.
  private let diesAt: Int
  private let steps = Atomic<Int>(0)
  /// What receivers took, a line each; outlives the process.
  private let receiver: String?
  let currency: String? = "USD"
  let channels = ["log", "webhook"]

  init(seed: UInt64, hasModel: Bool, diesAt: Int = 0, receiver: String? = nil) {
    state = Mutex(State(random: SeededRandom(seed: seed)))
    self.hasModel = hasModel
    self.diesAt = diesAt
    self.receiver = receiver
  }

  private func step() { if steps.wrappingAdd(1, ordering: .relaxed).newValue == diesAt { kill(getpid(), SIGKILL) } }

  private func chance(_ share: Double) -> Bool {
    state.withLock { Double.random(in: 0..<1, using: &$0.random) < share }
  }

  func readFeed(_ address: String, tag: String?, modified: String?) throws -> FeedAnswer {
    step()
    if address.hasSuffix("dead") { throw Trouble(message: "unreachable") }
    if chance(0.15) { throw Trouble(message: "timeout") }
    if chance(0.2) { return .entries([], tag: nil, modified: nil) }
    if tag != nil, chance(0.3) { return .unchanged }
    let entries = state.withLock { state -> [DealEntry] in
      (0..<Int.random(in: 1...6, using: &state.random)).map { _ in
        // Some come again.
        let isOld = state.nextEntry > 3 && Bool.random(using: &state.random)
        let number = isOld ? Int.random(in: 0..<state.nextEntry, using: &state.random) : state.nextEntry
        if !isOld { state.nextEntry += 1 }
        let titles = [
          "Kettle number \(number) for $\(number % 90 + 5)", "$30 off kettle \(number)",
          "Kettle number \(number) for £20", "Steel kettle \(number)",
        ]
        return DealEntry(
          title: titles[number % 4], link: "https://shop.example/d/\(number)?iref=\(address.count)", text: "Boils.",
          category: "Kitchen")
      }
    }
    return .entries(entries, tag: "\"t\"", modified: nil)
  }

  func readPage(_ address: String) throws -> String? {
    step()
    state.withLock { $0.pagesRead.append(address) }
    if chance(0.3) { throw Trouble(message: "no content") }
    return "A kettle of steel."
  }

  func choose(_ entries: [DealEntry]) throws -> [ChosenDeal]? {
    guard hasModel else { return nil }
    step()
    if chance(0.3) { throw Trouble(message: "the model hangs") }
    return entries.enumerated().map { index, entry in
      let words = entry.title.split(separator: "$")
      let told = words.count > 1 ? Double(words[1].prefix { $0.isNumber }) : nil
      return ChosenDeal(
        number: index + 1, description: "A kettle, told anew", price: chance(0.4) ? 12_345 : told ?? 7)
    }
  }

  var plannerOpening: [ChatMessage]? { hasModel ? [ChatMessage(.system, "Plan.")] : nil }

  func plan(_ transcript: [ChatMessage]) throws -> AutonomousPlanner.Call {
    step()
    if chance(0.05) { throw Trouble(message: "the planner hangs") }
    return state.withLock { state in
      let tools: [AutonomousPlanner.Tool] = [.scan, .estimate, .estimate, .estimate, .notify, .notify, .finish]
      return AutonomousPlanner.Call(
        tool: tools.randomElement(using: &state.random) ?? .finish, deal: Int.random(in: -1...7, using: &state.random))
    }
  }

  func comparables(_ text: String, category: String) throws -> [DealComparable] {
    if chance(0.2) { throw Trouble(message: "index busy") }
    return [DealComparable(title: "Another kettle", price: 150, relevance: 0.9, documentID: "d1")]
  }

  func estimate(_ part: PricePart, _ text: String, category: String) throws -> Double? {
    step()
    if chance(0.2) { throw Trouble(message: "cold") }
    if chance(0.1) { return nil }
    return chance(0.05) ? .nan : 150
  }

  func combine(_ parts: PartEstimates, _ text: String, category: String) throws -> PriceEstimate? {
    parts.known.isEmpty ? nil : PriceEstimate(price: 150, low: 120, high: 180)
  }

  func send(_ body: JSON, id: String, over channel: String) throws -> String {
    step()
    state.withLock { $0.sent.append("\(channel) \(id)") }
    if chance(0.4) { throw Trouble(message: "500") }
    state.withLock { _ = $0.taken.insert("\(channel) \(id)") }
    if let receiver { try FileAccess.append(Array("\(channel) \(id)\n".utf8), to: receiver) }
    step()
    return "ok"
  }
}

@Suite struct DealReplayTest {
  private struct Day: Equatable {
    var lines: [String] = []
    var deals: [String] = []
    var sent: [String] = []
    var taken: Set<String> = []
    var pages: [String] = []
    var seen = 0
  }

  private func day(seed: UInt64, hasModel: Bool) throws -> Day {
    let folder = FileManager.default.temporaryDirectory.appending(path: "deal-day-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let database = try Database(path: folder.appending(path: "d.db").path(), migrations: LibrarySchema.migrations)
    let world = ScriptedWorld(seed: seed, hasModel: hasModel)
    let clock = DayClock()
    let lines = Mutex<[String]>([])
    var settings = DealSettings()
    settings.feeds = Self.feeds
    let runner = DealRunner(
      database: database, world: world, settings: settings, clock: clock, random: SeededSource(seed),
      log: { line in lines.withLock { $0.append(line.plain) } })
    for _ in 0..<48 {
      _ = try runner.run()
      clock.pass(1_800)
    }
    var day = Day()
    day.lines = lines.withLock { $0 }
    day.deals = try database.read { try $0.deals(limit: 10_000) }.map { "\($0)" }
    day.seen = try database.read { try $0.dealsSeenCount() }
    (day.sent, day.taken, day.pages) = world.state.withLock { ($0.sent, $0.taken, $0.pagesRead) }
    return day
  }

  @Test(arguments: [false, true])
  func aDayIsToldAgain(hasModel: Bool) throws {
    let first = try day(seed: 11, hasModel: hasModel)
    #expect(first == (try day(seed: 11, hasModel: hasModel)))
    #expect(first != (try day(seed: 12, hasModel: hasModel)))
    #expect(first.deals.count > 5 && first.seen > first.deals.count && !first.taken.isEmpty)
    // Nothing is read twice, seen under two marks or not.
    #expect(Set(first.pages).count == first.pages.count)
    // Whatever failed on its way came in the end, under one id a channel.
    #expect(first.sent.count > first.taken.count)
    #expect(first.lines.contains { $0.contains("[WARN] [Scanner Agent]") })
    #expect(!first.deals.contains { $0.contains("12345") }, "a price that a model made up")
    if hasModel { #expect(first.deals.contains { $0.contains("the planner did not choose it") }) }
  }

  private static let runs = 48
  private static let feeds = ["https://a.example/feed", "https://b.example/dead", "https://c.example/other/feed"]

  /// A day from where an earlier process left it, until it is over or the process is killed. At its end receivers take
  /// everything.
  private static func day(in folder: String, seed: UInt64, diesAt: Int) throws {
    let database = try Database(path: "\(folder)/d.db", migrations: LibrarySchema.migrations)
    let clock = DayClock()
    let begun = try database.read { try $0.all("SELECT count(*) FROM deal_runs") { $0.integer(0) }[0] }
    clock.pass(Double(begun) * 1_800)
    var settings = DealSettings()
    settings.feeds = feeds
    // Every other day has a model that picks and plans.
    let world = ScriptedWorld(
      seed: seed, hasModel: seed.isMultiple(of: 2), diesAt: diesAt, receiver: "\(folder)/receiver")
    let runner = DealRunner(
      database: database, world: world, settings: settings, clock: clock, random: SeededSource(seed))
    for _ in begun..<max(begun + 1, runs) {
      _ = try runner.run()
      clock.pass(1_800)
    }
    guard diesAt == 0 else { return }
    settings.feeds = []
    for _ in 0..<40 {
      _ = try DealRunner(database: database, world: world, settings: settings, clock: clock).run()
      clock.pass(7_200)
    }
  }

  /// Steps drawn by chance over the whole day: feeds, pages, choices, plans, estimates, and both sides of a delivery.
  @Test(arguments: [3, 17, 29, 42, 58, 77, 90, 105, 124, 151, 200])
  func aDayThatIsKilledAnywhereTellsEveryAlertUnderOneId(diesAt: Int) async throws {
    let folder = NSTemporaryDirectory() + "deal-day-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [folder = folder as String, diesAt = diesAt as Int] in
      try Self.day(in: folder, seed: UInt64(diesAt), diesAt: diesAt)
    }
    try Self.day(in: folder, seed: UInt64(diesAt) + 2, diesAt: 0)
    let database = try Database(path: "\(folder)/d.db", migrations: LibrarySchema.migrations)
    let deals = try database.read { try $0.deals(limit: 10_000) }
    #expect(Set(deals.map(\.url)).count == deals.count && deals.allSatisfy { $0.decision != "open" })
    let alerted = deals.filter { $0.decision == "alerted" }
    if !diesAt.isMultiple(of: 2) { #expect(!alerted.isEmpty, "without a planner who declines") }
    var ids: Set<String> = []
    for deal in alerted {
      let messages = try database.read { try $0.dealMessages(of: deal.id) }
      #expect(messages.count == 2 && Set(messages.map(\.id)).count == 1 && messages.allSatisfy { $0.state == "sent" })
      for message in messages { ids.insert("\(message.channel) \(message.id)") }
    }
    let lines = (try? String(contentsOfFile: "\(folder)/receiver", encoding: .utf8)) ?? ""
    let taken = lines.split(separator: "\n").map(String.init)
    #expect(Set(taken) == ids)
    // The one on its way at that very moment may come again, under its id.
    #expect(taken.count <= ids.count + 1)
  }
}

@Suite struct DealAgentTests {
  private func row(_ id: String, price: Double, estimate: Double?, low: Double?) -> DealRow {
    DealRow(
      id: id, run: 1, foundAt: 0, description: id, price: price, currency: "USD", url: "", category: "",
      estimate: estimate, low: low, high: nil, parts: "{}", comparables: "[]", evidence: "{}", decision: "open",
      reason: "")
  }

  @Test func onlyWhatIsSurelyCheapIsTold() {
    var settings = DealSettings()
    let deals = [
      row("small", price: 100, estimate: 150, low: 140), row("unsure", price: 100, estimate: 300, low: 90),
      row("good", price: 100, estimate: 200, low: 120), row("best", price: 100, estimate: 260, low: 130),
      row("blind", price: 1, estimate: nil, low: nil),
    ]
    #expect(PlanningAgent.weigh(deals, settings).filter(\.isAlert).map(\.id) == ["best"])
    settings.alertsPerRunMax = 5
    #expect(PlanningAgent.weigh(deals, settings).filter(\.isAlert).map(\.id) == ["best", "good"])
    settings.asksInterval = false
    #expect(PlanningAgent.weigh(deals, settings).filter(\.isAlert).map(\.id) == ["unsure", "best", "good"])
    #expect(PlanningAgent.weigh([], settings).isEmpty)
    #expect(PlanningAgent.two(-3.456) == "-3.46" && PlanningAgent.two(12) == "12.00")
  }

  @Test func oneDealUnderTwoMarksIsOne() {
    func key(_ link: String) -> String { DealEntry(title: "t", link: link, text: "").key }
    #expect(key("https://A.example/d/1?iref=rss-c142") == key("https://a.example/d/1?iref=rss-c39&utm_source=x#top"))
    #expect(key("https://a.example/d?id=1") != key("https://a.example/d?id=2"))
    #expect(DealEntry(title: "a", link: "", text: "").key != DealEntry(title: "b", link: "", text: "").key)
  }

  @Test func aMessageIsTriedEverLessOftenAndGivenUp() {
    var message = DealMessageRow(id: "m", channel: "c", deal: "d", body: "{}", at: 0)
    var waits: [Double] = []
    for _ in 0..<40 where message.state == "waiting" {
      message.attempts += 1
      message = MessagingAgent.after(message, .failed("500", askedSeconds: nil), now: 0, chance: 0.5)
      waits.append(message.nextAt)
    }
    #expect(message.state == "given_up" && waits.count == 30 && waits == waits.sorted())
    #expect(waits.reduce(0, +) > 12 * 3_600)
    #expect(MessagingAgent.after(message, .taken(receipt: "r"), now: 0, chance: 0).state == "sent")
    #expect(MessagingAgent.id("d", occasion: 0) != MessagingAgent.id("d", occasion: 1))
  }
}
