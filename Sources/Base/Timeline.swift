// What was done for one request and how long each part took: the one place where a request's timings come together, for
// whoever shows them. Bound on the request's thread by whoever serves it; elsewhere nothing is noted, and asking
// whether there is one costs a look.
// Invariants: parts nest as they were done; their number is bounded, what is past the bound is counted; what was asked
// and answered is kept only where the timeline says so.
import Synchronization

package final class Timeline: Sendable {
  /// What sort of work a part is.
  package enum Kind: Sendable { case request, work, embedding, retrieval, reranking, model, gate }

  /// What is known of a part besides its times. None of these holds content.
  package enum Fact: String, Sendable {
    case model
    case modelAsked = "model_asked"
    case provider, address, purpose
    case inputTokens = "input_tokens"
    case outputTokens = "output_tokens"
    case cost, currency
    case isCached = "cached"
    case attempts
    case firstTextMs = "first_text_ms"
    case ending, temperature
    case outputTokensMax = "output_tokens_max"
    case texts, dimension, limit, results, mode
    case isRefused = "refused"
    case citations, dropped, laps
    case busyMs = "busy_ms"
  }

  /// What was said: kept only where `keepsContent`.
  package enum Content: Sendable {
    case question(String)
    case answer(String)
    case messages([(role: String, text: String)])
    case documents([(id: String, score: Double, text: String)])
  }

  package struct Part: Sendable {
    package let name: String
    package let kind: Kind
    /// 16 hexadecimal digits where the timeline is of a trace.
    package let span: String
    /// Its place among the parts; nil: the request itself.
    package fileprivate(set) var parent: Int?
    package let started: Double
    package fileprivate(set) var ended: Double
    package fileprivate(set) var facts: [(fact: Fact, value: JSON)] = []
    package fileprivate(set) var contents: [Content] = []
    /// The code of what went wrong.
    package fileprivate(set) var failure: String?

    package var ms: Double { (ended - started) * 1_000 }
  }

  private struct State {
    var parts: [Part] = []
    /// Begun and not ended, the innermost last.
    var doing: [Int] = []
    /// Parts of many short laps, by name, until what holds them ends.
    var laps: [String: (index: Int, count: Int, busySeconds: Double)] = [:]
    var dropped = 0
    var random: SeededRandom
  }

  package static let partsMax = 256

  package let context: TraceContext?
  package let keepsContent: Bool
  /// Of the request itself.
  package let span: String
  package let startedAtWall: Double
  package let started: Double
  private let clock: any Clock
  private let state: Mutex<State>

  /// `started`: by the same clock.
  package init(
    context: TraceContext? = nil, keepsContent: Bool = false, started: Double? = nil, clock: any Clock = SystemClock(),
    random: any RandomSource = SystemRandom()
  ) {
    self.context = context
    self.keepsContent = keepsContent
    self.clock = clock
    let now = clock.monotonicSeconds()
    self.started = started ?? now
    startedAtWall = clock.wallSeconds() - (now - self.started)
    var names = SeededRandom(seed: context == nil ? 0 : random.bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
    span = context == nil ? "" : Timeline.name(&names)
    // The request itself is the first part.
    state = Mutex(
      State(
        parts: [Part(name: "request", kind: .request, span: span, started: self.started, ended: self.started)],
        random: names))
  }

  private static func name(_ random: inout SeededRandom) -> String {
    let value = max(1, random.next())
    return hexadecimal((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) })
  }

  /// The request first; those that are not done end where the request does.
  package var parts: [Part] { state.withLock { $0.parts } }
  package var droppedCount: Int { state.withLock { $0.dropped } }

  // MARK: Parts

  /// nil: past the bound.
  private func begin(_ name: String, _ kind: Kind, at time: Double) -> Int? {
    state.withLock { state in
      guard state.parts.count < Timeline.partsMax else {
        state.dropped += 1
        return nil
      }
      let span = context == nil ? "" : Timeline.name(&state.random)
      state.parts.append(
        Part(name: name, kind: kind, span: span, parent: state.doing.last ?? 0, started: time, ended: time))
      let index = state.parts.count - 1
      state.doing.append(index)
      return index
    }
  }

  private func end(_ index: Int, at time: Double, failure: String?) {
    state.withLock { state in
      state.parts[index].ended = time
      if let failure { state.parts[index].failure = failure }
      if let place = state.doing.lastIndex(of: index) { state.doing.removeSubrange(place...) }
    }
  }

  /// A part that is known afterwards; the parts begun since `first`, as `mark` gave it, lie in it.
  package func enclose(_ name: String, from start: Double, to end: Double, since first: Int) {
    guard let index = begin(name, .work, at: start) else { return }
    self.end(index, at: end, failure: nil)
    state.withLock { state in
      let parent = state.parts[index].parent
      for inner in first..<index where state.parts[inner].parent == parent { state.parts[inner].parent = index }
      state.laps = [:]
    }
  }

  package var mark: Int { state.withLock { $0.parts.count } }

  private func lap(_ name: String, _ kind: Kind, from start: Double, to end: Double) {
    let known = state.withLock { $0.laps[name] }
    guard let index = known?.index ?? begin(name, kind, at: start) else { return }
    self.end(index, at: end, failure: nil)
    state.withLock { state in
      let (count, busy) = ((known?.count ?? 0) + 1, (known?.busySeconds ?? 0) + end - start)
      state.laps[name] = (index, count, busy)
      state.parts[index].facts.removeAll { $0.fact == .laps || $0.fact == .busyMs }
      state.parts[index].facts += [(.laps, .integer(count)), (.busyMs, .number(busy * 1_000))]
    }
  }

  /// Of the innermost part that is being done, or of the request.
  package func note(_ facts: [(Fact, JSON)]) {
    state.withLock { state in
      let index = state.doing.last ?? 0
      for (fact, value) in facts where !value.isNull { state.parts[index].facts.append((fact, value)) }
    }
  }

  package func note(_ content: @autoclosure () -> Content) {
    guard keepsContent else { return }
    let content = content()
    state.withLock { state in state.parts[state.doing.last ?? 0].contents.append(content) }
  }

  /// For what is asked of another program now.
  package var outgoingHeaders: [(name: String, value: String)] {
    guard let context else { return [] }
    return context.headers(from: state.withLock { $0.parts[$0.doing.last ?? 0].span })
  }
}

// MARK: - The one of this thread

extension Timeline {
  /// A struct around it: with the standard library linked statically no type is passed for a bare optional or closure.
  private struct Bound: Sendable { let timeline: Timeline? }

  @TaskLocal private static var bound = Bound(timeline: nil)

  package static var current: Timeline? { bound.timeline }

  package static func with<Result>(_ timeline: Timeline?, _ body: () throws -> Result) rethrows -> Result {
    try $bound.withValue(Bound(timeline: timeline)) { try body() }
  }

  /// Does it, and says how long it took; a part of the thread's timeline, where there is one.
  package static func timed<Result>(
    _ name: String, _ kind: Kind = .work, by clock: any Clock, _ body: () throws -> Result
  ) rethrows -> (result: Result, ms: Double) {
    let timeline = current
    let started = clock.monotonicSeconds()
    let index = timeline?.begin(name, kind, at: started)
    do {
      let result = try body()
      let ended = clock.monotonicSeconds()
      if let index { timeline?.end(index, at: ended, failure: nil) }
      return (result, (ended - started) * 1_000)
    } catch {
      if let index {
        timeline?.end(index, at: clock.monotonicSeconds(), failure: PlainFailure.describing(error).code)
      }
      throw error
    }
  }

  /// The same where nobody else wants to know the time.
  package static func part<Result>(
    _ name: String, _ kind: Kind = .work, _ body: () throws -> Result
  ) rethrows -> Result {
    guard let timeline = current else { return try body() }
    return try timed(name, kind, by: timeline.clock, body).result
  }

  /// One of many short turns of the same work, shown as one part from the first to the last.
  package static func lap<Result>(_ name: String, _ kind: Kind, _ body: () throws -> Result) rethrows -> Result {
    guard let timeline = current else { return try body() }
    let started = timeline.clock.monotonicSeconds()
    defer { timeline.lap(name, kind, from: started, to: timeline.clock.monotonicSeconds()) }
    return try body()
  }
}
