// How much of what lies nearest the graph still finds, held against a scan of everything for questions that were asked.
// A graph that has aged, or was made with too few links for what it holds by now, is told before anybody misses a page.
// Must not: keep a question's words; its vector is all that stays, in memory, until newer ones push it out.
import Retrieval
import Store
import Synchronization

package struct RecallAudit: Sendable, Equatable {
  /// Questions that were searched again, in each collection that holds enough to need a graph.
  package var searches = 0
  package var found = 0
  package var wanted = 0

  /// nil: nothing was asked yet, or everything is so small that it is scanned anyway.
  package var share: Double? { wanted == 0 ? nil : Double(found) / Double(wanted) }

  package init() {}
}

/// The vectors of the last questions.
final class RecentQuestions: Sendable {
  static let countMax = 32

  private let vectors = Mutex<(list: [[Float]], next: Int)>(([], 0))

  func remember(_ vector: [Float]) {
    guard !vector.isEmpty else { return }
    vectors.withLock { held in
      if held.list.count < RecentQuestions.countMax {
        held.list.append(vector)
      } else {
        held.list[held.next % RecentQuestions.countMax] = vector
        held.next += 1
      }
    }
  }

  var all: [[Float]] { vectors.withLock { $0.list } }
}

extension Library {
  package func auditRecall() -> RecallAudit {
    let serving = serving
    var audit = RecallAudit()
    for vector in recentQuestions.all where vector.count == serving.row.dimension {
      for index in serving.indexes.values {
        guard let (found, wanted) = index.recall(of: vector) else { continue }
        audit.searches += 1
        audit.found += found
        audit.wanted += wanted
      }
    }
    return audit
  }
}
