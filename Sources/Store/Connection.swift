// One connection to the database, with its prepared statements. Used by one thread at a time; Database sees to it.
import CSQLite

#if canImport(Glibc)
  import Glibc
#endif

@safe package struct Connection: ~Copyable {
  // Proof of safety: the handle is closed once, in deinit, after every statement made from it was finalised.
  private let handle: OpaquePointer
  private let statements = StatementCache()

  init(path: String, writable: Bool) throws {
    // SQLite gives its other files the mode of this one, and makes this one readable to everybody.
    if writable { unsafe close(Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)) }
    var opened: OpaquePointer?
    let mode = writable ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
    let result = unsafe sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard result == SQLITE_OK, let opened = unsafe opened else {
      // A handle may exist even when opening failed: https://www.sqlite.org/c3ref/open.html
      let reason = unsafe String(cString: sqlite3_errstr(result))
      unsafe sqlite3_close_v2(opened)
      throw result & 0xFF == SQLITE_CANTOPEN
        ? StoreError(.notWritable(path: path), reason) : StoreError(resultCode: result, detail: reason)
    }
    unsafe handle = opened
    unsafe sqlite3_busy_timeout(handle, 5_000)
    // Defensive mode keeps SQL from writing to the schema tables; malformed schemas are not trusted.
    _ = unsafe footnote_db_config_flag(handle, SQLITE_DBCONFIG_DEFENSIVE, 1)
    _ = unsafe footnote_db_config_flag(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
  }

  deinit {
    statements.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  /// Runs one statement to its end.
  package func run(_ sql: String, _ values: SQLValue...) throws {
    try statement(sql).run(values) { _ in }
  }

  /// Runs one statement and hands over every row.
  package func rows(_ sql: String, _ values: [SQLValue] = [], each: (borrowing Row) throws -> Void) throws {
    try statement(sql).run(values, each: each)
  }

  package func all<Element>(
    _ sql: String, _ values: SQLValue..., row: (borrowing Row) throws -> Element
  ) throws -> [Element] {
    var elements: [Element] = []
    try statement(sql).run(values) { elements.append(try row($0)) }
    return elements
  }

  package func first<Element>(
    _ sql: String, _ values: SQLValue..., row: (borrowing Row) throws -> Element
  ) throws -> Element? {
    var found: Element?
    try statement(sql).run(values) { if found == nil { found = try row($0) } }
    return found
  }

  package var lastInsertedRow: Int { Int(unsafe sqlite3_last_insert_rowid(handle)) }

  package var changedRows: Int { Int(unsafe sqlite3_changes64(handle)) }

  /// Several statements in one text, without values.
  func script(_ sql: String) throws {
    let result = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard result == SQLITE_OK else {
      throw StoreError(resultCode: result, detail: unsafe String(cString: sqlite3_errmsg(handle)))
    }
  }

  /// All or nothing. A failure to commit is a failure of the whole.
  func transaction<Result>(
    _ begin: String, _ body: (borrowing Connection) throws -> Result
  ) throws -> Result {
    try run(begin)
    do {
      let result = try body(self)
      try run("COMMIT")
      return result
    } catch {
      // After some errors SQLite has rolled back by itself; asking again is then an error of no interest.
      if unsafe sqlite3_get_autocommit(handle) == 0 { try? run("ROLLBACK") }
      throw error
    }
  }

  private func statement(_ sql: String) throws -> Statement {
    if let known = statements[sql] { return known }
    let prepared = try unsafe Statement(sql, on: handle)
    statements[sql] = prepared
    return prepared
  }
}

/// Prepared statements by their text. SQL is written in the code, so their number is bounded by it.
private final class StatementCache {
  private var statements: [String: Statement] = [:]

  subscript(sql: String) -> Statement? {
    get { statements[sql] }
    set { statements[sql] = newValue }
  }

  func removeAll() { statements.removeAll() }
}
