// Versions replace each other in one transaction; what is erased is in no file.
import Base
import Foundation
import Testing

@testable import Store

@Suite struct LibraryTablesTests {
  let folder = TemporaryFolder()

  private func open() throws -> Database {
    try Database(path: "\(folder.path)/library.db", migrations: LibrarySchema.migrations)
  }

  private func version(_ text: String, at time: Double) -> NewVersion {
    NewVersion(
      sha256: SHA256Digest(of: text.utf8).description, content: Array(text.utf8), format: "text", title: nil,
      text: Array(text.utf8), scalarCount: text.unicodeScalars.count, wordCount: 1, pageCount: nil, layout: [],
      coverage: "[]", warnings: "[]", createdAt: time, chunking: "")
  }

  @discardableResult
  private func insert(_ text: String, named name: String, into database: Database) throws -> Int {
    try database.write { connection in
      let collection = try connection.collection(named: "default")
      let number =
        try connection.document(inCollection: collection.id, path: nil, filename: name)?.number
        ?? connection.insertDocument(
          id: "d_\(name)", collection: collection.id, filename: name, path: nil, metadata: "{}", addedAt: 1)
      let id = try connection.insertVersion(version(text, at: 2), document: number)
      let digest = SHA256Digest(of: text.utf8).bytes
      let chunk = NewChunk(
        start: 0, end: text.unicodeScalars.count, page: nil, heading: "", context: "", digest: digest)
      _ = try connection.insertChunks([chunk], version: id)
      try connection.insertVector([0.5, -1], digest: digest, embedder: Self.embedder(connection))
      return number
    }
  }

  private static func embedder(
    _ connection: borrowing Connection, named name: String = "model", isMetered: Bool = false
  ) throws -> Int {
    try connection.embedder(name: name, fingerprint: "f", dimension: 2, isMetered: isMetered).id
  }

  @Test func aNewVersionRetiresTheOld() throws {
    let database = try open()
    let number = try insert("one", named: "a.txt", into: database)
    try insert("two", named: "a.txt", into: database)
    let versions = try database.read { try $0.versions(ofDocument: number) }
    #expect(versions.map(\.number) == [1, 2])
    #expect(versions.map(\.retiredAt) == [2, nil])
    #expect(try database.read { try $0.documentsInUse(ofCollections: [1]) }.count == 1)
  }

  @Test func vectorsComeBackBitForBit() throws {
    let database = try open()
    try insert("one", named: "a.txt", into: database)
    let digest = SHA256Digest(of: "one".utf8).bytes
    #expect(try database.read { try $0.vector(digest: digest, embedder: 1) } == [0.5, -1])
  }

  @Test func whatIsErasedIsInNoFile() throws {
    let canary = "xylophone-canary-8731"
    let database = try open()
    let number = try insert(String(repeating: canary + " ", count: 500), named: "a.txt", into: database)
    try insert("stays", named: "b.txt", into: database)
    try database.truncateLog()
    #expect(try filesHolding(canary) > 0)
    try database.write { try $0.erase(document: number) }
    try database.truncateLog()
    #expect(try filesHolding(canary) == 0)
    #expect(try database.read { try $0.documentsInUse(ofCollections: [1]) }.map(\.document.filename) == ["b.txt"])
    #expect(try database.read { try $0.first("SELECT count(*) FROM vectors") { $0.integer(0) } } == 1)
  }

  @Test func erasingKeepsWhatAnotherDocumentShares() throws {
    let database = try open()
    let number = try insert("same", named: "a.txt", into: database)
    try insert("same", named: "b.txt", into: database)
    try database.write { try $0.erase(document: number) }
    let digest = SHA256Digest(of: "same".utf8)
    #expect(try database.read { try $0.vector(digest: digest.bytes, embedder: 1) } != nil)
    #expect(try database.read { try $0.content(sha256: digest.description) } == Array("same".utf8))
  }

  @Test func theFirstFormatsVectorsAreTheOneEmbeddersThatThereWas() throws {
    let path = "\(folder.path)/library.db"
    let digest: [UInt8] = [1, 2, 3]
    do {
      let old = try Database(path: path, migrations: Array(LibrarySchema.migrations.prefix(1)))
      try old.write { connection in
        try connection.setSetting("embedder", to: "all-MiniLM-L6-v2 (0123456789abcdef)")
        try connection.run(
          "INSERT INTO vectors(digest, vector) VALUES (?, ?)", .blob(digest), .blob([0, 0, 0, 63, 0, 0, 128, 191]))
      }
    }
    let database = try open()
    let row = try #require(try database.read { try $0.currentEmbedder() })
    #expect(row.name == "all-MiniLM-L6-v2" && row.fingerprint == "0123456789abcdef" && row.dimension == 2)
    #expect(try database.read { try $0.vector(digest: digest, embedder: row.id) } == [0.5, -1])
  }

  @Test func eachEmbedderHasVectorsOfItsOwnAndErasingTakesAll() throws {
    let database = try open()
    let number = try insert("one", named: "a.txt", into: database)
    let digest = SHA256Digest(of: "one".utf8).bytes
    let other = try database.write { connection in
      let other = try Self.embedder(connection, named: "other", isMetered: true)
      try connection.insertVector([1, 0], digest: digest, embedder: other)
      try connection.keepPaidVector([1, 1], digest: [9], embedder: other, countMax: 5)
      return other
    }
    #expect(try database.read { try $0.vector(digest: digest, embedder: other) } == [1, 0])
    #expect(try database.read { try $0.vector(digest: digest, embedder: 1) } == [0.5, -1])
    try database.write { try $0.erase(document: number) }
    for table in ["vectors", "paid_vectors"] {
      #expect(try database.read { try $0.first("SELECT count(*) FROM \(table)") { $0.integer(0) } } == 0)
    }
  }

  @Test func ofPaidVectorsTheOldestGo() throws {
    let database = try open()
    try database.write { connection in
      let row = try Self.embedder(connection)
      for number in 0..<10 { try connection.keepPaidVector([1], digest: [UInt8(number)], embedder: row, countMax: 3) }
    }
    let kept = try (0..<10).filter { number in
      try database.read { try $0.paidVector(digest: [UInt8(number)], embedder: 1) } != nil
    }
    #expect(kept == [7, 8, 9])
  }

  private func filesHolding(_ canary: String) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { name in
      let data = FileManager.default.contents(atPath: "\(folder.path)/\(name)") ?? Data()
      return data.range(of: Data(canary.utf8)) != nil
    }.count
  }
}
