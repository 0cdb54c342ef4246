// Statements on versions, chunks and settings.

extension Connection {
  package borrowing func currentVersion(ofDocument number: Int) throws -> VersionRow? {
    try first(
      "SELECT \(VersionRow.columns) FROM versions v WHERE v.document = ? AND v.retired_at IS NULL",
      .integer(Int64(number))
    ) { VersionRow($0) }
  }

  /// All versions, the oldest first.
  package borrowing func versions(ofDocument number: Int) throws -> [VersionRow] {
    try all(
      "SELECT \(VersionRow.columns) FROM versions v WHERE v.document = ? ORDER BY v.number", .integer(Int64(number))
    ) { VersionRow($0) }
  }

  package borrowing func version(id: Int) throws -> VersionRow? {
    try first("SELECT \(VersionRow.columns) FROM versions v WHERE v.id = ?", .integer(Int64(id))) { VersionRow($0) }
  }

  package borrowing func text(ofVersion id: Int) throws -> [UInt8]? {
    try first("SELECT text FROM versions WHERE id = ?", .integer(Int64(id))) { $0.blob(0) }
  }

  package borrowing func layout(ofVersion id: Int) throws -> [UInt8]? {
    try first("SELECT layout FROM versions WHERE id = ?", .integer(Int64(id))) { $0.blob(0) }
  }

  package borrowing func content(sha256: String) throws -> [UInt8]? {
    try first("SELECT bytes FROM contents WHERE sha256 = ?", .text(sha256)) { $0.blob(0) }
  }

  /// Retires the document's current version, if it has one, and makes the new one current. Returns the new one's id.
  package borrowing func insertVersion(_ new: NewVersion, document number: Int) throws -> Int {
    let key = SQLValue.integer(Int64(number))
    try run(
      "UPDATE versions SET retired_at = ? WHERE document = ? AND retired_at IS NULL", .real(new.createdAt), key)
    try run("INSERT OR IGNORE INTO contents(sha256, bytes) VALUES (?, ?)", .text(new.sha256), .blob(new.content))
    try run(
      """
      INSERT INTO versions(document, number, sha256, byte_count, format, title, text, scalar_count, word_count,
        page_count, layout, coverage, warnings, created_at, chunking, properties)
      VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM versions WHERE document = ?1),
        ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
      """,
      key, .text(new.sha256), .integer(Int64(new.content.count)), .text(new.format), SQLValue(new.title),
      .blob(new.text), .integer(Int64(new.scalarCount)), .integer(Int64(new.wordCount)), SQLValue(new.pageCount),
      .blob(new.layout), .text(new.coverage), .text(new.warnings), .real(new.createdAt), .text(new.chunking),
      .text(new.properties))
    return lastInsertedRow
  }

  package borrowing func retire(version id: Int, at time: Double) throws {
    try run("UPDATE versions SET retired_at = ? WHERE id = ?", .real(time), .integer(Int64(id)))
  }

  /// Returns the new chunks' ids, in order.
  package borrowing func insertChunks(_ chunks: [NewChunk], version id: Int) throws -> [Int] {
    var ids: [Int] = []
    for (ordinal, chunk) in chunks.enumerated() {
      try run(
        """
        INSERT INTO chunks(version, ordinal, start_scalar, end_scalar, page, heading, context, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        .integer(Int64(id)), .integer(Int64(ordinal)), .integer(Int64(chunk.start)), .integer(Int64(chunk.end)),
        SQLValue(chunk.page), .text(chunk.heading), .text(chunk.context), .blob(chunk.digest))
      ids.append(lastInsertedRow)
    }
    return ids
  }

  package borrowing func chunks(ofVersion id: Int) throws -> [ChunkRow] {
    try all("SELECT \(ChunkRow.columns) FROM chunks c WHERE c.version = ? ORDER BY c.ordinal", .integer(Int64(id))) {
      ChunkRow($0)
    }
  }

  /// Every chunk that a collection's index is to hold now, with its version.
  package borrowing func currentChunks(ofCollection id: Int) throws -> [(chunk: Int, version: Int)] {
    try all(
      """
      SELECT c.id, c.version FROM documents d JOIN versions v ON v.document = d.number AND v.retired_at IS NULL
      JOIN chunks c ON c.version = v.id WHERE d.collection = ? AND d.removed_at IS NULL
      """, .integer(Int64(id))
    ) { (chunk: $0.integer(0), version: $0.integer(1)) }
  }

  /// Chunks of a version whose place is in the range, in order.
  package borrowing func chunks(ofVersion id: Int, places: ClosedRange<Int>) throws -> [ChunkRow] {
    try all(
      "SELECT \(ChunkRow.columns) FROM chunks c WHERE c.version = ? AND c.ordinal BETWEEN ? AND ? ORDER BY c.ordinal",
      .integer(Int64(id)), .integer(Int64(places.lowerBound)), .integer(Int64(places.upperBound))
    ) { ChunkRow($0) }
  }

  package borrowing func chunk(id: Int) throws -> ChunkRow? {
    try first("SELECT \(ChunkRow.columns) FROM chunks c WHERE c.id = ?", .integer(Int64(id))) { ChunkRow($0) }
  }

  package borrowing func setting(_ key: String) throws -> String? {
    try first("SELECT value FROM settings WHERE key = ?", .text(key)) { $0.text(0) }
  }

  package borrowing func setSetting(_ key: String, to value: String) throws {
    try run("INSERT OR REPLACE INTO settings(key, value) VALUES (?, ?)", .text(key), .text(value))
  }
}
