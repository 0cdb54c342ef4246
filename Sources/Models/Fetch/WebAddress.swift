// An address from outside, read once, by the same parser that will connect: what two parsers read differently is how
// guards are fooled. What no honest address holds is refused before any parser sees it.
// Invariants: http or https, no user name or password, a host of plain letters or an address literal.
import Base
import CCurl

package struct WebAddress: Sendable, Equatable, CustomStringConvertible {
  /// Normalised; without a fragment.
  package let text: String
  package let scheme: String
  /// Lower case; an IPv6 literal in its brackets.
  package let host: String
  package let port: Int
  /// With its query.
  package let target: String

  package var origin: String { "\(scheme)://\(host):\(port)" }
  /// What may be shown and logged: a query may hold a secret.
  package var place: String { "\(scheme)://\(host)\(isUsualPort ? "" : ":\(port)")\(target.prefix { $0 != "?" })" }
  package var description: String { place }

  private var isUsualPort: Bool { port == (scheme == "https" ? 443 : 80) }

  package init(_ address: String) throws(FetchFailure) { try self.init(address, base: nil) }

  /// Where a redirect or a link on this page leads.
  package func resolving(_ reference: String) throws(FetchFailure) -> WebAddress {
    try WebAddress(reference, base: text)
  }

  private init(_ address: String, base: String?) throws(FetchFailure) {
    let shown = String(address.prefix { $0 != "?" && $0 != "#" }.prefix(200).filter { !$0.isNewline })
    func refused(_ why: String) -> FetchFailure { FetchFailure(.badAddress(why), "'\(shown)'") }
    guard address.utf8.count <= Limits.fetchAddressBytesMax else { throw refused("it is too long") }
    // A backslash is a slash to browsers and a letter to others; blanks and controls are cut out by some.
    guard address.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F && $0 != 0x5C }) else {
      throw refused("it holds a blank, a control character or a backslash")
    }
    guard !Self.authority(of: address).contains("%") else { throw refused("its host is written in escapes") }
    guard let parts = Self.parts(address, base: base) else { throw refused("it is no address") }
    guard parts.scheme == "http" || parts.scheme == "https" else {
      throw refused("only http and https are fetched")
    }
    guard !parts.hasUser else { throw refused("it holds a user name or password") }
    guard !parts.host.isEmpty, parts.host.utf8.allSatisfy(Self.isOfHost), !parts.host.contains("%") else {
      throw refused("its host is none; write an international name in its xn-- form")
    }
    guard let port = Int(parts.port), (1...65_535).contains(port) else { throw refused("its port is none") }
    scheme = parts.scheme
    host = parts.host.lowercased()
    self.port = port
    target = parts.target
    text = parts.text
  }

  /// What stands between '//' and the path; empty where the address has none of its own.
  private static func authority(of address: String) -> Substring {
    guard let slashes = address.firstRange(of: "//"),
      !address[..<slashes.lowerBound].contains(where: { $0 == "/" || $0 == "?" || $0 == "#" })
    else { return "" }
    return address[slashes.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  }

  private static func isOfHost(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
      true
    default: false
    }
  }

  private struct Parts {
    var text = ""
    var scheme = ""
    var host = ""
    var port = ""
    var target = ""
    var hasUser = false
  }

  /// https://curl.se/libcurl/c/libcurl-url.html
  private static func parts(_ address: String, base: String?) -> Parts? {
    guard let url = unsafe curl_url() else { return nil }
    defer { unsafe curl_url_cleanup(url) }
    func get(_ part: CURLUPart, _ flags: UInt32 = 0) -> String? {
      var found: UnsafeMutablePointer<CChar>?
      guard unsafe curl_url_get(url, part, &found, flags) == CURLUE_OK, let text = unsafe found else { return nil }
      defer { unsafe curl_free(text) }
      return unsafe String(cString: text)
    }
    if let base, unsafe curl_url_set(url, CURLUPART_URL, base, 0) != CURLUE_OK { return nil }
    guard unsafe curl_url_set(url, CURLUPART_URL, address, UInt32(CURLU_NON_SUPPORT_SCHEME)) == CURLUE_OK else {
      return nil
    }
    unsafe curl_url_set(url, CURLUPART_FRAGMENT, nil, 0)
    guard let scheme = get(CURLUPART_SCHEME), let host = get(CURLUPART_HOST), let text = get(CURLUPART_URL) else {
      return nil
    }
    let query = get(CURLUPART_QUERY).map { "?\($0)" } ?? ""
    return Parts(
      text: text, scheme: scheme.lowercased(), host: host, port: get(CURLUPART_PORT, UInt32(CURLU_DEFAULT_PORT)) ?? "",
      target: (get(CURLUPART_PATH) ?? "/") + query,
      hasUser: get(CURLUPART_USER) != nil || get(CURLUPART_PASSWORD) != nil)
  }
}
