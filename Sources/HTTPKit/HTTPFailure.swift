// What can be wrong with a request, or with the place where the server wants to stand, before any handler is asked.
package import Base

package enum HTTPFailure: Failure, Equatable {
  case malformed(String)
  case notFound(path: String)
  case methodNotAllowed(method: String, allowed: [String])
  case bodyTooLarge(bytesMax: Int)
  case unsupportedBody(expected: String)
  case multipart(String)
  case tooManyHeaders
  case targetTooLong
  case overloaded
  case clientGone
  case shuttingDown
  case portInUse(host: String, port: Int)
  case cannotListen(host: String, port: Int, reason: String)
  case cannotSpool(reason: String, full: Bool)

  package var kind: FailureKind {
    switch self {
    case .malformed, .multipart, .methodNotAllowed, .tooManyHeaders, .targetTooLong: .usage
    case .notFound: .notFound
    case .bodyTooLarge: .tooLarge
    case .unsupportedBody: .unsupported
    case .overloaded, .shuttingDown, .portInUse, .cannotListen: .unavailable
    case .clientGone: .timeout
    case .cannotSpool(_, let full): full ? .storageFull : .unavailable
    }
  }

  /// The statuses that only HTTP knows; all others follow from the kind.
  package var status: Int {
    switch self {
    case .methodNotAllowed: 405
    case .tooManyHeaders: 431
    case .targetTooLong: 414
    default: kind.httpStatus
    }
  }

  package var code: String {
    switch self {
    case .malformed: "bad_request"
    case .notFound: "no_such_route"
    case .methodNotAllowed: "method_not_allowed"
    case .bodyTooLarge: "body_too_large"
    case .unsupportedBody: "unsupported_body"
    case .multipart: "bad_multipart"
    case .tooManyHeaders: "too_many_headers"
    case .targetTooLong: "target_too_long"
    case .overloaded: "overloaded"
    case .clientGone: "client_gone"
    case .shuttingDown: "shutting_down"
    case .portInUse: "port_in_use"
    case .cannotListen: "cannot_listen"
    case .cannotSpool(_, let full): full ? "storage_full" : "cannot_spool"
    }
  }

  package var message: String {
    switch self {
    case .malformed(let what): "the request is not valid HTTP: \(what)"
    case .notFound(let path): "there is nothing at \(path)"
    case .methodNotAllowed(let method, _): "\(method) is not understood here"
    case .bodyTooLarge(let bytesMax): "the body is larger than \(bytesMax) bytes"
    case .unsupportedBody(let expected): "the body must be \(expected)"
    case .multipart(let what): "the form cannot be read: \(what)"
    case .tooManyHeaders: "the request has more than \(Limits.headersMax) headers"
    case .targetTooLong: "the address is longer than \(Limits.targetBytesMax) bytes"
    case .overloaded: "the server has as much work as it can take"
    case .clientGone: "the client has gone"
    case .shuttingDown: "the server is stopping"
    case .portInUse(let host, let port): "port \(port) on \(host) is in use by another program"
    case .cannotListen(let host, let port, let reason): "cannot listen on \(host), port \(port): \(reason)"
    case .cannotSpool(let reason, _): "the upload cannot be kept on disk: \(reason)"
    }
  }

  package var hint: String {
    switch self {
    case .notFound: "GET /openapi.json lists every route"
    case .methodNotAllowed(_, let allowed): "use \(allowed.joined(separator: " or "))"
    case .unsupportedBody(let expected): "send it with 'Content-Type: \(expected)'"
    case .overloaded, .shuttingDown: "try again in a second"
    case .portInUse(_, let port): "choose another with --port \(port == 65535 ? port - 1 : port + 1)"
    case .cannotListen: "check --host and --port"
    case .cannotSpool(_, let full): full ? "free some space and send it again" : "check the data directory"
    default: ""
    }
  }
}
