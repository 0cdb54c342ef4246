// The specialist behind an endpoint: a fine-tuned model that completes a prompt as OpenAI's protocol has it, or a
// function that takes JSON at an address of its own, as Modal serves one.
// Such a server sleeps when nobody asks: a cold start is waited for, whether the server is silent meanwhile, says 502,
// 503 or 504, or sends on to where the answer will be (303, Modal's way after 150 s:
// https://modal.com/docs/guide/webhook-timeouts). A send-on is followed only to the same origin, so that no key goes
// elsewhere.
package import Base
package import Models

package struct SpecialistEndpoint: Sendable {
  package enum Form: String, Sendable, CaseIterable {
    case completion
    case json
  }

  private static let hopsMax = 40
  private static let outputTokensMax = 8
  private static let seed = 42

  private let form: Form
  private let url: String
  private let client: EndpointClient
  private let http: HTTPClient
  private let prompt: Prompt
  private let waitSeconds: Double
  private let clock: any Clock
  private let isCancelled: (@Sendable () -> Bool)?

  /// `waitSeconds`: for a cold start. `url` of the JSON form is called as it stands.
  package init(
    _ form: Form, url: String, model: String, key: Secret? = nil, headers: [(name: String, value: Secret)] = [],
    prompt: Prompt, waitSeconds: Double, clock: any Clock = SystemClock(), sleeper: any Sleeper = SystemSleeper(),
    isCancelled: (@Sendable () -> Bool)? = nil
  ) {
    self.form = form
    self.url = url
    self.prompt = prompt
    self.waitSeconds = waitSeconds
    self.clock = clock
    self.isCancelled = isCancelled
    var timeouts = HTTPTimeouts()
    timeouts.firstByteSeconds = waitSeconds
    timeouts.betweenBytesSeconds = waitSeconds
    timeouts.wholeSeconds = waitSeconds
    let endpoint = Endpoint(url: url, model: model, key: key, headers: headers, timeouts: timeouts)
    http = HTTPClient(clock: clock)
    client = EndpointClient(endpoint, client: http, clock: clock, sleeper: sleeper)
  }

  /// What its estimates are told apart by.
  package var name: String { "\(client.endpoint.model)@\(client.host)" }

  package func price(of description: String, currency: String) throws -> Double {
    let body: JSON
    switch form {
    case .json: body = ["description": .string(description)]
    case .completion:
      body = [
        "model": .string(client.endpoint.model),
        "prompt": .string(try prompt.messages(["description": description]).map(\.text).joined(separator: "\n")),
        "max_tokens": .integer(Self.outputTokensMax), "temperature": 0, "seed": .integer(Self.seed), "stream": false,
      ]
    }
    let reply = try ask(body)
    let said = reply.choices?.array?.first?["text"]?.string
    let price =
      switch form {
      case .json: PriceReply.amount(in: reply, currency: currency)
      case .completion: said.flatMap { PriceReply.completion($0, currency: currency) }
      }
    guard let price else { throw NoPriceSaid("the specialist", said: said ?? reply.text) }
    return price
  }

  private func ask(_ body: JSON) throws -> JSON {
    let policy = RetryPolicy(
      attemptsMax: 1_000, firstDelaySeconds: 1, delaySecondsMax: 10, deadlineSeconds: waitSeconds)
    let until = clock.monotonicSeconds() + waitSeconds
    return try client.retrying(policy) { attempts in
      var request = client.endpoint.post(body, to: form == .completion ? "/completions" : "")
      if form == .json { request.url = url }
      var reply = try send(request, attempts)
      for _ in 0..<Self.hopsMax where reply.status == 303 && clock.monotonicSeconds() < until {
        guard let next = onward(reply.head) else { break }
        var waiting = HTTPRequest("GET", next)
        waiting.headers = request.headers
        waiting.timeouts = request.timeouts
        reply = try send(waiting, attempts)
      }
      try client.check(reply.head, body: { reply.body }, attempts: attempts)
      do { return try JSON(parsing: reply.body) } catch {
        throw EndpointClient.Trouble(
          .notJSON(host: client.host, said: client.quoted(reply.body), attempts: attempts), isPassing: false)
      }
    }
  }

  private func send(_ request: HTTPRequest, _ attempts: Int) throws -> HTTPReply {
    var request = request
    request.isCancelled = isCancelled
    do { return try http.send(request) } catch let error as HTTPClientError {
      throw EndpointClient.Trouble(
        .notReached(error, attempts: attempts), isPassing: RetryPolicy.isWorthAnotherTry(error.cause))
    }
  }

  private func onward(_ head: HTTPReplyHead) -> String? {
    guard let location = head.header("Location"), let here = try? WebAddress(url),
      let next = try? here.resolving(location), next.origin == here.origin
    else { return nil }
    return next.text
  }
}
