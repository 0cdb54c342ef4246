// Who changed what and when, without content. Each entry carries the digest of itself and of the one before it, so that
// an entry changed or taken out of the middle is found.
import Base
import KnowledgeBase
import Store

struct AuditLog: Sendable {
  let database: Database
  var clock: any Clock = SystemClock()

  func record(actor: String, action: String, object: String, outcome: String, requestID: String) throws {
    try database.write { connection in
      let at = clock.wallSeconds()
      let entry = AuditLog.text(at, actor, action, object, outcome, requestID)
      try connection.addAudit(
        at: at, actor: actor, action: action, object: object, outcome: outcome, requestID: requestID,
        chain: AuditLog.link(entry, after: connection.lastAuditChain()))
    }
  }

  /// The number of the first entry that does not follow from the one before it; nil: the log is whole.
  func firstBroken() throws -> Int? {
    var chain: [UInt8] = []
    for row in try database.read({ try $0.audit() }) {
      let entry = AuditLog.text(row.at, row.actor, row.action, row.object, row.outcome, row.requestID)
      guard row.chain == AuditLog.link(entry, after: chain) else { return row.number }
      chain = row.chain
    }
    return nil
  }

  func shape() throws -> JSON {
    let broken = try firstBroken()
    return [
      "intact": .bool(broken == nil), "first_broken": JSON(broken),
      "entries": .array(
        try database.read { try $0.audit() }.map { row in
          [
            "number": .integer(row.number), "at": .string(CalendarDate.timestamp(row.at)),
            "actor": .string(row.actor), "action": .string(row.action), "object": .string(row.object),
            "outcome": .string(row.outcome), "request_id": .string(row.requestID),
          ]
        }),
    ]
  }

  private static func text(
    _ at: Double, _ actor: String, _ action: String, _ object: String, _ outcome: String, _ requestID: String
  ) -> String {
    JSON.array([
      .number(at), .string(actor), .string(action), .string(object), .string(outcome), .string(requestID),
    ]).text
  }

  private static func link(_ entry: String, after chain: [UInt8]) -> [UInt8] {
    SHA256Digest(of: chain + Array(entry.utf8)).bytes
  }
}
