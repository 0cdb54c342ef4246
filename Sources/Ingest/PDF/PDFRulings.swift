// The straight lines of a page, put together from the strokes and filled areas that drew them, and the groups of lines
// that touch one another.
// Invariants: lines of one direction at one place do not overlap; a group holds lines of both directions.
// Must not: know words.

/// A line across (or down, with `place` and the ends exchanged).
struct PDFRuling {
  /// Height on the page of a line across; distance from the left of a line down.
  var place: Float
  var start: Float
  var end: Float

  func covers(_ from: Float, _ to: Float) -> Bool { min(end, to) - max(start, from) >= (to - from) * 0.6 }
}

struct PDFRulings {
  private(set) var across: [PDFRuling] = []
  private(set) var down: [PDFRuling] = []

  /// How far apart two ends that are meant to meet may lie, in points.
  static let slack: Float = 3
  private static let thickMax: Float = 3
  private static let lengthMin: Float = 7
  /// More than this is a drawing.
  private static let countMax = 1_500

  init(_ rules: [PDFRule], frame: PDFFrame) {
    guard !rules.isEmpty else { return }
    let pageArea = max(frame.width * frame.height, 1)
    for rule in rules {
      let box = rule.box
      let width = box.right - box.left
      let height = box.bottom - box.top
      if rule.isArea {
        // A cell's ground ends where the cell ends; a ground of the page says nothing.
        guard width * height < pageArea * 0.6, width > 8, height > 5 else { continue }
        across.append(PDFRuling(place: box.top, start: box.left, end: box.right))
        across.append(PDFRuling(place: box.bottom, start: box.left, end: box.right))
        down.append(PDFRuling(place: box.left, start: box.top, end: box.bottom))
        down.append(PDFRuling(place: box.right, start: box.top, end: box.bottom))
      } else if height <= Self.thickMax, width > height {
        across.append(PDFRuling(place: (box.top + box.bottom) / 2, start: box.left, end: box.right))
      } else if width <= Self.thickMax {
        down.append(PDFRuling(place: (box.left + box.right) / 2, start: box.top, end: box.bottom))
      }
    }
    across = Self.merged(across)
    down = Self.merged(down)
    if across.count > Self.countMax || down.count > Self.countMax {
      across = []
      down = []
    }
  }

  private static func merged(_ rulings: [PDFRuling]) -> [PDFRuling] {
    var result: [PDFRuling] = []
    let sorted = rulings.sorted { ($0.place, $0.start) < ($1.place, $1.start) }
    var index = 0
    while index < sorted.count {
      var end = index + 1
      while end < sorted.count, sorted[end].place - sorted[end - 1].place <= 1.5,
        sorted[end].place - sorted[index].place <= slack
      {
        end += 1
      }
      let place = sorted[index..<end].reduce(0) { $0 + $1.place } / Float(end - index)
      var open: PDFRuling?
      for next in sorted[index..<end].sorted(by: { $0.start < $1.start }) {
        if var line = open, next.start <= line.end + slack {
          line.end = max(line.end, next.end)
          open = line
        } else {
          if let line = open { result.append(line) }
          open = PDFRuling(place: place, start: next.start, end: next.end)
        }
      }
      if let line = open { result.append(line) }
      index = end
    }
    return result.filter { $0.end - $0.start >= lengthMin }
  }

  /// Lines that cross or meet, each group as one drawing.
  func groups() -> [PDFRulings] {
    guard !across.isEmpty, !down.isEmpty else { return [] }
    var parents = Array(0..<across.count + down.count)
    func root(_ index: Int) -> Int {
      var index = index
      while parents[index] != index {
        parents[index] = parents[parents[index]]
        index = parents[index]
      }
      return index
    }
    for (first, line) in across.enumerated() {
      for (second, post) in down.enumerated()
      where post.place >= line.start - Self.slack && post.place <= line.end + Self.slack
        && line.place >= post.start - Self.slack && line.place <= post.end + Self.slack
      {
        parents[root(first)] = root(across.count + second)
      }
    }
    var groups: [Int: PDFRulings] = [:]
    var order: [Int] = []
    for index in parents.indices {
      let key = root(index)
      if groups[key] == nil { order.append(key) }
      if index < across.count {
        groups[key, default: PDFRulings()].across.append(across[index])
      } else {
        groups[key, default: PDFRulings()].down.append(down[index - across.count])
      }
    }
    return order.compactMap { groups[$0] }.filter { !$0.across.isEmpty && !$0.down.isEmpty }
  }

  private init() {}
}
