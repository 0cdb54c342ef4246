// How the server is, as a whole and part by part: healthy, degraded, unhealthy, or unknown where nothing was seen yet.
// Parts are tried by a thread of its own every few seconds, so that the answer costs nothing and comes even when all
// workers are busy; an answer older than a minute is unknown, for then the thread itself hangs.
import Base
import Embedding
import Foundation
import HTTPKit
import Ingest
import KnowledgeBase
import Models
import Store
import Synchronization

enum HealthStatus: String, Sendable {
  case healthy, unknown, degraded, unhealthy

  private var rank: Int {
    switch self {
    case .healthy, .unknown: 0
    case .degraded: 1
    case .unhealthy: 2
    }
  }

  /// What is not known of a part makes the whole no worse.
  func worsened(by other: HealthStatus) -> HealthStatus { other.rank > rank ? other : self }
}

package struct HealthThresholds: Sendable {
  var errorRateMax = 0.05
  var meanMsMax = 1_000.0
  var p95MsMax = 5_000.0
  /// Of answers by a model that came from what was kept; 0: any share will do.
  var cacheHitsMin = 0.0
  /// Of what a scan finds, what the graph must find.
  var recallMin = 0.9
  var freeBytesMin = 100 << 20
  /// Fewer requests than these say nothing.
  var requestsMin = 20

  package init() {}

  package init(_ configuration: Configuration) {
    errorRateMax = configuration.number(Settings.healthErrorRate) ?? errorRateMax
    meanMsMax = configuration.number(Settings.healthMeanMs) ?? meanMsMax
    p95MsMax = configuration.number(Settings.healthP95Ms) ?? p95MsMax
    cacheHitsMin = configuration.number(Settings.healthCacheHits) ?? cacheHitsMin
    recallMin = configuration.number(Settings.healthRecall) ?? recallMin
    freeBytesMin = configuration.whole(Settings.healthFree).map { $0 << 20 } ?? freeBytesMin
  }
}

final class Health: @unchecked Sendable {
  // Proof: `parts` and `audits` are only touched under their locks; everything else never changes after init.
  struct Part: Sendable {
    var status: HealthStatus
    var detail = ""
  }

  static let everySeconds = 10.0
  static let staleSeconds = 60.0
  /// A message given up is told of for a day.
  private static let outboxSeconds = 86_400.0

  private let library: Library
  private let means: Held<AnswerMeans>
  private let metrics: Metrics
  private let auditor: IndexAuditor
  private let thresholds: Held<HealthThresholds>
  private let clock: any Clock
  private let started: Double
  private let parts = Mutex<(at: Double, parts: [String: Part])>((0, [:]))

  init(
    library: Library, means: Held<AnswerMeans>, metrics: Metrics, auditor: IndexAuditor,
    thresholds: Held<HealthThresholds>,
    clock: any Clock = SystemClock()
  ) {
    self.library = library
    self.means = means
    self.metrics = metrics
    self.auditor = auditor
    self.thresholds = thresholds
    self.clock = clock
    started = clock.monotonicSeconds()
  }

  func start() {
    look()
    let thread = Thread { [weak self] in
      while true {
        Thread.sleep(forTimeInterval: Health.everySeconds)
        guard let self else { return }
        self.look()
      }
    }
    thread.qualityOfService = .background
    thread.start()
  }

  func look() {
    var found: [String: Part] = [:]
    found["store"] = Health.tried { _ = try library.documentCount() }
    found["embedder"] = Health.tried {
      // A metered endpoint is not asked for money just to see it; a question will tell.
      let embedder = library.servingEmbedder
      if !embedder.isMetered { _ = try embedder.embed(["Footnote"], isUrgent: true) }
    }
    found["index"] = auditor.part
    found["models"] = modelsPart
    found["workers"] =
      ExtractionService.pool.startFailure.map { Part(status: .unhealthy, detail: $0) }
      ?? Part(status: .healthy)
    found["device"] = devicePart
    found["feeds"] = feedsPart
    found["outbox"] = outboxPart
    let now = clock.monotonicSeconds()
    parts.withLock { $0 = (now, found) }
  }

  private static func tried(_ body: () throws -> Void) -> Part {
    do {
      try body()
      return Part(status: .healthy)
    } catch { return Part(status: .unhealthy, detail: "\(PlainFailure.describing(error).message)") }
  }

  private static func looked(_ body: () throws -> Part) -> Part {
    do { return try body() } catch {
      return Part(status: .degraded, detail: PlainFailure.describing(error).message)
    }
  }

  private var devicePart: Part {
    guard let free = library.directory.freeBytes else { return Part(status: .unknown) }
    guard free < thresholds.value.freeBytesMin else { return Part(status: .healthy) }
    return Part(status: .degraded, detail: "\(free >> 20) MB are free where the library lies")
  }

  private var feedsPart: Part {
    Health.looked {
      let (known, failing) = try library.database.read { try $0.dealFeedsFailing() }
      guard !failing.isEmpty else { return Part(status: .healthy, detail: known == 0 ? "" : "\(known) are read") }
      let named = failing.prefix(5).joined(separator: ", ")
      return Part(status: .degraded, detail: "\(failing.count) of \(known) failed when last asked: \(named)")
    }
  }

  private var outboxPart: Part {
    Health.looked {
      let since = clock.wallSeconds() - Health.outboxSeconds
      let stuck = try library.database.read { try $0.dealMessagesStuck(since: since) }
      guard stuck.waiting + stuck.givenUp > 0 else { return Part(status: .healthy) }
      return Part(
        status: .degraded,
        detail: "\(stuck.waiting) messages wait after a failure, \(stuck.givenUp) were given up: \(stuck.outcome)")
    }
  }

  private var modelsPart: Part {
    guard let writer = means.value.model as? ChatService else {
      return Part(status: .healthy, detail: "none is configured: answers are extracted")
    }
    let broken = writer.circuits.filter { $0.state != .closed }.map(\.address)
    guard !broken.isEmpty else { return Part(status: .healthy) }
    let detail = "set aside after failures: \(broken.joined(separator: ", "))"
    return Part(status: broken.count == writer.circuits.count ? .unhealthy : .degraded, detail: detail)
  }

  var shape: JSON {
    let now = clock.monotonicSeconds()
    let (at, seen) = parts.withLock { $0 }
    let isStale = now - at > Health.staleSeconds
    var shown = JSONObject()
    var worst = HealthStatus.healthy
    for (name, part) in seen.sorted(by: { $0.key < $1.key }) {
      let status = isStale ? .unknown : part.status
      // The server answers without its models, and without reading anything new.
      let isDispensable = name == "models" || name == "workers"
      worst = worst.worsened(by: isDispensable && status == .unhealthy ? .degraded : status)
      shown[name] = ["status": .string(status.rawValue), "detail": .string(part.detail)]
    }
    let (traffic, figures) = Health.traffic(metrics.recent, thresholds.value)
    shown["traffic"] = ["status": .string(traffic.status.rawValue), "detail": .string(traffic.detail)]
    worst = worst.worsened(by: traffic.status)
    return [
      "status": .string(isStale || seen.isEmpty ? "unknown" : worst.rawValue), "version": .string(Product.version),
      "uptime_seconds": .number(Shapes.rounded(now - started)), "parts": .object(shown), "last_minutes": figures,
    ]
  }

  /// What the last minutes' requests say, held against the thresholds.
  static func traffic(_ recent: [Metrics.Recent], _ thresholds: HealthThresholds) -> (Part, JSON) {
    let requests = recent.filter { !$0.isAnswer }
    let answers = recent.filter(\.isAnswer)
    let errorRate = Double(requests.filter(\.isError).count) / Double(max(1, requests.count))
    let latency = Report.latency(requests.map(\.ms))
    let hits = Double(answers.filter(\.isCached).count) / Double(max(1, answers.count))
    let figures: JSON = [
      "requests": .integer(requests.count), "error_rate": .number(Shapes.rounded(errorRate)), "latency_ms": latency,
      "cache_hits": .number(Shapes.rounded(hits)),
    ]
    guard requests.count >= thresholds.requestsMin else {
      return (Part(status: .unknown, detail: "too few requests to judge by"), figures)
    }
    var complaints: [String] = []
    if errorRate > thresholds.errorRateMax { complaints.append("errors above \(thresholds.errorRateMax)") }
    if Double(requests.count(where: \.isRefused)) > thresholds.errorRateMax * Double(requests.count) {
      complaints.append("more is asked than can be carried: requests are refused")
    }
    if let mean = latency.mean?.double, mean > thresholds.meanMsMax {
      complaints.append("mean latency above \(thresholds.meanMsMax) ms")
    }
    if let p95 = latency.p95?.double, p95 > thresholds.p95MsMax {
      complaints.append("95 % latency above \(thresholds.p95MsMax) ms")
    }
    if answers.count >= thresholds.requestsMin, hits < thresholds.cacheHitsMin {
      complaints.append("cache hits below \(thresholds.cacheHitsMin)")
    }
    let isDire = errorRate > max(0.5, thresholds.errorRateMax)
    let status = complaints.isEmpty ? HealthStatus.healthy : isDire ? .unhealthy : .degraded
    return (Part(status: status, detail: complaints.joined(separator: "; ")), figures)
  }
}
