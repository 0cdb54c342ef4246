// Between many threads that read ahead and one that takes what is ready: in the order of the tasks, so that the same
// files give the same library on one thread or many.
// Invariants: what waits here is bounded, in bytes and in tasks; the task whose turn it is never waits for room, and
// when all the room is taken by later ones, those are handed out before it, so a file that takes its time holds nobody
// up; after `stop` no new task begins, and what is ready is still handed out.
import Foundation

final class AheadBuffer<Element: Sendable>: @unchecked Sendable {
  // Proof: everything below is touched only while `condition` is locked.
  private struct Line {
    var elements: [Element] = []
    var bytes = 0
    var isFinished = false
  }

  private let condition = NSCondition()
  private let taskCount: Int
  private let bytesMax: Int
  private let readyMax: Int
  private var claimed = 0
  /// The first task that is not finished and handed out.
  private var turn = 0
  private var lines: [Int: Line] = [:]
  private var bytes = 0
  private var isStopped = false

  init(taskCount: Int, bytesMax: Int, readyMax: Int) {
    self.taskCount = taskCount
    self.bytesMax = bytesMax
    self.readyMax = readyMax
  }

  private var isFull: Bool { bytes >= bytesMax || lines.values.count { !$0.elements.isEmpty } >= readyMax }

  /// The next task for a thread that has none; nil when all have begun, or nothing is to begin any more.
  func claim() -> Int? {
    condition.withLock {
      guard !isStopped, claimed < taskCount else { return nil }
      lines[claimed] = Line()
      claimed += 1
      return claimed - 1
    }
  }

  var claimedCount: Int { condition.withLock { claimed } }

  func put(_ element: Element, bytes size: Int, of task: Int) {
    condition.withLock {
      while isFull, task != turn { condition.wait() }
      lines[task]?.elements.append(element)
      lines[task]?.bytes += size
      bytes += size
      condition.broadcast()
    }
  }

  func finish(_ task: Int) {
    condition.withLock {
      lines[task]?.isFinished = true
      condition.broadcast()
    }
  }

  func stop() {
    condition.withLock {
      isStopped = true
      condition.broadcast()
    }
  }

  /// What is ready, at least one; nil when nothing more will come.
  func take() -> [Element]? {
    condition.withLock {
      while true {
        var taken = takeInTurn()
        if taken.isEmpty, isFull { taken = takeOutOfTurn() }
        if !taken.isEmpty {
          condition.broadcast()
          return taken
        }
        if turn >= (isStopped ? claimed : taskCount) { return nil }
        condition.wait()
      }
    }
  }

  private func takeInTurn() -> [Element] {
    var taken: [Element] = []
    while turn < claimed {
      // A line that is gone was handed out before its turn.
      guard let line = lines[turn] else {
        turn += 1
        continue
      }
      taken += empty(turn)
      guard line.isFinished else { break }
      lines[turn] = nil
      turn += 1
    }
    return taken
  }

  private func takeOutOfTurn() -> [Element] {
    var taken: [Element] = []
    for task in lines.keys.sorted() {
      taken += empty(task)
      if lines[task]?.isFinished == true { lines[task] = nil }
    }
    return taken
  }

  private func empty(_ task: Int) -> [Element] {
    guard let line = lines[task] else { return [] }
    bytes -= line.bytes
    lines[task]?.bytes = 0
    lines[task]?.elements = []
    return line.elements
  }
}
