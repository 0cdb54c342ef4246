// A library moved to an endpoint and back, by the binary: alone, through a server, and killed on the way.
import Base
import Foundation
import Models
import ScriptedEndpoint
import Synchronization
import Testing

@Suite struct ReembedCommandTests {
  private let folder = Folder()
  private let script = EmbeddingsScript(dimension: 768)

  private func settings(_ endpoint: ScriptedEndpoint) -> [String: String] {
    [
      "FOOTNOTE_EMBED_URL": endpoint.url, "FOOTNOTE_EMBED_MODEL": "scripted", "FOOTNOTE_EMBED_KEY": "sk-topsecret",
      "FOOTNOTE_EMBED_BATCH_TEXTS": "2", "FOOTNOTE_EMBED_ATTEMPTS": "1",
    ]
  }

  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Outcome {
    let outcome = try Binary.run(arguments, data: folder.data, environment: environment)
    #expect(!(outcome.output + outcome.errors).contains("topsecret"))
    return outcome
  }

  private func addSample() throws {
    for number in 0..<6 { try folder.write("files/\(number).txt", "Lift number \(number) is inspected in May.") }
    #expect(try run(["add", "\(folder.path)/files"]).status == 0)
  }

  private func embedderName(_ environment: [String: String]) throws -> String? {
    try JSON(parsing: run(["stats", "--json"], environment).output).embedder?["name"]?.string
  }

  @Test func aloneItIsRefusedMovedAndMovedBack() throws {
    let endpoint = try ScriptedEndpoint { request, _ in script.reply(to: request) }
    defer { endpoint.stop() }
    let environment = settings(endpoint)
    try addSample()
    for arguments in [["search", "lift"], ["add", "\(folder.path)/files/1.txt"], ["serve", "--port", "0"]] {
      let refused = try run(arguments, environment)
      #expect(refused.status == 1 && refused.errors.contains("footnote reembed"), "\(refused.errors)")
    }
    #expect(try run(["doctor"], environment).output.contains("WRONG\tembedder\tthe library's vectors were made by"))
    let moved = try run(["reembed", "--json"], environment)
    #expect(moved.status == 0, "\(moved.errors)")
    let outcome = try JSON(parsing: moved.output)
    #expect(outcome.to?.dimension?.int == 768 && outcome.texts?.int == 6)
    #expect(endpoint.requests.allSatisfy { $0.header("Authorization") == "Bearer sk-topsecret" })
    #expect(try run(["search", "lift number 3"], environment).output.contains("3.txt"))
    #expect(try embedderName(environment) == "scripted")
    #expect(try run(["search", "lift"]).status == 1)
    #expect(try run(["reembed"]).status == 0)
    #expect(try run(["search", "lift number 3"]).output.contains("3.txt"))
    // Back again costs nothing but the questions of how many numbers it gives, and whether it is still the same.
    let before = endpoint.requests.count
    #expect(try run(["reembed"], environment).status == 0)
    #expect(endpoint.requests.count == before + 2)
  }

  @Test func killedOnTheWayItKeepsTheOldAndGoesOnWhereItStopped() throws {
    let isSlow = Mutex(true)
    let endpoint = try ScriptedEndpoint { request, number in
      number >= 4 && isSlow.withLock { $0 } ? [.hang] : script.reply(to: request)
    }
    defer { endpoint.stop() }
    let environment = settings(endpoint)
    try addSample()
    let process = Binary.make(["reembed"], data: folder.data, environment: environment)
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    while endpoint.requests.count < 5, process.isRunning { usleep(5_000) }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try run(["search", "lift number 3"]).output.contains("3.txt"))
    isSlow.withLock { $0 = false }
    let outcome = try JSON(parsing: run(["reembed", "--json"], environment).output)
    #expect(outcome.resumed?.int == 4 && outcome.texts?.int == 6, "\(outcome.text)")
    #expect(try run(["search", "lift number 3"], environment).output.contains("3.txt"))
  }

  @Test func throughAServerThatGoesOnAnswering() throws {
    let isHeld = Mutex(true)
    let endpoint = try ScriptedEndpoint { request, number in
      while number == 2, isHeld.withLock({ $0 }) { usleep(2_000) }
      return script.reply(to: request)
    }
    defer { endpoint.stop() }
    let environment = settings(endpoint)
    try addSample()
    let server = try RunningServer(data: folder.data)
    let process = Binary.make(["reembed", "--json"], data: folder.data, environment: environment)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    while endpoint.requests.count < 3, process.isRunning { usleep(5_000) }
    #expect(try run(["search", "lift number 3"]).output.contains("3.txt"))
    #expect(try embedderName([:]) == "all-MiniLM-L6-v2")
    try folder.write("files/new.txt", "The roof is mended in June.")
    #expect(try run(["add", "\(folder.path)/files/new.txt"]).status == 0)
    isHeld.withLock { $0 = false }
    let outcome = try JSON(parsing: Array(output.fileHandleForReading.readDataToEndOfFile()))
    process.waitUntilExit()
    #expect(process.terminationStatus == 0 && outcome.status?.string == "reembedded", "\(outcome.text)")
    #expect(try embedderName([:]) == "scripted")
    #expect(try run(["search", "roof mended"]).output.contains("new.txt"))
    #expect(server.stop() == 0)
    #expect(try run(["search", "roof mended"], environment).output.contains("new.txt"))
  }

  @Test func overHTTPOnlyTheOwnerMayMoveIt() throws {
    let server = try RunningServer(data: folder.data)
    var request = HTTPRequest("POST", server.url + "/reembed")
    request.body = .bytes(Array("{}".utf8), contentType: "application/json")
    let reply = try HTTPClient().send(request)
    #expect(reply.status == 401 || reply.status == 403)
    #expect(server.stop() == 0)
  }

  @Test func anEndpointThatIsDownFailsFilesAtOnceAndLeavesQuestionsTheirWords() throws {
    let endpoint = try ScriptedEndpoint { request, _ in script.reply(to: request) }
    let environment = settings(endpoint)
    try addSample()
    #expect(try run(["reembed"], environment).status == 0)
    endpoint.stop()
    let found = try run(["search", "lift number 3"], environment)
    #expect(found.status == 0 && found.errors.contains("only words were searched"), "\(found.errors)")
    for number in 0..<3 { try folder.write("more/\(number).txt", "Door \(number) is painted.") }
    let report = try JSON(parsing: run(["add", "\(folder.path)/more", "--json"], environment).output)
    #expect(report.failed?.array?.count == 3 && report.added?.array?.isEmpty == true)
    #expect(try run(["list"], environment).output.split(separator: "\n").count == 6)
  }
}
