// API keys over HTTP, logging in with one from the page, and the audit log.
import Base
import HTTPKit
import Store

extension Routes {
  func addKeyRoutes(to router: inout Router) {
    let accepts = Accepted.json(maxBytes: Limits.jsonBodyBytesMax)
    router.add(.get, "/keys") { _ in
      .json(JSON.object(["keys": .array(try control.ring.list().map(Shapes.key))]).utf8)
    }
    router.add(.post, "/keys", accepts: accepts) { request in
      let body = try RequestJSON(request)
      return .json(Shapes.key(try control.ring.create(KeyRing.Wish(body))).utf8, status: 201)
    }
    router.add(.delete, "/keys/{id}") { request in
      let id = try request.parameter("id")
      try control.ring.revoke(id)
      control.limiter.forget(id)
      // What is being streamed to its holder ends with it.
      revoked(id)
      return .json(JSON.object(["status": "revoked", "id": .string(id)]).utf8)
    }
    router.add(.post, "/login", accepts: accepts) { request in
      let token = try RequestJSON(request).requiredString("key")
      guard let row = control.ring.row(of: token), let digest = SHA256Digest(kept: row.digest) else {
        return AccessError.keyUnknown.response
      }
      var response = Response.json(Shapes.session(Grant(row), isKeyNeeded: control.isKeyNeeded).utf8)
      response.headers["Set-Cookie"] = Sessions.header(
        control.sessions.begin(key: digest), isSecure: request.isSecure)
      return response
    }
    router.add(.post, "/logout") { request in
      if let cookie = request.cookie(Sessions.cookie) { control.sessions.end(cookie) }
      var response = Response.json("{\"status\":\"logged_out\"}")
      response.headers["Set-Cookie"] = Sessions.header(nil, isSecure: request.isSecure)
      return response
    }
    // What the page asks first: whether it must show where to put a key, and what that key may do.
    router.add(.get, "/session") { request in
      .json(Shapes.session(request.principal as? Grant, isKeyNeeded: control.isKeyNeeded).utf8)
    }
    router.add(.get, "/audit") { _ in .json(try audit.shape().utf8) }
  }
}

extension Shapes {
  static func key(_ row: KeyRow) -> JSON {
    [
      "id": .string(row.id), "name": .string(row.name), "scope": .string(row.scope),
      "collections": row.collections.flatMap { try? JSON(parsing: $0) } ?? .null,
      "requests_per_minute": JSON(row.requestsPerMinute), "created_at": .string(CalendarDate.timestamp(row.createdAt)),
      "expires_at": JSON(row.expiresAt.map(CalendarDate.timestamp)),
      "revoked_at": JSON(row.revokedAt.map(CalendarDate.timestamp)),
    ]
  }

  /// With its text: shown once.
  static func key(_ made: KeyRing.Made) -> JSON {
    var shape = key(made.row).object ?? [:]
    shape["key"] = .string(made.token.reveal())
    return .object(shape)
  }

  static func session(_ grant: Grant?, isKeyNeeded: Bool) -> JSON {
    [
      "key_needed": .bool(isKeyNeeded && grant == nil),
      "by_key": .bool(grant != nil && grant != .local && grant != .owner), "scope": JSON(grant?.scope.rawValue),
      "collections": grant?.collections.map { JSON($0.sorted()) } ?? .null,
    ]
  }
}

extension KeyRing.Wish {
  init(_ body: RequestJSON) throws {
    self.init()
    name = try body.string("name") ?? ""
    if let word = try body.string("scope") {
      guard let known = Scope(rawValue: word) else {
        throw AccessError.badKeyRequest("'\(word)' is no scope: use read, write or admin")
      }
      scope = known
    }
    let bound = try body.strings("collections")
    if !bound.isEmpty { collections = bound }
    if let limit = try body.integer("requests_per_minute") {
      guard (1...1_000_000).contains(limit) else {
        throw AccessError.badKeyRequest("'requests_per_minute' must be from 1 to 1000000")
      }
      requestsPerMinute = limit
    }
    if let date = try body.string("expires_at") {
      guard let seconds = CalendarDate.seconds(date) else {
        throw AccessError.badKeyRequest("'\(date)' is no date: write it as 2026-03-31 or 2026-03-31T12:00:00Z")
      }
      expiresAt = seconds
    }
  }
}
