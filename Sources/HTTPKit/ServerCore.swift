// What happens to a request, told in the order in which it happens. All methods but `work` and `produce` run on the
// connection thread and must not wait.
import Base
import Synchronization

final class ServerCore: Sendable {
  /// What libmicrohttpd is to do next with a connection.
  enum Step {
    case goOn
    case close
  }

  let router: Router
  let options: ServerOptions
  let table = ConnectionTable()
  let pool: WorkerPool
  let isDraining = Atomic<Bool>(false)
  private let identifiers: Identifiers
  private let streamsOpen = Atomic<Int>(0)
  private let counted = Mutex(ServerStatistics())

  init(router: Router, options: ServerOptions) {
    self.router = router
    self.options = options
    identifiers = Identifiers(options.random)
    pool = WorkerPool(workers: options.workers, queuedMax: options.requestsQueuedMax)
  }

  var statistics: ServerStatistics {
    var statistics = counted.withLock { $0 }
    statistics.connectionsOpen = table.count
    statistics.requestsInFlight = pool.load
    statistics.eventStreamsOpen = streamsOpen.load(ordering: .relaxed)
    return statistics
  }

  private var now: Double { options.clock.monotonicSeconds() }

  // MARK: Head

  func begin(target: String, handle: ConnectionHandle, connection: Connection) -> Exchange {
    let exchange = Exchange(
      target: target, id: identifiers.next(), handle: handle, connection: connection,
      clock: options.clock)
    connection.current.withLock { $0 = exchange }
    counted.withLock { $0.requestsTotal += 1 }
    return exchange
  }

  func takeHead(_ exchange: Exchange, method: String, version: String, isLoose: Bool, headers: Headers)
    -> Step
  {
    exchange.connection.expire(at: now + options.graceSeconds)
    exchange.state.withLock { state in
      state.stage = .receiving
      state.method = method
      state.reader = BodyReader()
    }
    let length: BodyLength
    do throws(HTTPFailure) {
      if isLoose { throw .malformed("lines must end with CR LF and not be folded") }
      length = try BodyLength(of: headers, version: version)
    } catch {
      // What follows on this connection cannot be trusted to be a request.
      var response = Response.failure(error)
      response.headers["Connection"] = "close"
      return respond(exchange, ready(response, exchange, nil))
    }
    guard let refusal = refusal(exchange, method: method, headers: headers, length: length) else {
      return .goOn
    }
    switch length {
    case .exactly(let bytes) where bytes > Limits.drainedBytesMax:
      return respond(exchange, ready(refusal, exchange, nil))
    case .chunked: return respond(exchange, ready(refusal, exchange, nil))
    case .none, .exactly:
      exchange.state.withLock { $0.refusal = refusal }
      return .goOn
    }
  }

  /// Everything that can be decided before the body: nil where the request may go on.
  private func refusal(
    _ exchange: Exchange, method: String, headers: Headers, length: BodyLength
  ) -> Response? {
    do {
      let target = try RequestTarget(parsing: exchange.target)
      let match = router.match(target.segments)
      guard let known = Method(rawValue: method) else {
        throw HTTPFailure.methodNotAllowed(
          method: method, allowed: match?.allowed ?? Method.allCases.map(\.rawValue))
      }
      var request = Request(
        method: known, target: target, headers: headers, id: exchange.id,
        remoteAddress: exchange.connection.remoteAddress, isSecure: options.tls != nil,
        cancellation: exchange.cancellation)
      let route = match?.route(for: known)
      request.route = route?.pattern
      request.parameters = match?.parameters ?? [:]
      let timeline = options.timeline(request, exchange.started)
      exchange.state.withLock { state in
        state.request = request
        state.timeline = timeline
      }
      for check in options.guards {
        if let answer = try check.check(&request) { return answer }
      }
      if isDraining.load(ordering: .relaxed) { throw HTTPFailure.shuttingDown }
      guard let match else { throw HTTPFailure.notFound(path: target.path) }
      guard let route else {
        if known == .options {
          return Response(status: 204, headers: ["Allow": match.allowed.joined(separator: ", ")])
        }
        throw HTTPFailure.methodNotAllowed(method: method, allowed: match.allowed)
      }
      let reader =
        known == .head
        ? BodyReader()
        : try BodyReader(
          accepting: length == .none && route.accepts.isForm ? .none : route.accepts, headers: headers,
          spoolDirectory: options.spoolDirectory, random: options.random)
      if case .exactly(let bytes) = length { try reader.check(announced: bytes) }
      exchange.state.withLock { state in
        state.request = request
        state.route = route
        state.reader = reader
      }
      return nil
    } catch {
      return .failure(error)
    }
  }

  // MARK: Body

  func takeBody(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer) -> Step {
    let (received, isHopeless) = exchange.state.withLock { state in
      // Taken out and put back, so that its buffers are never copied.
      guard var reader = state.reader.take() else { return (0, true) }
      unsafe reader.append(bytes)
      let result = (reader.received, reader.isHopeless)
      state.reader = reader
      state.bytesReceived = reader.received
      return result
    }
    let allowance = options.graceSeconds + Double(received) / Double(Limits.transferBytesPerSecondMin)
    exchange.connection.expire(at: exchange.started + allowance)
    return isHopeless ? .close : .goOn
  }

  /// The request is complete, or its answer is.
  func proceed(_ exchange: Exchange) -> Step {
    enum Turn {
      case refuse(Response)
      case run(Request, Route)
      case send(ReadyResponse)
      case wait
      case close
    }
    let turn: Turn = exchange.state.withLock { state in
      switch state.stage {
      case .answered(let response): return .send(response)
      case .working: return .wait
      case .arriving, .sending, .over: return .close
      case .receiving: break
      }
      if let refusal = state.refusal { return .refuse(refusal) }
      guard var request = state.request, let route = state.route, let reader = state.reader.take() else {
        return .close
      }
      do {
        request.body = try reader.finish()
        return .run(request, route)
      } catch { return .refuse(.failure(error)) }
    }
    switch turn {
    case .refuse(let response): return respond(exchange, ready(response, exchange, nil))
    case .send(let response): return respond(exchange, response)
    case .close: return .close
    case .wait:
      exchange.handle.suspend()
      return .goOn
    case .run(let request, let route):
      if route.isImmediate { return respond(exchange, run(route, request, exchange)) }
      guard pool.reserve() else {
        counted.withLock { $0.overloadedTotal += 1 }
        return respond(exchange, ready(.failure(HTTPFailure.overloaded), exchange, nil))
      }
      exchange.connection.neverExpire()
      exchange.state.withLock { $0.stage = .working }
      exchange.handle.suspend()
      pool.submit { exchange.answer(self.run(route, request, exchange)) }
      return .goOn
    }
  }

  // MARK: Answer

  private func run(_ route: Route, _ request: Request, _ exchange: Exchange) -> ReadyResponse {
    let response: Response
    do {
      response = try asked(exchange) { try route.handler(request) }
    } catch {
      response = .failure(error)
    }
    return ready(response, exchange, request)
  }

  func ready(_ response: Response, _ exchange: Exchange, _ request: Request?) -> ReadyResponse {
    var response = response
    if case .events = response.body, request?.method != .head, !reserveStream() {
      counted.withLock { $0.overloadedTotal += 1 }
      response = .failure(HTTPFailure.overloaded)
    }
    response = response.delivered(for: request, id: exchange.id)
    if isDraining.load(ordering: .relaxed) { response.headers["Connection"] = "close" }
    return ReadyResponse(response, request: request) {
      EventStream(parking: exchange, slowReaderSeconds: options.slowReaderSeconds, clock: options.clock)
    }
  }

  private func respond(_ exchange: Exchange, _ response: ReadyResponse) -> Step {
    let allowance =
      options.graceSeconds + Double(response.length ?? 0) / Double(Limits.transferBytesPerSecondMin)
    exchange.connection.expire(at: now + allowance)
    exchange.state.withLock { state in
      state.stage = .sending
      state.status = response.status
      state.stream = response.stream
      state.reader = nil
    }
    guard response.queue(on: exchange.handle) else {
      if response.stream != nil { releaseStream() }
      return .close
    }
    if let stream = response.stream, let produce = response.produce {
      exchange.connection.neverExpire()
      if exchange.cancellation.isCancelled { stream.leave() }
      let started = startThread { self.produce(stream, exchange, produce) }
      if !started {
        releaseStream()
        stream.leave()
      }
    }
    return .goOn
  }

  /// What rooms below ask the thread that a handler runs on: whether anybody waits, and where timings go.
  private func asked<Result>(_ exchange: Exchange, _ body: () throws -> Result) rethrows -> Result {
    let cancellation = exchange.cancellation
    return try Caller.whileAsked({ cancellation.isCancelled }) {
      try Timeline.with(exchange.state.withLock { $0.timeline }, body)
    }
  }

  /// On a thread of its own, so that a long stream takes no worker away.
  private func produce(
    _ stream: EventStream, _ exchange: Exchange, _ produce: @Sendable (EventStream) throws -> Void
  ) {
    do {
      try asked(exchange) { try produce(stream) }
    } catch {
      // Never a silent end: a client that still listens is told.
      if !stream.isGone {
        let failure =
          (error as? any Failure) ?? PlainFailure(.bug, "internal", "something went wrong inside the server")
        try? stream.send(event: "error", data: Response.errorText(failure))
      }
    }
    exchange.connection.expire(at: now + options.slowReaderSeconds)
    stream.end()
    releaseStream()
  }

  private func reserveStream() -> Bool {
    let (_, open) = streamsOpen.add(1, ordering: .relaxed)
    if open <= options.eventStreamsMax { return true }
    releaseStream()
    return false
  }

  private func releaseStream() { streamsOpen.subtract(1, ordering: .relaxed) }

  // MARK: End

  func finish(_ exchange: Exchange, _ outcome: AccessRecord.Outcome) {
    let last = exchange.finish()
    exchange.connection.current.withLock { $0 = nil }
    exchange.connection.expire(at: now + options.idleSeconds)
    counted.withLock { counted in
      if (100..<600).contains(last.status) { counted.responsesByClass[last.status / 100 - 1] += 1 }
      if outcome == .clientGone { counted.clientsGoneTotal += 1 }
    }
    options.log(
      AccessRecord(
        requestID: exchange.id, method: last.method, path: last.request?.path ?? "",
        route: last.route?.pattern,
        status: last.status, bytesReceived: last.bytesReceived,
        milliseconds: (now - exchange.started) * 1_000, remoteAddress: exchange.connection.remoteAddress,
        outcome: outcome, principal: last.request?.principal, timeline: last.timeline))
  }

  /// Until the server stops: shuts slow connections down, and tells handlers whose client has gone.
  func watch(round: Int) {
    let slow = table.sweep(
      now: now, isThorough: round.isMultiple(of: 5), keepAliveSeconds: options.keepAliveSeconds)
    if slow > 0 { counted.withLock { $0.timedOutTotal += slow } }
  }
}

/// Names of requests: distinct, and not to be guessed from one server to the next. They are no secrets, so chance is
/// asked once and not at every request.
private struct Identifiers: ~Copyable, Sendable {
  private let base: UInt64
  private let count = Atomic<UInt64>(0)

  init(_ random: any RandomSource) {
    base = random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  func next() -> String {
    let number = count.wrappingAdd(1, ordering: .relaxed).newValue
    var generator = SeededRandom(seed: base &+ number &* 0x9E37_79B9_7F4A_7C15)
    let value = generator.next()
    return hexadecimal((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) })
  }
}

extension Accepted {
  var isForm: Bool { if case .multipart = self { true } else { false } }
}
