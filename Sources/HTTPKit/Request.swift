// A request as a handler sees it: parsed, checked, its body complete. A guard sees the same before the body is read.
// It must not know of libmicrohttpd.
import Base
import Synchronization

package enum Method: String, Sendable, CaseIterable {
  case get = "GET"
  case head = "HEAD"
  case post = "POST"
  case put = "PUT"
  case patch = "PATCH"
  case delete = "DELETE"
  case options = "OPTIONS"
}

package struct Request: Sendable {
  package let method: Method
  /// Decoded once; for messages and logs. Routes and handlers use `segments` and `parameters`.
  package let path: String
  package let segments: [String]
  package let query: [(String, String)]
  package let headers: Headers
  package let id: String
  package let remoteAddress: String
  package let isSecure: Bool
  /// `host[:port]` that the client meant to reach, from the target or the Host header.
  package let authority: String?
  /// The pattern of the route that will answer; nil where there is none.
  package internal(set) var route: String?
  /// What the braces of the pattern matched.
  package internal(set) var parameters: [String: String] = [:]
  package internal(set) var body: Body = .none
  /// For guards: who asks, as the application sees it.
  package var principal: (any Sendable)?
  /// For guards: sent along with whatever the answer is.
  package var answerHeaders = Headers()

  let cancellation: Cancellation

  /// True once the client has gone: long work should stop.
  package var isCancelled: Bool { cancellation.isCancelled }

  /// What `{name}` of the route's pattern matched.
  package func parameter(_ name: String) throws -> String {
    guard let value = parameters[name] else {
      throw PlainFailure(.bug, "internal", "route \(route ?? path) has no parameter \(name)")
    }
    return value
  }

  /// The first value of that name in the query.
  package func queryValue(_ name: String) -> String? { query.first { $0.0 == name }?.1 }

  package func cookie(_ name: String) -> String? {
    for header in headers.all("Cookie") {
      for pair in header.split(separator: ";") {
        let key = pair.prefix { $0 != "=" }
        if trimmed(String(key)) == name { return trimmed(String(pair.dropFirst(key.count + 1))) }
      }
    }
    return nil
  }

  /// For tests of handlers and guards without a server.
  package init(
    method: Method = .get, path: String, query: [(String, String)] = [], headers: Headers = [:],
    body: Body = .none, parameters: [String: String] = [:], id: String = "test",
    remoteAddress: String = "127.0.0.1"
  ) {
    self.method = method
    self.path = path
    self.segments = path.split(separator: "/").map(String.init)
    self.query = query
    self.headers = headers
    self.body = body
    self.parameters = parameters
    self.id = id
    self.remoteAddress = remoteAddress
    isSecure = false
    authority = headers["Host"]
    cancellation = Cancellation()
  }

  init(
    method: Method, target: RequestTarget, headers: Headers, id: String, remoteAddress: String,
    isSecure: Bool,
    cancellation: Cancellation
  ) {
    self.method = method
    path = target.path
    segments = target.segments
    query = target.query
    self.headers = headers
    self.id = id
    self.remoteAddress = remoteAddress
    self.isSecure = isSecure
    authority = target.authority ?? headers["Host"]
    self.cancellation = cancellation
  }
}

/// What a route takes, and how much of it. Known before the body is read.
package enum Accepted: Sendable, Equatable {
  /// Nothing; a small body is read and thrown away.
  case none
  case json(maxBytes: Int)
  case multipart(maxBytes: Int)
  /// Whatever the content type is.
  case bytes(maxBytes: Int)
}

package enum Body: Sendable {
  case none
  case bytes([UInt8])
  case form(Form)

  package var bytes: [UInt8] { if case .bytes(let bytes) = self { bytes } else { [] } }
}

/// A multipart form: short fields in memory, files on disk.
package struct Form: Sendable {
  package internal(set) var fields: [(name: String, value: String)] = []
  package internal(set) var files: [UploadedFile] = []

  package init() {}

  package func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}

package struct UploadedFile: Sendable {
  package let name: String
  /// As the client called it, without any folder; never to be used as a path.
  package let filename: String
  package let contentType: String
  package let size: Int
  let spool: SpoolFile

  /// Where the bytes lie until the request has been answered; a handler may move them away before.
  package var path: String { spool.path }
}

final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  var isCancelled: Bool { flag.load(ordering: .relaxed) }

  func cancel() { flag.store(true, ordering: .relaxed) }
}
