// The rows of the deal finder, and the statements that read and write them.
import Base

package struct DealFeedRow: Sendable, Equatable {
  package var address: String
  package var tag: String?
  package var modified: String?
  package var failures = 0
  /// It is not asked before.
  package var restUntil = 0.0

  package init(address: String) { self.address = address }
}

package struct DealRow: Sendable, Equatable {
  package var id: String
  package var run: Int
  package var foundAt: Double
  package var description: String
  package var price: Double
  package var currency: String
  package var url: String
  package var category: String
  package var estimate: Double?
  package var low: Double?
  package var high: Double?
  /// JSON, as are the next two.
  package var parts: String
  package var comparables: String
  package var evidence: String
  /// 'open' until its run has weighed it, then 'alerted' or 'passed'.
  package var decision: String
  package var reason: String

  package init(
    id: String, run: Int, foundAt: Double, description: String, price: Double, currency: String, url: String,
    category: String, estimate: Double?, low: Double?, high: Double?, parts: String, comparables: String,
    evidence: String, decision: String, reason: String
  ) {
    self.id = id
    self.run = run
    self.foundAt = foundAt
    self.description = description
    self.price = price
    self.currency = currency
    self.url = url
    self.category = category
    self.estimate = estimate
    self.low = low
    self.high = high
    self.parts = parts
    self.comparables = comparables
    self.evidence = evidence
    self.decision = decision
    self.reason = reason
  }

  init(_ row: borrowing Row) {
    id = row.text(0)
    run = row.integer(1)
    foundAt = row.real(2)
    description = row.text(3)
    price = row.real(4)
    currency = row.text(5)
    url = row.text(6)
    category = row.text(7)
    estimate = row.optionalReal(8)
    low = row.optionalReal(9)
    high = row.optionalReal(10)
    parts = row.text(11)
    comparables = row.text(12)
    evidence = row.text(13)
    decision = row.text(14)
    reason = row.text(15)
  }
}

package struct DealMessageRow: Sendable, Equatable {
  package var number = 0
  package var id: String
  package var channel: String
  package var deal: String
  /// JSON.
  package var body: String
  package var createdAt: Double
  package var attempts = 0
  package var nextAt: Double
  /// 'waiting', 'sending', 'sent' or 'given_up'.
  package var state = "waiting"
  package var outcome = ""

  package init(id: String, channel: String, deal: String, body: String, at: Double) {
    self.id = id
    self.channel = channel
    self.deal = deal
    self.body = body
    createdAt = at
    nextAt = at
  }

  init(_ row: borrowing Row) {
    number = row.integer(0)
    id = row.text(1)
    channel = row.text(2)
    deal = row.text(3)
    body = row.text(4)
    createdAt = row.real(5)
    attempts = row.integer(6)
    nextAt = row.real(7)
    state = row.text(8)
    outcome = row.text(9)
  }
}

extension Connection {
  // MARK: Feeds and what was seen

  package func dealFeed(_ address: String) throws -> DealFeedRow? {
    try first("SELECT tag, modified, failures, rest_until FROM deal_feeds WHERE address = ?", .text(address)) { row in
      var feed = DealFeedRow(address: address)
      feed.tag = row.optionalText(0)
      feed.modified = row.optionalText(1)
      feed.failures = row.integer(2)
      feed.restUntil = row.real(3)
      return feed
    }
  }

  package func keepDealFeed(_ feed: DealFeedRow) throws {
    try run(
      "INSERT OR REPLACE INTO deal_feeds (address, tag, modified, failures, rest_until) VALUES (?, ?, ?, ?, ?)",
      .text(feed.address), SQLValue(feed.tag), SQLValue(feed.modified), SQLValue(feed.failures), .real(feed.restUntil))
  }

  /// How many are known, and those that failed when they were last asked.
  package func dealFeedsFailing() throws -> (known: Int, failing: [String]) {
    let known = try first("SELECT count(*) FROM deal_feeds") { $0.integer(0) } ?? 0
    return (known, try all("SELECT address FROM deal_feeds WHERE failures > 0 ORDER BY address") { $0.text(0) })
  }

  package func isDealSeen(_ key: String) throws -> Bool {
    try first("SELECT 1 FROM deal_seen WHERE key = ?", .text(key)) { _ in true } ?? false
  }

  package func markDealSeen(_ key: String, at: Double, outcome: String, title: String) throws {
    try run(
      "INSERT OR IGNORE INTO deal_seen (key, at, outcome, title) VALUES (?, ?, ?, ?)", .text(key), .real(at),
      .text(outcome), .text(title))
  }

  package func forgetDealsSeen(before: Double) throws { try run("DELETE FROM deal_seen WHERE at < ?", .real(before)) }

  package func dealsSeenCount() throws -> Int {
    try first("SELECT count(*) FROM deal_seen") { $0.integer(0) } ?? 0
  }

  // MARK: Runs

  package func beginDealRun(at: Double) throws -> Int {
    try run("INSERT INTO deal_runs (started_at) VALUES (?)", .real(at))
    return lastInsertedRow
  }

  package func endDealRun(_ number: Int, at: Double, report: String) throws {
    try run(
      "UPDATE deal_runs SET finished_at = ?, report = ? WHERE number = ?", .real(at), .text(report), SQLValue(number))
  }

  package func lastDealRun() throws -> (startedAt: Double, finishedAt: Double?, report: String)? {
    try first("SELECT started_at, finished_at, report FROM deal_runs ORDER BY number DESC LIMIT 1") {
      ($0.real(0), $0.optionalReal(1), $0.text(2))
    }
  }

  // MARK: Deals

  private static let dealColumns = """
    SELECT id, run, found_at, description, price, currency, url, category, estimate, low, high, parts, comparables,
      evidence, decision, reason FROM deals
    """

  package func addDeal(_ deal: DealRow) throws {
    try run(
      """
      INSERT OR IGNORE INTO deals (id, run, found_at, description, price, currency, url, category, estimate, low, high,
        parts, comparables, evidence, decision, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .text(deal.id), SQLValue(deal.run), .real(deal.foundAt), .text(deal.description), .real(deal.price),
      .text(deal.currency), .text(deal.url), .text(deal.category), SQLValue(deal.estimate), SQLValue(deal.low),
      SQLValue(deal.high), .text(deal.parts), .text(deal.comparables), .text(deal.evidence), .text(deal.decision),
      .text(deal.reason))
  }

  package func deal(_ id: String) throws -> DealRow? {
    try first("\(Self.dealColumns) WHERE id = ?", .text(id)) { DealRow($0) }
  }

  /// Found and not yet weighed, of a run that was killed before it came to it, too.
  package func openDeals() throws -> [DealRow] {
    try all("\(Self.dealColumns) WHERE decision = 'open' ORDER BY number") { DealRow($0) }
  }

  /// The best discount first.
  package func deals(limit: Int) throws -> [DealRow] {
    try all(
      "\(Self.dealColumns) ORDER BY estimate IS NULL, estimate - price DESC, number LIMIT ?", SQLValue(limit)
    ) { DealRow($0) }
  }

  /// Found since then, and never given an estimate: another run may.
  package func unpricedDeals(since: Double, limit: Int) throws -> [DealRow] {
    try all(
      "\(Self.dealColumns) WHERE estimate IS NULL AND found_at >= ? ORDER BY number DESC LIMIT ?", .real(since),
      SQLValue(limit)
    ) { DealRow($0) }
  }

  /// Its price's evidence made anew; it is to be weighed again.
  package func repriceDeal(_ deal: DealRow) throws {
    try run(
      """
      UPDATE deals SET estimate = ?, low = ?, high = ?, parts = ?, comparables = ?, evidence = ?, decision = 'open'
      WHERE id = ?
      """, SQLValue(deal.estimate), SQLValue(deal.low), SQLValue(deal.high), .text(deal.parts),
      .text(deal.comparables), .text(deal.evidence), .text(deal.id))
  }

  package func decideDeal(_ id: String, decision: String, reason: String) throws {
    try run("UPDATE deals SET decision = ?, reason = ? WHERE id = ?", .text(decision), .text(reason), .text(id))
  }

  // MARK: Messages

  private static let messageColumns = """
    SELECT number, id, channel, deal, body, created_at, attempts, next_at, state, outcome FROM deal_messages
    """

  /// Does nothing where the same message is there already.
  package func addDealMessage(_ message: DealMessageRow) throws {
    try run(
      """
      INSERT OR IGNORE INTO deal_messages (id, channel, deal, body, created_at, next_at, state)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, .text(message.id), .text(message.channel), .text(message.deal), .text(message.body),
      .real(message.createdAt), .real(message.nextAt), .text(message.state))
  }

  package func dealMessages(of deal: String) throws -> [DealMessageRow] {
    try all("\(Self.messageColumns) WHERE deal = ? ORDER BY number", .text(deal)) { DealMessageRow($0) }
  }

  /// Waiting ones whose time has come, and those that a killed process left half sent.
  package func dealMessagesDue(at: Double) throws -> [DealMessageRow] {
    try all(
      "\(Self.messageColumns) WHERE state IN ('waiting', 'sending') AND next_at <= ? ORDER BY number", .real(at)
    ) { DealMessageRow($0) }
  }

  /// Messages that were tried and did not get through: those that wait for the next try, and those given up since then.
  package func dealMessagesStuck(since: Double) throws -> (waiting: Int, givenUp: Int, outcome: String) {
    let stuck = try all(
      """
      SELECT state, outcome FROM deal_messages
      WHERE state IN ('waiting', 'sending') AND attempts > 0 OR state = 'given_up' AND created_at > ? ORDER BY number
      """, .real(since)
    ) { (state: $0.text(0), outcome: $0.text(1)) }
    let givenUp = stuck.count { $0.state == "given_up" }
    return (stuck.count - givenUp, givenUp, stuck.last?.outcome ?? "")
  }

  package func updateDealMessage(_ message: DealMessageRow) throws {
    try run(
      "UPDATE deal_messages SET attempts = ?, next_at = ?, state = ?, outcome = ? WHERE number = ?",
      SQLValue(message.attempts), .real(message.nextAt), .text(message.state), .text(message.outcome),
      SQLValue(message.number))
  }
}
