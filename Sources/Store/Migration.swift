// The tables' format, one step at a time and only forwards. Before a library with content is changed, a copy of it is
// kept beside it; the steps and the new number are one transaction, so a crash leaves the old format or the new one.
// The copy is what an older program goes back to: it gets its name when it is whole, and the newest upgrade's stays.

#if canImport(Glibc)
  import Glibc
#endif

package struct Migration: Sendable {
  package let number: Int
  package let script: String

  package init(number: Int, script: String) {
    self.number = number
    self.script = script
  }

  static func migrate(_ connection: borrowing Connection, at path: String, with migrations: [Migration]) throws {
    precondition(migrations.map(\.number) == Array(1...migrations.count), "migrations count from 1 without gaps")
    let found = try connection.first("PRAGMA user_version") { $0.integer(0) } ?? 0
    guard found <= migrations.count else {
      throw StoreError(.newerFormat(found: found, known: migrations.count))
    }
    guard found < migrations.count else { return }
    if found > 0 { try keepCopy(connection, as: "\(path).before-format-\(migrations.count)") }
    try connection.transaction("BEGIN IMMEDIATE") { connection in
      for migration in migrations[found...] { try connection.script(migration.script) }
      try connection.script("PRAGMA user_version=\(migrations.count)")
    }
  }

  /// Whatever an upgrade that was killed half-way, or went back, has left there is replaced.
  private static func keepCopy(_ connection: borrowing Connection, as path: String) throws {
    let unfinished = "\(path).unfinished"
    unsafe unlink(unfinished)
    try connection.run("VACUUM INTO ?", .text(unfinished))
    let descriptor = unsafe open(unfinished, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StoreError(.notWritable(path: unfinished), reason()) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw StoreError(.inputOutput, reason()) }
    _ = fchmod(descriptor, 0o600)
    guard unsafe rename(unfinished, path) == 0 else { throw StoreError(.notWritable(path: path), reason()) }
  }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
