// Statements on API keys, the audit log and what requests took.
import Base

package struct KeyRow: Sendable, Equatable {
  package let id: String
  package let name: String
  package let digest: [UInt8]
  package let scope: String
  /// A JSON list of names; nil: every collection.
  package let collections: String?
  package let requestsPerMinute: Int?
  package let createdAt: Double
  package let expiresAt: Double?
  package var revokedAt: Double?

  package init(
    id: String, name: String, digest: [UInt8], scope: String, collections: String?, requestsPerMinute: Int?,
    createdAt: Double, expiresAt: Double?
  ) {
    self.id = id
    self.name = name
    self.digest = digest
    self.scope = scope
    self.collections = collections
    self.requestsPerMinute = requestsPerMinute
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }

  init(_ row: borrowing Row) {
    id = row.text(0)
    name = row.text(1)
    digest = row.blob(2)
    scope = row.text(3)
    collections = row.optionalText(4)
    requestsPerMinute = row.optionalInteger(5)
    createdAt = row.real(6)
    expiresAt = row.optionalReal(7)
    revokedAt = row.optionalReal(8)
  }
}

package struct AuditRow: Sendable, Equatable {
  package let number: Int
  package let at: Double
  package let actor: String
  package let action: String
  package let object: String
  package let outcome: String
  package let requestID: String
  package let chain: [UInt8]

  init(_ row: borrowing Row) {
    number = row.integer(0)
    at = row.real(1)
    actor = row.text(2)
    action = row.text(3)
    object = row.text(4)
    outcome = row.text(5)
    requestID = row.text(6)
    chain = row.blob(7)
  }
}

package struct RequestRow: Sendable, Equatable {
  package let at: Double
  package let operation: String
  package let status: Int
  package let elapsedMs: Double
  package let keyID: String

  package init(at: Double, operation: String, status: Int, elapsedMs: Double, keyID: String) {
    self.at = at
    self.operation = operation
    self.status = status
    self.elapsedMs = elapsedMs
    self.keyID = keyID
  }
}

extension Connection {
  // MARK: Copies

  package func isLibrary() throws -> Bool {
    let tables = try all("SELECT name FROM sqlite_schema WHERE type = 'table'") { $0.text(0) }
    return Set(["documents", "versions", "contents", "chunks"]).isSubset(of: tables)
  }

  package func contentDigests() throws -> [String] {
    try all("SELECT sha256 FROM contents ORDER BY sha256") { $0.text(0) }
  }

  // MARK: Keys

  package func addKey(_ key: KeyRow) throws {
    try run(
      """
      INSERT INTO api_keys (id, name, digest, scope, collections, requests_per_minute, created_at, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, .text(key.id), .text(key.name), .blob(key.digest), .text(key.scope), SQLValue(key.collections),
      SQLValue(key.requestsPerMinute), .real(key.createdAt), SQLValue(key.expiresAt))
  }

  /// False where no such key is in use.
  package func revokeKey(_ id: String, at time: Double) throws -> Bool {
    try run("UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", .real(time), .text(id))
    return changedRows > 0
  }

  package func keys() throws -> [KeyRow] {
    try all(
      """
      SELECT id, name, digest, scope, collections, requests_per_minute, created_at, expires_at, revoked_at
      FROM api_keys ORDER BY number
      """
    ) { KeyRow($0) }
  }

  // MARK: Audit

  package func lastAuditChain() throws -> [UInt8] {
    try first("SELECT chain FROM audit ORDER BY number DESC LIMIT 1") { $0.blob(0) } ?? []
  }

  package func addAudit(
    at: Double, actor: String, action: String, object: String, outcome: String, requestID: String, chain: [UInt8]
  ) throws {
    try run(
      "INSERT INTO audit (at, actor, action, object, outcome, request_id, chain) VALUES (?, ?, ?, ?, ?, ?, ?)",
      .real(at), .text(actor), .text(action), .text(object), .text(outcome), .text(requestID), .blob(chain))
  }

  /// Oldest first.
  package func audit() throws -> [AuditRow] {
    try all("SELECT number, at, actor, action, object, outcome, request_id, chain FROM audit ORDER BY number") {
      AuditRow($0)
    }
  }

  // MARK: Requests

  package func addRequests(_ requests: [RequestRow], keepingSince oldest: Double) throws {
    for request in requests {
      try run(
        "INSERT INTO requests (at, operation, status, elapsed_ms, key_id) VALUES (?, ?, ?, ?, ?)", .real(request.at),
        .text(request.operation), SQLValue(request.status), .real(request.elapsedMs), .text(request.keyID))
    }
    try run("DELETE FROM requests WHERE at < ?", .real(oldest))
  }

  /// Oldest first.
  package func requests(since: Double) throws -> [RequestRow] {
    try all(
      "SELECT at, operation, status, elapsed_ms, key_id FROM requests WHERE at > ? ORDER BY at, id", .real(since)
    ) {
      RequestRow(
        at: $0.real(0), operation: $0.text(1), status: $0.integer(2), elapsedMs: $0.real(3), keyID: $0.text(4))
    }
  }
}
