// The watch as it runs on a machine: again and again, never two at a time, killed at any moment without an alert lost
// or told twice.
import Base
import Foundation
import ScriptedEndpoint
import Store
import Synchronization
import Testing

@Suite struct DealWatchTests {
  private static let everySecond = ["FOOTNOTE_DEALS_EVERY_SECONDS": "1"]

  /// A watch in the background until `isEnough`, then told to stop; its exit status.
  private func watch(_ stage: DealStage, _ more: [String: String] = [:], until isEnough: () -> Bool) throws -> Int32 {
    let process = Binary.make(
      ["deals", "watch"], data: stage.folder.data,
      environment: stage.environment.merging(Self.everySecond) { $1 }.merging(more) { $1 })
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<2_400 where process.isRunning && !isEnough() { usleep(50_000) }
    process.interrupt()
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
  }

  private func runs(_ stage: DealStage) throws -> [(begun: Double, ended: Double?)] {
    let database = try Database(path: "\(stage.folder.data)/library.db", migrations: LibrarySchema.migrations)
    return try database.read { connection in
      try connection.all("SELECT started_at, finished_at FROM deal_runs ORDER BY number") {
        ($0.real(0), $0.optionalReal(1))
      }
    }
  }

  @Test func itRunsAgainAndAgainAndStopsWhenTold() throws {
    let stage = try DealStage()
    let status = try watch(stage) { stage.shop.requests.count { $0.path == "/feed" } >= 3 }
    #expect(status == 130)
    let runs = try runs(stage)
    #expect(runs.count >= 3)
    for (one, next) in zip(runs, runs.dropFirst()) { #expect(try #require(one.ended) <= next.begun) }
    // What was seen is not read again, and told once.
    #expect(try stage.deals().count == 3 && stage.told.count == 1)
    #expect(stage.shop.requests.count { $0.path.hasPrefix("/kettle/") } == 3)
    #expect(stage.shop.requests.count { $0.path == "/robots.txt" } == 1)
  }

  /// Killed after a deal was kept, after the decision, before the log file and before the webhook were told.
  @Test(arguments: ["deal-kept:1", "deal-kept:3", "deal-decided:1", "deal-sending:1", "deal-sending:2"])
  func killedItGoesOnWithoutAnAlertLostOrTwice(_ place: String) throws {
    let receiver = try ScriptedEndpoint { _, _ in .json([:]) }
    defer { receiver.stop() }
    let stage = try DealStage(["FOOTNOTE_WEBHOOK_URL": receiver.url])
    #expect(try watch(stage, ["FOOTNOTE_CRASH_AT": place]) { false } == -SIGKILL)
    let before = stage.shop.requests.count { $0.path == "/feed" }
    #expect(try watch(stage) { stage.shop.requests.count { $0.path == "/feed" } >= before + 2 } == 130)
    #expect(receiver.requests.count == 1 && stage.told.count == 1)
    let deals = try stage.deals()
    #expect(deals.count == 3 && deals.count { $0.alerted?.bool == true } == 1)
    #expect(deals.first?.messages?.array?.allSatisfy { $0.state?.string == "sent" } == true)
  }

  /// The one moment in which a message may come twice: taken, and not yet written down. It comes under one id.
  @Test func killedWhileAReceiverTakesItItIsSentUnderTheSameId() throws {
    let victim = Mutex<Int32>(0)
    let receiver = try ScriptedEndpoint { _, number in
      guard number == 0 else { return .json([:]) }
      kill(victim.withLock { $0 }, SIGKILL)
      return [.close]
    }
    defer { receiver.stop() }
    let stage = try DealStage(["FOOTNOTE_WEBHOOK_URL": receiver.url])
    let process = Binary.make(["deals", "run"], data: stage.folder.data, environment: stage.environment)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    victim.withLock { $0 = process.processIdentifier }
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(try stage.json("deals", "run").alerted?.int == 0)
    let keys = receiver.requests.map { $0.header("Idempotency-Key") }
    #expect(keys.count == 2 && Set(keys).count == 1 && stage.told.count == 1)
  }

  @Test func aSecondRunMeanwhileIsRefused() throws {
    let stage = try DealStage(withCatalogue: false) { request, _ in
      request.path == "/feed" ? [.wait(seconds: 3)] + .error(503) : nil
    }
    let server = try RunningServer(data: stage.folder.data, environment: stage.environment)
    defer { _ = server.stop() }
    let first = Binary.make(["deals", "run"], data: stage.folder.data, environment: stage.environment)
    first.standardOutput = FileHandle.nullDevice
    first.standardError = FileHandle.nullDevice
    try first.run()
    for _ in 0..<600 where !stage.shop.requests.contains(where: { $0.path == "/feed" }) { usleep(50_000) }
    let second = try stage.run("deals", "run")
    #expect(second.status == 1 && second.errors.contains("a run is under way"), "\(second.errors)")
    first.waitUntilExit()
    #expect(first.terminationStatus == 0)
    #expect(try runs(stage).count == 1)
  }
}
