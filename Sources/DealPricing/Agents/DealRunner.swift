// The one that drives the agents: asks the world what they want to know, keeps what they found, sends what they
// decided.
// Invariants: one run at a time; an entry and its deal are kept in one transaction, so that a killed run prices
// nothing twice; the decision to alert and the message are one transaction, so that a killed run alerts once; a feed's
// validators are kept after its entries, so that nothing is missed. What fails costs its own part and is said.
package import Base
import Models
package import Store
import Synchronization

package struct RunReport: Sendable, Equatable {
  package var number = 0
  package var found = 0
  package var refused = 0
  package var alerted = 0
  package var sent = 0
  package var warnings: [String] = []
  package var isStopped = false

  package var json: JSON {
    [
      "run": .integer(number), "found": .integer(found), "refused": .integer(refused), "alerted": .integer(alerted),
      "sent": .integer(sent), "warnings": JSON(warnings), "stopped": .bool(isStopped),
    ]
  }
}

package final class DealRunner: Sendable {
  private static let restSecondsMax = 6 * 3_600.0
  private static let seenSecondsMax = 400 * 86_400.0
  private static let pricedAgainSeconds = 3 * 86_400.0

  private let database: Database
  private let world: any DealWorld
  private let settings: DealSettings
  private let clock: any Clock
  private let random: any RandomSource
  private let log: @Sendable (AgentLine) -> Void
  private let isStopped: @Sendable () -> Bool
  private let outbox: DealOutbox
  private let running = Mutex<Void>(())

  package init(
    database: Database, world: any DealWorld, settings: DealSettings, outbox: DealOutbox = DealOutbox(),
    clock: any Clock = SystemClock(),
    random: any RandomSource = SystemRandom(), isStopped: @escaping @Sendable () -> Bool = { false },
    log: @escaping @Sendable (AgentLine) -> Void = { _ in }
  ) {
    self.database = database
    self.world = world
    self.settings = settings
    self.outbox = outbox
    self.clock = clock
    self.random = random
    self.isStopped = isStopped
    self.log = log
  }

  /// Throws only where the store does.
  package func run() throws -> RunReport {
    guard let report = try running.withLockIfAvailable({ _ in try runAlone() }) else {
      throw PlainFailure(.conflict, "run_under_way", "a run is under way", hint: "it ends by itself; look at the log")
    }
    return report
  }

  private func say(_ agent: DealAgent, _ text: String, isWarning: Bool = false) {
    log(AgentLine(at: clock.wallSeconds(), agent: agent, isWarning: isWarning, text: text))
  }

  private func warn(_ agent: DealAgent, _ text: String, _ report: inout RunReport) {
    say(agent, text, isWarning: true)
    report.warnings.append("\(agent.rawValue): \(text)")
  }

  private func words(_ error: any Error) -> String { PlainFailure.describing(error).message }

  private func runAlone() throws -> RunReport {
    var report = RunReport()
    report.number = try database.write { try $0.beginDealRun(at: clock.wallSeconds()) }
    say(.framework, "run \(report.number) begins")
    var planning = PlanningAgent()
    var feeds: [DealFeedRow] = []
    var chosen: Set<String>?
    while let step = planning.next() {
      guard !isStopped() else {
        report.isStopped = true
        break
      }
      switch step {
      case .deliver: try deliver(&report)
      case .scan:
        let found = try scan(&feeds, &report)
        let planned = try planned(found, &report)
        chosen = planned.chosen
        planning.found(planned.left)
      case .price(let deal): try price(deal, &report)
      case .weigh:
        try priceAgain(&report)
        try weigh(chosen, &report)
      }
    }
    let read = report.isStopped ? [] : feeds
    try database.write { [report] connection in
      for feed in read { try connection.keepDealFeed(feed) }
      try connection.forgetDealsSeen(before: clock.wallSeconds() - Self.seenSecondsMax)
      try connection.endDealRun(report.number, at: clock.wallSeconds(), report: report.json.text)
    }
    say(
      .framework,
      "run \(report.number): \(report.found) deals found, \(report.refused) entries refused, \(report.alerted) alerts")
    return report
  }

  // MARK: Scanning

  private func scan(_ feeds: inout [DealFeedRow], _ report: inout RunReport) throws -> [FoundDeal] {
    let now = clock.wallSeconds()
    var due: [String] = []
    for address in settings.feeds where !due.contains(address) {
      let known = try database.read { try $0.dealFeed(address) }
      // A clock that was set back must not keep a feed at rest for longer than anyone may ask.
      if let known, known.restUntil > now, known.restUntil - now <= 86_400 { continue }
      due.append(address)
    }
    var scanner = ScannerAgent(settings: settings, feeds: due, currency: world.currency)
    while !isStopped(), let request = scanner.next() {
      switch request {
      case .readFeed(let address): scanner.take(readFeed(address, &feeds, &report))
      case .lookUp(let keys):
        scanner.take(.seen(try database.read { connection in try Set(keys.filter { try connection.isDealSeen($0) }) }))
      case .readPage(let address):
        do { scanner.take(.page(try world.readPage(address))) } catch {
          warn(.scanner, words(error), &report)
          scanner.take(.failed(words(error)))
        }
      case .choose(let entries):
        say(.scanner, "\(entries.count) new entries")
        do { scanner.take(.chosen(try world.choose(entries))) } catch {
          warn(.scanner, "the model did not choose (\(words(error))); rules do", &report)
          scanner.take(.failed(words(error)))
        }
      }
    }
    for index in feeds.indices where scanner.unfinished.contains(feeds[index].address) {
      feeds[index].tag = nil
      feeds[index].modified = nil
    }
    let refused = scanner.refused
    report.refused += refused.count
    try database.write { connection in
      for entry in refused {
        try connection.markDealSeen(entry.key, at: now, outcome: entry.reason, title: String(entry.title.prefix(300)))
      }
    }
    say(.scanner, "\(scanner.deals.count) deals with a clear price, \(refused.count) entries without")
    return scanner.deals
  }

  private func readFeed(
    _ address: String, _ feeds: inout [DealFeedRow], _ report: inout RunReport
  ) -> ScannerAgent.Answer {
    var row = (try? database.read { try $0.dealFeed(address) }) ?? DealFeedRow(address: address)
    defer { feeds.append(row) }
    do {
      let answer = try world.readFeed(address, tag: row.tag, modified: row.modified)
      row.failures = 0
      row.restUntil = 0
      if case .entries(let entries, let tag, let modified) = answer {
        if entries.isEmpty { warn(.scanner, "the feed \(address) has no entries", &report) }
        row.tag = tag
        row.modified = modified
      }
      return .feed(answer)
    } catch {
      row.failures += 1
      var rest = min(
        300 * Double(sign: .plus, exponent: min(row.failures - 1, 10), significand: 1), Self.restSecondsMax)
      if let failure = error as? FetchFailure, case .hostWaits(let seconds) = failure.cause {
        rest = max(rest, seconds)
      }
      row.restUntil = clock.wallSeconds() + min(rest, 86_400)
      warn(.scanner, "the feed was not read: \(words(error))", &report)
      return .failed(words(error))
    }
  }

  // MARK: Planning by a model

  /// What a planner left to be valued, and what it wants told.
  private func planned(
    _ deals: [FoundDeal], _ report: inout RunReport
  ) throws -> (left: [FoundDeal], chosen: Set<String>?) {
    guard !deals.isEmpty, let opening = world.plannerOpening else { return (deals, nil) }
    var planner = AutonomousPlanner(opening: opening, deals: deals, settings: settings)
    while !isStopped(), let request = planner.next() {
      switch request {
      case .think(let transcript):
        do {
          let call = try world.plan(transcript)
          say(.planning, "\(call.tool.rawValue)\(call.deal.map { " \($0)" } ?? "")")
          planner.take(.called(call))
        } catch { planner.take(.failed(words(error))) }
      case .estimate(let deal): planner.take(.valued(PlanningAgent.told(try price(deal, &report))))
      }
    }
    if let why = planner.why { warn(.planning, "the planner was left: \(why); the rules decide", &report) }
    return (planner.left, planner.chosen)
  }

  // MARK: Pricing

  @discardableResult
  private func price(_ deal: FoundDeal, _ report: inout RunReport) throws -> DealRow {
    let evidence: JSONObject = [
      "title": .string(deal.title), "found_by": .string(deal.foundBy), "formerly": JSON(deal.formerly),
      "details": .string(deal.details), "page": JSON(deal.pageRemark.map { [$0] } ?? []),
    ]
    var row = DealRow(
      id: deal.key, run: report.number, foundAt: clock.wallSeconds(), description: deal.description,
      price: deal.price.amount, currency: deal.price.currency, url: deal.url, category: deal.category, estimate: nil,
      low: nil, high: nil, parts: "{}", comparables: "[]", evidence: "{}", decision: "open", reason: "")
    value(&row, details: deal.details, evidence: evidence, &report)
    let priced = row
    try database.write { connection in
      try connection.addDeal(priced)
      try connection.markDealSeen(priced.id, at: priced.foundAt, outcome: "deal", title: String(deal.title.prefix(300)))
    }
    CrashPoint.reached("deal-kept")
    report.found += 1
    return priced
  }

  private func value(
    _ row: inout DealRow, details: String, evidence: JSONObject, _ report: inout RunReport
  ) {
    let text = details.isEmpty ? row.description : "\(row.description)\n\(details)"
    let name = row.description.prefix(60).filter { !$0.isNewline }
    let ensemble = EnsembleAgent.driven(by: world, text: text, category: row.category) { part, price in
      say(DealAgent(part), "\(PlanningAgent.two(price)) for \(name)")
    }
    for remark in ensemble.remarks { warn(.ensemble, remark, &report) }
    if let estimate = ensemble.estimate {
      say(.ensemble, "\(name): worth about \(PlanningAgent.two(estimate.price))")
    }
    var evidence = evidence
    let isPageMissing = evidence["page"]?.array?.isEmpty == false
    evidence["missing"] = JSON((isPageMissing ? ["page"] : []) + ensemble.missing)
    evidence["remarks"] = JSON(ensemble.remarks)
    row.estimate = ensemble.estimate?.price
    row.low = ensemble.estimate?.low
    row.high = ensemble.estimate?.high
    row.parts = ensemble.partsJSON.text
    row.comparables = JSON.array(ensemble.comparables.prefix(5).map(\.json)).text
    row.evidence = JSON.object(evidence).text
  }

  /// Deals of the last days that no part could value get another chance, from what was kept of them.
  private func priceAgain(_ report: inout RunReport) throws {
    let since = clock.wallSeconds() - Self.pricedAgainSeconds
    let unpriced = try database.read { try $0.unpricedDeals(since: since, limit: settings.dealsPerRunMax) }
    for var row in unpriced where !isStopped() && row.run != report.number {
      let evidence = (try? JSON(parsing: row.evidence))?.object ?? [:]
      value(&row, details: evidence["details"]?.string ?? "", evidence: evidence, &report)
      guard row.estimate != nil else { continue }
      let priced = row
      try database.write { try $0.repriceDeal(priced) }
    }
  }

  // MARK: Alerts

  private func weigh(_ chosen: Set<String>?, _ report: inout RunReport) throws {
    let now = clock.wallSeconds()
    let channels = world.channels
    let run = report.number
    let told = try database.write { connection in
      let open = try connection.openDeals()
      var told: [String] = []
      for verdict in PlanningAgent.weigh(open, settings, run: run, chosen: chosen) {
        try connection.decideDeal(
          verdict.id, decision: verdict.isAlert ? "alerted" : "passed", reason: verdict.reason)
        guard verdict.isAlert, let deal = open.first(where: { $0.id == verdict.id }) else { continue }
        told.append(deal.description)
        let id = MessagingAgent.id(deal.id, occasion: 0)
        for channel in channels {
          try connection.addDealMessage(
            DealMessageRow(
              id: id, channel: channel, deal: deal.id, body: MessagingAgent.body(deal).text, at: now))
        }
      }
      return told
    }
    CrashPoint.reached("deal-decided")
    for name in told { say(.planning, "alert: \(name.prefix(80))") }
    report.alerted += told.count
  }

  /// Sends what is due. Marked before it is sent and after: a message that was on its way when the process was killed
  /// is sent again under its id.
  private func deliver(_ report: inout RunReport) throws {
    try outbox.alone { try deliverAlone(&report) }
  }

  private func deliverAlone(_ report: inout RunReport) throws {
    for due in try database.read({ try $0.dealMessagesDue(at: clock.wallSeconds()) }) where !isStopped() {
      var message = due
      message.attempts += 1
      message.state = "sending"
      let sending = message
      try database.write { try $0.updateDealMessage(sending) }
      CrashPoint.reached("deal-sending")
      let outcome: MessagingAgent.Outcome
      do {
        let body = (try? JSON(parsing: message.body)) ?? .null
        outcome = .taken(receipt: try world.send(body, id: message.id, over: message.channel))
      } catch let failure as MessageNotTaken {
        outcome = failure.isForGood ? .refused(failure.message) : .failed(failure.message, askedSeconds: failure.waits)
      } catch { outcome = .failed(words(error), askedSeconds: nil) }
      let after = MessagingAgent.after(message, outcome, now: clock.wallSeconds(), chance: random.fraction())
      try database.write { try $0.updateDealMessage(after) }
      if after.state == "sent" {
        report.sent += 1
        say(.messaging, "sent over \(message.channel)")
      } else {
        warn(.messaging, "\(message.channel) did not take the alert: \(after.outcome)", &report)
      }
    }
  }

  /// The alert of a deal once more, by hand. A message that is still on its way is tried now instead. The report is of
  /// this deal's messages alone, whoever sent them meanwhile.
  package func notify(_ id: String) throws -> RunReport {
    let now = clock.wallSeconds()
    let channels = world.channels
    let wanted = try database.write { connection in
      guard let deal = try connection.deal(id) else {
        throw PlainFailure(.notFound, "deal_not_found", "there is no deal '\(id.prefix(40))'")
      }
      let messages = try connection.dealMessages(of: id)
      let waiting = messages.filter { $0.state == "waiting" || $0.state == "sending" }
      for var message in waiting {
        message.nextAt = now
        try connection.updateDealMessage(message)
      }
      guard waiting.isEmpty else { return Set(waiting.map(\.number)) }
      let next = MessagingAgent.id(id, occasion: Set(messages.map(\.id)).count)
      for channel in channels {
        try connection.addDealMessage(
          DealMessageRow(id: next, channel: channel, deal: id, body: MessagingAgent.body(deal).text, at: now))
      }
      return Set(try connection.dealMessages(of: id).filter { $0.id == next }.map(\.number))
    }
    var ignored = RunReport()
    try deliver(&ignored)
    var report = RunReport()
    for message in try database.read({ try $0.dealMessages(of: id) }) where wanted.contains(message.number) {
      if message.state == "sent" {
        report.sent += 1
      } else {
        report.warnings.append("\(message.channel) did not take the alert: \(message.outcome)")
      }
    }
    return report
  }
}

/// One of a database: whoever delivers does so alone, so that no message is on its way twice.
package final class DealOutbox: Sendable {
  private let delivering = Mutex<Void>(())
  package init() {}
  func alone<Result>(_ body: () throws -> Result) throws -> Result { try delivering.withLock { _ in try body() } }
}

/// A receiver did not take a message.
package struct MessageNotTaken: Error {
  package let message: String
  /// Another try would be the same.
  package let isForGood: Bool
  /// It asked to be left alone for so many seconds.
  package let waits: Double?

  package init(_ message: String, isForGood: Bool = false, waits: Double? = nil) {
    self.message = message
    self.isForGood = isForGood
    self.waits = waits
  }
}
