// An archive's members as documents of their own: names, failures beside successes, nesting, and what stays known.
import Base
import Ingest
import Store
import Testing

@testable import KnowledgeBase

@Suite struct ArchiveTests {
  private func added(_ content: String, _ test: TestLibrary, path: String? = nil) -> (
    added: [AddOutcome], failed: [(name: String, error: any Error)]
  ) {
    test.library.addAll(Incoming(bytes: Array(content.utf8), filename: "a.zip", path: path))
  }

  @Test func eachMemberIsADocument() throws {
    let test = try TestLibrary()
    let outcome = added("PACK\nplans/tea.txt=Tea is served at four.\nbad.txt=FAIL\nsecret.txt", test)
    #expect(outcome.added.map(\.filename) == ["a.zip/plans/tea.txt"])
    #expect(outcome.failed.map(\.name) == ["a.zip/bad.txt", "a.zip/secret.txt"])
    #expect(outcome.failed.compactMap { ($0.error as? any Failure)?.code } == ["damaged", "archive_encrypted"])
    #expect(try test.filenames("tea served") == ["a.zip/plans/tea.txt"])
    let again = added("PACK\nplans/tea.txt=Tea is served at five.", test)
    #expect(again.added.map(\.status) == [.updated])
    #expect(try test.library.documents().count == 1)
  }

  private func names(_ test: TestLibrary) throws -> [String] {
    try test.library.documents().map(\.document.filename).sorted()
  }

  @Test(arguments: [true, false])
  func membersThatVanishAreTakenOutWithTheChange(_ isFile: Bool) throws {
    let test = try TestLibrary()
    let path = isFile ? test.folder.path + "/a.zip" : nil
    if let path { try FileAccess.write([1], to: path) }
    try test.add("Tea is in the kitchen.", named: "a.zip-other.txt")
    _ = added("PACK\ntea.txt=Tea is served at four.\nold/milk.txt=Milk is in the fridge.", test, path: path)
    test.clock.advance(10)
    let before = test.clock.wallSeconds() - 5
    let outcome = added("PACK\ntea.txt=Tea is served at four.\nnew.txt=Juice is on the table.", test, path: path)
    #expect(outcome.failed.isEmpty)
    #expect(try names(test) == ["a.zip-other.txt", "a.zip/new.txt", "a.zip/tea.txt"])
    #expect(try test.filenames("milk fridge").contains("a.zip/old/milk.txt") == false)
    #expect(try test.filenames("milk fridge") { $0.asOf = before }.contains("a.zip/old/milk.txt"))
    // It comes back as what it was.
    _ = added("PACK\nold/milk.txt=Milk is in the fridge.", test, path: path)
    #expect(try names(test) == ["a.zip-other.txt", "a.zip/old/milk.txt"])
    #expect(try test.library.versions(of: test.library.document("a.zip/old/milk.txt")).count == 2)
  }

  @Test(arguments: [true, false])
  func aMemberThatMovedInsideKeepsItsDocument(_ isFile: Bool) throws {
    let test = try TestLibrary()
    let path = isFile ? test.folder.path + "/a.zip" : nil
    if let path { try FileAccess.write([1], to: path) }
    let first = added("PACK\ntea.txt=Tea is served at four.", test, path: path)
    _ = added("PACK\ndrinks/tea.txt=Tea is served at four.", test, path: path)
    let held = try test.library.documents().map(\.document)
    #expect(held.map(\.filename) == ["a.zip/drinks/tea.txt"] && held.map(\.id) == first.added.map(\.documentID))
    #expect(held.map(\.path) == [path.map { "\($0)/drinks/tea.txt" }])
    #expect(try test.filenames("tea served") == ["a.zip/drinks/tea.txt"])
  }

  @Test func whatCannotBeReadThisTimeStays() throws {
    let test = try TestLibrary()
    _ = added("PACK\ntea.txt=Tea is served at four.\nmilk.txt=Milk is in the fridge.", test)
    // One member is locked now, one damaged, and one gone.
    _ = added("PACK\ntea.txt\nmilk.txt=FAIL\nnew.txt=Juice is on the table.", test)
    #expect(try names(test) == ["a.zip/milk.txt", "a.zip/new.txt", "a.zip/tea.txt"])
    // An archive that cannot be opened at all takes nothing out.
    _ = added("FAIL", test)
    #expect(try names(test).count == 3)
  }

  @Test func anArchiveThatHoldsItselfEnds() throws {
    let test = try TestLibrary()
    let outcome = added("DOLL", test)
    #expect(outcome.added.isEmpty)
    #expect(outcome.failed.map(\.name) == ["a.zip/doll/doll/doll"])
    #expect((outcome.failed.first?.error as? any Failure)?.code == "too_deep")
  }

  @Test func aMemberIsNotTakenForARenamedFile() throws {
    let test = try TestLibrary()
    let archive = test.folder.path + "/a.zip"
    try FileAccess.write([1], to: archive)
    let inside = added("PACK\ntea.txt=Tea is served at four.", test, path: archive)
    let copy = try test.add("Tea is served at four.", named: "tea.txt", path: test.folder.path + "/tea.txt")
    #expect(copy.status == .unchanged)
    #expect(copy.documentID == inside.added.first?.documentID)
    #expect(try test.library.documents().map(\.document.filename) == ["a.zip/tea.txt"])
  }

  @Test func namesThatClimbAreRefusedHereToo() throws {
    let outcome = added("PACK\n../x.txt=out\na//b=out\nok.txt=in", try TestLibrary())
    #expect(outcome.added.map(\.filename) == ["a.zip/ok.txt"])
    #expect(outcome.failed.compactMap { ($0.error as? any Failure)?.code } == ["bad_name", "bad_name"])
  }
}
