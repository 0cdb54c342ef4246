// How a server is set up, and what it tells while it runs.
package import Base
import Glibc

package struct ServerOptions: Sendable {
  package struct TLS: Sendable {
    /// PEM text, not paths.
    package let certificate: String
    package let key: String

    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// Threads that run handlers.
  package var workers = max(4, 2 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  package var requestsQueuedMax = Limits.requestsQueuedMax
  package var eventStreamsMax = Limits.eventStreamsMax
  package var connectionsMax = Limits.connectionsMax
  /// Of silence between requests, and for the headers of one to arrive.
  package var idleSeconds = Double(Limits.idleSecondsMax)
  /// After which a body or a response must move at `Limits.transferBytesPerSecondMin`.
  package var graceSeconds = Double(Limits.transferGraceSeconds)
  package var slowReaderSeconds = Double(Limits.slowReaderSecondsMax)
  package var keepAliveSeconds = 15.0
  /// Where uploads lie while they are handled: a directory of our own, made if need be.
  package var spoolDirectory: String
  package var tls: TLS?
  package var guards: [Guard] = []
  package var log: @Sendable (AccessRecord) -> Void = { _ in }
  /// Where a request's timings are to come together, given its head and when it began; nil: nowhere.
  package var timeline: @Sendable (Request, Double) -> Timeline? = { _, _ in nil }
  package var clock: any Clock = SystemClock()
  package var random: any RandomSource = SystemRandom()

  package init(spoolDirectory: String) { self.spoolDirectory = spoolDirectory }
}

/// One line of the access log. No content, no query, no header values.
package struct AccessRecord: Sendable {
  package enum Outcome: String, Sendable {
    case completed
    case clientGone = "client_gone"
    case timedOut = "timed_out"
    case failed
  }

  package let requestID: String
  package let method: String
  package let path: String
  package let route: String?
  package let status: Int
  package let bytesReceived: Int
  package let milliseconds: Double
  package let remoteAddress: String
  package let outcome: Outcome
  /// As a guard noted it.
  package let principal: (any Sendable)?
  package let timeline: Timeline?

  package init(
    requestID: String, method: String, path: String, route: String?, status: Int, bytesReceived: Int,
    milliseconds: Double, remoteAddress: String, outcome: Outcome, principal: (any Sendable)?, timeline: Timeline?
  ) {
    self.requestID = requestID
    self.method = method
    self.path = path
    self.route = route
    self.status = status
    self.bytesReceived = bytesReceived
    self.milliseconds = milliseconds
    self.remoteAddress = remoteAddress
    self.outcome = outcome
    self.principal = principal
    self.timeline = timeline
  }
}

package struct ServerStatistics: Sendable, Equatable {
  package var connectionsOpen = 0
  package var requestsInFlight = 0
  package var eventStreamsOpen = 0
  package var requestsTotal = 0
  package var responsesByClass = [0, 0, 0, 0, 0]
  package var overloadedTotal = 0
  package var timedOutTotal = 0
  package var clientsGoneTotal = 0

  package init() {}
}
