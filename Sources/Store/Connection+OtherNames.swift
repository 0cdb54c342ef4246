// Statements on the other names of a document: files that say the same and are not held a second time.

package struct OtherName: Sendable, Equatable {
  package let path: String
  package let filename: String

  package init(path: String, filename: String) {
    self.path = path
    self.filename = filename
  }
}

extension Connection {
  /// In the order of their paths.
  package borrowing func otherNames(ofDocument number: Int) throws -> [OtherName] {
    try all("SELECT path, filename FROM other_names WHERE document = ? ORDER BY path", .integer(Int64(number))) {
      OtherName(path: $0.text(0), filename: $0.text(1))
    }
  }

  package borrowing func hasOtherName(_ path: String, ofDocument number: Int) throws -> Bool {
    try first("SELECT 1 FROM other_names WHERE document = ? AND path = ?", .integer(Int64(number)), .text(path)) { _ in
      true
    } ?? false
  }

  package borrowing func insertOtherName(_ name: OtherName, document number: Int) throws {
    try run(
      "INSERT OR REPLACE INTO other_names(document, path, filename) VALUES (?, ?, ?)", .integer(Int64(number)),
      .text(name.path), .text(name.filename))
  }

  package borrowing func dropOtherNames(ofDocument number: Int) throws {
    try run("DELETE FROM other_names WHERE document = ?", .integer(Int64(number)))
  }

  package borrowing func dropOtherName(_ path: String, ofDocument number: Int) throws {
    try run("DELETE FROM other_names WHERE document = ? AND path = ?", .integer(Int64(number)), .text(path))
  }

  /// What lies at the path is no longer what another document of the collection says.
  package borrowing func dropOtherNames(at path: String, inCollection collection: Int) throws {
    try run(
      """
      DELETE FROM other_names WHERE path = ?
      AND document IN (SELECT number FROM documents WHERE collection = ?)
      """, .text(path), .integer(Int64(collection)))
  }

  /// The paths at a path or below it that are other names of documents in use.
  package borrowing func otherNames(atOrBelow path: String) throws -> [(document: Int, path: String)] {
    try all(
      "SELECT document, path FROM other_names WHERE path = ?1 OR (path > ?2 AND path < ?3) ORDER BY path",
      .text(path), .text("\(path)/"), .text("\(path)0")
    ) { ($0.integer(0), $0.text(1)) }
  }
}
