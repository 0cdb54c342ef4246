// What happens to a response on its way out, without a socket: compression, ranges, names of files. And the two ways in
// which TLS begins.
import CZlib
import RawClient
import Testing

@testable import HTTPKit

@Suite struct DeliveryTests {
  private static let text = String(repeating: "the same words again ", count: 500)

  private func delivered(_ headers: Headers, from address: String = "192.0.2.7", path: String = "/") -> Response {
    Response.text(DeliveryTests.text).tagged("v1").delivered(
      for: Request(path: path, headers: headers, remoteAddress: address), id: "1")
  }

  @Test func packsTextForTheNetwork() throws {
    let packed = delivered(["Accept-Encoding": "br, gzip;q=0.5"])
    #expect(packed.headers["Content-Encoding"] == "gzip")
    #expect(packed.headers["Vary"] == "Accept-Encoding")
    #expect(packed.headers["ETag"] == "W/\"v1\"")
    guard case .bytes(let bytes) = packed.body else { return }
    #expect(bytes.count < 200)
    #expect(try #require(unpacked(bytes)) == Array(DeliveryTests.text.utf8))
    #expect(delivered(["Accept-Encoding": "gzip", "If-None-Match": "W/\"v1\""]).status == 304)
  }

  @Test(
    "leaves alone",
    arguments: [
      (["Accept-Encoding": "gzip"], "127.0.0.1"), (["Accept-Encoding": "gzip"], "::1"),
      (["Accept-Encoding": "gzip;q=0, *"], "192.0.2.7"), (["Accept-Encoding": "br"], "192.0.2.7"),
      ([:], "192.0.2.7"), (["Accept-Encoding": "gzip", "Range": "bytes=0-1999"], "192.0.2.7"),
    ] as [(Headers, String)])
  func leavesAlone(headers: Headers, address: String) {
    let response = delivered(headers, from: address)
    #expect(response.headers["Content-Encoding"] == nil)
    #expect(response.headers["ETag"] == "\"v1\"")
  }

  @Test func packsNothingThatIsSmallOrPackedAlready() {
    let request = Request(path: "/", headers: ["Accept-Encoding": "gzip"], remoteAddress: "192.0.2.7")
    #expect(Response.text("short").delivered(for: request, id: "1").headers["Content-Encoding"] == nil)
    let picture = Response(headers: ["Content-Type": "image/png"], body: .bytes([UInt8](repeating: 0, count: 9_000)))
    #expect(picture.delivered(for: request, id: "1").headers["Content-Encoding"] == nil)
  }

  @Test(arguments: [
    ("bytes=0-0", ByteRange.part(0..<1)), ("bytes=5-", .part(5..<10)), ("bytes=-20", .part(0..<10)),
    ("bytes=8-99", .part(8..<10)), ("bytes=10-", .unsatisfiable), ("bytes=-0", .unsatisfiable),
    ("bytes=4-2", .whole), ("bytes=0-1,3-4", .whole), ("bytes=a-b", .whole), ("bytes=", .whole),
    ("bytes=99999999999999999999-", .whole), ("items=0-1", .whole),
  ])
  func readsRanges(text: String, expected: ByteRange) {
    #expect(ByteRange(parsing: text, total: 10) == expected)
  }

  @Test func quotesEveryControlCharacter() {
    #expect(quoted("a\"\\\n\u{1}\u{7F}ü") == "\"a\\\"\\\\\\n\\u0001\\u007fü\"")
  }

  @Test func speaksTLSWithACertificate() throws {
    let test = try TestServer { $0.tls = .init(certificate: DeliveryTests.certificate, key: DeliveryTests.key) }
    let client = test.client()
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(client.response() == nil, "plain HTTP is not answered")
    #expect(throws: HTTPFailure.self) {
      _ = try TestServer { $0.tls = .init(certificate: "no", key: "no") }
    }
  }

  private func unpacked(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = unsafe z_stream()
    guard unsafe inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { return nil }
    defer { unsafe inflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: 1 << 20)
    return unsafe input.withUnsafeMutableBufferPointer { from in
      unsafe output.withUnsafeMutableBufferPointer { to in
        unsafe stream.next_in = from.baseAddress
        unsafe stream.avail_in = UInt32(from.count)
        unsafe stream.next_out = to.baseAddress
        unsafe stream.avail_out = UInt32(to.count)
        guard unsafe inflate(&stream, Z_FINISH) == Z_STREAM_END else { return nil }
        return unsafe Array(to.prefix(to.count - Int(stream.avail_out)))
      }
    }
  }

  // Made for this test, good for nothing else.
  private static let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBfzCCASWgAwIBAgIUEXLVpu+vvPCR3VKy8gxFKoo1X5cwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEyNDk0M1oYDzIxMjYxMDI4
    MTI0OTQzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAASB5nk7mdXVR7o5zctzWWsiAuQMtuWGdsm32saeuCD5gwxPc5H0qdE0
    e1BU4nYALNOKaSg+XIhnlHifqLqzGjA3o1MwUTAdBgNVHQ4EFgQULu3PeOp8Biwq
    ITC63ilSaRDaM1wwHwYDVR0jBBgwFoAULu3PeOp8BiwqITC63ilSaRDaM1wwDwYD
    VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBtgyap/QMJiWghiPvPI2MH
    rf/dIhKda6052CxssjlHOQIhAODhNM8xYuMbUsjsl6LUGFf+FIvLKVH9CdUdd7Ma
    Hzsh
    -----END CERTIFICATE-----
    """
  private static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOdWbeLIGYiK6nw8L
    bBtp6gl+LQxrSvqIgIICNM5JWPahRANCAASB5nk7mdXVR7o5zctzWWsiAuQMtuWG
    dsm32saeuCD5gwxPc5H0qdE0e1BU4nYALNOKaSg+XIhnlHifqLqzGjA3
    -----END PRIVATE KEY-----
    """
}
