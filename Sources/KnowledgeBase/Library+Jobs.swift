// What was accepted and is not in yet. A job is in the store, with the bytes of its files, before anyone is told that
// it was accepted; it leaves the list of unfinished ones when each of its files has become a document or a failure.
// Invariants: a file waits until its outcome is recorded, so a killed process finds it again; doing one twice changes
// nothing, since its bytes are then held already.
package import Base
package import Store
import Synchronization

package struct WaitingFile: Sendable {
  package let name: String
  package let declaredType: String?
  package let bytes: [UInt8]

  package init(name: String, declaredType: String?, bytes: [UInt8]) {
    self.name = name
    self.declaredType = declaredType
    self.bytes = bytes
  }
}

package struct JobOutcome: Sendable {
  package let documentID: String?
  package let shape: JSON

  package init(documentID: String?, shape: JSON) {
    self.documentID = documentID
    self.shape = shape
  }
}

extension Library {
  /// Durable when it returns.
  package func acceptJob(request: JSON, files: [WaitingFile] = []) throws -> JobRow {
    let id = "j_\(hexadecimal(random.bytes(8)))"
    return try database.write { connection in
      let waiting = try connection.unfinishedJobs().count
      guard waiting < Limits.jobsWaitingMax else { throw LibraryError.tooManyJobs(waiting) }
      let number = try connection.insertJob(id: id, request: request.text, createdAt: clock.wallSeconds())
      for (ordinal, file) in files.enumerated() {
        try connection.insertJobFile(
          job: number, ordinal: ordinal, name: file.name, declaredType: file.declaredType,
          sha256: SHA256Digest(of: file.bytes).description, bytes: file.bytes)
      }
      guard let job = try connection.job(id: id) else { throw StoreError(.misuse, "a job just stored is not there") }
      return job
    }
  }

  package func unfinishedJobs() throws -> [JobRow] { try database.read { try $0.unfinishedJobs() } }

  /// The newest first.
  package func jobs() throws -> [JobRow] { try database.read { try $0.jobs(max: Limits.jobsKeptMax) } }

  package func job(_ id: String) throws -> JobRow {
    guard let job = try database.read({ try $0.job(id: id) }) else {
      throw LibraryError.noSuchJob(String(id.prefix(80)))
    }
    return job
  }

  package func waitingFiles(of job: JobRow) throws -> [JobFileRow] {
    try database.read { try $0.waitingFiles(ofJob: job.number) }
  }

  package func bytes(of file: JobFileRow) throws -> [UInt8] {
    guard let bytes = try database.read({ try $0.content(sha256: file.sha256) }) else {
      throw StoreError(.corrupt, "the content of a waiting file is missing")
    }
    return bytes
  }

  package func outcomes(of job: JobRow) throws -> [JSON] {
    try database.read { try $0.outcomes(ofJob: job.number) }.compactMap { try? JSON(parsing: $0) }
  }

  /// What became of some of a job's files, and which of them wait no longer.
  package func record(_ outcomes: [JobOutcome], done ordinals: [Int], of job: JobRow) throws {
    guard !outcomes.isEmpty || !ordinals.isEmpty else { return }
    try database.write { connection in
      for outcome in outcomes {
        try connection.insertOutcome(job: job.number, documentID: outcome.documentID, outcome: outcome.shape.text)
      }
      for ordinal in ordinals { try connection.deleteJobFile(job: job.number, ordinal: ordinal) }
    }
  }

  package func finish(_ job: JobRow, wasStopped: Bool) throws {
    try database.write { connection in
      try connection.finishJob(job.number, at: clock.wallSeconds(), wasStopped: wasStopped)
      try connection.pruneJobs(keeping: Limits.jobsKeptMax)
    }
  }

  /// For work whose maker has seen the end of it: nothing is left to tell.
  package func discard(_ job: JobRow) throws { try database.write { try $0.deleteJob(job.number) } }
}
