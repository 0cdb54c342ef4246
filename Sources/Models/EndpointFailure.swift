// What can go wrong when a model is asked, told so that a person knows whether address, key, model or server is at
// fault. Nothing in it is secret: what an endpoint said is quoted short and without keys.
package import Base

package enum EndpointFailure: Failure, Equatable {
  case notReached(HTTPClientError, attempts: Int)
  case refused(host: String, status: Int, said: String, attempts: Int)
  case redirected(host: String, to: String)
  case notJSON(host: String, said: String, attempts: Int)
  /// JSON, but not what the protocol promises.
  case wrongForm(host: String, why: String)

  package var kind: FailureKind {
    switch self {
    case .notReached(let error, _): error.kind
    case .refused(_, 429, _, _), .refused(_, 503, _, _), .refused(_, 529, _, _): .unavailable
    case .refused, .redirected, .notJSON, .wrongForm: .upstream
    }
  }

  package var code: String {
    switch self {
    case .notReached(let error, _): error.code
    case .refused(_, 401, _, _), .refused(_, 403, _, _): "endpoint_denied"
    case .refused(_, 404, _, _): "endpoint_not_found"
    case .refused(_, 429, _, _): "endpoint_busy"
    case .refused(_, let status, _, _): status < 500 ? "endpoint_refused" : "endpoint_failed"
    case .redirected: "endpoint_redirects"
    case .notJSON, .wrongForm: "endpoint_garbled"
    }
  }

  package var message: String {
    switch self {
    case .notReached(let error, let attempts): error.message + tries(attempts)
    case .refused(let host, let status, let said, let attempts):
      "\(host) answered \(status)" + (said.isEmpty ? "" : ": \(said)") + tries(attempts)
    case .redirected(let host, let target): "\(host) redirects to \(target), and a key is not sent on"
    case .notJSON(let host, let said, let attempts):
      "\(host) answered something that is no JSON: \(said)" + tries(attempts)
    case .wrongForm(let host, let why): "\(host) answered wrongly: \(why)"
    }
  }

  package var hint: String {
    switch self {
    case .notReached(let error, _):
      error.cause == .badURL ? "check its address" : "check its address and whether it runs"
    case .refused(_, 401, _, _), .refused(_, 403, _, _): "check its key"
    case .refused(_, 404, _, _): "check its address and the model's name"
    case .refused(_, 429, _, _): "wait, or raise the limit with its provider"
    case .refused(_, let status, _, _): status < 500 ? "" : "try again later"
    case .redirected: "configure the address that it redirects to, if you trust it"
    case .notJSON: "check that its address is one of an API"
    case .wrongForm: ""
    }
  }

  /// Not of what was sent: another text would have failed, too.
  package var isOfTheEndpoint: Bool {
    switch self {
    case .refused(_, 400, _, _), .refused(_, 413, _, _), .refused(_, 422, _, _): false
    default: true
    }
  }

  private func tries(_ attempts: Int) -> String { attempts > 1 ? " (tried \(attempts) times)" : "" }
}
