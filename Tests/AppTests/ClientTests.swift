// Other people's clients against the server, in a short form: `make client-test` runs the long one.
import Foundation
import Testing

private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path()
private let clients = root + ".build/clients"

@Suite(.enabled(if: FileManager.default.fileExists(atPath: clients + "/requirements.txt"), "'make test' fetches them"))
struct ClientTests {
  @Test func theOfficialClientsFindWhatTheyKnow() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "python3", root + "Tests/Faces/clients.py", Binary.path, root + "corpus/documents", "--examples", "5",
    ]
    process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONPATH": clients]) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(said)")
  }
}
