// What a transaction, a reader, a migration and a data directory promise.
import Base
import Foundation
import Testing

@testable import Store

@Suite struct DatabaseTests {
  let folder = TemporaryFolder()

  private func open(_ scripts: [String] = ["CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE)"]) throws -> Database {
    let migrations = scripts.enumerated().map { Migration(number: $0.offset + 1, script: $0.element) }
    return try Database(path: "\(folder.path)/test.db", migrations: migrations)
  }

  @Test func valuesComeBackAsTheyWent() throws {
    let database = try Database(
      path: "\(folder.path)/v.db", migrations: [Migration(number: 1, script: "CREATE TABLE v(a, b, c, d, e)")])
    let text = "naïve \u{0} 日本 😀"
    try database.write {
      try $0.run(
        "INSERT INTO v VALUES (?, ?, ?, ?, ?)", .null, .integer(.min), .real(0.1), .text(text), .blob([0, 255, 7]))
    }
    try database.read { connection in
      try connection.rows("SELECT a, b, c, d, e FROM v") { row in
        #expect(row.isNull(0) && row.optionalText(0) == nil)
        #expect(row.integer(1) == .min)
        #expect(row.real(2) == 0.1)
        #expect(row.text(3) == text)
        #expect(row.blob(4) == [0, 255, 7])
      }
    }
  }

  @Test func aFailedTransactionLeavesNothing() throws {
    let database = try open()
    #expect(throws: StoreError.self) {
      try database.write {
        try $0.run("INSERT INTO t VALUES (1, 'x')")
        try $0.run("INSERT INTO t VALUES (2, 'x')")
      }
    }
    #expect(try database.read { try $0.first("SELECT count(*) FROM t") { $0.integer(0) } } == 0)
    try database.write { try $0.run("INSERT INTO t VALUES (1, 'x')") }
    #expect(try database.read { try $0.first("SELECT count(*) FROM t") { $0.integer(0) } } == 1)
  }

  @Test func aReaderKeepsTheViewThatItBeganWith() throws {
    let database = try open()
    try database.read { reader in
      #expect(try reader.first("SELECT count(*) FROM t") { $0.integer(0) } == 0)
      try database.write { try $0.run("INSERT INTO t VALUES (1, 'x')") }
      #expect(try reader.first("SELECT count(*) FROM t") { $0.integer(0) } == 0)
    }
    #expect(try database.read { try $0.first("SELECT count(*) FROM t") { $0.integer(0) } } == 1)
  }

  @Test func noRoomIsToldAsSuchAndReadingGoesOn() throws {
    let database = try open()
    try database.write { try $0.run("INSERT INTO t VALUES (1, 'kept')") }
    let error = #expect(throws: StoreError.self) {
      try database.write { connection in
        try connection.rows("PRAGMA max_page_count=4") { _ in }
        try connection.run("INSERT INTO t VALUES (2, ?)", .text(String(repeating: "x", count: 1 << 20)))
      }
    }
    #expect(error?.cause == .full && error?.kind.httpStatus == 507)
    #expect(try database.read { try $0.all("SELECT b FROM t") { $0.text(0) } } == ["kept"])
  }

  @Test func migrationsRunOnceInOrderAndKeepACopy() throws {
    let first = "CREATE TABLE t(a)"
    var database: Database? = try open([first])
    try database?.write { try $0.run("INSERT INTO t VALUES (1)") }
    database = nil
    let second = try open([first, "ALTER TABLE t ADD COLUMN b DEFAULT 5"])
    #expect(try second.read { try $0.first("SELECT a + b FROM t") { $0.integer(0) } } == 6)
    #expect(FileManager.default.fileExists(atPath: "\(folder.path)/test.db.before-format-2"))
  }

  @Test func anUpgradeCanGoBackAndForthAgain() throws {
    let old = ["CREATE TABLE t(a)"]
    let new = old + ["ALTER TABLE t ADD COLUMN b DEFAULT 5"]
    let (path, copy) = ("\(folder.path)/test.db", "\(folder.path)/test.db.before-format-2")
    var database: Database? = try open(old)
    try database?.write { try $0.run("INSERT INTO t VALUES (1)") }
    database = nil
    // What an upgrade that was killed over its copy left.
    try Data("half a copy".utf8).write(to: URL(fileURLWithPath: copy + ".unfinished"))
    for round in 1...2 {
      database = try open(new)
      try database?.write { try $0.run("INSERT INTO t(a) VALUES (99)") }
      database = nil
      #expect(throws: StoreError.self, "the older program does not know the newer format") { try open(old) }
      // Back: the copy in the place of the library. The older program goes on from where it was.
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.copyItem(atPath: copy, toPath: path)
      database = try open(old)
      let rows = try database?.read { try $0.all("SELECT a FROM t ORDER BY a") { $0.integer(0) } }
      #expect(rows == Array(1...round))
      try database?.write { try $0.run("INSERT INTO t VALUES (?)", .integer(Int64(round + 1))) }
      database = nil
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!names.contains { $0.hasSuffix(".unfinished") })
  }

  @Test func aFailedMigrationLeavesTheOldFormat() throws {
    _ = try open(["CREATE TABLE t(a)"])
    #expect(throws: StoreError.self) { try open(["CREATE TABLE t(a)", "CREATE TABLE u(a); nonsense"]) }
    let database = try open(["CREATE TABLE t(a)"])
    #expect(try database.read { try $0.first("SELECT count(*) FROM sqlite_schema") { $0.integer(0) } } == 1)
  }

  @Test func aNewerFormatIsRefused() throws {
    _ = try open(["CREATE TABLE t(a)", "CREATE TABLE u(a)"])
    let error = #expect(throws: StoreError.self) { try open(["CREATE TABLE t(a)"]) }
    #expect(error?.cause == .newerFormat(found: 2, known: 1))
  }

  @Test func aFileThatIsNoDatabaseIsRefused() throws {
    try Data(repeating: 0x41, count: 8_192).write(to: URL(fileURLWithPath: "\(folder.path)/test.db"))
    let error = #expect(throws: StoreError.self) { try open() }
    #expect(error?.cause == .corrupt)
  }

  @Test func aDirectoryHasOneOwner() throws {
    var owner: DataDirectory? = try DataDirectory(path: "\(folder.path)/data")
    try owner?.announce(OwnerAddress(process: 7, url: "http://127.0.0.1:1", token: "t"))
    let error = #expect(throws: StoreError.self) { try DataDirectory(path: "\(folder.path)/data") }
    #expect(error?.cause == .ownedElsewhere(owner: "process 7"))
    owner = nil
    #expect(DataDirectory.owner(of: "\(folder.path)/data") == nil)
    #expect(throws: Never.self) { try DataDirectory(path: "\(folder.path)/data") }
  }

  @Test func onlyTheUserMayLookInside() throws {
    _ = try DataDirectory(path: "\(folder.path)/private")
    let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder.path)/private")
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
  }

  @Test func aDirectoryThatCannotBeMadeIsNamed() throws {
    try Data().write(to: URL(fileURLWithPath: "\(folder.path)/file"))
    let error = #expect(throws: StoreError.self) { try DataDirectory(path: "\(folder.path)/file/data") }
    #expect(error?.code == "not_writable" && error?.message.contains("file/data") == true)
  }
}

/// A folder of the test's own, gone when the test ends.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "footnote-store-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
