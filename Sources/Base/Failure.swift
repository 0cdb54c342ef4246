// What went wrong, as a person and a program read it. Every module throws its own type; all of them are Failures, so
// the command line and HTTP tell them the same way. Match by `code` or by case, never by the words of a message.

/// Whose fault it is decides the HTTP status and whether trying again can help.
package enum FailureKind: Sendable {
  case usage  // the request itself is wrong: 400, exit 2 on the command line when the arguments are at fault
  case denied  // 401 or 403
  case notFound  // 404
  case conflict  // 409
  case tooLarge  // 413
  case unsupported  // 415
  case unprocessable  // 422: well-formed, but this document or value cannot be used
  case busy  // 429
  case unavailable  // 503: try again later
  case upstream  // 502: an endpoint that was asked answered badly
  case timeout  // 504
  case storageFull  // 507
  case corruption  // 500: what is on disk is not what was written
  case bug  // 500: an invariant of ours does not hold

  package var httpStatus: Int {
    switch self {
    case .usage: 400
    case .denied: 403
    case .notFound: 404
    case .conflict: 409
    case .tooLarge: 413
    case .unsupported: 415
    case .unprocessable: 422
    case .busy: 429
    case .corruption, .bug: 500
    case .upstream: 502
    case .unavailable: 503
    case .timeout: 504
    case .storageFull: 507
    }
  }
}

package protocol Failure: Error, Sendable, CustomStringConvertible {
  var kind: FailureKind { get }
  /// Snake case, the same on the command line and over HTTP.
  var code: String { get }
  /// One line that names the cause.
  var message: String { get }
  /// The way out, one line; empty where there is none.
  var hint: String { get }
}

extension Failure {
  package var hint: String { "" }
  package var description: String { hint.isEmpty ? message : "\(message): \(hint)" }
}

/// A failure without a type of its own, for the places that only pass one on.
package struct PlainFailure: Failure {
  package let kind: FailureKind
  package let code: String
  package let message: String
  package let hint: String

  package init(_ kind: FailureKind, _ code: String, _ message: String, hint: String = "") {
    self.kind = kind
    self.code = code
    self.message = message
    self.hint = hint
  }

  /// Any error as a Failure: an unknown one is a bug of ours, told as such.
  package static func describing(_ error: any Error) -> any Failure {
    if let failure = error as? any Failure { return failure }
    return PlainFailure(.bug, "internal", "unexpected error: \(error)")
  }
}
