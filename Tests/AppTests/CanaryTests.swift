// After 'remove' and 'forget' nothing of a document is in any file of the data directory: neither its text, nor the
// bytes of its original, which in a Word file or PDF are packed and show no word, nor, when it was forgotten, its name.
// Before, it has been through everything that writes: jobs, versions, snapshots, logs, a backup put back, a crash.
import Base
import Foundation
import Models
import Testing

@Suite struct CanaryTests {
  private let folder = Folder()

  private struct Trace {
    let what: String
    let bytes: Data
  }

  private var corpus: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "corpus/documents")
  }

  /// Pieces of a file that another file would hardly hold.
  private func traces(of content: Data, _ what: String) -> [Trace] {
    stride(from: 0, to: max(content.count - 24, 1), by: 211).map { start in
      Trace(what: "\(what) at \(start)", bytes: content[start..<min(start + 24, content.count)])
    }
  }

  private func holding(_ traces: [Trace]) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder.data)?.compactMap { $0 as? String } ?? []
    return names.flatMap { name -> [String] in
      guard let content = FileManager.default.contents(atPath: "\(folder.data)/\(name)") else { return [] }
      return traces.filter { content.range(of: $0.bytes) != nil }.map { "\(name): \($0.what)" }
    }
  }

  private func upload(_ server: RunningServer, _ name: String, _ content: Data, waits: Bool) throws {
    var request = HTTPRequest("POST", server.url + "/upload?wait=\(waits)")
    request.body = .form([.init(name: "file", filename: name, content: Array(content))])
    #expect(try [200, 202].contains(HTTPClient().send(request).status))
  }

  private func get(_ server: RunningServer, _ path: String) throws -> HTTPReply {
    try HTTPClient().send(HTTPRequest("GET", server.url + path))
  }

  private func names(_ server: RunningServer) throws -> Set<String> {
    Set(try JSON(parsing: get(server, "/documents").body).documents?.array?.compactMap { $0.filename?.string } ?? [])
  }

  @Test(arguments: ["remove", "forget"])
  func nothingIsLeftInAnyFile(_ command: String) throws {
    // Names that say what is inside, as names do.
    let office = try Data(contentsOf: corpus.appending(path: "people/remote-work-policy.docx"))
    let portable = try Data(contentsOf: corpus.appending(path: "people/benefits-guide-2025.pdf"))
    let plain = Data("The Zyxquorvane grows in the garden of the northern house. It is watered on Mondays.".utf8)
    let secrets = [
      ("Quillwort-0451.docx", office), ("Hellebore-7720.pdf", portable), ("Zyxquorvane-3381.txt", plain),
    ]
    let others = try FileManager.default.contentsOfDirectory(
      at: corpus.appending(path: "support"), includingPropertiesForKeys: nil)
    var server = try RunningServer(data: folder.data)
    for (name, content) in secrets { try upload(server, name, content, waits: name.hasSuffix(".docx")) }
    for file in others { try upload(server, file.lastPathComponent, Data(contentsOf: file), waits: true) }
    let path = try folder.write("outside/\(secrets[2].0)", "The Zyxquorvane was cut down in the garden on Friday.")
    #expect(try Binary.run(["add", path], data: folder.data).status == 0)
    for _ in 0..<300 where try !names(server).isSuperset(of: secrets.map(\.0)) { usleep(50_000) }
    // Asked for by name, which logs must not keep, and searched.
    var traces: [Trace] = []
    for (name, content) in secrets {
      let text = try get(server, "/documents/\(name)/text").body
      #expect(!text.isEmpty)
      traces += self.traces(of: Data(text), "text of \(name)") + self.traces(of: content, "bytes of \(name)")
      _ = try get(server, "/documents/\(name)")
      _ = try Binary.run(["ask", String(decoding: text.prefix(60), as: UTF8.self)], data: folder.data)
    }
    // The opening of a format is in every file of it, and some words are in every text of a company.
    let common = try others.flatMap { file in
      [try Data(contentsOf: file), Data(try get(server, "/documents/\(file.lastPathComponent)/text").body)]
    }
    traces.removeAll { trace in common.contains { $0.range(of: trace.bytes) != nil } }
    let backup = folder.path + "/copy.backup"
    #expect(try Binary.run(["backup", backup], data: folder.data).status == 0)
    #expect(server.stop() == 0)
    #expect(try Binary.run(["restore", backup], data: folder.data).status == 0)
    server = try RunningServer(data: folder.data, environment: ["FOOTNOTE_CRASH_AT": "store:1"])
    try? upload(server, "other.txt", Data("Anything at all that ends the process half-way.".utf8), waits: true)
    server.process.waitUntilExit()
    server = try RunningServer(data: folder.data)
    #expect(!holding(traces).isEmpty)

    let forgets = command == "forget"
    if forgets { traces += secrets.map { Trace(what: "name \($0.0)", bytes: Data($0.0.prefix(9).utf8)) } }
    for document in try JSON(parsing: get(server, "/documents").body).documents?.array ?? []
    where secrets.contains(where: { $0.0 == document.filename?.string }) {
      // Two by their names, through the server; by id where a name would be two documents'.
      let isTwice = document.filename?.string == secrets[2].0
      let reference = (isTwice ? document.document_id?.string : document.filename?.string) ?? ""
      let done = try HTTPClient().send(
        HTTPRequest("DELETE", server.url + "/documents/\(reference)?forget=\(forgets)"))
      #expect(done.status == 200, "\(reference)")
      let warnings = try JSON(parsing: done.body).warnings?.array?.compactMap(\.string) ?? []
      // The one that came in by its path was in the library before the backup too.
      #expect(warnings == ["the backup \(backup) holds it still"])
    }
    usleep(500_000)
    #expect(holding(traces) == [])
    #expect(server.stop() == 0)
    #expect(holding(traces) == [])
    // The others are as they were.
    let left = try Binary.run(["list"], data: folder.data).output
    for file in others { #expect(left.contains(file.lastPathComponent)) }
  }
}
