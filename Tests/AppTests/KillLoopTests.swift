// A library killed again and again in the middle of its work (uploads, replacements, removals, forgetting, adding and
// following folders), with a ledger of what was acknowledged: after each start everything acknowledged is there, once
// and whole, or gone; what was not acknowledged is as before or done whole. The seed is printed;
// FOOTNOTE_KILLS=200 and FOOTNOTE_KILL_SEED=n run it longer or again (make kill-loop).
import Base
import Foundation
import Models
import Synchronization
import Testing

@Suite final class KillLoopTests {
  private let folder = Folder()
  private let client = HTTPClient()
  /// Words of versions whose forgetting was acknowledged and not looked for yet.
  private let forgotten = Mutex<[String]>([])

  /// The texts that a document may have, of which nil is none: what was acknowledged last, and what was asked for
  /// since.
  private typealias Ledger = [String: Set<String?>]

  private static let points = [
    "extract", "embed", "store", "commit", "publish", "published", "record", "accepted", "retire", "erase", "erased",
  ]

  @Test func nothingAcknowledgedIsLost() throws {
    let environment = ProcessInfo.processInfo.environment
    let kills = environment["FOOTNOTE_KILLS"].flatMap(Int.init) ?? 20
    let seed = environment["FOOTNOTE_KILL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1_000_000)
    var random = SeededRandom(seed: seed)
    var ledger: Ledger = [:]
    var acknowledgements = 0
    var byPoint: [String: Int] = [:]
    for round in 0..<kills {
      // Half of the kills at a named place, half at any moment.
      let point = Bool.random(using: &random) ? Self.points.randomElement(using: &random) : nil
      let crash = point.map { "\($0):\(Int.random(in: 1...6, using: &random))" }
      switch Int.random(in: 0..<8, using: &random) {
      case 0: try killAdd(round, crash, &ledger, &random)
      case 1: try killWatch(crash, &ledger, &random)
      default: acknowledgements += try killServer(round, crash, &ledger, &random)
      }
      byPoint[point ?? "any moment", default: 0] += 1
      try check(&ledger, "seed \(seed), kill \(round) at \(crash ?? "any moment")")
    }
    let places = byPoint.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    print(
      "kill loop: seed \(seed), \(kills) kills (\(places)), \(acknowledgements) requests acknowledged, "
        + "\(ledger.count) documents")
  }

  private func text(_ name: String, _ random: inout SeededRandom) -> String {
    let version = UInt32.random(in: 0..<1_000_000, using: &random)
    let count = Int.random(in: 1..<40, using: &random)
    return (0..<count).map { "Sentence \($0) of \(name) in version v\(version)x says what lamp \($0) is for." }
      .joined(separator: " ")
  }

  /// A server that takes uploads, some answered when they are in and some when they are accepted, and is told to remove
  /// and to forget, until it dies.
  private func killServer(
    _ round: Int, _ crash: String?, _ ledger: inout Ledger, _ random: inout SeededRandom
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
    // A job and what runs beside it have no order among each other.
    var unordered: Set<String> = []
    while server.process.isRunning {
      if Int.random(in: 0..<3, using: &random) == 0 {
        if try takeOut(server, unordered, &ledger, &random) { acknowledged += 1 }
        continue
      }
      let waits = Bool.random(using: &random)
      let count = Int.random(in: 1...4, using: &random)
      let names = (0..<count).map { _ in "u\(Int.random(in: 0..<400, using: &random)).txt" }
      let files = Dictionary(names.map { ($0, text($0, &random)) }) { first, _ in first }
      for (name, text) in files { ledger[name, default: [nil]].insert(text) }
      var request = HTTPRequest("POST", server.url + "/upload?wait=\(waits)")
      request.body = .form(files.map { .init(name: "file", filename: $0.key, content: Array($0.value.utf8)) })
      guard let reply = try? client.send(request), reply.status == 200 || reply.status == 202 else { continue }
      acknowledged += 1
      for (name, text) in files where !unordered.contains(name) { ledger[name] = [text] }
      if reply.status == 202 { unordered.formUnion(files.keys) }
    }
    server.process.waitUntilExit()
    return acknowledged
  }

  /// One of the documents that are there, removed or forgotten; true when that was acknowledged.
  private func takeOut(
    _ server: RunningServer, _ unordered: Set<String>, _ ledger: inout Ledger, _ random: inout SeededRandom
  ) throws -> Bool {
    let there = ledger.filter { !$0.value.contains(nil) && $0.key.hasPrefix("u") && !unordered.contains($0.key) }
    guard let name = there.keys.sorted().randomElement(using: &random) else { return false }
    let forgets = Bool.random(using: &random)
    ledger[name, default: []].insert(nil)
    let request = HTTPRequest("DELETE", server.url + "/documents/\(name)?forget=\(forgets)")
    guard let reply = try? client.send(request), reply.status == 200 else { return false }
    ledger[name] = [nil]
    if forgets { forgotten.withLock { $0 += (there[name] ?? []).compactMap { $0.flatMap(Self.version) } } }
    return true
  }

  /// The word that stands in one version of one document and nowhere else.
  private static func version(of text: String) -> String? {
    text.split(separator: " ").first { $0.hasPrefix("v") && $0.hasSuffix("x") }.map(String.init)
  }

  /// A folder that is followed while its files are written, moved and deleted, until the command dies; and then once
  /// more, undisturbed, after which the library says what the folder says.
  private func killWatch(_ crash: String?, _ ledger: inout Ledger, _ random: inout SeededRandom) throws {
    let place = folder.path + "/watched"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let process = Binary.make(
      ["add", place, "--watch"], data: folder.data, environment: crash.map { ["FOOTNOTE_CRASH_AT": $0] } ?? [:])
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    let patience = UInt32.random(in: 300_000..<3_000_000, using: &random)
    let identifier = process.processIdentifier
    Thread {
      usleep(patience)
      kill(identifier, SIGKILL)
    }.start()
    while process.isRunning {
      let name = "w\(Int.random(in: 0..<12, using: &random)).txt"
      if Int.random(in: 0..<3, using: &random) == 0 {
        ledger[name, default: [nil]].insert(nil)
        try? FileManager.default.removeItem(atPath: "\(place)/\(name)")
      } else {
        let text = text(name, &random)
        ledger[name, default: [nil]].insert(text)
        // As editors save: written beside and moved over.
        try folder.write("beside.txt", text)
        #expect(unsafe rename(folder.path + "/beside.txt", "\(place)/\(name)") == 0)
      }
      usleep(UInt32.random(in: 1_000..<200_000, using: &random))
    }
    try followUndisturbed(place)
    for name in ledger.keys where name.hasPrefix("w") {
      ledger[name] = [
        FileManager.default.contents(atPath: "\(place)/\(name)").map { String(decoding: $0, as: UTF8.self) }
      ]
    }
  }

  private func followUndisturbed(_ place: String) throws {
    let process = Binary.make(["add", place, "--watch"], data: folder.data)
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    var said = ""
    while !said.contains("Ctrl-C") {
      let more = errors.fileHandleForReading.availableData
      guard !more.isEmpty else { throw ServerEnded(said: said) }
      said += String(decoding: more, as: UTF8.self)
    }
    kill(process.processIdentifier, SIGINT)
    process.waitUntilExit()
  }

  private func killAdd(
    _ round: Int, _ crash: String?, _ ledger: inout Ledger, _ random: inout SeededRandom
  ) throws {
    for number in 0..<8 {
      let name = "f\(round)-\(number).txt"
      let text = text(name, &random)
      try folder.write("f\(round)/\(name)", text)
      // The next start goes on with it, so in the end it must be there.
      ledger[name] = [nil, text]
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

  private func check(_ ledger: inout Ledger, _ what: String) throws {
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
    for (name, possible) in ledger {
      let told = held[name] == nil ? "is lost" : "is not whole, or too old"
      #expect(possible.contains(held[name]), "\(what): \(name) \(told)")
      // What is there now is what later rounds build on.
      ledger[name] = [held[name]]
    }
    for name in held.keys { #expect(ledger[name] != nil, "\(what): \(name) came from nowhere") }
    // Each is found by the words of its own version.
    for (name, text) in held.sorted(by: { $0.key < $1.key }).prefix(6) {
      let version = Self.version(of: text) ?? ""
      var request = HTTPRequest("POST", server.url + "/search")
      let query: JSON = ["query": .string(version), "mode": "keyword"]
      request.body = .bytes(query.utf8, contentType: "application/json")
      let results = try JSON(parsing: client.send(request).body).results?.array ?? []
      #expect(results.first?.filename?.string == name, "\(what): \(name) is not found by \(version)")
    }
    // An orderly end writes snapshots, which the next round opens.
    #expect(server.stop() == 0, "\(what)")
    let words = forgotten.withLock { words in
      defer { words = [] }
      return words
    }
    for word in words { #expect(files(holding: word).isEmpty, "\(what): \(word) was forgotten and is in a file") }
  }

  private func files(holding word: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.data)?.compactMap { $0 as? String } ?? []
    return names.filter { name in
      (FileManager.default.contents(atPath: "\(folder.data)/\(name)") ?? Data()).range(of: Data(word.utf8)) != nil
    }
  }
}
