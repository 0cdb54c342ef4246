// Uploads that are accepted first and done afterwards: their numbers, their events, and that a killed server goes on
// with them.
import Base
import Foundation
import Models
import Testing

@Suite struct JobTests {
  private let folder = Folder()

  private func finished(_ server: RunningServer, _ id: String) throws -> JSON {
    for _ in 0..<600 {
      let job = try server.call("GET", "/jobs/\(id)").json
      if job.state?.string == "done" { return job }
      usleep(100_000)
    }
    throw ServerEnded(said: "the job did not end")
  }

  private let files = (0..<6).map { ("note\($0).txt", "Note \($0) tells that lamp number \($0) hangs over a desk.") }

  @Test func manyFilesOneOfThemBad() throws {
    let server = try RunningServer(data: folder.data)
    let accepted = try server.upload(files + [("bad.pdf", "no pdf at all")], query: "?wait=false")
    #expect(accepted.status == 202)
    let id = try #require(accepted.json.job_id?.string)
    let events = try server.call("GET", "/jobs/\(id)/events").text
    #expect(events.contains("event: done"))
    let job = try finished(server, id)
    #expect(job.files_total?.int == 7 && job.files_done?.int == 7 && job.files_failed?.int == 1)
    #expect(job.added?.array?.count == 6 && job.failed?.array?.first?.path?.string == "bad.pdf")
    #expect(job.chunks?.int == 6)
    #expect(try server.call("GET", "/stats").json.unique_documents?.int == 6)
    #expect(try server.call("GET", "/jobs").json.jobs?.array?.count == 1)
    #expect(try server.call("GET", "/jobs/absent").status == 404)
  }

  @Test(arguments: [
    "accepted:1", "extract:3", "embed:1", "store:2", "commit:1", "publish:1", "published:1", "record:1",
  ])
  func aKilledServerGoesOnWithItsJobs(_ point: String) throws {
    let first = try RunningServer(data: folder.data, environment: ["FOOTNOTE_CRASH_AT": point])
    // Where the crash comes before the answer, nothing was acknowledged.
    let accepted = try? first.upload(files, query: "?wait=false")
    first.process.waitUntilExit()
    #expect(first.process.terminationReason == .uncaughtSignal)
    let second = try RunningServer(data: folder.data)
    let known = try second.call("GET", "/jobs").json.jobs?.array?.first?.job_id?.string
    let id = try #require(accepted?.json.job_id?.string ?? known)
    _ = try finished(second, id)
    let names = (try second.call("GET", "/documents").json.documents?.array ?? []).compactMap { $0.filename?.string }
    #expect(names.sorted() == files.map(\.0), "\(point)")
    #expect(second.stop() == 0)
  }

  @Test func aKilledAddGoesOnAtTheNextStart() throws {
    for (name, text) in files { try folder.write("f/\(name)", text) }
    let killed = try Binary.run(
      ["add", folder.path + "/f"], data: folder.data, environment: ["FOOTNOTE_CRASH_AT": "store:2"])
    #expect(killed.status != 0)
    let server = try RunningServer(data: folder.data)
    for _ in 0..<200 where try server.call("GET", "/stats").json.unique_documents?.int != 6 { usleep(50_000) }
    #expect(try server.call("GET", "/stats").json.unique_documents?.int == 6)
  }

  @Test func plainChunksAreAskedForByFields() throws {
    let server = try RunningServer(data: folder.data)
    let words = (0..<100).map { "word\($0)" }.joined(separator: " ")
    let added = try server.upload([("a.txt", words)], fields: [("chunk_size", "30"), ("chunk_overlap", "10")])
    #expect(added.json.chunks_added?.int == 5, "\(added.json.text)")
    for fields in [
      [("chunk_size", "0")], [("chunk_size", "x")], [("chunk_size", "10"), ("chunk_overlap", "10")],
    ] {
      #expect(try server.upload([("b.txt", words)], fields: fields).status == 400)
    }
    let file = try folder.write("c.txt", words + " and more")
    let outcome = try Binary.run(["add", file, "--chunk-size", "30", "--chunk-overlap", "10"], data: folder.data)
    #expect(outcome.output.contains("5 chunks"), "\(outcome.output)\(outcome.errors)")
    #expect(try Binary.run(["add", file, "--chunk-size", "5", "--chunk-overlap", "5"], data: folder.data).status != 0)
  }

  @Test func onlyTheOwnerNamesPaths() throws {
    let server = try RunningServer(data: folder.data)
    for path in ["/jobs", "/documents/retire"] {
      #expect(try server.call("POST", path, ["paths": ["/etc"]]).status == 403)
    }
  }
}
