// Which changed paths are settled: a burst of events is one change, and a file that is still being written is waited
// for. A state machine without clock or files.

struct PendingChanges {
  /// After a file was closed or moved here.
  static let settleSeconds = 0.25
  /// Later than what appears, so that what has only moved is seen as moved, and a file that is deleted and written anew
  /// as changed.
  static let goneSeconds = 1.2
  /// After a name appeared and nobody has written to it: a second name for a file never is.
  static let emptySeconds = 1.0
  /// For a writer that holds the file open and is silent.
  static let writerSeconds = 30.0
  /// However often a file is written and closed again, it is looked at after so long.
  static let longestSeconds = 3.0

  private struct Change {
    var first: Double
    var dueAt: Double
  }

  private var changes: [String: Change] = [:]

  var count: Int { changes.count }
  var isEmpty: Bool { changes.isEmpty }
  /// When the next one is settled, if nothing else happens to it.
  var nextDue: Double? { changes.values.map(\.dueAt).min() }

  mutating func note(_ kind: FolderEvent.Kind, _ path: String, at now: Double) {
    let first = changes[path]?.first ?? now
    let due: Double
    switch kind {
    case .written: due = now + Self.writerSeconds
    // Not before the end of a write that goes on.
    case .appeared, .folderAppeared: due = now + Self.emptySeconds
    case .gone, .folderGone: due = now + Self.goneSeconds
    case .completed, .overflow: due = min(now + Self.settleSeconds, max(now, first + Self.longestSeconds))
    }
    changes[path] = Change(first: first, dueAt: due)
  }

  /// In the order of the paths.
  mutating func takeDue(at now: Double) -> [String] {
    let due = changes.filter { $0.value.dueAt <= now }.keys.sorted()
    for path in due { changes[path] = nil }
    return due
  }

  mutating func removeAll() { changes = [:] }
}
