// A ZIP of documents: which of its entries are taken out, and which are refused one by one.
import Testing

@testable import Ingest

@Suite struct ArchiveReaderTests {
  private func members(_ entries: [(String, String)]) throws -> [ArchiveMember] {
    let bytes = try ZipMaker.archive(entries.map { ($0.0, Array($0.1.utf8)) })
    return try Extraction.extract(bytes, filename: "a.zip", declaredType: nil).members
  }

  @Test func filesAreTakenOutAndFurnitureIsNot() throws {
    let found = try members([
      ("a.txt", "one"), ("sub/b.md", "# two"), ("__MACOSX/._a.txt", "x"), ("sub/.DS_Store", "x"), ("Thumbs.db", "x"),
    ])
    #expect(found.map(\.name) == ["a.txt", "sub/b.md"])
    #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one", "# two"])
  }

  @Test(arguments: ["../../etc/x.txt", "/etc/x.txt", "..\\x.txt", "C:/x.txt", "a/./b.txt", "a//b.txt"])
  func namesThatLeadOutAreRefusedAndTheOthersRead(_ name: String) throws {
    let found = try members([(name, "out"), ("in.txt", "in")])
    #expect(found.map(\.failure?.code) == ["unsafe_name", nil])
    #expect(found.first?.bytes.isEmpty == true)
  }

  @Test func aBombInsideStopsTheArchive() throws {
    let bytes = try ZipMaker.archive([("a.txt", [UInt8](repeating: 0x20, count: 6 << 20))])
    #expect(failure(bytes, named: "a.zip") == "zip_bomb")
  }

  @Test func lockedMembersAreNamed() throws {
    let bytes = try ZipMaker.archive([("a.txt", Array("secret words".utf8))], password: "pw")
    let found = try Extraction.extract(bytes, filename: "a.zip", declaredType: nil).members
    #expect(found.map(\.failure?.code) == ["archive_encrypted"])
  }

  @Test func membersCrossTheWire() throws {
    var document = Document(text: "", format: .zip)
    document.members = [
      ArchiveMember(name: "a", bytes: [0, 255]),
      ArchiveMember(name: "b", bytes: [], failure: IngestFailure(.unsafeName, "no", hint: "way")),
    ]
    #expect(try Document(wireForm: document.wireForm()) == document)
  }
}
