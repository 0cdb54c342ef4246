// Figures of the running server, counted in memory since its start.
// Invariants: counters only grow; labels come from the router and from our own words, never from what a client sent, so
// their number is bounded.
import Base
import HTTPKit
import KnowledgeBase
import Models
import Synchronization

final class Metrics: Sendable {
  struct RouteKey: Hashable {
    let method: String
    let route: String
    let status: Int
  }

  struct Counted {
    var requests: [RouteKey: Int] = [:]
    var durations: [String: Histogram] = [:]
    var stages: [String: Histogram] = [:]
    var answers = 0
    var refusals = 0
    var answersCached = 0
    var inputTokens = 0
    var outputTokens = 0
    var cost = 0.0
    /// The last minutes' requests, for health: when, how long, whether it failed.
    var recent: [Recent] = []
  }

  struct Recent {
    let at: Double
    let ms: Double
    var isError = false
    /// For want of room; that is what is to be done under overload, and no error.
    var isRefused = false
    var isAnswer = false
    var isCached = false
  }

  static func isRefusal(_ status: Int) -> Bool { status == 429 || status == 503 }

  static func isError(_ status: Int) -> Bool { status >= 500 && !isRefusal(status) }

  static let recentMax = 2_000
  static let recentSeconds = 300.0

  private let counted = Mutex(Counted())
  private let clock: any Clock

  init(clock: any Clock = SystemClock()) { self.clock = clock }

  func take(_ record: AccessRecord) {
    let route = record.route ?? "none"
    // Streams stay open as long as somebody listens: their time says nothing of ours.
    let isStream = route.hasSuffix("/events")
    let now = clock.monotonicSeconds()
    // The search's own steps, which an answer's stages hold as one.
    let steps = (record.timeline?.parts ?? []).compactMap { part in part.number(.busyMs).map { (part.name, $0) } }
    counted.withLock { counted in
      for (name, ms) in steps { counted.stages[name, default: Histogram()].add(ms) }
      counted.requests[RouteKey(method: record.method, route: route, status: record.status), default: 0] += 1
      guard !isStream, record.route != nil, !Routes.pagePaths.contains(route) else { return }
      counted.durations[route, default: Histogram()].add(record.milliseconds)
      counted.remember(
        Recent(
          at: now, ms: record.milliseconds, isError: Metrics.isError(record.status),
          isRefused: Metrics.isRefusal(record.status)))
    }
  }

  func take(_ answer: Answer) {
    let now = clock.monotonicSeconds()
    counted.withLock { counted in
      for stage in answer.stages { counted.stages[stage.stage, default: Histogram()].add(stage.ms) }
      counted.answers += 1
      if answer.isRefused { counted.refusals += 1 }
      if answer.isCached { counted.answersCached += 1 }
      counted.inputTokens += answer.usage.inputTokens
      counted.outputTokens += answer.usage.outputTokens
      counted.cost += answer.cost
      counted.remember(
        Recent(at: now, ms: answer.elapsedMs, isAnswer: true, isCached: answer.isCached))
    }
  }

  var figures: Counted { counted.withLock { $0 } }

  /// Those of the last minutes.
  var recent: [Recent] {
    let oldest = clock.monotonicSeconds() - Metrics.recentSeconds
    return counted.withLock { $0.recent.filter { $0.at >= oldest } }
  }
}

extension Metrics.Counted {
  fileprivate mutating func remember(_ one: Metrics.Recent) {
    if recent.count >= Metrics.recentMax { recent.removeFirst(Metrics.recentMax / 4) }
    recent.append(one)
  }
}
