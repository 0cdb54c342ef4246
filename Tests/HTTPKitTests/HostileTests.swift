// Requests that were made to hurt: each is refused cleanly, at once, and the server goes on. The numbers are the rows
// of the list of attacks that the project keeps.
import Base
import Glibc
import HTTPKit
import RawClient
import Testing

@Suite struct HostileTests {
  static let head = "POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

  @Test(
    "Row 40: requests that two servers could read differently",
    arguments: [
      head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n[]",
      head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]",
      head + "Content-Length: +2\r\n\r\n[]",
      head + "Content-Length: -1\r\n\r\n",
      head + "Content-Length: 0x2\r\n\r\n[]",
      head + "Content-Length: 2, 2\r\n\r\n[]",
      head + "Content-Length : 2\r\n\r\n[]",
      head + "Content-Length\t: 2\r\n\r\n[]",
      head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n+2\r\n[]\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n[]\r\n0\r\n\r\n",
      "POST /json HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\nContent-Length: 2\r\n\r\n[]",
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\nAccept: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX-Folded: a\r\n b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX: a\u{0}b\r\nAccept: x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
    ])
  func refusesAndCloses(_ request: String) throws {
    let test = try TestServer()
    let client = test.client()
    client.send(request)
    if let response = client.response() { #expect([400, 413].contains(response.status), "\(response)") }
    #expect(client.isClosedByServer())
    #expect(test.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 200)
  }

  @Test(
    "Row 1: addresses that try to leave their place",
    arguments: [
      "/documents/..%2f..%2fetc/x/", "/../etc/passwd", "/documents/%2e%2e", "/documents/%2E",
      "/documents/a%00b",
      "/documents/%", "/documents/%zz", "/documents/%0d%0aX:%20y", "/documents/%ff", "documents", "/a b",
      "/a#b",
      "/\u{7F}", "/documents/ü", String(repeating: "/a", count: 100),
    ])
  func refusesAddresses(_ target: String) throws {
    let test = try TestServer()
    let status = test.ask("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")?.status
    #expect(status == nil || [400, 404, 414].contains(status), "\(String(describing: status))")
  }

  @Test("Row 1: an escaped escape stays text") func decodesOnce() throws {
    let test = try TestServer()
    let response = test.ask("GET /documents/%252e%252e HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(response?.body == "document %2e%2e")
  }

  @Test("Row 41: floods of headers") func refusesHeaderFloods() throws {
    let test = try TestServer()
    let many = "GET / HTTP/1.1\r\nHost: x\r\n" + (0..<150).map { "X-\($0): y\r\n" }.joined() + "\r\n"
    #expect(test.ask(many)?.status == 431)
    let client = test.client()
    client.send("GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X: y\r\n", count: 100_000) + "\r\n")
    if let response = client.response() { #expect(response.status == 431) }
    #expect(client.isClosedByServer())
    let long = test.client()
    long.send("GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")
    if let response = long.response() { #expect(response.status == 414) }
    #expect(
      test.ask("GET /?" + String(repeating: "a", count: 9_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")?.status
        == 414)
  }

  @Test("Row 41: line breaks never reach a response header") func keepsHeadersOnOneLine() throws {
    let test = try TestServer()
    let response = try #require(
      test.ask("GET /header?value=a%0D%0ASet-Cookie:%20x=1%22%20%C3%BC HTTP/1.1\r\nHost: x\r\n\r\n"))
    #expect(response["Set-Cookie"] == nil)
    #expect(response["X-Echo"] == "a__Set-Cookie: x=1\" ü")
    #expect(
      response["Content-Disposition"]
        == "attachment; filename=\"a__Set-Cookie: x=1_ _\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1%22%20%C3%BC"
    )
  }

  @Test("Row 31: nothing is read of what is refused on its head") func refusesBeforeReading() throws {
    let test = try TestServer { options in
      options.guards = [
        Guard { request in request.headers["Authorization"] == nil ? .json("{}", status: 401) : nil }
      ]
    }
    let client = test.client()
    client.send("POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n")
    #expect(client.response()?.status == 401)
    #expect(client.isClosedByServer())
    #expect(test.log.all.allSatisfy { $0.bytesReceived < 64 << 10 })

    let continuing = test.client()
    continuing.send(
      "POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n[]GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(continuing.response()?.status == 401)
    #expect(continuing.response()?.status == 401, "a path that does not exist looks the same")
  }

  @Test func refusesLargeBodies() throws {
    let test = try TestServer()
    #expect(
      test.ask(HostileTests.head + "Content-Length: 1001\r\n\r\n" + String(repeating: "1", count: 1_001))?
        .status == 413)
    #expect(test.ask(HostileTests.head + "Content-Length: 99999999999999\r\n\r\n")?.status == 413)
    let chunk = "400\r\n" + String(repeating: "1", count: 1_024) + "\r\n"
    #expect(
      test.ask(HostileTests.head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n")?.status
        == 413)

    let endless = test.client()
    endless.send(HostileTests.head + "Transfer-Encoding: chunked\r\n\r\n")
    let block = Array(String(repeating: chunk, count: 1_024).utf8)
    var taken = 0
    for _ in 0..<64 {
      let sent = endless.send(block)
      taken += sent
      if sent < block.count { break }
    }
    #expect(taken < 40 << 20)
    #expect(test.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 200)
  }

  /// By their place, so that a report names a number and not ten megabytes.
  private static let costlyForms: [(boundary: String, body: String)] = [
    (
      "b",
      String(repeating: "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n", count: 2_000) + "--b--"
    ),
    (String(repeating: "b", count: 71), "x"),
    ("b", "--b--\r\n" + String(repeating: "x", count: 10 << 20)),
    ("b", "preamble\r\n--b--\r\n"),
    ("b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nhalf"),
    ("b", "--b\r\n\r\nno name\r\n--b--"),
    ("b", "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--"),
    ("b", "--b\r\nX: " + String(repeating: "y", count: 20_000) + "\r\n\r\n--b--"),
    ("b", "--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--b--"),
    ("b", "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--"),
    (
      "b",
      "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\(String(repeating: "v", count: 100_000))\r\n--b--"
    ),
    ("b", String(repeating: "\r\n--", count: 100_000)),
    ("\"\"", "x"),
  ]

  @Test("Row 43: forms that cost more than they say", arguments: costlyForms.indices)
  func refusesForms(index: Int) throws {
    let (boundary, body) = Self.costlyForms[index]
    let test = try TestServer()
    let response = test.ask(
      "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=\(boundary)\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    #expect(response == nil || response?.status == 400, "\(String(describing: response))")
    #expect(eventually { filesIn(test.spool).isEmpty })
  }

  @Test("Row 37: names that are not ours") func refusesForeignHosts() throws {
    let test = try TestServer { $0.guards = [.host(allowed: ["localhost", "127.0.0.1", "[::1]"])] }
    func status(_ host: String) -> Int? { test.ask("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")?.status }
    #expect(status("localhost:\(test.port)") == 200)
    #expect(status("LOCALHOST") == 200)
    #expect(status("[::1]:8080") == 200)
    #expect(status("evil.com") == 421)
    #expect(status("localhost.evil.com") == 421)
    #expect(status("") == 421)
    #expect(test.ask("GET http://evil.com/ HTTP/1.1\r\nHost: localhost\r\n\r\n")?.status == 421)
    #expect(test.ask("GET http://localhost/live HTTP/1.1\r\nHost: evil.com\r\n\r\n")?.body == "ok")
  }

  @Test("Row 36: requests of other sites") func refusesForeignOrigins() throws {
    let test = try TestServer { $0.guards = [.sameOrigin()] }
    func status(_ headers: String) -> Int? {
      test.ask("GET / HTTP/1.1\r\nHost: a:1\r\n\(headers)\r\n")?.status
    }
    #expect(status("") == 200)
    #expect(status("Origin: http://a:1\r\n") == 200)
    #expect(status("Origin: http://a\r\n") == 403)
    #expect(status("Origin: https://a:1\r\n") == 403)
    #expect(status("Origin: null\r\n") == 403)
    #expect(status("Origin: http://evil\r\n") == 403)
    #expect(status("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n") == 403)
    #expect(status("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n") == 200)
  }

  @Test("Row 47: what is logged is data") func logsControlCharactersAsData() throws {
    let test = try TestServer()
    #expect(test.ask("GET /documents/%1b%5b2J%0aFAKE HTTP/1.1\r\nHost: x\r\n\r\n")?.status == 400)
    #expect(eventually { !test.log.all.isEmpty })
    #expect(test.log.all.allSatisfy { $0.path.utf8.allSatisfy { $0 >= 0x20 } })
  }
}
