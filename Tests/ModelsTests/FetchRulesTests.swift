// The parts of the guarded client that need no network: addresses, robots, turns.
import Base
import Testing

@testable import Models

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct NetworkAddressTests {
  private func address(_ text: String) -> NetworkAddress? {
    if text.contains(":") {
      var bytes = [UInt8](repeating: 0, count: 16)
      guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
      return .v6(bytes)
    }
    var bytes = [UInt8](repeating: 0, count: 4)
    guard unsafe inet_pton(AF_INET, text, &bytes) == 1 else { return nil }
    return .v4(bytes)
  }

  @Test(arguments: [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.9",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "2001::1",
    "2002:7f00:1::", "100::1", "3fff:0::1", "fec0::1", "::127.0.0.1",
  ])
  func whatIsNotPublic(_ text: String) throws { #expect(try !#require(address(text)).isPublic, "\(text)") }

  @Test(arguments: [
    "8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.169.0.1",
    "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "2001:4860::8888",
  ])
  func whatIsPublic(_ text: String) throws { #expect(try #require(address(text)).isPublic, "\(text)") }

  @Test func socketAddressesOfOtherFamiliesAreNone() {
    #expect(NetworkAddress(family: AF_UNIX, socketAddress: [UInt8](repeating: 0, count: 110)) == nil)
    #expect(NetworkAddress(family: AF_INET, socketAddress: [2, 0]) == nil)
  }
}

@Suite struct WebAddressTests {
  @Test(arguments: [
    "http://ok\\@127.0.0.1/", "http://user@host/", "http://user:pass@host/", "http://a\tb/", " http://a/",
    "http://a/ b",
    "file:///etc/passwd", "gopher://a/", "ftp://a/", "javascript:alert(1)", "data:text/html,x", "http://", "//a/b", "a",
    "http://a\u{3002}b/", "http://[fe80::1%25eth0]/", "http://a:99999/", "http://a:0/", "http://%31/", "http://a%00b/",
    "http://a/\u{0}", "http:/\\a",
  ])
  func refused(_ text: String) {
    #expect(throws: FetchFailure.self, "\(text)") { try WebAddress(text) }
  }

  @Test func whole() throws {
    let address = try WebAddress("HTTPS://Shop.Example:443/a/../b?q=1#frag")
    #expect(
      address.text.lowercased() == "https://shop.example:443/b?q=1"
        || address.text.lowercased() == "https://shop.example/b?q=1")
    #expect(address.origin == "https://shop.example:443" && address.target == "/b?q=1")
    #expect(address.place == "https://shop.example/b")
    #expect(try address.resolving("//other.example/x").origin == "https://other.example:443")
    #expect(try address.resolving("../c").target == "/c")
    #expect(throws: FetchFailure.self) { try address.resolving("file:///etc/passwd") }
    #expect(throws: FetchFailure.self) { try WebAddress("http://a/" + String(repeating: "x", count: 5_000)) }
  }

  /// The many ways to write this machine: all of them read, none of them reached (see WebFetcherTests).
  @Test(arguments: ["http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/"])
  func numbersAreOneForm(_ text: String) throws { #expect(try WebAddress(text).host == "127.0.0.1") }
}

@Suite struct RobotsTests {
  private func allows(_ text: String, _ path: String) -> Bool { RobotsRules(Array(text.utf8)).allows(path) }

  @Test func groupsAndLengths() {
    let text = """
      User-agent: other
      Disallow: /
      User-agent: *
      Disallow: /private # not this
      Allow: /private/open
      Crawl-delay: 2
      """
    #expect(allows(text, "/") && !allows(text, "/private/x") && allows(text, "/private/open/x"))
    #expect(RobotsRules(Array(text.utf8)).delaySeconds == 2)
    #expect(!allows(text + "\nUser-Agent: Footnote/1\nDisallow: /deals", "/deals/1"))
    // A group of our own replaces everybody's.
    #expect(allows(text + "\nUser-Agent: footnote\nDisallow: /deals", "/private/x"))
    #expect(!allows("user-agent: a\nuser-agent: footnote\ndisallow: /", "/x"))
    #expect(allows("User-agent: *\nDisallow:", "/x") && allows("", "/x") && allows("<html>", "/x"))
  }

  @Test func wildcards() {
    let text = "User-agent: *\nDisallow: /*.pdf$\nDisallow: /a*b*c\nAllow: /a*b*cd"
    #expect(!allows(text, "/x/y.pdf") && allows(text, "/x.pdf?a") && !allows(text, "/aXbYc") && allows(text, "/aXbYcd"))
  }

  @Test func longPatternsCostLittle() {
    let stars = String(repeating: "*a", count: 1_000)
    let text = "User-agent: *\n" + String(repeating: "Disallow: /\(stars)b\n", count: 20)
    #expect(allows(text, "/" + String(repeating: "a", count: 4_000)))
  }
}
