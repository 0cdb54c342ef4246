// Statements on jobs: what was accepted and is on its way in, and what became of it.

package struct JobRow: Sendable, Equatable {
  package let number: Int
  package let id: String
  /// What was asked for, as JSON.
  package let request: String
  package let createdAt: Double
  package let finishedAt: Double?
  package let wasStopped: Bool

  static let columns = "number, id, request, created_at, finished_at, was_stopped"

  init(_ row: borrowing Row) {
    number = row.integer(0)
    id = row.text(1)
    request = row.text(2)
    createdAt = row.real(3)
    finishedAt = row.optionalReal(4)
    wasStopped = row.integer(5) != 0
  }
}

/// A file that waits: its bytes are the content of that digest.
package struct JobFileRow: Sendable, Equatable {
  package let ordinal: Int
  package let name: String
  package let declaredType: String?
  package let sha256: String
}

extension Connection {
  package borrowing func insertJob(id: String, request: String, createdAt: Double) throws -> Int {
    try run("INSERT INTO jobs(id, request, created_at) VALUES (?, ?, ?)", .text(id), .text(request), .real(createdAt))
    return lastInsertedRow
  }

  package borrowing func insertJobFile(
    job: Int, ordinal: Int, name: String, declaredType: String?, sha256: String, bytes: [UInt8]
  ) throws {
    try run("INSERT OR IGNORE INTO contents(sha256, bytes) VALUES (?, ?)", .text(sha256), .blob(bytes))
    try run(
      "INSERT INTO job_files(job, ordinal, name, declared_type, sha256) VALUES (?, ?, ?, ?, ?)", .integer(Int64(job)),
      .integer(Int64(ordinal)), .text(name), SQLValue(declaredType), .text(sha256))
  }

  package borrowing func job(id: String) throws -> JobRow? {
    try first("SELECT \(JobRow.columns) FROM jobs WHERE id = ?", .text(id)) { JobRow($0) }
  }

  /// The newest first.
  package borrowing func jobs(max: Int) throws -> [JobRow] {
    try all("SELECT \(JobRow.columns) FROM jobs ORDER BY number DESC LIMIT ?", .integer(Int64(max))) { JobRow($0) }
  }

  /// In the order in which they were accepted.
  package borrowing func unfinishedJobs() throws -> [JobRow] {
    try all("SELECT \(JobRow.columns) FROM jobs WHERE finished_at IS NULL ORDER BY number") { JobRow($0) }
  }

  package borrowing func waitingFiles(ofJob number: Int) throws -> [JobFileRow] {
    try all(
      "SELECT ordinal, name, declared_type, sha256 FROM job_files WHERE job = ? ORDER BY ordinal",
      .integer(Int64(number))
    ) { JobFileRow(ordinal: $0.integer(0), name: $0.text(1), declaredType: $0.optionalText(2), sha256: $0.text(3)) }
  }

  package borrowing func outcomes(ofJob number: Int) throws -> [String] {
    try all("SELECT outcome FROM job_outcomes WHERE job = ? ORDER BY number", .integer(Int64(number))) { $0.text(0) }
  }

  package borrowing func insertOutcome(job: Int, documentID: String?, outcome: String) throws {
    try run(
      "INSERT INTO job_outcomes(job, document_id, outcome) VALUES (?, ?, ?)", .integer(Int64(job)),
      SQLValue(documentID), .text(outcome))
  }

  /// The file waits no longer. Its bytes go with it where no version holds them.
  package borrowing func deleteJobFile(job: Int, ordinal: Int) throws {
    let key = [SQLValue.integer(Int64(job)), .integer(Int64(ordinal))]
    let sha256 = try first("SELECT sha256 FROM job_files WHERE job = ? AND ordinal = ?", key[0], key[1]) { $0.text(0) }
    try run("DELETE FROM job_files WHERE job = ? AND ordinal = ?", key[0], key[1])
    if let sha256 { try dropContentNobodyHolds(sha256) }
  }

  package borrowing func finishJob(_ number: Int, at time: Double, wasStopped: Bool) throws {
    for file in try waitingFiles(ofJob: number) { try deleteJobFile(job: number, ordinal: file.ordinal) }
    try run(
      "UPDATE jobs SET finished_at = ?, was_stopped = ? WHERE number = ?", .real(time), .integer(wasStopped ? 1 : 0),
      .integer(Int64(number)))
  }

  package borrowing func deleteJob(_ number: Int) throws {
    for file in try waitingFiles(ofJob: number) { try deleteJobFile(job: number, ordinal: file.ordinal) }
    try run("DELETE FROM jobs WHERE number = ?", .integer(Int64(number)))
  }

  /// All but so many of the newest that are finished.
  package borrowing func pruneJobs(keeping count: Int) throws {
    try run(
      """
      DELETE FROM jobs WHERE finished_at IS NOT NULL
      AND number <= (SELECT number FROM jobs ORDER BY number DESC LIMIT 1 OFFSET ?)
      """, .integer(Int64(count)))
  }

  package borrowing func dropContentNobodyHolds(_ sha256: String) throws {
    try run(
      """
      DELETE FROM contents WHERE sha256 = ?1 AND NOT EXISTS (SELECT 1 FROM versions WHERE sha256 = ?1)
      AND NOT EXISTS (SELECT 1 FROM job_files WHERE sha256 = ?1)
      """, .text(sha256))
  }
}
