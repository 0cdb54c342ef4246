// What each route asks of whoever calls it. One table, so that it can be read at a glance; a route that is not in it is
// for administrators, and a test sees to it that all are.
import Base
import HTTPKit

enum Permission: Sendable, Equatable {
  /// For everybody: the page itself, which shows nothing without a key, and whether the server lives.
  case open
  case needs(Scope)
  /// For the command line of the directory's owner: it names paths on this machine, or reads every collection.
  case owner
}

enum Permissions {
  private static let table: [String: Permission] = [
    "GET /health": .open, "GET /openapi.json": .open, "GET /favicon.ico": .open,
    "POST /login": .open, "POST /logout": .open, "GET /session": .open,

    "POST /search": .needs(.read), "POST /why-not": .needs(.read), "POST /query": .needs(.read),
    "POST /verify": .needs(.read), "POST /replay": .needs(.read),
    "GET /documents": .needs(.read), "GET /documents/{id}": .needs(.read), "GET /documents/{id}/text": .needs(.read),
    "GET /documents/{id}/original": .needs(.read), "GET /documents/{id}/pages/{n}.png": .needs(.read),
    "GET /stats": .needs(.read),
    "GET /jobs": .needs(.read), "GET /jobs/{id}": .needs(.read), "GET /jobs/{id}/events": .needs(.read),
    "POST /v1/chat/completions": .needs(.read), "POST /v1/embeddings": .needs(.read), "GET /v1/models": .needs(.read),
    "POST /mcp": .needs(.read),
    "GET /deals": .needs(.read), "GET /deals/{id}": .needs(.read), "GET /deals/events": .needs(.read),
    "POST /deals/price": .needs(.read), "GET /map": .needs(.read),

    "POST /products": .needs(.write), "POST /upload": .needs(.write), "DELETE /documents/{id}": .needs(.write),
    "DELETE /jobs/{id}": .needs(.write),
    "POST /deals/run": .needs(.write), "POST /deals/{id}/notify": .needs(.write),

    "GET /metrics": .needs(.admin), "GET /report": .needs(.admin), "GET /audit": .needs(.admin),
    "GET /keys": .needs(.admin), "POST /keys": .needs(.admin), "DELETE /keys/{id}": .needs(.admin),

    "POST /jobs": .owner, "POST /documents/retire": .owner, "POST /reembed": .owner, "GET /training-pairs": .owner,
    "POST /backup": .owner, "POST /export": .owner, "POST /import": .owner,
    // Training keeps the machine busy for a while.
    "POST /deals/train": .owner, "POST /deals/backtest": .owner,
  ]

  static func of(_ method: Method, _ pattern: String) -> Permission {
    known(method, pattern) ?? .needs(.admin)
  }

  static func known(_ method: Method, _ pattern: String) -> Permission? {
    if Routes.pagePaths.contains(pattern) { return .open }
    return table["\(Permissions.asked(method).rawValue) \(pattern)"]
  }
}

extension Permissions {
  /// What only looks at a route asks for as much as getting it.
  private static func asked(_ method: Method) -> Method { method == .head || method == .options ? .get : method }

  /// Whether an entry in the audit log is due: whatever changes something.
  static func isAudited(_ method: Method, _ pattern: String) -> Bool {
    guard method != .get else { return pattern == "/training-pairs" }
    switch of(method, pattern) {
    case .open, .needs(.read): return false
    default: return true
    }
  }
}
