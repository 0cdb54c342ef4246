// Where on which page a range of the text stands: one entry a word, in order of the text.
// Invariants: starts rise, runs do not overlap; a run never spans two pages.
// Must not: interpret the text.

package struct BoxMap: Sendable, Equatable {
  package struct Run: Sendable, Equatable {
    package var start: UInt32
    package var length: UInt32
    package var page: UInt32
    package var box: Rectangle
  }

  package private(set) var runs: [Run]

  package init(runs: [Run] = []) { self.runs = runs }

  package var isEmpty: Bool { runs.isEmpty }

  package mutating func append(start: Int, length: Int, page: Int, box: Rectangle) {
    precondition(runs.last.map { Int($0.start + $0.length) <= start } ?? true, "runs come in order of the text")
    runs.append(
      Run(
        start: UInt32(clamping: start), length: UInt32(clamping: length), page: UInt32(clamping: page), box: box))
  }

  /// The rectangles that a range covers, words of one line joined into one rectangle.
  package func rectangles(of range: Range<Int>) -> [(page: Int, box: Rectangle)] {
    var found: [(page: Int, box: Rectangle)] = []
    var index = firstRun(endingAfter: range.lowerBound)
    while index < runs.count, Int(runs[index].start) < range.upperBound {
      let run = runs[index]
      if let last = found.last, last.page == Int(run.page), last.box.isSameLine(as: run.box) {
        found[found.count - 1].box = last.box.union(run.box)
      } else {
        found.append((Int(run.page), run.box))
      }
      index += 1
    }
    return found
  }

  private func firstRun(endingAfter offset: Int) -> Int {
    var low = 0
    var high = runs.count
    while low < high {
      let middle = (low + high) / 2
      if Int(runs[middle].start + runs[middle].length) <= offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Rectangle {
  fileprivate func isSameLine(as next: Rectangle) -> Bool {
    let overlap = min(bottom, next.bottom) - max(top, next.top)
    let height = min(bottom - top, next.bottom - next.top)
    let gap = max(next.left - right, left - next.right)
    return overlap > height * 0.6 && gap < height * 1.5
  }
}
