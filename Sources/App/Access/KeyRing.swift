// The library's API keys, in memory for whoever checks requests and in the store for the next start.
// Invariants: a key's text leaves once, when it is made; a revoked or expired key opens nothing from that moment on;
// the ring and the store change together.
import Base
import Store
import Synchronization

final class KeyRing: Sendable {
  /// A key that was just made: the only time that its text is seen.
  struct Made {
    let row: KeyRow
    let token: Secret
  }

  struct Wish {
    var name = ""
    var scope = Scope.read
    var collections: [String]?
    var requestsPerMinute: Int?
    var expiresAt: Double?
  }

  private let database: Database
  private let clock: any Clock
  private let random: any RandomSource
  private let rows: Mutex<[SHA256Digest: KeyRow]>

  init(database: Database, clock: any Clock = SystemClock(), random: any RandomSource = SystemRandom()) throws {
    self.database = database
    self.clock = clock
    self.random = random
    rows = Mutex(try KeyRing.byDigest(database))
  }

  private static func byDigest(_ database: Database) throws -> [SHA256Digest: KeyRow] {
    let rows = try database.read { try $0.keys() }
    return Dictionary(rows.compactMap { row in SHA256Digest(kept: row.digest).map { ($0, row) } }) { $1 }
  }

  /// Whether any key opens anything.
  var hasValidKey: Bool { rows.withLock { $0.values.contains(where: isValid) } }

  /// Looked up by its digest, so the time taken says nothing about keys that exist.
  func row(of token: String) -> KeyRow? {
    guard let token = KeyToken(token) else { return nil }
    return row(of: token.digest)
  }

  func row(of digest: SHA256Digest) -> KeyRow? {
    rows.withLock { $0[digest] }.flatMap { isValid($0) ? $0 : nil }
  }

  /// As the store has them now.
  func readAgain() throws {
    let found = try KeyRing.byDigest(database)
    rows.withLock { $0 = found }
  }

  func list() throws -> [KeyRow] { try database.read { try $0.keys() } }

  func create(_ wish: Wish) throws -> Made {
    let name = wish.name.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
    guard name.count <= Limits.nameScalarsMax else {
      throw AccessError.badKeyRequest("a key's name has at most \(Limits.nameScalarsMax) characters")
    }
    if let expiresAt = wish.expiresAt, expiresAt <= clock.wallSeconds() {
      throw AccessError.badKeyRequest("the key would have expired already")
    }
    if let collections = wish.collections, collections.isEmpty {
      throw AccessError.badKeyRequest("a key that is bound to collections needs at least one")
    }
    let token = KeyToken(random: random)
    let row = KeyRow(
      id: "k_\(hexadecimal(random.bytes(6)))", name: String(String.UnicodeScalarView(name)), digest: token.digest.bytes,
      scope: wish.scope.rawValue, collections: wish.collections.map { JSON($0.sorted()).text },
      requestsPerMinute: wish.requestsPerMinute, createdAt: clock.wallSeconds(), expiresAt: wish.expiresAt)
    try database.write { try $0.addKey(row) }
    rows.withLock { $0[token.digest] = row }
    return Made(row: row, token: Secret(token.text))
  }

  func revoke(_ id: String) throws {
    let now = clock.wallSeconds()
    guard try database.write({ try $0.revokeKey(id, at: now) }) else { throw AccessError.noSuchKey(id) }
    rows.withLock { rows in
      for (digest, row) in rows where row.id == id { rows[digest]?.revokedAt = now }
    }
  }

  private func isValid(_ row: KeyRow) -> Bool {
    row.revokedAt == nil && row.expiresAt.map { $0 > clock.wallSeconds() } ?? true
  }
}

extension Grant {
  /// A scope that nobody knows any more opens nothing but reading.
  init(_ row: KeyRow) {
    let names = row.collections.flatMap { try? JSON(parsing: $0) }?.array?.compactMap(\.string)
    // A list that cannot be read is no list of everything.
    self.init(
      id: row.id, scope: Scope(rawValue: row.scope) ?? .read,
      collections: row.collections == nil ? nil : Set(names ?? []))
  }
}
