// Where on which page a range of the text stands: one entry a word, in order of the text, and in it the place of every
// character.
// Invariants: starts rise, runs do not overlap; a run never spans two pages; there are as many places as characters in
// runs, in the same order.
// Must not: interpret the text.

/// Where in its word's box a character stands along the word's direction, in 255ths of the box.
package struct CharacterPlace: Sendable, Equatable {
  package var low: UInt8
  package var high: UInt8

  package init(low: UInt8, high: UInt8) {
    self.low = low
    self.high = high
  }

  /// From shares of the box; what is no number, as in a box without width, is its whole.
  init(low: Float, high: Float) {
    guard low.isFinite, high.isFinite else {
      self.init(low: 0, high: UInt8.max)
      return
    }
    self.init(low: UInt8(min(max(low * 255, 0), 255)), high: UInt8(min(max((high * 255).rounded(.up), 0), 255)))
  }
}

package struct BoxMap: Sendable, Equatable {
  package struct Run: Sendable, Equatable {
    package var start: UInt32
    package var length: UInt32
    package var page: UInt32
    package var box: Rectangle
    /// Its characters stand below one another.
    package var isVertical = false
    /// Of the first of its places.
    fileprivate var firstPlace = 0

    init(start: UInt32, length: UInt32, page: UInt32, box: Rectangle, isVertical: Bool = false) {
      self.start = start
      self.length = length
      self.page = page
      self.box = box
      self.isVertical = isVertical
    }
  }

  package private(set) var runs: [Run]
  package private(set) var places: [CharacterPlace]

  package init() {
    runs = []
    places = []
  }

  /// From what was stored; places that do not fit the runs are shared out evenly, as those of older libraries are.
  init(runs: [Run], places: [CharacterPlace]) {
    self.init()
    let fits = places.count == runs.reduce(0) { $0 + Int($1.length) }
    for run in runs {
      let own = fits ? places[self.places.count..<self.places.count + Int(run.length)] : []
      append(
        start: Int(run.start), length: Int(run.length), page: Int(run.page), box: run.box, places: own,
        isVertical: run.isVertical)
    }
  }

  package var isEmpty: Bool { runs.isEmpty }

  package mutating func append(
    start: Int, length: Int, page: Int, box: Rectangle, places own: ArraySlice<CharacterPlace> = [],
    isVertical: Bool = false
  ) {
    precondition(runs.last.map { Int($0.start + $0.length) <= start } ?? true, "runs come in order of the text")
    var run = Run(
      start: UInt32(clamping: start), length: UInt32(clamping: length), page: UInt32(clamping: page), box: box,
      isVertical: isVertical)
    run.firstPlace = places.count
    runs.append(run)
    if own.count == length {
      places += own
    } else {
      for index in 0..<length {
        places.append(CharacterPlace(low: Float(index) / Float(length), high: Float(index + 1) / Float(length)))
      }
    }
  }

  /// The rectangles that a range covers, to the character; words of one line are joined into one rectangle.
  package func rectangles(of range: Range<Int>) -> [(page: Int, box: Rectangle)] {
    var found: [(page: Int, box: Rectangle)] = []
    var index = firstRun(endingAfter: range.lowerBound)
    while index < runs.count, Int(runs[index].start) < range.upperBound {
      let run = runs[index]
      let box = box(of: range, in: run)
      if let last = found.last, last.page == Int(run.page), last.box.isSameLine(as: box) {
        found[found.count - 1].box = last.box.union(box)
      } else {
        found.append((Int(run.page), box))
      }
      index += 1
    }
    return found
  }

  private func box(of range: Range<Int>, in run: Run) -> Rectangle {
    let start = Int(run.start)
    let covered = range.clamped(to: start..<start + Int(run.length))
    guard covered.count < Int(run.length) else { return run.box }
    let own = places[run.firstPlace + covered.lowerBound - start..<run.firstPlace + covered.upperBound - start]
    let low = Float(own.map(\.low).min() ?? 0) / 255
    let high = Float(own.map(\.high).max() ?? 255) / 255
    var box = run.box
    if run.isVertical {
      let height = box.bottom - box.top
      (box.top, box.bottom) = (run.box.top + height * low, run.box.top + height * high)
    } else {
      let width = box.right - box.left
      (box.left, box.right) = (run.box.left + width * low, run.box.left + width * high)
    }
    return box
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
