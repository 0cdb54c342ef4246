// Uploads that are accepted first and done afterwards: their numbers, their events, and that a killed server goes on
// with them.
import Base
import Foundation
import Models
import Testing

@Suite struct JobTests {
  private let folder = Folder()

  private func upload(
    _ server: RunningServer, _ files: [(String, String)], _ query: String, fields: [String: String] = [:]
  ) throws -> (status: Int, json: JSON) {
    var request = HTTPRequest("POST", server.url + "/upload" + query)
    request.body = .form(
      fields.map { .init(name: $0.key, content: Array($0.value.utf8)) }
        + files.map { .init(name: "file", filename: $0.0, content: Array($0.1.utf8)) })
    let reply = try HTTPClient().send(request)
    return (reply.status, try JSON(parsing: reply.body))
  }

  private func get(_ server: RunningServer, _ path: String) throws -> JSON {
    try JSON(parsing: HTTPClient().send(HTTPRequest("GET", server.url + path)).body)
  }

  private func finished(_ server: RunningServer, _ id: String) throws -> JSON {
    for _ in 0..<600 {
      let job = try get(server, "/jobs/\(id)")
      if job.state?.string == "done" { return job }
      usleep(100_000)
    }
    throw ServerEnded(said: "the job did not end")
  }

  private let files = (0..<6).map { ("note\($0).txt", "Note \($0) tells that lamp number \($0) hangs over a desk.") }

  @Test func manyFilesOneOfThemBad() throws {
    let server = try RunningServer(data: folder.data)
    let accepted = try upload(server, files + [("bad.pdf", "no pdf at all")], "?wait=false")
    #expect(accepted.status == 202)
    let id = try #require(accepted.json.job_id?.string)
    let events = String(
      decoding: try HTTPClient().send(HTTPRequest("GET", server.url + "/jobs/\(id)/events")).body, as: UTF8.self)
    #expect(events.contains("event: done"))
    let job = try finished(server, id)
    #expect(job.files_total?.int == 7 && job.files_done?.int == 7 && job.files_failed?.int == 1)
    #expect(job.added?.array?.count == 6 && job.failed?.array?.first?.path?.string == "bad.pdf")
    #expect(job.chunks?.int == 6)
    #expect(try get(server, "/stats").unique_documents?.int == 6)
    #expect(try get(server, "/jobs").jobs?.array?.count == 1)
    #expect(try HTTPClient().send(HTTPRequest("GET", server.url + "/jobs/absent")).status == 404)
  }

  @Test(arguments: [
    "accepted:1", "extract:3", "embed:1", "store:2", "commit:1", "publish:1", "published:1", "record:1",
  ])
  func aKilledServerGoesOnWithItsJobs(_ point: String) throws {
    let first = try RunningServer(data: folder.data, environment: ["FOOTNOTE_CRASH_AT": point])
    // Where the crash comes before the answer, nothing was acknowledged.
    let accepted = try? upload(first, files, "?wait=false")
    first.process.waitUntilExit()
    #expect(first.process.terminationReason == .uncaughtSignal)
    let second = try RunningServer(data: folder.data)
    let known = try get(second, "/jobs").jobs?.array?.first?.job_id?.string
    let id = try #require(accepted?.json.job_id?.string ?? known)
    _ = try finished(second, id)
    let names = (try get(second, "/documents").documents?.array ?? []).compactMap { $0.filename?.string }
    #expect(names.sorted() == files.map(\.0), "\(point)")
    #expect(second.stop() == 0)
  }

  @Test func aKilledAddGoesOnAtTheNextStart() throws {
    for (name, text) in files { try folder.write("f/\(name)", text) }
    let killed = try Binary.run(
      ["add", folder.path + "/f"], data: folder.data, environment: ["FOOTNOTE_CRASH_AT": "store:2"])
    #expect(killed.status != 0)
    let server = try RunningServer(data: folder.data)
    for _ in 0..<200 where try get(server, "/stats").unique_documents?.int != 6 { usleep(50_000) }
    #expect(try get(server, "/stats").unique_documents?.int == 6)
  }

  @Test func plainChunksAreAskedForByFields() throws {
    let server = try RunningServer(data: folder.data)
    let words = (0..<100).map { "word\($0)" }.joined(separator: " ")
    let added = try upload(server, [("a.txt", words)], "", fields: ["chunk_size": "30", "chunk_overlap": "10"])
    #expect(added.json.chunks_added?.int == 5, "\(added.json.text)")
    for fields in [["chunk_size": "0"], ["chunk_size": "x"], ["chunk_size": "10", "chunk_overlap": "10"]] {
      #expect(try upload(server, [("b.txt", words)], "", fields: fields).status == 400)
    }
    let file = try folder.write("c.txt", words + " and more")
    let outcome = try Binary.run(["add", file, "--chunk-size", "30", "--chunk-overlap", "10"], data: folder.data)
    #expect(outcome.output.contains("5 chunks"), "\(outcome.output)\(outcome.errors)")
    #expect(try Binary.run(["add", file, "--chunk-size", "5", "--chunk-overlap", "5"], data: folder.data).status != 0)
  }

  @Test func onlyTheOwnerNamesPaths() throws {
    let server = try RunningServer(data: folder.data)
    for path in ["/jobs", "/documents/retire"] {
      var request = HTTPRequest("POST", server.url + path)
      request.body = .bytes(Array("{\"paths\":[\"/etc\"]}".utf8), contentType: "application/json")
      #expect(try HTTPClient().send(request).status == 403)
    }
  }
}
