// Who is let in to what, decided on the head of a request before a byte of its body is read, in memory alone.
// Must not: tell what exists from what does not; a path without a route asks for a key like any other.
import Base
import HTTPKit
import Store

/// What the settings say of who is let in.
struct AccessRules: Sendable, Equatable {
  /// False on a loopback address, unless the settings say otherwise: whoever is on the machine may ask.
  let isKeyNeeded: Bool
  let requestsPerMinute: Int
}

struct AccessControl: Sendable {
  let ring: KeyRing
  let sessions: Sessions
  let limiter: RateLimiter
  /// The token that the command line of the directory's owner finds in the directory.
  let ownerToken: SHA256Digest
  /// Nobody but the directory's owner is answered.
  let isPrivate: Bool
  let rules: Held<AccessRules>

  init(
    ring: KeyRing, ownerToken: SHA256Digest, isPrivate: Bool = false, rules: AccessRules,
    clock: any Clock = SystemClock(), random: any RandomSource = SystemRandom()
  ) {
    self.ring = ring
    self.ownerToken = ownerToken
    self.isPrivate = isPrivate
    self.rules = Held(rules)
    sessions = Sessions(clock: clock, random: random)
    limiter = RateLimiter(clock: clock)
  }

  var isKeyNeeded: Bool { rules.value.isKeyNeeded }

  var guardian: Guard { Guard { request in try check(&request) } }

  private func check(_ request: inout Request) throws -> Response? {
    do {
      let grant = try grant(&request)
      if isPrivate, grant != .owner { throw AccessError.privateHost }
      request.principal = grant
      guard let pattern = request.route else {
        if grant == nil { throw AccessError.keyMissing }
        return nil
      }
      let permission = Permissions.of(request.method, pattern)
      if permission == .open { return nil }
      guard let grant else { throw AccessError.keyMissing }
      switch permission {
      case .open: break
      case .owner: if grant != .owner { throw AccessError.ownerOnly }
      case .needs(let scope): if grant.scope < scope { throw AccessError.scopeMissing(scope) }
      }
      return nil
    } catch let error as AccessError {
      var response = error.response
      for field in request.answerHeaders.fields { response.headers.add(field.name, field.value) }
      return response
    }
  }

  /// nil: nobody we know, where a key is needed.
  private func grant(_ request: inout Request) throws -> Grant? {
    if let token = AccessControl.token(of: request) {
      // Digests are compared, so the time taken says nothing about the token.
      if SHA256Digest(of: token.utf8) == ownerToken { return .owner }
      if let row = ring.row(of: token) { return try counted(Grant(row), row.requestsPerMinute, &request) }
      // Clients that insist on sending some key may do so where none is needed; a key of ours that is not valid any
      // more is refused everywhere.
      if isKeyNeeded || token.hasPrefix(KeyToken.prefix) { throw AccessError.keyUnknown }
      return .local
    }
    if let cookie = request.cookie(Sessions.cookie), let digest = sessions.key(of: cookie),
      let row = ring.row(of: digest)
    {
      // A strict cookie and the guard against foreign origins already keep forged requests out; one more lock.
      if request.method != .get, request.method != .head, request.headers["Origin"] == nil,
        request.headers["Sec-Fetch-Site"] != "same-origin"
      {
        throw AccessError.forged
      }
      return try counted(Grant(row), row.requestsPerMinute, &request)
    }
    return isKeyNeeded ? nil : .local
  }

  private func counted(_ grant: Grant, _ ownLimit: Int?, _ request: inout Request) throws -> Grant {
    let verdict = limiter.take(grant.id, perMinute: ownLimit ?? rules.value.requestsPerMinute)
    request.answerHeaders.add("RateLimit-Policy", verdict.policyHeader)
    request.answerHeaders.add("RateLimit", verdict.limitHeader)
    if verdict.isRefused { throw AccessError.tooManyRequests(seconds: verdict.seconds) }
    return grant
  }

  /// As `Authorization: Bearer`, or as `X-API-Key`, which some clients cannot do without.
  static func token(of request: Request) -> String? {
    if let header = request.headers["Authorization"] {
      guard header.lowercased().hasPrefix("bearer ") else { return "" }
      return String(header.dropFirst(7))
    }
    return request.headers["X-API-Key"]
  }
}
