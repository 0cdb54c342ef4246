// One thing fails at a time, through the runner: the rest of the run goes on, the deal says what is missing, and the
// next run tries again.
import Base
import Foundation
import Models
import Store
import Synchronization
import Testing

@testable import DealPricing

private struct Trouble: Failure {
  let message: String
  var kind: FailureKind { .upstream }
  var code: String { "scripted" }
}

/// Two feeds of two kettles each, all of them bargains; what is named fails.
private final class FailingWorld: DealWorld {
  enum Fault: String, CaseIterable, Sendable {
    case none, emptyFeed, hangingFeed, pageWithoutContent, hangingPage, chooser, planner, comparables, specialist
    case frontier, randomForest, combining, everyPart, receiver
    /// The model picks nothing: no fault, and no deal.
    case emptyChoice
  }

  let currency: String? = "USD"
  let channels = ["webhook"]
  let fault: Mutex<Fault>
  let asked = Mutex<[String]>([])
  var plannerOpening: [ChatMessage]? { failing(.planner) ? [ChatMessage(.system, "Plan.")] : nil }

  init(_ fault: Fault) { self.fault = Mutex(fault) }

  private func failing(_ other: Fault) -> Bool { fault.withLock { $0 == other } }
  private func fail(_ other: Fault, _ message: String) throws { if failing(other) { throw Trouble(message: message) } }

  func readFeed(_ address: String, tag: String?, modified: String?) throws -> FeedAnswer {
    asked.withLock { $0.append("feed \(address) \(tag ?? "-")") }
    if address.hasSuffix("one") {
      try fail(.hangingFeed, "the feed hangs")
      if failing(.emptyFeed) { return .entries([], tag: nil, modified: nil) }
    }
    let entries = (1...2).map { number in
      DealEntry(
        title: "Steel kettle \(address.suffix(3)) \(number) for $2\(number)", link: "\(address)/\(number)", text: "",
        category: "A category that nobody has seen")
    }
    return tag == nil ? .entries(entries, tag: "t", modified: nil) : .unchanged
  }

  func readPage(_ address: String) throws -> String? {
    guard address.hasSuffix("one/1") else { return "A page of words." }
    try fail(.hangingPage, "the page hangs")
    return failing(.pageWithoutContent) ? " \n" : "A page of words."
  }

  func choose(_ entries: [DealEntry]) throws -> [ChosenDeal]? {
    try fail(.chooser, "the model hangs")
    return failing(.emptyChoice) ? [] : nil
  }
  func plan(_ transcript: [ChatMessage]) throws -> AutonomousPlanner.Call {
    throw Trouble(message: "the planner hangs")
  }
  func comparables(_ text: String, category: String) throws -> [DealComparable] {
    try fail(.comparables, "no index")
    return [DealComparable(title: "Another kettle", price: 200, relevance: 0.9, documentID: "d1")]
  }
  func estimate(_ part: PricePart, _ text: String, category: String) throws -> Double? {
    try fail(.everyPart, "cold")
    switch part {
    case .specialist: try fail(.specialist, "the endpoint hangs")
    case .frontier: if failing(.frontier) { return nil }
    case .randomForest: if failing(.randomForest) { return .nan }
    }
    return 200
  }
  func combine(_ parts: PartEstimates, _ text: String, category: String) throws -> PriceEstimate? {
    try fail(.combining, "a damaged file")
    guard !parts.known.isEmpty else { return nil }
    return PriceEstimate(price: 200, low: 150, high: 250)
  }
  func send(_ body: JSON, id: String, over channel: String) throws -> String {
    try fail(.receiver, "503")
    return "ok"
  }
}

@Suite struct DealFailureTests {
  private final class Folder: Sendable {
    let path = NSTemporaryDirectory() + "deal-failure-\(UUID().uuidString)"
    init() { try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private let folder = Folder()

  private final class HandClock: Clock {
    let now = Mutex(1_800_000_000.0)
    func wallSeconds() -> Double { now.withLock { $0 } }
    func monotonicSeconds() -> Double { now.withLock { $0 } }
  }

  private func stage(_ fault: FailingWorld.Fault) throws -> (FailingWorld, Database, HandClock, DealRunner) {
    let database = try Database(path: "\(folder.path)/d.db", migrations: LibrarySchema.migrations)
    let world = FailingWorld(fault)
    let clock = HandClock()
    var settings = DealSettings()
    settings.feeds = ["https://a.example/one", "https://a.example/two"]
    return (world, database, clock, DealRunner(database: database, world: world, settings: settings, clock: clock))
  }

  private func missing(_ deal: DealRow) throws -> [String] {
    try JSON(parsing: deal.evidence).missing?.array?.compactMap(\.string) ?? []
  }

  @Test func nothingPickedIsARunLikeAnyOther() throws {
    let (_, database, _, runner) = try stage(.emptyChoice)
    let report = try runner.run()
    #expect(report.found == 0 && report.refused == 4 && report.alerted == 0 && report.warnings.isEmpty)
    #expect(try database.read { try $0.dealsSeenCount() } == 4)
  }

  @Test(arguments: FailingWorld.Fault.allCases.filter { $0 != .emptyChoice })
  fileprivate func oneFaultNeverStopsARun(_ fault: FailingWorld.Fault) throws {
    let (world, database, clock, runner) = try stage(fault)
    let first = try runner.run()
    let isFeeds = fault == .emptyFeed || fault == .hangingFeed
    #expect(first.found == (isFeeds ? 2 : 4) && !first.isStopped)
    #expect(first.warnings.isEmpty == [.none, .pageWithoutContent].contains(fault), "\(first.warnings)")
    let deals = try database.read { try $0.deals(limit: 10) }
    let wanted: [FailingWorld.Fault: [String]] = [
      .comparables: ["comparables"], .specialist: ["specialist"], .frontier: ["frontier"],
      .randomForest: ["random_forest"], .everyPart: ["specialist", "frontier", "random_forest"],
    ]
    for deal in deals {
      let isPages = deal.url.hasSuffix("one/1") && (fault == .pageWithoutContent || fault == .hangingPage)
      #expect(try missing(deal) == (isPages ? ["page"] : wanted[fault] ?? []), "\(deal.url)")
      #expect((deal.estimate == nil) == (fault == .everyPart || fault == .combining))
    }
    #expect(first.alerted == (fault == .everyPart || fault == .combining ? 0 : 1))
    #expect(first.sent == (fault == .receiver ? 0 : first.alerted))

    // All is well again, an hour later: what was missed is made up for, what was told is not told again.
    world.fault.withLock { $0 = .none }
    clock.now.withLock { $0 += 3_600 }
    let second = try runner.run()
    #expect(second.found == (isFeeds ? 2 : 0) && second.warnings.isEmpty)
    let after = try database.read { try $0.deals(limit: 10) }
    #expect(after.count == 4 && after.allSatisfy { $0.estimate == 200 && $0.decision != "open" })
    let messages = try database.read { connection in try after.flatMap { try connection.dealMessages(of: $0.id) } }
    #expect(Set(messages.map(\.id)).count == messages.count && messages.allSatisfy { $0.state == "sent" })
    #expect(messages.count == (isFeeds ? 2 : 1))
  }

  /// More deals than a run prices: the others are read by the next ones, though their feed has not changed.
  @Test func whatARunDoesNotComeToIsReadByTheNext() throws {
    let (world, database, clock, _) = try stage(.none)
    var settings = DealSettings()
    settings.feeds = ["https://a.example/one", "https://a.example/two"]
    settings.dealsPerRunMax = 1
    for left in [3, 2, 1, 0] {
      let report = try DealRunner(database: database, world: world, settings: settings, clock: clock).run()
      clock.now.withLock { $0 += 300 }
      #expect(report.found == 1)
      #expect(try database.read { try $0.dealsSeenCount() } == 4 - left)
    }
    // Now that nothing is left their validators are sent along.
    let rest = try DealRunner(database: database, world: world, settings: settings, clock: clock).run()
    #expect(rest.found == 0)
    let asked = world.asked.withLock { $0 }
    #expect(asked.suffix(2) == ["feed https://a.example/one t", "feed https://a.example/two t"], "\(asked)")
  }

  @Test func aWatchRunsNeitherTooOftenNorAllAtOnce() {
    func next(_ now: Double, chance: Double = 0) -> Double {
      DealSchedule.next(startedAt: 100, now: now, everySeconds: 300, chance: chance)
    }
    #expect(next(110) == 400 && next(110, chance: 0.5) == 415 && next(110, chance: 0.999) < 430)
    // A run that took longer than the time between two.
    #expect(next(1_000) == 1_001)
  }

  @Test func aReceiverIsLeftAloneForAsLongAsItAsks() {
    var message = DealMessageRow(id: "m", channel: "c", deal: "d", body: "{}", at: 0)
    message.attempts = 1
    func wait(_ asked: Double?) -> Double {
      MessagingAgent.after(message, .failed("429", askedSeconds: asked), now: 1_000, chance: 1).nextAt - 1_000
    }
    #expect(wait(nil) == 30 && wait(5) == 30 && wait(900) == 900 && wait(.infinity) == 86_400 && wait(-5) == 30)
  }
}
