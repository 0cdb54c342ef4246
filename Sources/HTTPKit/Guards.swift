// Checks on the head of a request, before a byte of its body is read. A guard runs on the connection thread: it looks
// things up in memory and never waits. It may answer (the body is then not read), or note who asks in `principal`.
// Guards run for unknown paths too, so that what exists cannot be told apart from what does not.
import Base

package struct Guard: Sendable {
  package let check: @Sendable (inout Request) throws -> Response?

  package init(_ check: @escaping @Sendable (inout Request) throws -> Response?) { self.check = check }

  /// Against DNS rebinding: a page of another site that made its name point here still sends its own name, and its GET
  /// requests carry no Origin. Answers 421 to names that are not ours; an address in figures is no name, and nobody can
  /// make it point elsewhere.
  package static func host(allowed names: Set<String>) -> Guard {
    let names = Set(names.map { $0.lowercased() })
    return Guard { request in
      guard let authority = request.authority, names.contains(hostName(authority)) || isAddress(hostName(authority))
      else {
        return Response.failure(
          PlainFailure(
            .usage, "unknown_host", "this server is not known by the name in the Host header",
            hint: "use the address that it printed when it started"
          )
        ).with(status: 421)
      }
      return nil
    }
  }

  /// Against forged requests of other sites: where a browser names the site that asks, it must be ours or an allowed
  /// one. Programs that are no browsers send neither header.
  package static func sameOrigin(allowed origins: Set<String> = []) -> Guard {
    Guard { request in
      let refusal = PlainFailure(
        .denied, "foreign_origin", "requests from other sites are not accepted",
        hint: "open the page of this server itself")
      if let origin = request.headers["Origin"] {
        let own = (request.isSecure ? "https://" : "http://") + (request.authority ?? "")
        guard origin == own || origins.contains(origin) else { throw refusal }
      } else if let site = request.headers["Sec-Fetch-Site"], site == "cross-site" || site == "same-site" {
        // A link on another site may open the page; it may not call anything.
        guard request.method == .get, request.headers["Sec-Fetch-Mode"] == "navigate" else { throw refusal }
      }
      return nil
    }
  }
}

extension Response {
  package func with(status: Int) -> Response {
    var response = self
    response.status = status
    return response
  }
}

/// An address in figures: four decimal numbers, or a v6 address in brackets.
func isAddress(_ host: String) -> Bool {
  if host.hasPrefix("["), host.hasSuffix("]") {
    return host.dropFirst().dropLast().utf8.allSatisfy {
      $0 >= 0x30 && $0 <= 0x3A || $0 >= 0x61 && $0 <= 0x66 || $0 == UInt8(ascii: ".")
    }
  }
  let parts = host.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 4 && parts.allSatisfy { (1...3).contains($0.utf8.count) && UInt8($0) != nil }
}

/// `host`, `host:port`, `[v6]:port`, in lower case and without the port.
func hostName(_ authority: String) -> String {
  let name =
    if authority.hasPrefix("["), let close = authority.firstIndex(of: "]") {
      authority[...close]
    } else {
      authority.prefix { $0 != ":" }
    }
  return name.lowercased()
}
