// Sends the timelines of requests to a collector, from a thread of its own.
// Invariants: no request ever waits for the collector; what waits to be sent is bounded, and what does not fit or
// cannot be delivered is dropped and counted; nothing that was asked or answered leaves unless the settings say so.
import Base
import Foundation
import HTTPKit
import Models

struct TraceSettings: Sendable {
  var url: String
  var headers: [(name: String, value: Secret)] = []
  var hasContent = false
  /// Of the traces that begin here; one that another program began is kept where that program keeps it.
  var share = 1.0
  var service = "footnote"

  init(url: String) {
    // As people write it: without a path the one that the protocol names is meant.
    let afterScheme = url.split(separator: "://", maxSplits: 1).last ?? ""
    let isBare = !afterScheme.drop { $0 != "/" }.contains { $0 != "/" }
    self.url = isBare ? url.prefix { $0 != "?" }.trimmedSlashes + "/v1/traces" : url
  }

  /// nil: no collector is configured.
  init?(_ configuration: Configuration) {
    guard let url = configuration.text(Settings.tracesURL) else { return nil }
    self.init(url: url)
    headers = configuration.headers(Settings.tracesHeaders)
    hasContent = configuration.flag(Settings.tracesContent)
    share = configuration.number(Settings.tracesShare) ?? 1
    service = configuration.text(Settings.tracesService) ?? service
  }
}

final class TraceExporter: @unchecked Sendable {
  // Proof: everything below `lock` is touched only while it is held, `spelling` only by the thread.
  struct Counts: Sendable, Equatable {
    var sent = 0
    /// Of requests that did not fit into the queue, were not taken by the collector, or could not be delivered.
    var overflowed = 0
    var refused = 0
    var undelivered = 0
  }

  static let waitingMax = 1_000
  static let batchMax = 100
  static let everySeconds = 2.0

  private let settings: TraceSettings
  private let client = HTTPClient()
  private let clock: any Clock
  private let random: any RandomSource
  private let policy: RetryPolicy
  private let wake = DispatchSemaphore(value: 0)
  private var spelling = OTLP.Spelling.json
  private let lock = NSLock()
  private var waiting: [AccessRecord] = []
  private var counted = Counts()
  private var isClosing = false
  private var closesAt = Double.infinity
  private var thread: Thread?

  init(
    _ settings: TraceSettings, clock: any Clock = SystemClock(), random: any RandomSource = SystemRandom(),
    policy: RetryPolicy = RetryPolicy(attemptsMax: 6, firstDelaySeconds: 1, delaySecondsMax: 30, deadlineSeconds: 120)
  ) {
    self.settings = settings
    self.clock = clock
    self.random = random
    self.policy = policy
  }

  var counts: Counts { lock.withLock { counted } }

  /// Counters only grow, also where another exporter takes over.
  func goOn(from earlier: Counts) {
    count {
      $0.sent += earlier.sent
      $0.overflowed += earlier.overflowed
      $0.refused += earlier.refused
      $0.undelivered += earlier.undelivered
    }
  }

  func start() {
    let thread = Thread { [weak self] in while self?.sendOnce() == true {} }
    thread.name = "traces"
    lock.withLock { self.thread = thread }
    thread.start()
  }

  /// What waits is sent first, as far as the collector takes it at once.
  func close(patienceSeconds: Double = 2) {
    let thread = lock.withLock {
      isClosing = true
      closesAt = clock.monotonicSeconds() + patienceSeconds
      return self.thread
    }
    wake.signal()
    while let thread, !thread.isFinished { usleep(1_000) }
  }

  // MARK: Requests

  /// The timeline of a request that begins; `started` by the clock.
  func timeline(of request: Request, started: Double) -> Timeline {
    let context =
      TraceExporter.incoming(request)
      ?? TraceContext(random: random, isSampled: settings.share >= 1 || random.fraction() < settings.share)
    return Timeline(
      context: context, keepsContent: settings.hasContent && context.isSampled, started: started, clock: clock,
      random: random)
  }

  static func incoming(_ request: Request) -> TraceContext? {
    let states = request.headers.all("tracestate")
    return request.headers["traceparent"].flatMap {
      TraceContext(traceparent: $0, tracestate: states.isEmpty ? nil : states.joined(separator: ","))
    }
  }

  /// On the connection thread: only remembered. Whoever was not let in fills no collector.
  func take(_ record: AccessRecord) {
    guard record.principal != nil, record.timeline?.context?.isSampled == true else { return }
    let isFull = lock.withLock {
      guard waiting.count < TraceExporter.waitingMax else {
        counted.overflowed += 1
        return false
      }
      waiting.append(record)
      return waiting.count == TraceExporter.batchMax
    }
    if isFull { wake.signal() }
  }

  // MARK: Sending

  private func sendOnce() -> Bool {
    if !lock.withLock({ isClosing }) { _ = wake.wait(timeout: .now() + TraceExporter.everySeconds) }
    let (batch, goesOn) = lock.withLock {
      let batch = Array(waiting.prefix(TraceExporter.batchMax))
      waiting.removeFirst(batch.count)
      return (batch, !isClosing || !waiting.isEmpty)
    }
    if !batch.isEmpty { deliver(batch) }
    return goesOn
  }

  private func deliver(_ batch: [AccessRecord]) {
    let spans = batch.flatMap(Span.all)
    var state = RetryState(policy, now: clock.monotonicSeconds())
    while true {
      let asked: Double?
      switch send(spans) {
      case .taken(let refused):
        let refused = min(max(0, refused), spans.count)
        return count {
          $0.sent += spans.count - refused
          $0.refused += refused
        }
      case .otherSpelling: continue
      case .refused: return count { $0.refused += spans.count }
      case .later(let seconds): asked = seconds
      }
      let now = clock.monotonicSeconds()
      guard !lock.withLock({ isClosing }),
        case .retry(let seconds) = state.failed(now: now, askedSeconds: asked, chance: random.fraction())
      else { return count { $0.undelivered += spans.count } }
      // Woken by whoever closes; by a full batch, too, which is no reason to try sooner.
      let until = now + seconds
      while clock.monotonicSeconds() < until, !lock.withLock({ isClosing }) {
        _ = wake.wait(timeout: .now() + max(0.001, until - clock.monotonicSeconds()))
      }
    }
  }

  private enum Outcome {
    case taken(refused: Int)
    case otherSpelling
    case refused
    case later(seconds: Double?)
  }

  private func send(_ spans: [Span]) -> Outcome {
    var request = HTTPRequest("POST", settings.url)
    request.headers = settings.headers.map { ($0.name, $0.value.reveal()) }
    request.body = .bytes(
      OTLP.request(spans, service: settings.service, as: spelling), contentType: spelling.contentType)
    request.timeouts.connectSeconds = 5
    request.timeouts.firstByteSeconds = 10
    request.timeouts.betweenBytesSeconds = 10
    request.timeouts.wholeSeconds = 20
    request.replyBytesMax = 1 << 20
    request.isCancelled = { [weak self] in self?.hasToEnd ?? true }
    let reply: HTTPReply
    do { reply = try client.send(request) } catch { return .later(seconds: nil) }
    switch reply.status {
    case 200..<300:
      // A reply of the other spelling tells nothing that is worth a reader of its own.
      let refused = (try? JSON(parsing: reply.body))?.partialSuccess?.rejectedSpans
      return .taken(refused: refused?.int ?? refused?.string.flatMap { Int($0) } ?? 0)
    case 415 where spelling == .json:
      spelling = .protobuf
      return .otherSpelling
    case let status where RetryPolicy.isWorthAnotherTry(status: status):
      return .later(seconds: RetryAfter.seconds(reply.head, wallSeconds: clock.wallSeconds()))
    default: return .refused
    }
  }

  private var hasToEnd: Bool { lock.withLock { clock.monotonicSeconds() > closesAt } }

  private func count(_ change: (inout Counts) -> Void) { lock.withLock { change(&counted) } }
}

extension StringProtocol {
  fileprivate var trimmedSlashes: String {
    var text = String(self)
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }
}
