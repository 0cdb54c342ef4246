// After `forget` nothing of a document is in any file of the data directory, in no form, whatever happened before.
import Base
import Foundation
import Ingest
import Store
import Testing
import Text

@testable import KnowledgeBase

@Suite struct ForgetTests {
  /// A word that stands nowhere else, as text may lie in a file: UTF-8 in any case, UTF-16 in both orders.
  private let canary = "Zyxquorvane"

  private func holding(_ test: TestLibrary) -> [String] {
    let stem = String(canary.lowercased().dropLast())
    let forms = [canary, canary.lowercased(), canary.uppercased(), stem].flatMap { word in
      [Data(word.utf8), word.data(using: .utf16LittleEndian) ?? Data(), word.data(using: .utf16BigEndian) ?? Data()]
    }
    let names = FileManager.default.enumerator(atPath: test.folder.path)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      guard let content = FileManager.default.contents(atPath: "\(test.folder.path)/\(name)") else { return false }
      return forms.contains { content.range(of: $0) != nil }
    }
  }

  private func prepared() throws -> TestLibrary {
    let test = try TestLibrary()
    for number in 0..<30 { try test.add("Lamp \(number) hangs over desk \(number).", named: "lamp\(number).txt") }
    try test.add("The \(canary) grows in the garden. \(canary)!", named: "\(canary).txt", path: "/tmp/\(canary).txt")
    test.clock.advance(10)
    try test.add("The \(canary) was cut down.", named: "\(canary).txt", path: "/tmp/\(canary).txt")
    _ = test.library.saveIndexes()
    #expect(try test.filenames(canary).first == "\(canary).txt")
    #expect(!holding(test).isEmpty)
    return test
  }

  @Test func nothingIsLeftWhileItRuns() throws {
    let test = try prepared()
    _ = try test.library.forget("\(canary).txt")
    #expect(holding(test).isEmpty, "\(holding(test))")
  }

  @Test func nothingIsLeftInTheSnapshotsSavedAfterwards() throws {
    let test = try prepared()
    _ = try test.library.forget("\(canary).txt")
    #expect(test.library.saveIndexes().isEmpty)
    #expect(holding(test).isEmpty, "\(holding(test))")
    try test.restart(saving: true)
    #expect(try test.filenames("lamp 7").contains("lamp7.txt"))
    #expect(holding(test).isEmpty, "\(holding(test))")
  }

  /// Removing erases what a document says, and leaves its name, by which it comes back.
  @Test func whatARemovedOneSaidIsInNoFile() throws {
    let test = try TestLibrary()
    for text in ["The \(canary) grows in the garden.", "The \(canary) was cut down."] {
      try test.add(text, named: "plants.txt", path: "/tmp/plants.txt", metadata: ["about": .string(canary)])
      test.clock.advance(10)
    }
    _ = try test.filenames(canary) { $0.asOf = test.clock.wallSeconds() - 15 }
    _ = test.library.saveIndexes()
    let id = try test.library.document("plants.txt").document.id
    #expect(!holding(test).isEmpty)
    _ = try test.library.remove("plants.txt")
    #expect(holding(test).isEmpty, "\(holding(test))")
    #expect(test.library.saveIndexes().isEmpty)
    #expect(holding(test).isEmpty, "\(holding(test))")
    #expect(try test.filenames(canary) { $0.asOf = test.clock.wallSeconds() - 15 }.isEmpty)
    #expect(try test.add("It grows again.", named: "plants.txt", path: "/tmp/plants.txt").documentID == id)
  }

  @Test func aRemovedOneCanStillBeForgotten() throws {
    let test = try prepared()
    let id = try test.library.remove("\(canary).txt").document.id
    #expect(holding(test) == ["library.db"] || holding(test).allSatisfy { $0.hasPrefix("library.db") })
    _ = try test.library.forget(id)
    #expect(holding(test).isEmpty, "\(holding(test))")
  }

  /// A file that is gone is out of use, and what it said is kept for questions as of an earlier time, until it is
  /// forgotten.
  @Test func whatWasRetiredCanBeForgotten() throws {
    let test = try prepared()
    let id = try #require(test.library.retire(paths: ["/tmp/\(canary).txt"]).first?.id)
    #expect(!holding(test).isEmpty)
    _ = try test.library.forget(id)
    _ = test.library.saveIndexes()
    #expect(holding(test).isEmpty, "\(holding(test))")
  }

  /// A long reader keeps the log from being cut; it is cut as soon as the reader has gone.
  @Test func aReaderInTheWayHoldsNothingBackForLong() throws {
    let test = try prepared()
    try test.library.database.read { connection in
      _ = try connection.documentsInUseCount()
      _ = try test.library.forget("\(canary).txt")
      #expect(!holding(test).isEmpty)
    }
    test.library.settleErasures()
    #expect(holding(test).isEmpty, "\(holding(test))")
  }

  @Test func whatAJobSaidOfItGoesToo() throws {
    let test = try prepared()
    let id = try test.library.document("\(canary).txt").document.id
    let job = try test.library.acceptJob(request: [:])
    try test.library.record(
      [JobOutcome(documentID: id, shape: ["filename": .string("\(canary).txt")])], done: [], of: job)
    try test.library.finish(job, wasStopped: false)
    _ = try test.library.forget("\(canary).txt")
    #expect(holding(test).isEmpty, "\(holding(test))")
  }

  @Test func aWaitingFilesBytesGoWithItsFailure() throws {
    let test = try prepared()
    _ = try test.library.forget("\(canary).txt")
    let job = try test.library.acceptJob(
      request: [:], files: [WaitingFile(name: "x.txt", declaredType: nil, bytes: Array("FAIL \(canary)".utf8))])
    let file = try #require(test.library.waitingFiles(of: job).first)
    #expect(try test.library.bytes(of: file).count > 5)
    try test.library.record([JobOutcome(documentID: nil, shape: ["code": "damaged"])], done: [file.ordinal], of: job)
    #expect(throws: (any Error).self) { try test.library.bytes(of: file) }
  }

  /// The vector says about as much as the text.
  @Test func theVectorIsGone() throws {
    let test = try prepared()
    let held = try test.library.document("\(canary).txt")
    let chunk = try #require(test.library.chunks(of: held).first)
    let embedder = test.library.serving.row.id
    let found = try test.library.database.read { try $0.vector(digest: chunk.digest, embedder: embedder) }
    let vector = try #require(found)
    let bytes = Data(vector.flatMap { value in unsafe withUnsafeBytes(of: value) { unsafe Array($0) } }.prefix(64))
    func files() -> [String] {
      let names = FileManager.default.enumerator(atPath: test.folder.path)?.compactMap { $0 as? String } ?? []
      return names.filter {
        FileManager.default.contents(atPath: "\(test.folder.path)/\($0)")?.range(of: bytes) != nil
      }
    }
    #expect(!files().isEmpty)
    _ = try test.library.forget("\(canary).txt")
    _ = test.library.saveIndexes()
    #expect(files().isEmpty, "\(files())")
  }
}
