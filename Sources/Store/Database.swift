// The database file: one connection writes, a few read, all in this process (one process owns a data directory).
// WAL with synchronous=FULL: a commit that returned is durable. secure_delete: what is deleted is overwritten.
import CSQLite
import Synchronization

package final class Database: Sendable {
  package let path: String
  private let writer: ConnectionBox
  private let writing = Mutex<Void>(())
  private let readers: ReaderPool

  /// Opens or creates the file and brings its tables to the newest format.
  package init(path: String, migrations: [Migration]) throws {
    self.path = path
    writer = try ConnectionBox(path: path, writable: true)
    try writer.connection.rows("PRAGMA journal_mode=WAL") { _ in }
    try writer.connection.script(
      """
      PRAGMA synchronous=FULL;
      PRAGMA foreign_keys=ON;
      PRAGMA secure_delete=ON;
      PRAGMA journal_size_limit=67108864;
      PRAGMA temp_store=MEMORY;
      """)
    try Migration.migrate(writer.connection, at: path, with: migrations)
    readers = ReaderPool(path: path)
  }

  /// A copy that lies somewhere, to be looked at: it is not brought to another format, and nothing is written to it.
  package init(readOnlyCopy path: String) throws {
    self.path = path
    writer = try ConnectionBox(path: path, writable: false)
    readers = ReaderPool(path: path)
  }

  /// One transaction, the only way to write. When it returns, the result is on the disk.
  package func write<Result: Sendable>(_ body: (borrowing Connection) throws -> Result) throws -> Result {
    try writing.withLock { _ in try writer.connection.transaction("BEGIN IMMEDIATE", body) }
  }

  /// One consistent view; never waits for a writer.
  package func read<Result>(_ body: (borrowing Connection) throws -> Result) throws -> Result {
    try readers.withConnection { try $0.transaction("BEGIN", body) }
  }

  /// Moves all of the log into the database and cuts the log to nothing, so that what was deleted is in no file. False
  /// where a reader still looks at what the log holds; then it has to be tried again.
  @discardableResult
  package func truncateLog() throws -> Bool {
    readers.closeIdle()
    return try writing.withLock { _ in
      // The first column tells of somebody in the way: https://www.sqlite.org/pragma.html#pragma_wal_checkpoint
      try writer.connection.first("PRAGMA wal_checkpoint(TRUNCATE)") { $0.integer(0) == 0 } ?? false
    }
  }

  /// Rebuilds the file without its free pages.
  package func compact() throws {
    readers.closeIdle()
    try writing.withLock { _ in try writer.connection.script("VACUUM") }
    try truncateLog()
  }

  /// A consistent copy in one file, taken while reading and writing go on.
  package func copy(to path: String) throws {
    try readers.withConnection { try $0.run("VACUUM INTO ?", .text(path)) }
  }

  /// nil if SQLite finds nothing wrong, else its first complaint.
  package func firstDefect() throws -> String? {
    let complaint = try readers.withConnection { connection in
      try connection.first("PRAGMA quick_check(1)") { $0.text(0) }
    }
    return complaint == "ok" ? nil : complaint
  }

  package static var libraryVersion: String { unsafe String(cString: sqlite3_libversion()) }
}

/// Reading connections, made when needed, kept for the next reader.
private final class ReaderPool: Sendable {
  private static let idleMax = 8

  private let path: String
  private let idle = Mutex<[ConnectionBox]>([])

  init(path: String) { self.path = path }

  func withConnection<Result>(_ body: (borrowing Connection) throws -> Result) throws -> Result {
    let taken = idle.withLock { $0.popLast() }
    let box = try taken ?? ConnectionBox(path: path, writable: false)
    defer { idle.withLock { if $0.count < Self.idleMax { $0.append(box) } } }
    return try body(box.connection)
  }

  func closeIdle() { idle.withLock { $0.removeAll() } }
}

// Proof: no two threads use a box's connection at the same time. A reader's box is out of the pool while it is used,
// the writer's is used only under `writing`; SQLite lets a connection move between threads.
private final class ConnectionBox: @unchecked Sendable {
  let connection: Connection

  init(path: String, writable: Bool) throws {
    connection = try Connection(path: path, writable: writable)
  }
}
