// The tables' format, one step at a time and only forwards. Before a library with content is changed, a copy of it is
// kept beside it; the steps and the new number are one transaction, so a crash leaves the old format or the new one.

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
    if found > 0 { try connection.run("VACUUM INTO ?", .text("\(path).before-format-\(migrations.count)")) }
    try connection.transaction("BEGIN IMMEDIATE") { connection in
      for migration in migrations[found...] { try connection.script(migration.script) }
      try connection.script("PRAGMA user_version=\(migrations.count)")
    }
  }
}
