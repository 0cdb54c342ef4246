// What can go wrong with the database, told apart by SQLite's result codes: https://www.sqlite.org/rescode.html
package import Base
import CSQLite

package struct StoreError: Failure, Equatable {
  package enum Cause: Sendable, Equatable {
    case full  // no room on the device, or past a file size limit
    case inputOutput  // the device failed; after a failed sync nothing more may be promised
    case corrupt
    case ownedElsewhere(owner: String)  // another process owns the data directory
    case notWritable(path: String)
    case newerFormat(found: Int, known: Int)
    case constraint
    case misuse
  }

  package let cause: Cause
  package let detail: String

  package init(_ cause: Cause, _ detail: String = "") {
    self.cause = cause
    self.detail = detail
  }

  /// From an extended result code.
  init(resultCode: Int32, detail: String) {
    let cause: Cause =
      switch resultCode & 0xFF {
      case SQLITE_FULL: .full
      // Writes past RLIMIT_FSIZE or a quota come back as an I/O error of writing.
      case SQLITE_IOERR where resultCode == footnote_ioerr_write: .full
      // SQLITE_IOERR_SHMSIZE: the log's index could not be given its room.
      case SQLITE_IOERR where resultCode >> 8 == 19: .full
      case SQLITE_IOERR: .inputOutput
      case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
      case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: .notWritable(path: "")
      case SQLITE_CONSTRAINT: .constraint
      default: .misuse
      }
    self.init(cause, "\(detail) (SQLite \(resultCode))")
  }

  package var kind: FailureKind {
    switch cause {
    case .full: .storageFull
    case .inputOutput: .unavailable
    case .corrupt, .newerFormat: .corruption
    case .ownedElsewhere, .notWritable: .unavailable
    case .constraint, .misuse: .bug
    }
  }

  package var code: String {
    switch cause {
    case .full: "storage_full"
    case .inputOutput: "storage_failed"
    case .corrupt: "library_damaged"
    case .ownedElsewhere: "library_in_use"
    case .notWritable: "not_writable"
    case .newerFormat: "newer_format"
    case .constraint, .misuse: "internal"
    }
  }

  package var message: String {
    switch cause {
    case .full: "there is no room left on the device that holds the library"
    case .inputOutput: "the device that holds the library failed: \(detail)"
    case .corrupt: "the library's database is damaged: \(detail)"
    case .ownedElsewhere(let owner): "the data directory is in use by \(owner)"
    case .notWritable(let path): "the data directory \(path) cannot be written: \(detail)"
    case .newerFormat(let found, let known):
      "the library was written by a newer version (format \(found); this one knows \(known))"
    case .constraint, .misuse: "the database refused a statement: \(detail)"
    }
  }

  package var hint: String {
    switch cause {
    case .full: "free some space; nothing that was acknowledged is lost, and reading goes on"
    case .inputOutput: "check the device; what was not acknowledged must be added again"
    case .corrupt: "restore a backup with 'footnote restore', or move the directory away and add the documents again"
    case .ownedElsewhere: "stop that process, or give another directory with --data"
    case .notWritable: "check its permissions, or give another directory with --data"
    case .newerFormat: "use that version, or restore a backup made by this one"
    case .constraint, .misuse: ""
    }
  }
}
