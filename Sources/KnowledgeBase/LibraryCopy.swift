// A library in one file, and back. The store is the whole truth, so a copy of it is a copy of everything; indexes are
// made from it again.
// Invariants: a copy is of one moment, also while others write; nothing is replaced before what replaces it has been
// proved whole; what was replaced stays beside the library until the next restore.
import Base
import Foundation
package import Store

#if canImport(Glibc)
  import Glibc
#endif

package struct LibraryCopyProof: Sendable, Equatable {
  package let documents: Int
  package let contents: Int
  package let bytes: Int
}

package enum LibraryCopy {
  /// Writes the library to a file that must not be there yet, and proves the file before it gets its name.
  package static func write(_ library: Library, to path: String) throws -> LibraryCopyProof {
    guard !FileAccess.exists(path) else {
      throw PlainFailure(
        .conflict, "file_exists", "\(path) is there already", hint: "give the backup another name, or remove the file")
    }
    let unfinished = "\(path).unfinished"
    try? FileManager.default.removeItem(atPath: unfinished)
    do {
      try library.database.copy(to: unfinished)
      let proof = try prove(unfinished)
      try settle(unfinished)
      guard unsafe rename(unfinished, path) == 0 else { throw StoreError(.notWritable(path: path), reason()) }
      try? library.database.write { try note(path, at: library.clock.wallSeconds(), in: $0) }
      return proof
    } catch {
      try? FileManager.default.removeItem(atPath: unfinished)
      throw error
    }
  }

  /// Puts a copy in the place of the library in a directory that nobody else holds.
  package static func restore(_ path: String, into directory: DataDirectory) throws -> LibraryCopyProof {
    guard FileAccess.exists(path) else {
      throw PlainFailure(.notFound, "file_not_found", "there is no file \(path)", hint: "give the path of a backup")
    }
    let arriving = "\(directory.databasePath).restoring"
    let replaced = "\(directory.databasePath).before-restore"
    let suffixes = ["", "-wal", "-shm"]
    for suffix in suffixes { try? FileManager.default.removeItem(atPath: arriving + suffix) }
    defer { for suffix in suffixes { try? FileManager.default.removeItem(atPath: arriving + suffix) } }
    do {
      try FileManager.default.copyItem(atPath: path, toPath: arriving)
    } catch { throw StoreError(.notWritable(path: arriving), "the backup cannot be copied there") }
    _ = unsafe chmod(arriving, 0o600)
    let proof = try prove(arriving)
    // Brought to today's tables before it replaces anything; an older program's copy is as good as a new one.
    do {
      let database = try Database(path: arriving, migrations: LibrarySchema.migrations)
      // The copy was made before it was noted that it was.
      try database.write { try note(path, at: SystemClock().wallSeconds(), in: $0) }
      try database.truncateLog()
    }
    try settle(arriving)
    for suffix in suffixes {
      try? FileManager.default.removeItem(atPath: replaced + suffix)
      let old = directory.databasePath + suffix
      guard FileAccess.exists(old) else { continue }
      guard unsafe rename(old, replaced + suffix) == 0 else { throw StoreError(.notWritable(path: old), reason()) }
    }
    guard unsafe rename(arriving, directory.databasePath) == 0 else {
      let why = reason()
      for suffix in suffixes { _ = unsafe rename(replaced + suffix, directory.databasePath + suffix) }
      throw StoreError(.notWritable(path: directory.databasePath), why)
    }
    FileAccess.removeTree(directory.snapshotsPath)
    return proof
  }

  /// Reads all of a copy: its pages are whole, and every content is the one that its digest names.
  package static func prove(_ path: String) throws -> LibraryCopyProof {
    func refused(_ why: String) -> PlainFailure {
      PlainFailure(.corruption, "backup_damaged", "\(path) is no whole backup: \(why)", hint: "use another one")
    }
    let database: Database
    do {
      database = try Database(readOnlyCopy: path)
      if let defect = try database.firstDefect() { throw refused(defect) }
    } catch let error as StoreError {
      if case .newerFormat = error.cause { throw error }
      throw refused(error.detail)
    }
    return try database.read { connection in
      guard try connection.isLibrary() else { throw refused("it is not a library") }
      var count = 0
      var bytes = 0
      for digest in try connection.contentDigests() {
        guard let content = try connection.content(sha256: digest) else { throw refused("a content is missing") }
        guard SHA256Digest(of: content).description == digest else { throw refused("content \(digest) was changed") }
        count += 1
        bytes += content.count
      }
      return LibraryCopyProof(documents: try connection.documentsInUseCount(), contents: count, bytes: bytes)
    }
  }

  fileprivate static let noted = "backups"
  private static let notedMax = 50

  /// Where backups are, the newest last: what is erased from the library is in them still.
  private static func note(_ path: String, at time: Double, in connection: borrowing Connection) throws {
    let place = FileAccess.absolute(path)
    var known = try connection.setting(noted).flatMap { try? JSON(parsing: $0).array } ?? []
    known.removeAll { $0["path"]?.string == place }
    known.append(["path": .string(place), "at": .number(time)])
    try connection.setSetting(noted, to: JSON.array(Array(known.suffix(notedMax))).text)
  }

  /// On the disk, whatever happens to the power now.
  private static func settle(_ path: String) throws {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(.notWritable(path: path), reason()) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(.inputOutput, reason()) }
  }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}

extension Library {
  /// Backups that are where they were written and were made since a document came in.
  package func backups(holding document: DocumentRow) -> [String] {
    let known = (try? database.read { try $0.setting(LibraryCopy.noted) }) ?? nil
    let list = known.flatMap { try? JSON(parsing: $0).array } ?? []
    return list.compactMap { entry in
      guard let path = entry["path"]?.string, entry.at?.double ?? 0 >= document.addedAt, FileAccess.exists(path) else {
        return nil
      }
      return path
    }
  }
}
