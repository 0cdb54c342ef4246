// Asks the configured endpoints and gives one reply, or says why there is none. It spreads the load, tries again, falls
// back, leaves failing endpoints alone, keeps to the token budget, keeps replies, and writes down what each call took.
//
// Invariants: once text was shown, nothing is tried again; no more tokens are spent than the budget holds; a reply is
// kept only if it is whole, and given again only within the scope that it was asked in.
package import Base
import Synchronization

package struct ChatEndpoint: Sendable {
  package let endpoint: Endpoint
  package let dialect: ChatDialect
  /// 0 is asked first; the next tier only while none of those before can be.
  package let tier: Int
  /// What is known of how it takes a reply's form; nil: found out by trying.
  package let form: FormSupport?
  /// Fields that are added to every request; null takes one out.
  package let extra: JSONObject

  package init(
    _ endpoint: Endpoint, dialect: ChatDialect = .openai, tier: Int = 0, form: FormSupport? = nil,
    extra: JSONObject = [:]
  ) {
    self.endpoint = endpoint
    self.dialect = dialect
    self.tier = tier
    self.form = form
    self.extra = extra
  }
}

package struct ChatOptions: Sendable {
  package var retries = RetryPolicy(attemptsMax: 3, firstDelaySeconds: 0.3, delaySecondsMax: 5, deadlineSeconds: 30)
  package var firstTextSeconds = 60.0
  package var betweenTextSeconds = 30.0
  package var tokensPerHourMax: Int?
  package var keptSecondsMax = 86_400.0
  package var prices = PriceTable.empty
  package var breaker = CircuitBreaker()

  package init() {}
}

package final class ChatService: ChatModel {
  private static let cancelPollSeconds = 0.25

  private let endpoints: [ChatEndpoint]
  private let options: ChatOptions
  private let store: ChatStore?
  private let client: HTTPClient
  private let clock: any Clock
  private let random: any RandomSource
  private let sleeper: any Sleeper
  private let routing: Mutex<ChatRouting>
  /// By endpoint: the best way of telling a form, and whether it was ever taken.
  private let forms: Mutex<[(support: FormSupport, isProven: Bool)]>

  package init(
    _ endpoints: [ChatEndpoint], options: ChatOptions = ChatOptions(), store: ChatStore? = nil,
    client: HTTPClient = HTTPClient(), clock: any Clock = SystemClock(), random: any RandomSource = SystemRandom(),
    sleeper: any Sleeper = SystemSleeper()
  ) {
    precondition(!endpoints.isEmpty, "a chat service needs an endpoint")
    self.endpoints = endpoints
    self.options = options
    self.store = store
    self.client = client
    self.clock = clock
    self.random = random
    self.sleeper = sleeper
    routing = Mutex(ChatRouting(tiers: endpoints.map(\.tier), breaker: options.breaker))
    forms = Mutex(endpoints.map { ($0.form ?? ($0.dialect == .anthropic ? .tool : .schema), false) })
  }

  package var name: String { endpoints[0].endpoint.model }

  /// For `health`: each endpoint's address and its circuit.
  package var circuits: [(address: String, state: CircuitBreaker.State)] {
    let places = routing.withLock { $0.places }
    return zip(endpoints, places).map { ($0.endpoint.address, $1.breaker.state) }
  }

  // MARK: One call

  package func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply {
    try Timeline.timed("chat", .model, by: clock) { try noted(request, onText) }.result
  }

  private func noted(_ request: ChatRequest, _ onText: ((String) throws -> Void)?) throws -> ChatReply {
    let started = clock.monotonicSeconds()
    CallFacts.note(request, asked: endpoints[0])
    let digest = KeptReply.digest(of: request, asked: endpoints)
    if let kept = try keptReply(digest) {
      try store?.addCached(request, model: kept.model, elapsedMs: (clock.monotonicSeconds() - started) * 1_000)
      CallFacts.note(kept, nil, currency: "")
      try onText?(kept.text)
      return kept
    }
    let reserved = TokenCount.most(request) + request.outputTokensMax
    let id = try store?.begin(request, model: name, tokens: reserved, budgetPerHour: options.tokensPerHourMax)
    var books = CallBooks(request: request, model: name, started: started, id: id, reserved: reserved)
    do {
      let reply = try route(request, &books, onText)
      CallFacts.note(reply, books, currency: options.prices.currency)
      if let store, let id { try store.end(id, books.closed(with: reply, options.prices.currency, at: clock)) }
      if reply.ending == .complete, options.keptSecondsMax > 0 {
        try store?.keepReply(digest, KeptReply.json(reply), documents: request.documents)
      }
      return reply
    } catch {
      // The call's own failure is what the caller must hear of.
      if let store, let id { try? store.end(id, books.closed(by: error, at: clock)) }
      throw error
    }
  }

  private func keptReply(_ digest: SHA256Digest) throws -> ChatReply? {
    guard options.keptSecondsMax > 0 else { return nil }
    return try store?.keptReply(digest, ageSecondsMax: options.keptSecondsMax).flatMap(KeptReply.reply)
  }

  /// Endpoint after endpoint, until one replies, text was shown, or patience ends.
  private func route(
    _ request: ChatRequest, _ books: inout CallBooks, _ onText: ((String) throws -> Void)?
  ) throws -> ChatReply {
    var retries: [Int: RetryState] = [:]
    var excluded: Set<Int> = []
    var last: (any Error)?
    let deadline = books.started + options.retries.deadlineSeconds
    while true {
      guard request.isCancelled?() != true else { throw ChatFailure.cancelled }
      let now = clock.monotonicSeconds()
      let index: Int
      switch routing.withLock({ $0.choose(now: now, excluded: excluded) }) {
      case .use(let chosen): index = chosen
      case .wait(let until) where until <= deadline:
        // In slices where the caller may go away meanwhile.
        sleeper.sleep(seconds: min(until - now, request.isCancelled == nil ? .infinity : Self.cancelPollSeconds))
        continue
      case .wait(let until): throw last ?? ChatFailure.noneReady(retrySeconds: Int((until - now).rounded(.up)))
      case .none: throw last ?? ChatFailure.noneReady(retrySeconds: 1)
      }
      if books.hasWasted, let budget = options.tokensPerHourMax, let id = books.id {
        // The try before may have been billed; this one needs tokens of its own.
        do { try store?.setAside(id, tokens: books.reserved, budgetPerHour: budget) } catch {
          routing.withLock { $0.wasAbandoned(index) }
          throw error
        }
      }
      books.attempts += 1
      books.endpoint = endpoints[index].endpoint.address
      do {
        let reply = try attempt(request, index, &books, onText)
        routing.withLock { $0.succeeded(index) }
        return reply
      } catch let trouble as ChatTrouble {
        guard trouble.isOfTheEndpoint else {
          if trouble.mayHaveSpent { books.waste() }
          routing.withLock { $0.wasAbandoned(index) }
          throw trouble.error
        }
        last = trouble.error
        if trouble.mayHaveSpent { books.waste() }
        let failedAt = clock.monotonicSeconds()
        var state = retries[index] ?? RetryState(options.retries, now: books.started)
        var pause = 0.0
        switch state.failed(now: failedAt, askedSeconds: trouble.askedSeconds, chance: random.fraction()) {
        case .retry(let seconds) where trouble.isPassing: pause = seconds
        default:
          excluded.insert(index)
          // Other calls keep away from it, too, for as long as it asked.
          pause = trouble.askedSeconds ?? 0
        }
        retries[index] = state
        routing.withLock {
          // A wrong key or name is no sign of weakness; another try would say the same.
          if trouble.isPassing {
            $0.failed(index, now: failedAt, pauseSeconds: pause)
          } else {
            $0.wasAbandoned(index)
          }
        }
        guard !books.hasShown else { throw trouble.error }
      }
    }
  }

  /// One try at one endpoint; where it seems to refuse a way of telling the form, the next way at once. What succeeds
  /// is remembered. A server that has taken a form once and fails with 500 is ill; one that never has may mean it.
  private func attempt(
    _ request: ChatRequest, _ index: Int, _ books: inout CallBooks, _ onText: ((String) throws -> Void)?
  ) throws -> ChatReply {
    var way = forms.withLock { $0[index] }
    while true {
      let call = ChatCall(
        endpoint: endpoints[index], request: request, support: way.support, client: client, clock: clock,
        firstTextSeconds: options.firstTextSeconds, betweenTextSeconds: options.betweenTextSeconds)
      do {
        var reply = try call.perform(&books, onText)
        reply.cost = options.prices.cost(reply.usage, of: [reply.model, endpoints[index].endpoint.model])
        if request.form != nil { forms.withLock { $0[index] = (way.support, true) } }
        return reply
      } catch let trouble as ChatTrouble {
        let mayMeanTheForm =
          [400, 422].contains(trouble.status) || [500, 501].contains(trouble.status) && !way.isProven
        guard request.form != nil, mayMeanTheForm, endpoints[index].form == nil, let next = way.support.next else {
          throw trouble
        }
        way = (next, false)
      }
    }
  }
}

/// A try that failed: what the caller hears, and what it means for the endpoint.
struct ChatTrouble: Error {
  let error: any Error
  /// Another try may mend it.
  var isPassing = false
  /// False: the caller's own doing.
  var isOfTheEndpoint = true
  var askedSeconds: Double?
  /// The server had taken the request, and may have worked on it.
  var mayHaveSpent = false
  /// Of a reply that is no success.
  var status: Int?
}
