// What a library keeps, replaces, forgets, and finds again after a restart.
import Base
import Embedding
import Foundation
import Retrieval
import Store
import Testing
import Text

@testable import KnowledgeBase

@Suite struct LibraryTests {
  @Test func questionsGoBeforeIngest() throws {
    let test = try TestLibrary()
    let embedder = HastyEmbedder()
    try test.restart(saving: true, embedder: embedder)
    try test.add("Desks are cleaned on Fridays by the office team.", named: "desk.txt")
    #expect(embedder.seen.urgent == 0 && embedder.seen.patient > 0)
    _ = try test.filenames("When are desks cleaned?")
    _ = try test.library.ask(AnswerQuestion("When are desks cleaned?"))
    #expect(embedder.seen.urgent >= 2 && embedder.seen.patient == 1)
  }

  @Test func nothingThatIsIngestedIsLongerThanTheEmbedderReads() throws {
    let test = try TestLibrary()
    let embedder = HastyEmbedder()
    try test.restart(saving: true, embedder: embedder)
    let heading = String(repeating: "very long heading ", count: 60)
    let words = (0..<3000).map { "word\($0)" }.joined(separator: " ")
    for text in [
      words, "# \(heading)\n\n## \(heading)\n\n\(words)", "- \(words)\n- \(words)\n", "a|b\n-|-\n\(words)|x\n",
    ] {
      try test.add(text, named: "\(embedder.seen.patient).md")
    }
    #expect(embedder.seen.longest > 150 && embedder.seen.longest <= embedder.windowTokens - 2)
  }

  @Test func aPassageIsTheRangeThatItNames() throws {
    let test = try TestLibrary()
    let text = "Überblick: naïve café 日本語 😀.\n\nThe zebra crossing is painted every spring by the road crew."
    try test.add(text, named: "a.txt")
    let passage = try #require(try test.library.search(SearchQuestion("zebra crossing")).passages.first)
    let held = try test.library.document("a.txt")
    #expect(try test.library.text(of: held).slice(passage.start..<passage.end) == passage.text)
    #expect(passage.text.contains("zebra crossing"))
  }

  @Test func theSameBytesAgainAreUnchanged() throws {
    let test = try TestLibrary()
    let first = try test.add("Tea is served at four.", named: "tea.txt")
    let second = try test.add("Tea is served at four.", named: "tea.txt")
    #expect(first.status == .added && second.status == .unchanged)
    #expect(first.documentID == second.documentID && second.chunksAdded == 0)
    #expect(try test.library.documents().count == 1)
  }

  @Test func theSameContentUnderTwoNamesIsHeldOnce() throws {
    let test = try TestLibrary()
    try test.add("Tea is served at four.", named: "tea.txt")
    let copy = try test.add("Tea is served at four.", named: "copy of tea.txt")
    #expect(copy.status == .unchanged)
    #expect(copy.warnings == ["the same content is already held as tea.txt"])
    #expect(try test.library.documents().count == 1)
  }

  @Test func twoEqualFilesInOneCommitAreHeldOnce() throws {
    let test = try TestLibrary()
    let incoming = Incoming(bytes: Array("Tea is served at four.".utf8), filename: "a.txt")
    var twin = incoming
    twin.filename = "b.txt"
    let outcomes = try test.library.commit([test.library.prepare(incoming), test.library.prepare(twin)])
    #expect(outcomes.map(\.status) == [.added, .unchanged])
    #expect(try test.library.documents().count == 1)
  }

  @Test func aChangedFileReplacesTheOldVersion() throws {
    let test = try TestLibrary()
    let first = try test.add("The gate opens at seven.", named: "gate.txt")
    test.clock.advance(10)
    let second = try test.add("The gate opens at nine.", named: "gate.txt")
    #expect(second.status == .updated && second.documentID == first.documentID)
    let passages = try test.library.search(SearchQuestion("when does the gate open")).passages
    #expect(passages.map(\.text) == ["The gate opens at nine."])
  }

  @Test func questionsAsOfAnEarlierTimeFindTheOldVersion() throws {
    let test = try TestLibrary()
    try test.add("The gate opens at seven.", named: "gate.txt", path: "/nowhere/gate.txt")
    let before = test.clock.wallSeconds()
    test.clock.advance(100)
    try test.add("The gate opens at nine.", named: "gate.txt", path: "/nowhere/gate.txt")
    test.clock.advance(100)
    _ = try test.library.retire(paths: ["/nowhere/gate.txt"])
    var question = SearchQuestion("when does the gate open")
    question.asOf = before + 1
    #expect(try test.library.search(question).passages.map(\.text) == ["The gate opens at seven."])
    question.asOf = before + 101
    #expect(try test.library.search(question).passages.map(\.text) == ["The gate opens at nine."])
    question.asOf = nil
    #expect(try test.library.search(question).passages.isEmpty)
  }

  @Test func aMovedFileIsTheSameDocument() throws {
    let test = try TestLibrary()
    let first = try test.add("The gate opens at seven.", named: "gate.txt", path: "/nowhere/gate.txt")
    let moved = try test.add("The gate opens at seven.", named: "door.txt", path: "/nowhere/door.txt")
    #expect(moved.documentID == first.documentID && moved.warnings == ["renamed from gate.txt"])
    #expect(try test.filenames("gate opens") == ["door.txt"])
  }

  @Test func whatIsRemovedIsNotFound() throws {
    let test = try TestLibrary()
    try test.add("The gate opens at seven.", named: "gate.txt")
    try test.add("The door closes at ten.", named: "door.txt")
    _ = try test.library.remove("gate.txt")
    #expect(try test.filenames("gate opens seven") == ["door.txt"])
    #expect(throws: LibraryError.noSuchDocument("gate.txt")) { try test.library.document("gate.txt") }
  }

  @Test func whatIsForgottenIsInNoFile() throws {
    let canary = "xylophone-canary-5521"
    let test = try TestLibrary()
    try test.add("The word is \(canary). " + String(repeating: "Filler goes here. ", count: 300), named: "a.txt")
    try test.add("The word was \(canary), once.", named: "a.txt")
    try test.add("Something else stays.", named: "b.txt")
    _ = test.library.saveIndexes()
    _ = try test.library.search(SearchQuestion(canary))
    #expect(!test.folder.filesHolding(canary).isEmpty)
    _ = try test.library.forget("a.txt")
    #expect(test.folder.filesHolding(canary).isEmpty)
    #expect(try test.filenames(canary) != ["a.txt"])
    #expect(try test.filenames("something else stays") == ["b.txt"])
  }

  @Test(arguments: [true, false])
  func aRestartFindsTheSame(saving: Bool) throws {
    let test = try TestLibrary()
    for number in 0..<20 { try test.add("Shelf \(number) holds item number \(number * 7).", named: "\(number).txt") }
    _ = try test.library.remove("3.txt")
    let before = try test.library.search(SearchQuestion("which shelf holds item 35")).passages
    try test.restart(saving: saving)
    let after = try test.library.search(SearchQuestion("which shelf holds item 35")).passages
    #expect(before.map(\.text) == after.map(\.text))
    #expect(before.map(\.hit.score) == after.map(\.hit.score))
  }

  @Test func aStaleSnapshotIsNotBelieved() throws {
    let test = try TestLibrary()
    try test.add("The gate opens at seven.", named: "gate.txt")
    _ = test.library.saveIndexes()
    try test.add("The gate opens at nine.", named: "gate.txt")
    try test.restart(saving: false)
    let passages = try test.library.search(SearchQuestion("when does the gate open")).passages
    #expect(passages.map(\.text) == ["The gate opens at nine."])
  }

  @Test func aDamagedSnapshotIsMadeAnew() throws {
    let test = try TestLibrary()
    try test.add("The gate opens at seven.", named: "gate.txt")
    _ = test.library.saveIndexes()
    let path = "\(test.folder.path)/snapshots/1.index"
    var bytes = try #require(FileManager.default.contents(atPath: path))
    bytes[bytes.count / 2] ^= 0x40
    try bytes.write(to: URL(fileURLWithPath: path))
    try test.restart(saving: false)
    #expect(try test.filenames("gate opens") == ["gate.txt"])
  }

  @Test func aFileThatCannotBeReadLeavesTheLibraryAsItWas() throws {
    let test = try TestLibrary()
    try test.add("The gate opens at seven.", named: "gate.txt")
    #expect(throws: PlainFailure.self) { try test.add("FAIL", named: "gate.txt") }
    #expect(try test.library.document("gate.txt").version.number == 1)
    #expect(try test.filenames("gate opens") == ["gate.txt"])
  }

  @Test(arguments: ["", "a/b.txt", "..", "x\u{0}y", "a\nb", String(repeating: "x", count: 256)])
  func aNameThatIsNoNameIsRefused(_ name: String) throws {
    let test = try TestLibrary()
    let error = #expect(throws: LibraryError.self) { try test.add("Text.", named: name) }
    #expect(error?.code == "bad_name")
    #expect(try test.library.documents().isEmpty)
  }

  @Test func filtersSeeMetadata() throws {
    let test = try TestLibrary()
    try test.add("Desks are grey.", named: "old.txt", metadata: ["year": 2019, "team": "office"])
    try test.add("Desks are blue.", named: "new.txt", metadata: ["year": 2024, "team": "office"])
    #expect(try test.filenames("desks") { $0.filter = "year > 2020 and team = 'office'" } == ["new.txt"])
    // Metadata alone may change.
    try test.add("Desks are grey.", named: "old.txt", metadata: ["year": 2025, "team": "office"])
    #expect(Set(try test.filenames("desks") { $0.filter = "year > 2020" }) == ["old.txt", "new.txt"])
  }

  @Test func collectionsAreApart() throws {
    let test = try TestLibrary()
    try test.add("The gate opens at seven.", named: "gate.txt", collection: "north")
    try test.add("The gate opens at eight.", named: "gate.txt", collection: "south")
    #expect(try test.library.documents().count == 2)
    var question = SearchQuestion("gate opens")
    question.collections = ["south"]
    #expect(try test.library.search(question).passages.map(\.text) == ["The gate opens at eight."])
    question.collections = []
    #expect(try test.library.search(question).passages.count == 2)
    question.collections = ["west"]
    #expect(throws: LibraryError.noSuchCollection("west")) { try test.library.search(question) }
    #expect(throws: LibraryError.ambiguousName("gate.txt", count: 2)) { try test.library.document("gate.txt") }
  }

  @Test func questionsOutOfBoundsAreRefused() throws {
    let test = try TestLibrary()
    #expect(throws: LibraryError.questionEmpty) { try test.library.search(SearchQuestion(" \n ")) }
    let long = String(repeating: "x", count: Limits.questionScalarsMax + 1)
    #expect(throws: LibraryError.self) { try test.library.search(SearchQuestion(long)) }
    var many = SearchQuestion("x")
    many.limit = Limits.resultsMax + 1
    #expect(throws: LibraryError.self) { try test.library.search(many) }
  }
}
