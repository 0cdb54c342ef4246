// Statements on collections and documents.

extension Connection {
  package borrowing func collections() throws -> [CollectionRow] {
    try all("SELECT id, name, generation FROM collections ORDER BY id") {
      CollectionRow(id: $0.integer(0), name: $0.text(1), generation: $0.integer(2))
    }
  }

  /// The collection of that name, made where it is not there.
  package borrowing func collection(named name: String) throws -> CollectionRow {
    try run("INSERT OR IGNORE INTO collections(name) VALUES (?)", .text(name))
    let found = try first("SELECT id, name, generation FROM collections WHERE name = ?", .text(name)) {
      CollectionRow(id: $0.integer(0), name: $0.text(1), generation: $0.integer(2))
    }
    guard let found else { throw StoreError(.misuse, "a collection was neither found nor made") }
    return found
  }

  /// Every change of what a collection's index is made from counts its generation up.
  package borrowing func advanceGeneration(ofCollection id: Int) throws {
    try run("UPDATE collections SET generation = generation + 1 WHERE id = ?", .integer(Int64(id)))
  }

  /// Documents in use of these collections with their current version, by the order in which they came.
  package borrowing func documentsInUse(
    ofCollections ids: [Int]
  ) throws -> [(document: DocumentRow, version: VersionRow)] {
    try all(
      """
      SELECT \(DocumentRow.columns), \(VersionRow.columns)
      FROM documents d JOIN versions v ON v.document = d.number AND v.retired_at IS NULL
      WHERE d.collection IN (\(ids.map(String.init).joined(separator: ", "))) AND d.removed_at IS NULL
      ORDER BY d.number
      """
    ) { (DocumentRow($0), VersionRow($0, from: DocumentRow.columnCount)) }
  }

  /// Documents of one collection with the version that was current at that time, or is now.
  package borrowing func versionsInUse(
    ofCollection id: Int, asOf time: Double?, after number: Int = 0, limit: Int = Int.max
  ) throws -> [(document: DocumentRow, version: VersionRow)] {
    // Piece by piece they are gone through by number; an index would be sorted for each piece.
    let way = limit == Int.max ? "" : "NOT INDEXED"
    return try all(
      """
      SELECT \(DocumentRow.columns), \(VersionRow.columns)
      FROM documents d \(way) JOIN versions v ON v.document = d.number
      WHERE d.collection = ?1 AND CASE WHEN ?2 IS NULL THEN v.retired_at IS NULL
        ELSE v.created_at <= ?2 AND (v.retired_at IS NULL OR v.retired_at > ?2) END
        AND d.number > ?3
      ORDER BY d.number LIMIT ?4
      """, .integer(Int64(id)), SQLValue(time), SQLValue(number), SQLValue(limit)
    ) { (DocumentRow($0), VersionRow($0, from: DocumentRow.columnCount)) }
  }

  /// What a collection's index must hold, no more and no less.
  package borrowing func chunkIDsInUse(ofCollection id: Int) throws -> [Int64] {
    try all(
      """
      SELECT c.id FROM documents d JOIN versions v ON v.document = d.number JOIN chunks c ON c.version = v.id
      WHERE d.collection = ? AND v.retired_at IS NULL
      """, .integer(Int64(id))
    ) { Int64($0.integer(0)) }
  }

  package borrowing func document(id: String) throws -> DocumentRow? {
    try first("SELECT \(DocumentRow.columns) FROM documents d WHERE d.id = ?", .text(id)) { DocumentRow($0) }
  }

  package borrowing func hasDocuments() throws -> Bool {
    // The sequence remembers documents that were erased since: https://www.sqlite.org/autoinc.html
    try first("SELECT 1 FROM sqlite_sequence WHERE name = 'documents' AND seq > 0") { _ in true } ?? false
  }

  package borrowing func document(number: Int) throws -> DocumentRow? {
    try first("SELECT \(DocumentRow.columns) FROM documents d WHERE d.number = ?", .integer(Int64(number))) {
      DocumentRow($0)
    }
  }

  /// Documents in use of that file name, in every collection.
  package borrowing func documents(named filename: String) throws -> [DocumentRow] {
    try all(
      "SELECT \(DocumentRow.columns) FROM documents d WHERE d.filename = ? AND d.removed_at IS NULL ORDER BY d.number",
      .text(filename)
    ) { DocumentRow($0) }
  }

  /// The document in use that an incoming file replaces: of the same path if it has one, else of the same name among
  /// those that came without a path.
  package borrowing func document(inCollection collection: Int, path: String?, filename: String) throws -> DocumentRow?
  {
    if let path {
      return try first(
        """
        SELECT \(DocumentRow.columns) FROM documents d
        WHERE d.collection = ? AND d.path = ? AND d.removed_at IS NULL
        """, .integer(Int64(collection)), .text(path)
      ) { DocumentRow($0) }
    }
    return try first(
      """
      SELECT \(DocumentRow.columns) FROM documents d
      WHERE d.collection = ? AND d.filename = ? AND d.path IS NULL AND d.removed_at IS NULL
      """, .integer(Int64(collection)), .text(filename)
    ) { DocumentRow($0) }
  }

  /// Documents in use of a collection whose current content has that digest.
  package borrowing func documents(inCollection collection: Int, sha256: String) throws -> [DocumentRow] {
    try all(
      """
      SELECT \(DocumentRow.columns) FROM documents d
      JOIN versions v ON v.document = d.number AND v.retired_at IS NULL
      WHERE d.collection = ? AND v.sha256 = ? AND d.removed_at IS NULL ORDER BY d.number
      """, .integer(Int64(collection)), .text(sha256)
    ) { DocumentRow($0) }
  }

  /// Returns the new document's number.
  package borrowing func insertDocument(
    id: String, collection: Int, filename: String, path: String?, metadata: String, addedAt: Double
  ) throws -> Int {
    try run(
      "INSERT INTO documents(id, collection, filename, path, metadata, added_at) VALUES (?, ?, ?, ?, ?, ?)",
      .text(id), .integer(Int64(collection)), .text(filename), SQLValue(path), .text(metadata), .real(addedAt))
    return lastInsertedRow
  }

  /// The document that was last taken out of use there, to be taken up again when it comes back.
  package borrowing func retiredDocument(
    inCollection collection: Int, path: String?, filename: String
  ) throws -> DocumentRow? {
    if let path {
      return try first(
        """
        SELECT \(DocumentRow.columns) FROM documents d
        WHERE d.collection = ? AND d.path = ? AND d.removed_at IS NOT NULL ORDER BY d.removed_at DESC, d.number DESC
        """, .integer(Int64(collection)), .text(path)
      ) { DocumentRow($0) }
    }
    return try first(
      """
      SELECT \(DocumentRow.columns) FROM documents d
      WHERE d.collection = ? AND d.filename = ? AND d.path IS NULL AND d.removed_at IS NOT NULL
      ORDER BY d.removed_at DESC, d.number DESC
      """, .integer(Int64(collection)), .text(filename)
    ) { DocumentRow($0) }
  }

  package borrowing func takeUpAgain(document number: Int) throws {
    try run("UPDATE documents SET removed_at = NULL WHERE number = ?", .integer(Int64(number)))
  }

  /// Documents in use at a path, or below it where it was a folder, in every collection.
  package borrowing func documents(atOrBelow path: String) throws -> [DocumentRow] {
    // '0' follows '/': the range holds exactly what begins with the path and a slash.
    try all(
      """
      SELECT \(DocumentRow.columns) FROM documents d
      WHERE (d.path = ?1 OR (d.path > ?2 AND d.path < ?3)) AND d.removed_at IS NULL ORDER BY d.number
      """, .text(path), .text("\(path)/"), .text("\(path)0")
    ) { DocumentRow($0) }
  }

  /// Documents in use of a collection that came from inside an archive: by its path, or, where it was uploaded, by its
  /// name.
  package borrowing func documents(
    inCollection collection: Int, insideArchive filename: String, path: String?
  ) throws -> [DocumentRow] {
    if let path { return try documents(atOrBelow: path).filter { $0.collection == collection } }
    return try all(
      """
      SELECT \(DocumentRow.columns) FROM documents d
      WHERE d.collection = ? AND d.filename > ? AND d.filename < ? AND d.path IS NULL AND d.removed_at IS NULL
      ORDER BY d.number
      """, .integer(Int64(collection)), .text("\(filename)/"), .text("\(filename)0")
    ) { DocumentRow($0) }
  }

  /// All that are held, those out of use included, in the order in which they came.
  package borrowing func documentNumbers() throws -> [Int] {
    try all("SELECT number FROM documents ORDER BY number") { $0.integer(0) }
  }

  package borrowing func documentsInUseCount() throws -> Int {
    try first("SELECT count(*) FROM documents WHERE removed_at IS NULL") { $0.integer(0) } ?? 0
  }

  package borrowing func documentsInUseCount(ofCollection id: Int) throws -> Int {
    try first(
      "SELECT count(*) FROM documents WHERE collection = ? AND removed_at IS NULL", .integer(Int64(id))
    ) { $0.integer(0) } ?? 0
  }

  /// Documents in use with that id or that file name, with their current version.
  package borrowing func documentsInUse(
    called reference: String
  ) throws -> [(document: DocumentRow, version: VersionRow)] {
    try all(
      """
      SELECT \(DocumentRow.columns), \(VersionRow.columns)
      FROM documents d JOIN versions v ON v.document = d.number AND v.retired_at IS NULL
      WHERE (d.id = ?1 OR d.filename = ?1) AND d.removed_at IS NULL ORDER BY d.number
      """, .text(reference)
    ) { (DocumentRow($0), VersionRow($0, from: DocumentRow.columnCount)) }
  }

  package borrowing func rename(document number: Int, filename: String, path: String?) throws {
    try run(
      "UPDATE documents SET filename = ?, path = ? WHERE number = ?", .text(filename), SQLValue(path),
      .integer(Int64(number)))
  }

  package borrowing func setMetadata(_ metadata: String, ofDocument number: Int) throws {
    try run("UPDATE documents SET metadata = ? WHERE number = ?", .text(metadata), .integer(Int64(number)))
  }

  /// Out of use from now on; questions as of an earlier time still find it.
  package borrowing func markRemoved(document number: Int, at time: Double) throws {
    try run("UPDATE documents SET removed_at = ? WHERE number = ?", .real(time), .integer(Int64(number)))
    try run(
      "UPDATE versions SET retired_at = ? WHERE document = ? AND retired_at IS NULL", .real(time),
      .integer(Int64(number)))
  }

  /// Erases all that the document says: its versions, and what nothing else holds of their contents and vectors; what
  /// jobs, models and users said of it. Its id and its names stay.
  package borrowing func eraseContent(ofDocument number: Int) throws {
    let key = SQLValue.integer(Int64(number))
    try run("CREATE TEMP TABLE IF NOT EXISTS erased(digest BLOB)")
    try run("DELETE FROM temp.erased")
    try run(
      """
      INSERT INTO temp.erased SELECT DISTINCT c.digest FROM chunks c JOIN versions v ON v.id = c.version
      WHERE v.document = ?
      """, key)
    let contents = try all("SELECT DISTINCT sha256 FROM versions WHERE document = ?", key) { $0.text(0) }
    try run("DELETE FROM versions WHERE document = ?", key)
    for sha256 in contents { try dropContentNobodyHolds(sha256) }
    try run(
      """
      DELETE FROM vectors WHERE embedder IN (SELECT id FROM embedders) AND digest IN (SELECT digest FROM temp.erased)
      AND NOT EXISTS (SELECT 1 FROM chunks WHERE chunks.digest = vectors.digest)
      """)
    try run("DELETE FROM temp.erased")
    // Of texts that never came in whole, and of questions: whose they are is not known.
    try run("DELETE FROM paid_vectors")
    try run("DELETE FROM job_outcomes WHERE document_id = (SELECT id FROM documents WHERE number = ?)", key)
    // A finished job needs no more what was asked of it, which names files.
    try run("UPDATE jobs SET request = '{}' WHERE finished_at IS NOT NULL AND request <> '{}'")
    try dropModelTraces(ofDocument: number)
    try run("UPDATE documents SET metadata = '{}' WHERE number = ?", key)
  }

  /// Erases the document, its names included.
  package borrowing func erase(document number: Int) throws {
    try eraseContent(ofDocument: number)
    try run("DELETE FROM documents WHERE number = ?", .integer(Int64(number)))
  }
}
