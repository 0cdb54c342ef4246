// A library that was killed opens the snapshot saved last, whatever happened since, and holds exactly what the store
// says.
import Base
import Foundation
import Retrieval
import Store
import Testing
import Text

@testable import KnowledgeBase

@Suite struct SnapshotReplayTests {
  /// What every document is found by: a word of its own version, its name, and its metadata.
  private func found(_ test: TestLibrary) throws -> [String] {
    var lines: [String] = []
    for held in try test.library.documents() {
      let text = try test.library.text(of: held).string
      let hits = try test.library.search(SearchQuestion(text)).passages.filter { $0.documentID == held.document.id }
      lines.append("\(held.document.filename): \(hits.map(\.text)) \(hits.map(\.metadata.text)) of \(text)")
      #expect(hits.first?.text == text && hits.first?.filename == held.document.filename, "\(held.document.filename)")
    }
    let words = try test.filenames("lamp desk shelf")
    return lines.sorted() + words.sorted()
  }

  @Test(arguments: 0..<12)
  func whatIsNewerThanTheSnapshotIsBroughtIn(_ seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let test = try TestLibrary()
    func step() throws {
      let number = Int.random(in: 0..<12, using: &random)
      let name = "f\(number).txt"
      let path = "/nowhere/\(name)"
      switch Int.random(in: 0..<9, using: &random) {
      case 0...3:
        try test.add("Lamp \(Int.random(in: 0..<900, using: &random)) hangs over \(name).", named: name, path: path)
      case 4:
        // The file has another name now; what it says is as before.
        guard let held = try? test.library.document(name) else { return }
        try test.add(try test.library.text(of: held).string, named: "moved\(number).txt", path: "\(path).moved")
      case 5:
        guard let held = try? test.library.document(name) else { return }
        try test.add(
          try test.library.text(of: held).string, named: name, path: held.document.path,
          metadata: ["year": .integer(Int.random(in: 0..<9, using: &random))])
      case 6: _ = try? test.library.remove(name)
      case 7: _ = try? test.library.forget(name)
      default: _ = try test.library.retire(paths: [path])
      }
    }
    for _ in 0..<20 { try step() }
    #expect(test.library.saveIndexes().isEmpty)
    // Where only whole documents came and went, the snapshot is there to be used.
    for number in 20..<30 { try test.add("Shelf \(number) is empty.", named: "s\(number).txt") }
    _ = try test.library.retire(paths: ["/nowhere/f3.txt"])
    try test.add("Shelf 20 is full.", named: "s20.txt")
    let before = try found(test)
    try test.restart(saving: false)
    #expect(test.library.index(ofCollection: 1)?.openedTag != nil)
    #expect(try found(test) == before)
    for _ in 0..<Int.random(in: 0..<12, using: &random) { try step() }
    let after = try found(test)
    try test.restart(saving: false)
    #expect(try found(test) == after)
    // And as if there had never been a snapshot.
    FileAccess.removeTree("\(test.folder.path)/snapshots")
    try test.restart(saving: false)
    #expect(try found(test) == after)
  }

  @Test func aSnapshotOfALaterStateIsNotBelieved() throws {
    let test = try TestLibrary()
    try test.add("The gate opens at seven.", named: "gate.txt")
    let database = test.folder.path + "/library.db"
    test.library.settle()
    let early = try #require(FileManager.default.contents(atPath: database))
    try test.add("The door opens at nine.", named: "door.txt")
    _ = test.library.saveIndexes()
    test.library.settle()
    // Somebody puts an older copy of the store in its place.
    try early.write(to: URL(fileURLWithPath: database))
    try test.restart(saving: false)
    #expect(test.library.index(ofCollection: 1)?.openedTag == nil)
    #expect(try test.filenames("door opens nine") == ["gate.txt"])
  }
}
