// Attacks that need a server or workers, a test a row of the list that the product is held against; those on the
// readers alone stand in IngestTests.
import Base
import Foundation
import Ingest
import Models
import Testing

@Suite struct ServerSecurityRowTests {
  private let folder = Folder()

  private func upload(_ server: RunningServer, _ name: String, _ content: [UInt8], _ collection: String? = nil) throws
    -> (status: Int, json: JSON)
  {
    var request = HTTPRequest("POST", server.url + "/upload")
    request.body = .form(
      [.init(name: "file", filename: name, content: content)]
        + (collection.map { [.init(name: "collection", content: Array($0.utf8))] } ?? []))
    let reply = try HTTPClient().send(request)
    return (reply.status, (try? JSON(parsing: reply.body)) ?? .null)
  }

  private func everything() -> Set<String> {
    Set(FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
      .filter { !$0.hasPrefix("data") }
  }

  @Test func row1NamesLeadNowhere() throws {
    let server = try RunningServer(data: folder.data)
    let before = everything()
    let names = [
      "../../x", "/etc/x", "..", ".", "..%2f..%2fx", "%252e%252e/x", "a\\..\\x", "x\u{0}y", "x\ny", "C:\\x",
      String(repeating: "x", count: 5_000),
    ]
    for name in names {
      let outcome = try upload(server, name, Array("Words of \(name.count).".utf8))
      #expect((200..<500).contains(outcome.status), "\(name.prefix(20)): \(outcome.status)")
      if outcome.status == 200 {
        let held = outcome.json.filename?.string ?? "/"
        #expect(!held.contains("/") && held != "..", "\(held)")
        #expect(outcome.json.document_id?.string?.hasPrefix("d_") == true)
      }
      let inCollection = try upload(server, "a.txt", Array("Words in \(name.count).".utf8), name)
      #expect((200..<500).contains(inCollection.status), "\(name.prefix(20)): \(inCollection.status)")
    }
    // Not a bare '..', which the client itself takes out of the path.
    for id in ["..%2f..%2fetc%2fpasswd", "%252e%252e", "x%00y", "%2e%2e/library.db", "d_0000000000000000"] {
      for path in ["/documents/\(id)", "/documents/\(id)/text", "/documents/\(id)/original", "/jobs/\(id)"] {
        let status = try HTTPClient().send(HTTPRequest("GET", server.url + path)).status
        #expect(status == 404 || status == 400 || status == 422, "\(path): \(status)")
      }
    }
    #expect(everything() == before)
    #expect(server.stop() == 0)
  }

  @Test func row2LinksInArchivesAreNotFollowed() throws {
    let secret = try folder.write("secret.txt", "The canary is Zyxquorvane.")
    let script = """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1], 'w') as z:
        link = zipfile.ZipInfo('link.txt'); link.create_system = 3; link.external_attr = 0o120777 << 16
        z.writestr(link, sys.argv[2])
        z.writestr('/absolute.txt', 'An absolute name.')
        z.writestr('good.txt', 'A good member about hills.')
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-c", script, folder.path + "/a.zip", secret]
    try process.run()
    process.waitUntilExit()
    let before = everything()
    let added = try Binary.run(["add", folder.path + "/a.zip", "--json"], data: folder.data)
    let report = try JSON(parsing: added.output)
    #expect(report.added?.array?.contains { $0.filename?.string == "a.zip/good.txt" } == true, "\(added.output)")
    #expect(!added.output.contains("absolute.txt\",\n      \"chunks_added"), "\(added.output)")
    let found = try Binary.run(["search", "Zyxquorvane", "--mode", "keyword"], data: folder.data)
    #expect(!found.output.contains("Zyxquorvane"), "\(found.output)")
    #expect(everything() == before)
  }

  @Test func row15ABombEndsAtTheLimitAndOthersGoOn() throws {
    // Two workers, so that a document beside it never waits for the bomb.
    let pool = Pools.make(workers: 2) { $0.seconds = 1 }
    let ended = DispatchSemaphore(value: 0)
    let bomb = Thread {
      #expect(Pools.code { try pool.probe(.spin) } == .parseLimit)
      ended.signal()
    }
    bomb.start()
    var others = 0
    while ended.wait(timeout: .now()) == .timedOut {
      try Pools.expectWorks(pool)
      others += 1
    }
    #expect(others > 0)
    let grown = Pools.make { $0.memoryBytes = 200 << 20 }
    #expect(Pools.code { try grown.probe(.hog) } == .parseLimit)
    try Pools.expectWorks(grown)
  }

  @Test func row16ACrashIsThatDocumentsErrorAndTheServerStays() throws {
    let server = try RunningServer(data: folder.data)
    let process = server.process.processIdentifier
    let circle = """
      %PDF-1.4
      1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
      2 0 obj <</Type /Pages /Kids [2 0 R] /Count 1>> endobj
      trailer <</Root 1 0 R>>

      """
    let outcome = try upload(server, "a.pdf", Array(circle.utf8))
    #expect((400..<500).contains(outcome.status) && outcome.json.error?.code?.string != nil, "\(outcome)")
    #expect(try upload(server, "b.txt", Array("Words about hills.".utf8)).status == 200)
    #expect(kill(process, 0) == 0)
    #expect(server.stop() == 0)
  }

  /// The sandbox refuses what a script or launch action would do; what a PDF carries along stays where it is.
  @Test func row17ScriptsLaunchesAndAttachmentsAreInert() throws {
    let flag = folder.path + "/launched"
    let words = "BT /F1 24 Tf 72 720 Td (The lift is inspected in May.) Tj ET"
    let attached = "The canary is Zyxquorvane."
    let pdf = """
      %PDF-1.7
      1 0 obj <</Type /Catalog /Pages 2 0 R /OpenAction 5 0 R /AA <</WC 6 0 R>>
        /Names <</EmbeddedFiles <</Names [(a.txt) 7 0 R]>> /JavaScript <</Names [(x) 6 0 R]>>>>>> endobj
      2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
      3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /AA <</O 5 0 R>>
        /Resources <</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>>> endobj
      4 0 obj <</Length \(words.utf8.count)>> stream
      \(words)
      endstream endobj
      5 0 obj <</Type /Action /S /Launch /F (/bin/touch) /Win <</F (/bin/touch) /P (\(flag))>>>> endobj
      6 0 obj <</Type /Action /S /JavaScript /JS (app.launchURL\\("http://127.0.0.1:9/"\\);)>> endobj
      7 0 obj <</Type /Filespec /F (a.txt) /EF <</F 8 0 R>>>> endobj
      8 0 obj <</Type /EmbeddedFile /Length \(attached.utf8.count)>> stream
      \(attached)
      endstream endobj
      trailer <</Root 1 0 R>>

      """
    let file = try folder.write("a.pdf", pdf)
    let added = try Binary.run(["add", file], data: folder.data)
    #expect(added.status == 0, "\(added.errors)")
    let text = try Binary.run(["show", "a.pdf", "--text"], data: folder.data).output
    #expect(text.contains("The lift is inspected in May.") && !text.contains("Zyxquorvane"))
    #expect(!FileManager.default.fileExists(atPath: flag))
  }
}
