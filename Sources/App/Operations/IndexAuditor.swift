// Holds the indexes against the store every few minutes, by a thread of its own: drift is put right, counted and told
// in the server's health; the last questions, asked again, tell how much of what is near the graph still finds.
import Base
import Foundation
import KnowledgeBase
import Synchronization

final class IndexAuditor: Sendable {
  struct Figures: Sendable {
    var audits = 0
    var failures = 0
    var repaired = 0
    /// Of the last audit; nil where nothing was asked yet, or so little is held that it is scanned.
    var recall: Double?
    var searches = 0
    var failure = ""
  }

  private let library: Library
  private let thresholds: Held<HealthThresholds>
  private let seconds: (first: Double, every: Double)
  private let state = Mutex(Figures())

  init(library: Library, thresholds: Held<HealthThresholds>, seconds: (first: Double, every: Double) = (5, 300)) {
    self.library = library
    self.thresholds = thresholds
    self.seconds = seconds
  }

  var figures: Figures { state.withLock { $0 } }

  func start() {
    let thread = Thread { [weak self, seconds] in
      Thread.sleep(forTimeInterval: seconds.first)
      while let self {
        self.look()
        Thread.sleep(forTimeInterval: seconds.every)
      }
    }
    thread.qualityOfService = .background
    thread.start()
  }

  func look() {
    let outcome = Result { try library.auditIndexes() }
    state.withLock { figures in
      figures.audits += 1
      switch outcome {
      case .success(let audit):
        figures.repaired += audit.repaired
        figures.recall = audit.recall.share
        figures.searches = audit.recall.searches
        figures.failure = ""
      case .failure(let error):
        figures.failures += 1
        figures.failure = PlainFailure.describing(error).message
      }
    }
  }

  /// For the server's health.
  var part: Health.Part {
    let now = figures
    guard now.failure.isEmpty else { return Health.Part(status: .degraded, detail: now.failure) }
    var details: [String] = []
    if let recall = now.recall { details.append("recall@10 \(Shapes.rounded(recall)) of \(now.searches) searches") }
    if now.repaired > 0 { details.append("\(now.repaired) passages put right since the start") }
    let recallMin = thresholds.value.recallMin
    let isLow = now.recall.map { $0 < recallMin } ?? false
    if isLow { details.append("below \(recallMin): without the folder 'snapshots' a restart makes the index anew") }
    return Health.Part(status: isLow ? .degraded : .healthy, detail: details.joined(separator: "; "))
  }
}
