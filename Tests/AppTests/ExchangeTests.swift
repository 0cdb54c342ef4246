// A library out in an open form and in again: the same documents, versions, times and answers; what is damaged is told
// by name and nothing else is held up by it.
import Base
import Foundation
import Testing

@Suite struct ExchangeTests {
  private let folder = Folder()
  private let other = Folder()
  private var export: String { folder.path + "/export" }

  private func run(_ arguments: String..., in place: Folder? = nil) throws -> Outcome {
    try Binary.run(arguments, data: (place ?? folder).data)
  }

  /// A library with a history: a file that changed, one that went, one in another collection, a record, a plain cut.
  private func fill() throws {
    let policy = try folder.write("policy.md", "# Leave\n\nStaff get 10 vacation days a year.\n")
    _ = try run("add", policy, "--meta", "owner=hr")
    try folder.write("policy.md", "# Leave\n\nStaff get 15 vacation days a year.\n")
    _ = try run("add", policy)
    try retire("gone.txt", "The old canteen closes in May.")
    _ = try run("add", try folder.write("site.txt", "Gate three is closed on Sundays."), "--collection", "sites")
    let long = (0..<300).map { "Sentence \($0) of the ledger." }.joined(separator: " ")
    _ = try run("add", try folder.write("ledger.txt", long), "--chunk-size", "100", "--chunk-overlap", "10")
    let products = try folder.write("p.jsonl", #"{"id":"p1","title":"Oak desk","price":120,"category":"desks"}"# + "\n")
    _ = try run("products", "import", products)
  }

  /// A file that went from a folder that is followed: out of use, its words kept for questions as of an earlier day.
  private func retire(_ name: String, _ text: String) throws {
    let file = try folder.write("followed/\(name)", text)
    let server = try RunningServer(data: folder.data)
    let watch = Binary.make(["add", folder.path + "/followed", "--watch", "--quiet"], data: folder.data)
    watch.standardOutput = FileHandle.nullDevice
    watch.standardError = FileHandle.nullDevice
    try watch.run()
    func wait(until isHeld: Bool) throws {
      for _ in 0..<300 where try server.call("GET", "/documents").text.contains(name) != isHeld { usleep(100_000) }
    }
    try wait(until: true)
    try FileManager.default.removeItem(atPath: file)
    try wait(until: false)
    kill(watch.processIdentifier, SIGINT)
    watch.waitUntilExit()
    #expect(server.stop() == 0)
  }

  /// What a person would look at, times and ids included.
  private func seen(in place: Folder) throws -> [String] {
    let listed = try JSON(parsing: run("list", "--json", in: place).output)
    var seen: [String] = []
    for document in listed.documents?.array ?? [] {
      let id = document.document_id?.string ?? ""
      seen.append(document.text)
      seen.append(try run("show", id, "--json", in: place).output)
      seen.append(try run("show", id, "--text", in: place).output)
    }
    for question in ["vacation days", "oak desk", "gate closed Sundays", "sentence of the ledger", "canteen"] {
      let found = try JSON(parsing: run("search", question, "--json", in: place).output)
      seen += (found.results?.array ?? []).map { hit in
        "\(hit.document_id?.string ?? "") \(hit.chunk?.int ?? -1) \(hit.start?.int ?? -1) \(hit["text"]?.string ?? "")"
      }
    }
    return seen
  }

  @Test func whatGoesOutComesInAgain() throws {
    try fill()
    let before = try JSON(parsing: run("export", export, "--json").output)
    #expect(before.documents?.int == 5 && before.versions?.int == 6, "\(before.text)")
    let outcome = try run("import", export, "--json", in: other)
    #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
    let report = try JSON(parsing: outcome.output)
    #expect(report.documents?.int == 5 && report.versions?.int == 6)
    #expect(try seen(in: other) == seen(in: folder))
    // As of a day before the change: nothing, as there; the old version and what was removed are held.
    #expect(try run("export", other.path + "/again", in: other).status == 0)
    let lines = try [export, other.path + "/again"].map {
      try String(contentsOfFile: $0 + "/documents.jsonl", encoding: .utf8)
    }
    #expect(lines[0] == lines[1])
    #expect(lines[0].contains(#""removed_at":1"#))

    // Again: all is held. Never over a folder that is there.
    let again = try JSON(parsing: run("import", export, "--json", in: other).output)
    #expect(again.documents?.int == 0 && again.unchanged?.int == 5)
    #expect(try run("export", export).status == 1)
    // The files are what anybody can read.
    for line in lines[0].split(separator: "\n") {
      for version in try JSON(parsing: String(line)).versions?.array ?? [] {
        let path = "\(export)/\(version.original?.string ?? "")"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(SHA256Digest(of: bytes).description == version.sha256?.string)
      }
    }
  }

  @Test func aServedLibraryGoesOutAndComesIn() throws {
    try fill()
    let server = try RunningServer(data: folder.data)
    #expect(try run("export", export).status == 0)
    #expect(server.stop() == 0)
    let target = try RunningServer(data: other.data)
    let outcome = try run("import", export, in: other)
    #expect(outcome.status == 0 && outcome.output.contains("5 documents, 6 versions"), "\(outcome.errors)")
    #expect(try run("ask", "How many vacation days do staff get?", in: other).output.contains("15"))
    #expect(target.stop() == 0)
  }

  @Test func whatIsDamagedIsToldAndTheRestComesIn() throws {
    try fill()
    #expect(try run("export", export).status == 0)
    let lines = try String(contentsOfFile: export + "/documents.jsonl", encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 5)
    let policy = try JSON(parsing: String(lines[0]))
    let original = "\(export)/\(policy.versions?.array?.first?.original?.string ?? "")"
    try Data("Staff get 99 vacation days a year.".utf8).write(to: URL(fileURLWithPath: original))
    var changed = lines.map(String.init)
    changed[2] = #"{"id":"d_1","collection":"x"}"#
    changed.append("no JSON at all")
    changed.append(#"{"id":"../../x","collection":"x","filename":"y","added_at":1,"versions":[{}]}"#)
    try Data(changed.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: export + "/documents.jsonl"))
    let outcome = try run("import", export, "--json", in: other)
    let report = try JSON(parsing: outcome.output)
    #expect(outcome.status == 1 && report.documents?.int == 3, "\(outcome.output)")
    let failed = report.failed?.array?.compactMap { $0.path?.string } ?? []
    #expect(Set(failed) == ["policy.md", "line 3", "line 6", "line 7"], "\(failed)")
    #expect(outcome.errors.contains("is not what its name says"))

    // A document of that name that is another one is not touched.
    let clash = Folder()
    _ = try run("add", try folder.write("ledger.txt", "Another ledger."), in: clash)
    let refused = try run("import", export, in: clash)
    #expect(refused.status == 1 && refused.errors.contains("ledger.txt is held already"), "\(refused.errors)")
    #expect(try run("show", "ledger.txt", "--text", in: clash).output.contains("Another ledger"))

    for place in [folder.path, "/nowhere", original] { #expect(try run("import", place, in: other).status == 1) }
    try folder.write("export/export.json", #"{"format":"footnote-export","version":99}"#)
    let newer = try run("import", export, in: other)
    #expect(newer.status == 1 && newer.errors.contains("version 99"))
  }
}
