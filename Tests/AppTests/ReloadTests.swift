// SIGHUP: settings, keys, certificate and log file are read again while the server goes on; and the command line of a
// library's owner gets at a server whose certificate is of another name.
import Base
import Foundation
import Models
import ScriptedEndpoint
import Store
import Testing

@Suite struct ReloadTests {
  private let folder = Folder()
  private let client = HTTPClient()

  private func configure(_ settings: JSON) throws -> String { try folder.write("config.json", settings.text) }

  private func status(
    _ url: String, host: String? = nil, pin: PublicKeyPin? = nil, by other: HTTPClient? = nil
  ) throws -> Int {
    var request = HTTPRequest("GET", url)
    if let host { request.headers = [("Host", host)] }
    request.pin = pin
    return try (other ?? client).send(request).status
  }

  private var log: String { folder.data + "/log/requests.jsonl" }

  @Test func settingsAreTakenUpWhileItServes() throws {
    let file = try configure([:])
    let server = try RunningServer(data: folder.data, arguments: ["--config", file])
    #expect(try status(server.url + "/stats", host: "kb.example.com") == 421)
    _ = try configure(["host_names": "kb.example.com", "embedding": ["batch_texts": 3], "health": ["mean_ms_max": 7]])
    let said = try server.reload()
    #expect(said.contains("changed: ") && said.contains("host_names") && said.contains("health.mean_ms_max"))
    #expect(said.contains("not before a restart: embedding.batch_texts"), "\(said)")
    #expect(try status(server.url + "/stats", host: "kb.example.com") == 200)
    // What cannot change is said each time, and what did not change is not.
    let again = try server.reload()
    #expect(again.contains("not before a restart: embedding.batch_texts") && !again.contains("changed: "))

    // Nothing of what is wrong is taken up, not even what is right beside it.
    for wrong: JSON in [
      ["host_names": "other.example.com", "no_such": 1],
      ["host_names": "other.example.com", "llm": ["url": "http://m"]],
      ["host_names": "other.example.com", "tls": ["certificate": "/absent.pem"]],
    ] {
      _ = try configure(wrong)
      #expect(try server.reload().contains("nothing was changed"), "\(wrong.text)")
      #expect(try status(server.url + "/stats", host: "other.example.com") == 421)
      #expect(try status(server.url + "/stats", host: "kb.example.com") == 200)
    }
    _ = try configure(["keys": ["required": true]])
    #expect(try server.reload().contains("keys.required"))
    #expect(try status(server.url + "/stats") == 401)
    #expect(server.stop() == 0)
  }

  @Test func aModelThatIsConfiguredMeanwhileWrites() throws {
    let note = try folder.write("leave.md", "# Time off\n\nFull-time staff get 15 vacation days a year.\n")
    #expect(try Binary.run(["add", note], data: folder.data).status == 0)
    let model = try ScriptedEndpoint { _, _ in
      ChatScript.reply(["Full-time staff get 15 vacation days a year [1]."], usage: ChatScript.usage(2, 1))
    }
    defer { model.stop() }
    let file = try configure([:])
    let server = try RunningServer(data: folder.data, arguments: ["--config", file])
    func writer() throws -> String? {
      let asked = try Binary.run(
        ["ask", "How many vacation days do full-time staff get?", "--json"], data: folder.data)
      return try JSON(parsing: asked.output).model?.string
    }
    #expect(try writer() == "extractive")
    _ = try configure(["llm": ["url": .string(model.url), "model": "m"]])
    _ = try server.reload()
    #expect(try writer() == "scripted")
    #expect(server.stop() == 0)
  }

  @Test func aLogThatWasMovedAwayIsBegunAnew() throws {
    let server = try RunningServer(data: folder.data)
    _ = try status(server.url + "/stats")
    while !FileManager.default.fileExists(atPath: log) { usleep(50_000) }
    try FileManager.default.moveItem(atPath: log, toPath: log + ".moved")
    _ = try server.reload()
    _ = try status(server.url + "/documents")
    #expect(server.stop() == 0)
    let lines = try String(contentsOfFile: log, encoding: .utf8)
    #expect(lines.contains("/documents"))
  }

  // MARK: Encryption

  private func write(_ pair: Certificates.Pair) throws -> [String: String] {
    [
      "FOOTNOTE_TLS_CERTIFICATE": try folder.write("server.pem", pair.certificate),
      "FOOTNOTE_TLS_KEY": try folder.write("server.key", pair.key),
    ]
  }

  @Test func theOwnersCommandsReachAServerOfAnotherName() throws {
    let server = try RunningServer(data: folder.data, environment: try write(Certificates.first))
    #expect(server.url.hasPrefix("https://"))
    let note = try folder.write("leave.md", "Full-time staff get 15 vacation days a year.\n")
    // Whatever proxy the environment names.
    let proxy = ["https_proxy": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1"]
    let added = try Binary.run(["add", note], data: folder.data, environment: proxy)
    #expect(added.status == 0, "\(added.errors)")
    #expect(try Binary.run(["list"], data: folder.data).output.contains("leave.md"))

    // Whoever does not know its key is not content with its name.
    #expect(throws: HTTPClientError.self) { try status(server.url + "/stats") }
    // Somebody else in its place is told nothing.
    let path = folder.data + "/server.json"
    let owner = try #require(DataDirectory.owner(of: folder.data))
    let other = try #require(PublicKeyPin(certificate: Certificates.second.certificate))
    #expect(owner.pin == PublicKeyPin(certificate: Certificates.first.certificate) && owner.pin != other)
    let told = try String(contentsOfFile: path, encoding: .utf8)
    let changed = try JSON(parsing: told)
    let forged: JSON = [
      "process": changed.process ?? .null, "url": .string(owner.url), "token": .string(owner.token),
      "pin": .string(other.text),
    ]
    try Data(forged.utf8).write(to: URL(fileURLWithPath: path))
    let refused = try Binary.run(["list"], data: folder.data)
    #expect(refused.status == 1 && !refused.output.contains("leave.md"), "\(refused.output)")
    try Data(told.utf8).write(to: URL(fileURLWithPath: path))
    #expect(try Binary.run(["list"], data: folder.data).status == 0)
    #expect(server.stop() == 0)
  }

  @Test func aRenewedCertificateIsShownToNewConnections() throws {
    let server = try RunningServer(data: folder.data, environment: try write(Certificates.first))
    let before = try #require(PublicKeyPin(certificate: Certificates.first.certificate))
    let after = try #require(PublicKeyPin(certificate: Certificates.second.certificate))
    #expect(try status(server.url + "/stats", pin: before) == 200)
    // Half a pair is refused, and the old one goes on.
    try folder.write("server.pem", Certificates.second.certificate)
    #expect(try server.reload().contains("nothing was changed"))
    #expect(try status(server.url + "/stats", pin: before) == 200)

    _ = try write(Certificates.second)
    #expect(try server.reload().contains("certificate"))
    // The connection that is open goes on as it is; a new one is shown the new certificate.
    #expect(try status(server.url + "/stats", pin: before) == 200)
    let fresh = HTTPClient()
    #expect(throws: HTTPClientError.self) { try status(server.url + "/stats", pin: before, by: fresh) }
    #expect(try status(server.url + "/stats", pin: after, by: fresh) == 200)
    #expect(try Binary.run(["list"], data: folder.data).status == 0)
    // Again and again, with what is left of earlier ones still there.
    for pair in [Certificates.first, Certificates.second, Certificates.first] {
      _ = try write(pair)
      _ = try server.reload()
      let pin = PublicKeyPin(certificate: pair.certificate)
      #expect(try status(server.url + "/stats", pin: pin, by: HTTPClient()) == 200)
    }
    #expect(server.stop() == 0)
  }
}
