// A library killed again and again in the middle of its work, with a ledger of what was acknowledged: after each start
// everything acknowledged is there, once and whole; what was not acknowledged is absent or whole. The seed is printed;
// FOOTNOTE_KILLS=200 and FOOTNOTE_KILL_SEED=n run it longer or again (make kill-loop).
import Base
import Foundation
import Models
import Testing

@Suite struct KillLoopTests {
  private let folder = Folder()
  private let client = HTTPClient()

  /// What must be true of a document: the text that was acknowledged last, and those that may have come in since.
  private struct Entry {
    var acknowledged: String?
    var possible: Set<String> = []
  }

  private static let points = ["extract", "embed", "store", "commit", "publish", "published", "record", "accepted"]

  @Test func nothingAcknowledgedIsLost() throws {
    let environment = ProcessInfo.processInfo.environment
    let kills = environment["FOOTNOTE_KILLS"].flatMap(Int.init) ?? 20
    let seed = environment["FOOTNOTE_KILL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1_000_000)
    var random = SeededRandom(seed: seed)
    var ledger: [String: Entry] = [:]
    var acknowledgements = 0
    var byPoint: [String: Int] = [:]
    for round in 0..<kills {
      // Half of the kills at a named place, half at any moment.
      let point = Bool.random(using: &random) ? Self.points.randomElement(using: &random) : nil
      let crash = point.map { "\($0):\(Int.random(in: 1...6, using: &random))" }
      let isCommand = Int.random(in: 0..<4, using: &random) == 0
      if isCommand {
        try killAdd(round, crash, &ledger, &random)
      } else {
        acknowledgements += try killServer(round, crash, &ledger, &random)
      }
      byPoint[point ?? "any moment", default: 0] += 1
      try check(&ledger, "seed \(seed), kill \(round) at \(crash ?? "any moment")")
    }
    let places = byPoint.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    print(
      "kill loop: seed \(seed), \(kills) kills (\(places)), \(acknowledgements) uploads acknowledged, "
        + "\(ledger.count) documents")
  }

  private func text(_ name: String, _ random: inout SeededRandom) -> String {
    let version = UInt32.random(in: 0..<1_000_000, using: &random)
    let count = Int.random(in: 1..<40, using: &random)
    return (0..<count).map { "Sentence \($0) of \(name) in version v\(version)x says what lamp \($0) is for." }
      .joined(separator: " ")
  }

  /// A server that takes uploads, some answered when they are in and some when they are accepted, until it dies.
  private func killServer(
    _ round: Int, _ crash: String?, _ ledger: inout [String: Entry], _ random: inout SeededRandom
  ) throws -> Int {
    let server = try RunningServer(
      data: folder.data, environment: crash.map { ["FOOTNOTE_CRASH_AT": $0] } ?? [:])
    let process = server.process.processIdentifier
    let patience = UInt32.random(in: 20_000..<900_000, using: &random)
    let killer = Thread {
      usleep(crash == nil ? patience : 3_000_000)
      kill(process, SIGKILL)
    }
    killer.start()
    var acknowledged = 0
    while server.process.isRunning {
      let waits = Bool.random(using: &random)
      let count = Int.random(in: 1...4, using: &random)
      let names = (0..<count).map { _ in "u\(Int.random(in: 0..<400, using: &random)).txt" }
      let files = Dictionary(names.map { ($0, text($0, &random)) }) { first, _ in first }
      for (name, text) in files { ledger[name, default: Entry()].possible.insert(text) }
      var request = HTTPRequest("POST", server.url + "/upload?wait=\(waits)")
      request.body = .form(files.map { .init(name: "file", filename: $0.key, content: Array($0.value.utf8)) })
      guard let reply = try? client.send(request) else { continue }
      if reply.status == 200 || reply.status == 202 {
        acknowledged += 1
        for (name, text) in files { ledger[name] = Entry(acknowledged: text, possible: [text]) }
      }
      // Two jobs and an upload that runs beside them have no order among each other.
      if reply.status == 202, Bool.random(using: &random) { break }
    }
    server.process.waitUntilExit()
    return acknowledged
  }

  private func killAdd(
    _ round: Int, _ crash: String?, _ ledger: inout [String: Entry], _ random: inout SeededRandom
  ) throws {
    for number in 0..<8 {
      let name = "f\(round)-\(number).txt"
      let text = text(name, &random)
      try folder.write("f\(round)/\(name)", text)
      // The next start goes on with it, so in the end it must be there.
      ledger[name] = Entry(possible: [text])
    }
    let process = Binary.make(
      ["add", "\(folder.path)/f\(round)"], data: folder.data,
      environment: crash.map { ["FOOTNOTE_CRASH_AT": $0] } ?? [:])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let patience = UInt32.random(in: 20_000..<900_000, using: &random)
    Thread {
      usleep(crash == nil ? patience : 3_000_000)
      kill(process.processIdentifier, SIGKILL)
    }.start()
    process.waitUntilExit()
  }

  private func get(_ server: RunningServer, _ path: String) throws -> HTTPReply {
    try client.send(HTTPRequest("GET", server.url + path))
  }

  private func check(_ ledger: inout [String: Entry], _ what: String) throws {
    let server = try RunningServer(data: folder.data)
    for _ in 0..<400 {
      let jobs = try JSON(parsing: get(server, "/jobs").body).jobs?.array ?? []
      if jobs.allSatisfy({ $0.state?.string == "done" }) { break }
      usleep(25_000)
    }
    let documents = try JSON(parsing: get(server, "/documents").body).documents?.array ?? []
    var held: [String: String] = [:]
    for document in documents {
      let name = document.filename?.string ?? ""
      #expect(held[name] == nil, "\(what): \(name) is there twice")
      let reply = try get(server, "/documents/\(document.document_id?.string ?? "")/text")
      held[name] = String(decoding: reply.body, as: UTF8.self)
    }
    for (name, entry) in ledger {
      let text = held[name]
      if entry.acknowledged != nil { #expect(text != nil, "\(what): \(name) was acknowledged and is lost") }
      if let text { #expect(entry.possible.contains(text), "\(what): \(name) is not whole, or too old") }
      // What is there now is what later rounds build on.
      ledger[name] = Entry(acknowledged: text, possible: text.map { [$0] } ?? [])
    }
    for name in held.keys { #expect(ledger[name] != nil, "\(what): \(name) came from nowhere") }
    // Each is found by the words of its own version.
    for (name, text) in held.sorted(by: { $0.key < $1.key }).prefix(6) {
      let version = text.split(separator: " ").first { $0.hasPrefix("v") && $0.hasSuffix("x") } ?? ""
      var request = HTTPRequest("POST", server.url + "/search")
      let query: JSON = ["query": .string(String(version)), "mode": "keyword"]
      request.body = .bytes(query.utf8, contentType: "application/json")
      let results = try JSON(parsing: client.send(request).body).results?.array ?? []
      #expect(results.first?.filename?.string == name, "\(what): \(name) is not found by \(version)")
    }
    // An orderly end writes snapshots, which the next round opens.
    #expect(server.stop() == 0, "\(what)")
  }
}
