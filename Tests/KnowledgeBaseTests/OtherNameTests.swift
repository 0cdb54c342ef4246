// The same content in two files: held once, and held for as long as one of them is there.
import Base
import Foundation
import Store
import Testing

@testable import KnowledgeBase

@Suite struct OtherNameTests {
  private let text = "Tea is served at four."

  private func write(_ test: TestLibrary, _ name: String, _ text: String) throws -> AddOutcome {
    let path = "\(test.folder.path)/\(name)"
    try FileAccess.write(Array(text.utf8), to: path)
    return try test.add(text, named: name, path: path)
  }

  private func names(_ test: TestLibrary) throws -> [String] {
    try test.library.documents().map(\.document.filename).sorted()
  }

  /// Two files, one document under the first name.
  private func prepared() throws -> (test: TestLibrary, id: String) {
    let test = try TestLibrary()
    let first = try write(test, "a.txt", text)
    let second = try write(test, "b.txt", text)
    #expect(second.status == .unchanged && second.documentID == first.documentID)
    #expect(try names(test) == ["a.txt"])
    return (test, first.documentID)
  }

  private func delete(_ test: TestLibrary, _ name: String) throws -> [DocumentRow] {
    try FileManager.default.removeItem(atPath: "\(test.folder.path)/\(name)")
    return try test.library.retire(paths: ["\(test.folder.path)/\(name)"])
  }

  @Test func theFirstIsDeleted() throws {
    let (test, id) = try prepared()
    #expect(try delete(test, "a.txt").isEmpty)
    #expect(try names(test) == ["b.txt"] && test.library.document("b.txt").document.id == id)
    #expect(try test.filenames("tea served") == ["b.txt"])
    #expect(try delete(test, "b.txt").map(\.id) == [id])
    #expect(try names(test).isEmpty)
  }

  @Test func theSecondIsDeleted() throws {
    let (test, id) = try prepared()
    #expect(try delete(test, "b.txt").isEmpty)
    #expect(try names(test) == ["a.txt"])
    #expect(try delete(test, "a.txt").map(\.id) == [id])
  }

  @Test func theFirstChanges() throws {
    let (test, id) = try prepared()
    let outcome = try write(test, "a.txt", "Coffee is served at five.")
    #expect(outcome.status == .added && outcome.documentID != id)
    #expect(try names(test) == ["a.txt", "b.txt"])
    #expect(try test.filenames("tea served four").first == "b.txt")
    #expect(try test.filenames("coffee five").first == "a.txt")
  }

  @Test func theSecondChanges() throws {
    let (test, id) = try prepared()
    #expect(try write(test, "b.txt", "Coffee is served at five.").status == .added)
    #expect(try names(test) == ["a.txt", "b.txt"])
    // It is no name of the first any more.
    #expect(try delete(test, "a.txt").map(\.id) == [id])
    #expect(try names(test) == ["b.txt"])
  }

  @Test func bothAreDeletedAtOnce() throws {
    let (test, id) = try prepared()
    for name in ["a.txt", "b.txt"] { try FileManager.default.removeItem(atPath: "\(test.folder.path)/\(name)") }
    #expect(try test.library.retire(paths: [test.folder.path]).map(\.id) == [id])
    #expect(try names(test).isEmpty)
  }

  @Test func namesAreForgottenToo() throws {
    let (test, id) = try prepared()
    _ = try write(test, "Zyxquorvane.txt", text)
    #expect(!test.folder.filesHolding("Zyxquorvane").isEmpty)
    try FileManager.default.removeItem(atPath: "\(test.folder.path)/Zyxquorvane.txt")
    _ = try test.library.forget(id)
    #expect(test.folder.filesHolding("Zyxquorvane").isEmpty)
  }
}
