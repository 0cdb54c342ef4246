// How readers and the writer share the graph without a lock. A reader enters by taking a free cell and leaves by giving
// it back; it never waits, for there are more cells than requests in flight. The writer, before it writes over what an
// earlier reader may still see, waits until every reader that was inside has left. Readers that enter meanwhile see
// only what is published and do not hold the writer up.
//
// Why this is sound: taking and giving back a cell and the writer's look at it are read-modify-write operations on one
// atomic, so they have one order. If the reader took the cell before the look, the writer sees it and waits for the
// release that ends the visit. If after, the reader acquires what the writer released with its look: all that the
// writer had unlinked by then.
internal import Base
import Synchronization
internal import Vectors

#if canImport(Glibc)
  import Glibc
#endif

/// One reader's place: odd while somebody is inside. The workspace belongs to whoever is.
final class ReaderCell: @unchecked Sendable {
  // Sendable: `workspace` is touched only between enter and leave, which order all visits.
  fileprivate let turn = Atomic<UInt64>(0)
  fileprivate var workspace: GraphWorkspace?

  fileprivate func enter() -> Bool {
    let now = turn.load(ordering: .relaxed)
    return now & 1 == 0
      && turn.compareExchange(expected: now, desired: now + 1, ordering: .acquiringAndReleasing).exchanged
  }

  fileprivate func leave() { turn.add(1, ordering: .releasing) }
}

struct ReaderCells: Sendable {
  // A request may be inside a few times over: pinned, and searching meanwhile.
  private let cells: [ReaderCell] = (0..<4 * Limits.requestsInFlightMax).map { _ in ReaderCell() }
  private let codes: CodedVectors

  init(codes: CodedVectors) { self.codes = codes }

  /// Runs body inside, with a workspace that is nobody else's meanwhile.
  func visit<Result>(_ body: (GraphWorkspace) throws -> Result) rethrows -> Result {
    let cell = take()
    defer { cell.leave() }
    let workspace = cell.workspace ?? GraphWorkspace(codes: codes)
    cell.workspace = workspace
    return try body(workspace)
  }

  /// Runs body inside, without a workspace.
  func stay<Result>(_ body: () throws -> Result) rethrows -> Result {
    let cell = take()
    defer { cell.leave() }
    return try body()
  }

  /// Returns when every reader that was inside at the call has left. Not to be called from inside.
  func waitForThoseInside() {
    for cell in cells {
      let seen = cell.turn.add(0, ordering: .acquiringAndReleasing).oldValue
      guard seen & 1 == 1 else { continue }
      while cell.turn.load(ordering: .acquiring) == seen { sched_yield() }
    }
  }

  private func take() -> ReaderCell {
    while true {
      for cell in cells where cell.enter() { return cell }
      sched_yield()
    }
  }
}
