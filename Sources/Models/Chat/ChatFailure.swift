// Why no model answered. What an endpoint itself refused is an EndpointFailure and passed on as that.
package import Base

package enum ChatFailure: Failure, Equatable {
  /// The hour's tokens are spent, or set aside for calls that are under way.
  case budgetSpent(tokensPerHour: Int, needed: Int, retrySeconds: Int)
  /// Every endpoint is being left alone after its failures.
  case noneReady(retrySeconds: Int)
  case brokenOff(host: String, hasBegun: Bool)
  case noText(host: String, seconds: Double, hasBegun: Bool)
  case garbled(host: String, why: String)
  case saidError(host: String, said: String)
  case cancelled
  case tooLong(host: String)

  package var kind: FailureKind {
    switch self {
    case .budgetSpent: .busy
    case .noneReady: .unavailable
    case .noText: .timeout
    case .brokenOff, .garbled, .saidError, .tooLong: .upstream
    case .cancelled: .conflict
    }
  }

  package var code: String {
    switch self {
    case .budgetSpent: "token_budget_spent"
    case .noneReady: "endpoints_resting"
    case .brokenOff: "reply_broken_off"
    case .noText: "endpoint_timeout"
    case .garbled: "endpoint_garbled"
    case .saidError: "endpoint_failed"
    case .cancelled: "cancelled"
    case .tooLong: "reply_too_large"
    }
  }

  package var message: String {
    switch self {
    case .budgetSpent(let budget, let needed, _):
      "the budget of \(budget) tokens an hour does not hold the \(needed) that this call may need"
    case .noneReady: "no model endpoint can be asked: all are left alone for a while after failing"
    case .brokenOff(let host, let hasBegun): "\(host) stopped in the middle of its reply" + shown(hasBegun)
    case .noText(let host, let seconds, let hasBegun):
      "\(host) gave no text for \(seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)) s"
        + shown(hasBegun)
    case .garbled(let host, let why): "\(host) answered wrongly: \(why)"
    case .saidError(let host, let said): "\(host) failed: \(said)"
    case .cancelled: "nobody waits for the answer any more"
    case .tooLong(let host): "\(host) gave more than it was allowed to"
    }
  }

  package var hint: String {
    switch self {
    case .budgetSpent(_, _, let seconds), .noneReady(let seconds): "try again in \(seconds) s"
    case .brokenOff, .noText, .saidError: "ask again"
    case .garbled: "check that its address is one of a chat API"
    case .cancelled, .tooLong: ""
    }
  }

  private func shown(_ hasBegun: Bool) -> String { hasBegun ? ", so the answer is not whole" : "" }
}
