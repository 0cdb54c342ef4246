// Saves the indexes of a library that is being served, a moment after changes have ceased and now and then while they
// go on, so that a start is quick however the process before it ended. Also cuts the log once more where a reader was
// in the way when something was erased.
// Must not: hold up a question; a change waits while an index is written.
import Base
import Foundation
import KnowledgeBase

final class IndexKeeper: @unchecked Sendable {
  // Proof: `thread` is set once, before others can see the keeper; the rest is of the thread alone.
  static let quietSeconds = 2.0
  static let longestSeconds = 60.0

  private let library: Library
  private let clock: any Clock
  private let closing = DispatchSemaphore(value: 0)
  private var thread: Thread?
  private var savedChanges = 0
  private var seenChanges = 0
  private var seenAt = 0.0
  private var unsavedSince: Double?

  init(library: Library, clock: any Clock = SystemClock()) {
    self.library = library
    self.clock = clock
  }

  func start() {
    let thread = Thread { [weak self] in
      while let self, self.closing.wait(timeout: .now() + 1) == .timedOut { self.look() }
    }
    thread.name = "indexes"
    self.thread = thread
    thread.start()
  }

  /// Whoever closes the library saves what is left.
  func close() {
    closing.signal()
    while let thread, !thread.isFinished { usleep(1_000) }
  }

  func look() {
    library.settleErasures()
    let now = clock.monotonicSeconds()
    let changes = library.changes
    guard changes != savedChanges else { return }
    if changes != seenChanges {
      seenChanges = changes
      seenAt = now
    }
    let since = unsavedSince ?? now
    unsavedSince = since
    guard now - seenAt >= Self.quietSeconds || now - since >= Self.longestSeconds else { return }
    // What cannot be saved, on a full device, is tried again after the next change.
    _ = library.saveIndexes()
    savedChanges = changes
    unsavedSince = nil
  }
}
