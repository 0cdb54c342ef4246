// Why something was not fetched. The address is named without its query, which may hold a secret.
package import Base

package struct FetchFailure: Failure, Equatable {
  package enum Cause: Sendable, Equatable {
    case badAddress(String)
    case forbiddenAddress
    case tooManyRedirects
    /// A redirect that leads nowhere.
    case badRedirect
    case wrongType(String)
    case tooLarge(bytesMax: Int)
    case forbiddenByRobots
    /// The host wants to be left alone for so long.
    case hostWaits(seconds: Double)
    case status(Int)
    case unreachable(String)
    case timedOut
    case cancelled
  }

  package let cause: Cause
  package let place: String

  package init(_ cause: Cause, _ place: String) {
    self.cause = cause
    self.place = place
  }

  package var kind: FailureKind {
    switch cause {
    case .badAddress, .forbiddenAddress, .tooManyRedirects, .badRedirect, .forbiddenByRobots: .unprocessable
    case .wrongType: .unsupported
    case .tooLarge: .tooLarge
    case .hostWaits: .unavailable
    case .timedOut: .timeout
    case .status, .unreachable, .cancelled: .upstream
    }
  }

  package var code: String {
    switch cause {
    case .badAddress: "bad_address"
    case .forbiddenAddress: "address_forbidden"
    case .tooManyRedirects: "too_many_redirects"
    case .badRedirect: "bad_redirect"
    case .wrongType: "wrong_content_type"
    case .tooLarge: "reply_too_large"
    case .forbiddenByRobots: "forbidden_by_robots"
    case .hostWaits: "host_waits"
    case .status: "bad_status"
    case .unreachable: "unreachable"
    case .timedOut: "timeout"
    case .cancelled: "cancelled"
    }
  }

  package var message: String {
    switch cause {
    case .badAddress(let why): "the address \(place) is not fetched: \(why)"
    case .forbiddenAddress: "\(place) is not fetched: it leads to an address that is not on the public network"
    case .tooManyRedirects: "\(place) leads through more than \(Limits.fetchRedirectsMax) redirects"
    case .badRedirect: "\(place) redirects to nowhere"
    case .wrongType(let type): "\(place) is of the type \(type), which is not read here"
    case .tooLarge(let bytesMax): "\(place) is larger than \(bytesMax >> 10) KiB"
    case .forbiddenByRobots: "\(place) may not be fetched by programs: its robots.txt says so"
    case .hostWaits(let seconds): "the host of \(place) asks to be left alone for \(Int(seconds.rounded(.up))) s"
    case .status(let status): "\(place) answered \(status)"
    case .unreachable(let why): "\(place) cannot be reached: \(why)"
    case .timedOut: "\(place) did not answer in time"
    case .cancelled: "\(place) was not fetched: nobody waits for it any more"
    }
  }

  package var hint: String {
    switch cause {
    case .forbiddenAddress: "name its origin in the setting deals.allowed_origins if it is yours"
    default: ""
    }
  }
}
