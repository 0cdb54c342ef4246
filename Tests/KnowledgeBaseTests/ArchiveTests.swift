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
