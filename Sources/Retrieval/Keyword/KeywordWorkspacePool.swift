// Workspaces of the keyword kernel at rest: as many as searches ever ran side by side.
// Invariant: a workspace is in the pool or with the one search that took it, never both.
import Synchronization
import Vectors

final class KeywordWorkspacePool: Sendable {
  private let resting = Mutex<[Box]>([])

  func withWorkspace(_ body: (borrowing KeywordWorkspace) -> Void) {
    let box = resting.withLock { $0.popLast() } ?? Box()
    body(box.workspace)
    resting.withLock { $0.append(box) }
  }

  /// Proof: its memory is written during a search; the pool's invariant keeps that to one thread at a
  /// time, and the lock orders one search's writes before the next one's.
  private final class Box: @unchecked Sendable {
    let workspace = KeywordWorkspace()
  }
}
