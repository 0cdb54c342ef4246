// The process killed at every step of a run, by a signal that nothing can catch: the next run finds what is left,
// prices nothing twice, and every alert comes under one id.
import Base
import Foundation
import Store
import Synchronization
import Testing

@testable import DealPricing

#if canImport(Glibc)
  import Glibc
#endif

/// Two cheap things in one feed. It dies at the given call, counted over all of them, as by a power cut; what a
/// receiver took lies in a file of its own.
private final class MortalWorld: DealWorld {
  let currency: String? = "USD"
  let channels = ["webhook"]
  private let receiver: String
  private let diesAt: Int
  private let calls = Atomic<Int>(0)

  init(receiver: String, diesAt: Int) {
    self.receiver = receiver
    self.diesAt = diesAt
  }

  private func step() { if calls.wrappingAdd(1, ordering: .relaxed).newValue == diesAt { kill(getpid(), SIGKILL) } }

  func readFeed(_ address: String, tag: String?, modified: String?) throws -> FeedAnswer {
    step()
    let entries = (1...2).map { number in
      DealEntry(title: "Steel kettle number \(number) for $\(number)0", link: "https://a.example/\(number)", text: "")
    }
    return tag == nil ? .entries(entries, tag: "t", modified: nil) : .unchanged
  }
  func readPage(_ address: String) throws -> String? {
    step()
    return "page"
  }
  func choose(_ entries: [DealEntry]) throws -> [ChosenDeal]? { nil }
  func comparables(_ text: String, category: String) throws -> [DealComparable] { [] }
  func estimate(_ part: PricePart, _ text: String, category: String) throws -> Double? {
    step()
    return 200
  }
  func combine(_ parts: PartEstimates, _ text: String, category: String) throws -> PriceEstimate? {
    PriceEstimate(price: 200, low: 150, high: 250)
  }
  func send(_ body: JSON, id: String, over channel: String) throws -> String {
    step()
    try FileAccess.append(Array("\(id)\n".utf8), to: receiver)
    step()
    return "ok"
  }
}

private func run(in folder: String, diesAt: Int) throws {
  let database = try Database(path: "\(folder)/d.db", migrations: LibrarySchema.migrations)
  var settings = DealSettings()
  settings.feeds = ["https://a.example/feed"]
  settings.alertsPerRunMax = 10
  let world = MortalWorld(receiver: "\(folder)/receiver", diesAt: diesAt)
  _ = try DealRunner(database: database, world: world, settings: settings).run()
}

@Suite struct DealCrashTests {
  @Test(arguments: 1...12)
  func nothingIsLostAndNothingIsToldTwice(diesAt: Int) async throws {
    let folder = NSTemporaryDirectory() + "deal-crash-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // One feed, two pages, two times three estimates, two messages of two steps: thirteen steps.
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [folder = folder as String, diesAt = diesAt as Int] in
      try run(in: folder, diesAt: diesAt)
    }
    try run(in: folder, diesAt: 0)
    try run(in: folder, diesAt: 0)
    let taken = try String(contentsOfFile: "\(folder)/receiver", encoding: .utf8).split(separator: "\n")
    #expect(Set(taken).count == 2, "an alert was lost, or has two ids")
    // Only one that was on its way at the very moment may come twice, under its id.
    #expect(taken.count <= (diesAt >= 10 ? 3 : 2))
    let database = try Database(path: "\(folder)/d.db", migrations: LibrarySchema.migrations)
    let deals = try database.read { try $0.deals(limit: 10) }
    #expect(deals.count == 2 && deals.allSatisfy { $0.decision == "alerted" })
    let messages = try database.read { connection in try deals.flatMap { try connection.dealMessages(of: $0.id) } }
    #expect(messages.count == 2 && messages.allSatisfy { $0.state == "sent" })
  }
}
