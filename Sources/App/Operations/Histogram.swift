// How long things took, counted into fixed steps: cheap to add to, enough for percentiles on a chart.

struct Histogram: Sendable, Equatable {
  /// Upper ends in milliseconds; beyond the last one is the rest.
  static let boundsMs = [1.0, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000]

  private(set) var counts = [Int](repeating: 0, count: boundsMs.count + 1)
  private(set) var sumMs = 0.0
  var count: Int { counts.reduce(0, +) }

  mutating func add(_ ms: Double) {
    counts[Histogram.boundsMs.firstIndex { ms <= $0 } ?? Histogram.boundsMs.count] += 1
    sumMs += ms
  }
}
