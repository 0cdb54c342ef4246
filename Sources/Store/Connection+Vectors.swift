// Statements on embedders and their vectors: those of chunks, and those that were paid for and belong to no chunk yet.

package struct EmbedderRow: Sendable, Equatable {
  package let id: Int
  package let name: String
  package let fingerprint: String
  package let dimension: Int
  package let isMetered: Bool

  static let columns = "e.id, e.name, e.fingerprint, e.dimension, e.metered"

  init(_ row: borrowing Row) {
    id = row.integer(0)
    name = row.text(1)
    fingerprint = row.text(2)
    dimension = row.integer(3)
    isMetered = row.integer(4) != 0
  }
}

extension Connection {
  // MARK: Embedders

  /// The one whose vectors the indexes hold; nil before there are any.
  package borrowing func currentEmbedder() throws -> EmbedderRow? {
    try first(
      """
      SELECT \(EmbedderRow.columns) FROM embedders e
      WHERE e.id = (SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'embedder')
      """
    ) { EmbedderRow($0) }
  }

  package borrowing func setCurrentEmbedder(_ id: Int) throws { try setSetting("embedder", to: String(id)) }

  /// The embedder of that identity, entered where it is not there.
  package borrowing func embedder(
    name: String, fingerprint: String, dimension: Int, isMetered: Bool
  ) throws -> EmbedderRow {
    try run(
      "INSERT OR IGNORE INTO embedders(name, fingerprint, dimension, metered) VALUES (?, ?, ?, ?)", .text(name),
      .text(fingerprint), .integer(Int64(dimension)), .integer(isMetered ? 1 : 0))
    let found = try first(
      "SELECT \(EmbedderRow.columns) FROM embedders e WHERE e.name = ? AND e.fingerprint = ? AND e.dimension = ?",
      .text(name), .text(fingerprint), .integer(Int64(dimension))
    ) { EmbedderRow($0) }
    guard let found else { throw StoreError(.misuse, "an embedder was neither found nor made") }
    return found
  }

  package borrowing func embedders() throws -> [EmbedderRow] {
    try all("SELECT \(EmbedderRow.columns) FROM embedders e ORDER BY e.id") { EmbedderRow($0) }
  }

  /// With all its vectors.
  package borrowing func removeEmbedder(_ id: Int) throws {
    try run("DELETE FROM embedders WHERE id = ?", .integer(Int64(id)))
  }

  // MARK: Vectors of chunks

  package borrowing func vector(digest: [UInt8], embedder: Int) throws -> [Float]? {
    try first("SELECT vector FROM vectors WHERE embedder = ? AND digest = ?", .integer(Int64(embedder)), .blob(digest))
    {
      $0.floats(0)
    }
  }

  package borrowing func insertVector(_ vector: some Sequence<Float>, digest: [UInt8], embedder: Int) throws {
    try run(
      "INSERT OR REPLACE INTO vectors(embedder, digest, vector) VALUES (?, ?, ?)", .integer(Int64(embedder)),
      .blob(digest), .blob(Connection.bytes(of: vector)))
  }

  /// Nothing where no chunk has that text any more: what was forgotten meanwhile must not come back.
  package borrowing func insertVectorIfNeeded(
    _ vector: some Sequence<Float>, digest: [UInt8], embedder: Int
  ) throws {
    try run(
      """
      INSERT OR REPLACE INTO vectors(embedder, digest, vector)
      SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM chunks WHERE digest = ?2)
      """, .integer(Int64(embedder)), .blob(digest), .blob(Connection.bytes(of: vector)))
  }

  /// How many different texts the chunks have, and how many of them the embedder has a vector for.
  package borrowing func vectorCounts(embedder: Int) throws -> (held: Int, needed: Int) {
    let key = SQLValue.integer(Int64(embedder))
    return try first(
      """
      SELECT (SELECT count(*) FROM vectors WHERE embedder = ?1), (SELECT count(DISTINCT digest) FROM chunks)
      """, key
    ) { ($0.integer(0), $0.integer(1)) } ?? (0, 0)
  }

  /// Chunks past the given one, by their ids, that the embedder has no vector for.
  package borrowing func chunksWithoutVector(embedder: Int, after chunk: Int, limit: Int) throws -> [ChunkRow] {
    try all(
      """
      SELECT \(ChunkRow.columns) FROM chunks c WHERE c.id > ?2
      AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.embedder = ?1 AND v.digest = c.digest)
      ORDER BY c.id LIMIT ?3
      """, .integer(Int64(embedder)), .integer(Int64(chunk)), .integer(Int64(limit))
    ) { ChunkRow($0) }
  }

  // MARK: Vectors that were paid for

  package borrowing func paidVector(digest: [UInt8], embedder: Int) throws -> [Float]? {
    try first(
      "SELECT vector FROM paid_vectors WHERE embedder = ? AND digest = ?", .integer(Int64(embedder)), .blob(digest)
    ) { $0.floats(0) }
  }

  /// Keeps one, and lets the oldest go where there are more than `countMax`.
  package borrowing func keepPaidVector(
    _ vector: some Sequence<Float>, digest: [UInt8], embedder: Int, countMax: Int
  ) throws {
    try run(
      "INSERT OR REPLACE INTO paid_vectors(embedder, digest, vector) VALUES (?, ?, ?)", .integer(Int64(embedder)),
      .blob(digest), .blob(Connection.bytes(of: vector)))
    try run(
      "DELETE FROM paid_vectors WHERE number <= (SELECT max(number) FROM paid_vectors) - ?", .integer(Int64(countMax)))
  }

  /// It belongs to a chunk now.
  package borrowing func dropPaidVector(digest: [UInt8], embedder: Int) throws {
    try run("DELETE FROM paid_vectors WHERE embedder = ? AND digest = ?", .integer(Int64(embedder)), .blob(digest))
  }

  private static func bytes(of vector: some Sequence<Float>) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in vector {
      let bits = value.bitPattern.littleEndian
      for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
    return bytes
  }
}
