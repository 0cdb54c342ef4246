// Backups: taken while others write, proved, and put back; what is damaged replaces nothing.
import Base
import Foundation
import Testing

@Suite struct CopyTests {
  private let folder = Folder()

  private func run(_ arguments: String...) throws -> Outcome { try Binary.run(arguments, data: folder.data) }

  private func names() throws -> String { try run("list").output }

  @Test func whatWasSavedComesBack() throws {
    let first = try folder.write("first.txt", "The lift is inspected in May.")
    _ = try run("add", first)
    let backup = "\(folder.path)/library.backup"
    #expect(try run("backup", backup).status == 0)
    _ = try run("add", try folder.write("second.txt", "The boiler is inspected in June."))
    #expect(try names().contains("second.txt"))
    let restored = try run("restore", backup)
    #expect(restored.status == 0, "\(restored.errors)")
    #expect(try names().contains("first.txt") && !names().contains("second.txt"))
    #expect(try run("ask", "When is the lift inspected?").output.contains("May"))
    // What was replaced is still there.
    #expect(FileManager.default.fileExists(atPath: folder.data + "/library.db.before-restore"))
    // Never over a file, whatever it is.
    #expect(try run("backup", backup).status == 1)
  }

  @Test func everyBackupTakenUnderWriteHoldsWhatWasAcknowledged() throws {
    let server = try RunningServer(data: folder.data)
    for round in 0..<4 {
      for file in 0..<3 {
        _ = try run("add", try folder.write("r\(round)-\(file).txt", "Round \(round), file \(file) of the ledger."))
      }
      let adding = Binary.make(
        ["add", try folder.write("late-\(round).txt", "Added meanwhile, in round \(round).")], data: folder.data)
      try adding.run()
      let taken = try run("backup", "\(folder.path)/\(round).backup", "--json")
      adding.waitUntilExit()
      #expect(taken.status == 0, "\(taken.errors)")
      let documents = try JSON(parsing: Array(taken.output.utf8)).documents?.int ?? 0
      #expect(documents >= (round + 1) * 3 + round)
    }
    // A library that is held is not replaced.
    let refused = try run("restore", "\(folder.path)/0.backup")
    #expect(refused.status == 1 && refused.errors.contains("stop it"))
    #expect(server.stop() == 0)
    for round in 0..<4 {
      #expect(try run("restore", "\(folder.path)/\(round).backup").status == 0)
      let held = try names()
      #expect((0...round).allSatisfy { held.contains("r\($0)-2.txt") } && !held.contains("r\(round + 1)-0.txt"))
    }
  }

  @Test func whatIsDamagedReplacesNothing() throws {
    _ = try run(
      "add", try folder.write("a.txt", "The gate opens at nine. " + String(repeating: "More words. ", count: 900)))
    let backup = "\(folder.path)/good.backup"
    _ = try run("backup", backup)
    let good = try Data(contentsOf: URL(filePath: backup))
    var cases: [(String, Data)] = [
      ("cut", good.prefix(good.count / 2)), ("empty", Data()), ("text", Data("no library at all".utf8)),
    ]
    // A flipped bit in the middle of a content: the pages stay well formed, only the digest tells.
    if let at = good.range(of: Data("More words. More words.".utf8)) {
      var flipped = good
      flipped[at.lowerBound] ^= 1
      cases.append(("flipped", flipped))
    }
    #expect(cases.count == 4)
    for (name, bytes) in cases {
      let path = "\(folder.path)/\(name).backup"
      try bytes.write(to: URL(filePath: path))
      let outcome = try run("restore", path)
      #expect(outcome.status == 1, "\(name)")
      #expect(try names().contains("a.txt"), "\(name)")
    }
    #expect(try run("restore", "\(folder.path)/absent.backup").status == 1)
  }
}
