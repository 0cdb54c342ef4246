// A request to another server and what comes back, as values.
package import Base

package struct HTTPRequest: Sendable {
  package enum Body: Sendable {
    case none
    case bytes([UInt8], contentType: String)
    case form([FormPart])
  }

  /// A part of a multipart form: a field, or a file where it has a file name.
  package struct FormPart: Sendable {
    package let name: String
    package let filename: String?
    package let content: [UInt8]

    package init(name: String, filename: String? = nil, content: [UInt8]) {
      self.name = name
      self.filename = filename
      self.content = content
    }
  }

  /// Where a connection may go, whatever the name in the address leads to.
  package enum Reach: Sendable {
    /// An address that the operator wrote down.
    case anywhere
    /// An address that came from outside: judged at the moment of connecting, each time; through no proxy, which would
    /// connect in our place.
    case publicOnly
  }

  package var method: String
  package var url: String
  package var headers: [(name: String, value: String)] = []
  package var body: Body = .none
  package var timeouts = HTTPTimeouts()
  package var replyBytesMax = Limits.replyBytesMax
  package var reach = Reach.anywhere
  /// The server is known by its key, told in advance, and not by the name in its certificate.
  package var pin: PublicKeyPin?
  /// False: straight to the server, whatever proxy the environment names.
  package var usesProxy = true
  /// Takes packed replies and unpacks them; `replyBytesMax` counts what came out.
  package var unpacks = false
  package var userAgent = "footnote"
  /// Asked several times a second while the transfer waits; true ends it.
  package var isCancelled: (@Sendable () -> Bool)?

  package init(_ method: String, _ url: String) {
    self.method = method
    self.url = url
  }
}

/// How long each stage of a transfer may take.
package struct HTTPTimeouts: Sendable, Equatable {
  package var connectSeconds = 10.0
  /// From the last byte sent to the first one of the reply.
  package var firstByteSeconds = 120.0
  package var betweenBytesSeconds = 120.0
  /// All of it; nil: as long as something moves.
  package var wholeSeconds: Double?

  package init() {}
}

/// Status and headers, before the body.
package struct HTTPReplyHead: Sendable {
  package let status: Int
  package let headers: [(name: String, value: String)]

  package var isSuccess: Bool { (200..<300).contains(status) }

  /// The first of that name, in any case.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

package struct HTTPReply: Sendable {
  package let head: HTTPReplyHead
  package let body: [UInt8]

  package var status: Int { head.status }
}

package struct HTTPClientError: Failure, Equatable {
  package enum Cause: Sendable, Equatable {
    case badURL
    case unreachable
    case timedOut
    case replyTooLarge
    case brokenOff
    case cancelled
    /// The name led to an address that is not the public network's.
    case forbiddenAddress
  }

  package let cause: Cause
  /// The host alone: a URL may carry a secret in its query.
  package let host: String
  package let detail: String

  package var kind: FailureKind {
    switch cause {
    case .badURL: .usage
    case .timedOut: .timeout
    case .forbiddenAddress: .unprocessable
    case .unreachable, .replyTooLarge, .brokenOff, .cancelled: .upstream
    }
  }
  package var code: String {
    switch cause {
    case .badURL: "bad_url"
    case .unreachable: "endpoint_unreachable"
    case .timedOut: "endpoint_timeout"
    case .replyTooLarge: "reply_too_large"
    case .brokenOff: "reply_broken_off"
    case .cancelled: "cancelled"
    case .forbiddenAddress: "address_forbidden"
    }
  }
  package var message: String { "\(host): \(detail)" }
}
