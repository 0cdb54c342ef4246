// Asks an endpoint for JSON and keeps asking as its policy says. Blocks its thread while it waits.
package import Base

package struct EndpointClient: Sendable {
  package let endpoint: Endpoint
  private let client: HTTPClient
  private let clock: any Clock
  private let random: any RandomSource
  private let sleeper: any Sleeper

  package init(
    _ endpoint: Endpoint, client: HTTPClient = HTTPClient(), clock: any Clock = SystemClock(),
    random: any RandomSource = SystemRandom(), sleeper: any Sleeper = SystemSleeper()
  ) {
    self.endpoint = endpoint
    self.client = client
    self.clock = clock
    self.random = random
    self.sleeper = sleeper
  }

  /// The reply to a JSON body as JSON. A reply of 200 that is no JSON is tried again: a proxy sends such, or a
  /// server that died over it.
  package func post(
    _ body: JSON, to service: String, policy: RetryPolicy, replyBytesMax: Int = Limits.replyBytesMax
  ) throws -> JSON {
    var request = endpoint.post(body, to: service)
    request.replyBytesMax = replyBytesMax
    return try retrying(policy) { attempts in
      let reply: HTTPReply
      do { reply = try client.send(request) } catch let error as HTTPClientError {
        throw Trouble(
          .notReached(error, attempts: attempts), isPassing: RetryPolicy.isWorthAnotherTry(error.cause))
      }
      try check(reply.head, body: { reply.body }, attempts: attempts)
      do { return try JSON(parsing: reply.body) } catch {
        throw Trouble(.notJSON(host: host, said: quoted(reply.body), attempts: attempts), isPassing: true)
      }
    }
  }

  /// A try that failed, and whether another may mend it.
  package struct Trouble: Error {
    let failure: EndpointFailure
    let isPassing: Bool
    let askedSeconds: Double?

    package init(_ failure: EndpointFailure, isPassing: Bool, askedSeconds: Double? = nil) {
      self.failure = failure
      self.isPassing = isPassing
      self.askedSeconds = askedSeconds
    }
  }

  /// Runs `attempt`, told how many tries it makes with this one, until it succeeds, its trouble will not pass, or the
  /// policy ends it.
  package func retrying<Result>(_ policy: RetryPolicy, _ attempt: (Int) throws -> Result) throws -> Result {
    var state = RetryState(policy, now: clock.monotonicSeconds())
    while true {
      do { return try attempt(state.attempts + 1) } catch let trouble as Trouble {
        guard trouble.isPassing,
          case .retry(let seconds) = state.failed(
            now: clock.monotonicSeconds(), askedSeconds: trouble.askedSeconds, chance: random.fraction())
        else { throw trouble.failure }
        sleeper.sleep(seconds: seconds)
      }
    }
  }

  /// Throws what a reply that is no success says of itself.
  package func check(_ head: HTTPReplyHead, body: () -> [UInt8], attempts: Int) throws {
    if head.isSuccess { return }
    if (300..<400).contains(head.status), let target = head.header("Location") {
      // Without its query: it may hold a token.
      let shown = target.prefix { $0 != "?" }.prefix(Limits.quotedReplyScalarsMax)
      throw Trouble(.redirected(host: host, to: String(shown).without(endpoint.secrets)), isPassing: false)
    }
    throw Trouble(
      .refused(host: host, status: head.status, said: quoted(body()), attempts: attempts),
      isPassing: RetryPolicy.isWorthAnotherTry(status: head.status),
      askedSeconds: RetryAfter.seconds(head, wallSeconds: clock.wallSeconds()))
  }

  /// What the endpoint said, in one short line: its error's message where it gives one.
  package func quoted(_ body: [UInt8]) -> String {
    let content = try? JSON(parsing: body)
    let said =
      content?.error?.message?.string ?? content?.error?.string ?? content?.message?.string
      ?? String(decoding: body.prefix(4 * Limits.quotedReplyScalarsMax), as: UTF8.self)
    let line = said.split(whereSeparator: \.isWhitespace).joined(separator: " ").without(endpoint.secrets)
    return line.count > Limits.quotedReplyScalarsMax ? line.prefix(Limits.quotedReplyScalarsMax) + "…" : line
  }

  package var host: String {
    let afterScheme = endpoint.address.split(separator: "://", maxSplits: 1).last ?? ""
    return String(afterScheme.prefix { $0 != "/" })
  }
}
