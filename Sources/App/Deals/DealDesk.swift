// The deal finder of one library: its runs, its live log, its watch. One desk a process; runs never overlap.
package import Base
import DealPricing
import Foundation
package import KnowledgeBase
import Models
import Store
import Synchronization

package final class DealDesk: Sendable {
  private static let linesMax = 500
  private static let pollSeconds = 0.2
  private static let logKey = "deal log"

  private struct State {
    var lines: [AgentLine] = []
    /// Of the first line that is kept.
    var firstNumber = 0
    var nextRunAt: Double?
    var isRunning = false
  }

  let library: Library
  private let configuration: Configuration
  private let clock: any Clock
  private let stop: StopFlag
  private let fetcher: WebFetcher
  private let say: @Sendable (AgentLine) -> Void
  private let outbox = DealOutbox()
  let means: PriceMeans
  private let model: ChatService?
  private let prompts: PromptShelf
  private let state = Mutex(State())

  package init(
    library: Library, configuration: Configuration, stop: StopFlag = StopFlag(), clock: any Clock = SystemClock(),
    say: @escaping @Sendable (JSON) -> Void = { _ in }
  ) throws {
    means = try PriceMeans(configuration, library: library, isCancelled: { stop.isSet })
    model = try ChatEndpoints.service(configuration, library: library)
    prompts = try ChatEndpoints.prompts(configuration)
    self.library = library
    self.configuration = configuration
    self.clock = clock
    self.stop = stop
    self.say = { say($0.json) }
    let kept = try library.database.read { try $0.setting(Self.logKey) }.flatMap { try? JSON(parsing: $0) }
    state.withLock { $0.lines = (kept?.array ?? []).compactMap(AgentLine.init(kept:)) }
    fetcher = WebFetcher(configuration.fetchRules, clock: clock, isCancelled: { stop.isSet })
  }

  /// Of the products that deals are compared with: whoever may not see it sees no deals.
  var collection: String { configuration.dealCollection }

  private func world(files: [String]) throws -> LiveDealWorld {
    let prices = CatalogueAppraiser(PriceDesk(library: library, collection: collection), means)
    if let remark = prices.fitRemark() {
      keep(AgentLine(at: clock.wallSeconds(), agent: .ensemble, isWarning: true, text: remark))
    }
    var world = LiveDealWorld(configuration, fetcher: fetcher, prices: prices, files: files)
    if let model {
      func asked(_ prompt: String) throws -> PromptedModel {
        PromptedModel(model, prompt: try prompts.prompt(prompt), isCancelled: { [stop] in stop.isSet })
      }
      if configuration.text(Settings.dealScanner) != "rules" { world.chooser = DealChooser(try asked("deal-choice")) }
      if configuration.flag(Settings.dealPlanner) {
        let planner = PlannerModel(try asked("deal-planner"))
        world.planner = (planner, try planner.opening(configuration.dealSettings))
      }
    }
    return world
  }

  private func runner(files: [String]) throws -> DealRunner {
    var settings = configuration.dealSettings
    if !files.isEmpty { settings.feeds = files }
    return DealRunner(
      database: library.database, world: try world(files: files), settings: settings, outbox: outbox,
      clock: clock,
      isStopped: { [stop] in stop.isSet }
    ) { [weak self] line in
      self?.keep(line)
    }
  }

  /// The log of the last runs outlives the process; that of a killed run does not.
  private func keepLog() {
    let lines = state.withLock { $0.lines }
    let text = JSON.array(lines.map(\.kept)).text
    do { try library.database.write { try $0.setSetting(Self.logKey, to: text) } } catch {
      say(framework("the log was not kept: \(PlainFailure.describing(error).message)", isWarning: true))
    }
  }

  private func framework(_ text: String, isWarning: Bool) -> AgentLine {
    AgentLine(at: clock.wallSeconds(), agent: .framework, isWarning: isWarning, text: text)
  }

  private func keep(_ line: AgentLine) {
    say(line)
    state.withLock { state in
      state.lines.append(line)
      if state.lines.count > Self.linesMax {
        state.lines.removeFirst()
        state.firstNumber += 1
      }
    }
  }

  private static let underWay = PlainFailure(
    .conflict, "run_under_way", "a run is under way", hint: "it ends by itself; follow its log")

  /// One run. `files` are feeds on this machine that take the place of the configured ones.
  package func run(files: [String] = []) throws -> JSON {
    let isFree = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    guard isFree else {
      throw Self.underWay
    }
    defer {
      keepLog()
      state.withLock { $0.isRunning = false }
    }
    let started = clock.monotonicSeconds()
    var shape = try runner(files: files).run().json.object ?? [:]
    shape["elapsed_ms"] = .number(Shapes.rounded((clock.monotonicSeconds() - started) * 1_000))
    return .object(shape)
  }

  /// The deal's alert once more.
  package func notify(_ id: String) throws -> JSON {
    defer { keepLog() }
    let report = try runner(files: []).notify(id)
    return ["sent": .integer(report.sent), "warnings": JSON(report.warnings)]
  }

  /// Runs again and again until the stop flag is set. A run that fails is said, and the next one comes all the same.
  func watch(random: any RandomSource = SystemRandom(), ended: @Sendable (JSON) -> Void = { _ in }) {
    let sleeper = SystemSleeper()
    while !stop.isSet {
      let started = clock.monotonicSeconds()
      do { ended(try run()) } catch let failure as PlainFailure where failure.code == Self.underWay.code {
        keep(framework("passed over: \(failure.message)", isWarning: false))
      } catch {
        keep(framework("the run failed: \(PlainFailure.describing(error).message)", isWarning: true))
      }
      let due = DealSchedule.next(
        startedAt: started, now: clock.monotonicSeconds(), everySeconds: configuration.dealSecondsBetween,
        chance: random.fraction())
      state.withLock { $0.nextRunAt = clock.wallSeconds() + due - clock.monotonicSeconds() }
      while !stop.isSet, clock.monotonicSeconds() < due { sleeper.sleep(seconds: Self.pollSeconds) }
    }
  }

  var isStopped: Bool { stop.isSet }

  /// The run at hand ends after its step; what it has not come to waits for the next one.
  func close(secondsMax: Double) {
    stop.set()
    let due = clock.monotonicSeconds() + secondsMax
    while state.withLock({ $0.isRunning }), clock.monotonicSeconds() < due {
      SystemSleeper().sleep(seconds: Self.pollSeconds)
    }
  }

  /// Lines from a number on, and the number after the last.
  func lines(from number: Int) -> (lines: [AgentLine], next: Int) {
    state.withLock { state in
      let skipped = max(0, number - state.firstNumber)
      return (Array(state.lines.dropFirst(skipped)), state.firstNumber + state.lines.count)
    }
  }

  // MARK: What it knows

  package func list(limit: Int = 200) throws -> JSON {
    let (rows, last) = try library.database.read { (try $0.deals(limit: limit), try $0.lastDealRun()) }
    let (isRunning, next) = state.withLock { ($0.isRunning, $0.nextRunAt) }
    return [
      "deals": .array(rows.map(DealShapes.deal)), "running": .bool(isRunning),
      "next_run_at": JSON(next.map(CalendarDate.timestamp)),
      "last_run_at": JSON(last.map { CalendarDate.timestamp($0.startedAt) }),
      "last_run": last.flatMap { try? JSON(parsing: $0.report) } ?? .null,
    ]
  }

  package func deal(_ id: String) throws -> JSON {
    let (row, messages) = try library.database.read { (try $0.deal(id), try $0.dealMessages(of: id)) }
    guard let row else {
      throw PlainFailure(
        .notFound, "deal_not_found", "there is no deal '\(id.prefix(40))'", hint: "footnote deals list")
    }
    return DealShapes.whole(row, messages)
  }
}
