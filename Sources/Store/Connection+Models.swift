// The rows of what is kept of calls to models, and the statements that read and write them.
import Base

package struct ModelCallRow: Sendable, Equatable {
  package var at: Double
  package var purpose: String
  package var endpoint = ""
  package var model: String
  /// "running", "done", or the code of the failure.
  package var outcome: String
  /// Set aside of the budget while it runs.
  package var reservedTokens = 0
  package var inputTokens = 0
  package var outputTokens = 0
  package var isCounted = false
  package var isCached = false
  package var cost: Double?
  package var currency = ""
  package var firstTextMs: Double?
  package var elapsedMs = 0.0
  package var attempts = 0

  package init(at: Double, purpose: String, model: String, outcome: String, reservedTokens: Int = 0) {
    self.at = at
    self.purpose = purpose
    self.model = model
    self.outcome = outcome
    self.reservedTokens = reservedTokens
  }

  init(_ row: borrowing Row) {
    at = row.real(0)
    purpose = row.text(1)
    endpoint = row.text(2)
    model = row.text(3)
    outcome = row.text(4)
    reservedTokens = row.integer(5)
    inputTokens = row.integer(6)
    outputTokens = row.integer(7)
    isCounted = row.integer(8) != 0
    isCached = row.integer(9) != 0
    cost = row.optionalReal(10)
    currency = row.text(11)
    firstTextMs = row.optionalReal(12)
    elapsedMs = row.real(13)
    attempts = row.integer(14)
  }
}

package struct StructuredCallRow: Sendable, Equatable {
  package let at: Double
  package let purpose: String
  package let form: String
  package let model: String
  package let documents: String
  package let request: String
  package let reply: String

  package init(
    at: Double, purpose: String, form: String, model: String, documents: String, request: String, reply: String
  ) {
    self.at = at
    self.purpose = purpose
    self.form = form
    self.model = model
    self.documents = documents
    self.request = request
    self.reply = reply
  }
}

extension Connection {
  // MARK: Calls

  /// Returns its id.
  package func addModelCall(_ call: ModelCallRow) throws -> Int {
    try run(
      """
      INSERT INTO model_calls (at, purpose, endpoint, model, outcome, reserved_tokens, input_tokens, output_tokens,
        is_counted, is_cached, cost, currency, first_text_ms, elapsed_ms, attempts)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, .real(call.at), .text(call.purpose), .text(call.endpoint), .text(call.model), .text(call.outcome),
      SQLValue(call.reservedTokens), SQLValue(call.inputTokens), SQLValue(call.outputTokens),
      SQLValue(call.isCounted ? 1 : 0), SQLValue(call.isCached ? 1 : 0), SQLValue(call.cost), .text(call.currency),
      SQLValue(call.firstTextMs), .real(call.elapsedMs), SQLValue(call.attempts))
    return lastInsertedRow
  }

  package func setAsideMore(_ id: Int, tokens: Int) throws {
    try run("UPDATE model_calls SET reserved_tokens = reserved_tokens + ? WHERE id = ?", SQLValue(tokens), SQLValue(id))
  }

  /// Its time stays that of its begin: a budget counts from there.
  package func endModelCall(_ id: Int, _ call: ModelCallRow) throws {
    try run(
      """
      UPDATE model_calls SET endpoint = ?, model = ?, outcome = ?, reserved_tokens = 0, input_tokens = ?,
        output_tokens = ?, is_counted = ?, cost = ?, currency = ?, first_text_ms = ?, elapsed_ms = ?, attempts = ?
      WHERE id = ?
      """, .text(call.endpoint), .text(call.model), .text(call.outcome), SQLValue(call.inputTokens),
      SQLValue(call.outputTokens), SQLValue(call.isCounted ? 1 : 0), SQLValue(call.cost), .text(call.currency),
      SQLValue(call.firstTextMs), .real(call.elapsedMs), SQLValue(call.attempts), SQLValue(id))
  }

  /// Spent or set aside since then.
  package func modelTokens(since: Double) throws -> Int {
    try first(
      "SELECT total(reserved_tokens + input_tokens + output_tokens) FROM model_calls WHERE at > ?", .real(since)
    ) { Int($0.real(0)) } ?? 0
  }

  /// The time of the call with whose end of its hour so many tokens are free again; nil where they never are.
  package func modelTokensFree(needed: Int, since: Double) throws -> Double? {
    var freed = 0
    var at: Double?
    try rows(
      """
      SELECT at, reserved_tokens + input_tokens + output_tokens FROM model_calls WHERE at > ? ORDER BY at
      """, [.real(since)]
    ) { row in
      guard freed < needed else { return }
      freed += row.integer(1)
      at = row.real(0)
    }
    return freed >= needed ? at : nil
  }

  package func dropModelCalls(before: Double) throws {
    try run("DELETE FROM model_calls WHERE at < ?", .real(before))
  }

  /// For reports, oldest first.
  package func modelCalls(since: Double) throws -> [ModelCallRow] {
    try all(
      """
      SELECT at, purpose, endpoint, model, outcome, reserved_tokens, input_tokens, output_tokens, is_counted, is_cached,
        cost, currency, first_text_ms, elapsed_ms, attempts
      FROM model_calls WHERE at > ? ORDER BY at, id
      """, .real(since)
    ) { ModelCallRow($0) }
  }

  // MARK: Replies kept

  package func keptReply(_ digest: [UInt8], since: Double) throws -> String? {
    try first("SELECT reply FROM kept_replies WHERE digest = ? AND at > ?", .blob(digest), .real(since)) { $0.text(0) }
  }

  package func keepReply(_ digest: [UInt8], at: Double, documents: String, reply: String) throws {
    try run(
      "INSERT OR REPLACE INTO kept_replies (digest, at, documents, reply) VALUES (?, ?, ?, ?)", .blob(digest),
      .real(at), .text(documents), .text(reply))
  }

  /// Keeps the newest.
  package func dropKeptReplies(keeping count: Int) throws {
    try run(
      """
      DELETE FROM kept_replies WHERE digest IN (
        SELECT digest FROM kept_replies ORDER BY at DESC, digest LIMIT -1 OFFSET ?)
      """, SQLValue(count))
  }

  /// Replies and calls that hold words of a document.
  package borrowing func dropModelTraces(ofDocument number: Int) throws {
    for table in ["kept_replies", "structured_calls"] {
      try run(
        "DELETE FROM \(table) WHERE instr(documents, (SELECT id FROM documents WHERE number = ?)) > 0",
        .integer(Int64(number)))
    }
  }

  package func keptReplyCount() throws -> Int {
    try first("SELECT count(*) FROM kept_replies") { $0.integer(0) } ?? 0
  }

  // MARK: Structured calls

  package func addStructuredCall(_ call: StructuredCallRow) throws {
    try run(
      """
      INSERT INTO structured_calls (at, purpose, form, model, documents, request, reply)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """, .real(call.at), .text(call.purpose), .text(call.form), .text(call.model), .text(call.documents),
      .text(call.request), .text(call.reply))
  }

  package func dropStructuredCalls(keeping count: Int) throws {
    try run(
      "DELETE FROM structured_calls WHERE id <= (SELECT max(id) FROM structured_calls) - ?", SQLValue(count))
  }

  package func structuredCalls() throws -> [StructuredCallRow] {
    try all("SELECT at, purpose, form, model, documents, request, reply FROM structured_calls ORDER BY id") {
      StructuredCallRow(
        at: $0.real(0), purpose: $0.text(1), form: $0.text(2), model: $0.text(3), documents: $0.text(4),
        request: $0.text(5), reply: $0.text(6))
    }
  }
}
