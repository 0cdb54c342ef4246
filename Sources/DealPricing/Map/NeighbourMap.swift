// Vectors of many dimensions as points in space, near ones near: t-SNE in three dimensions. Every pair is weighed,
// eight at a time, which for the few thousand points of a picture is quicker than a tree, and exact. Laurens van der
// Maaten's way: likeness by perplexity, early exaggeration, momentum with gains. Invariants: seeded, and the same on
// any number of threads: each point's pull is summed in order by one thread.
import Base
import Foundation

package struct NeighbourMap: Sendable {
  package struct Options: Sendable {
    package var perplexity = 30.0
    package var rounds = 500
    package var seed: UInt64 = 42

    package init() {}
  }

  package typealias Point = SIMD3<Float>

  private static let exaggeration: Float = 12
  private static let exaggeratedRounds = 150
  private static let lanes = 8
  /// Past everything: it pulls nothing.
  private static let nowhere: Float = 1e15

  let likeness: [[Neighbour]]
  private(set) var points: [Point]

  /// `vectors` are of unit length; one or none gives what there is to give.
  package static func points(
    of vectors: [[Float]], options: Options = Options(), threads: Int
  ) -> [Point] {
    guard vectors.count > 3 else { return vectors.indices.map { Point(Float($0), 0, 0) } }
    var map = NeighbourMap(vectors: vectors, options: options, threads: threads)
    map.settle(rounds: options.rounds, threads: threads)
    return map.points
  }

  init(vectors: [[Float]], options: Options, threads: Int) {
    likeness = Neighbourhoods.likeness(of: vectors, perplexity: options.perplexity, threads: threads)
    var random = SeededRandom(seed: options.seed)
    points = vectors.map { _ in
      Point(
        Float.random(in: -1...1, using: &random), Float.random(in: -1...1, using: &random),
        Float.random(in: -1...1, using: &random)) * 1e-4
    }
  }

  mutating func settle(rounds: Int, threads: Int) {
    let rate = max(50, Float(points.count) / Self.exaggeration / 4)
    var speed = [Point](repeating: .zero, count: points.count)
    var gains = [Point](repeating: Point(repeating: 1), count: points.count)
    for round in 0..<rounds {
      let isEarly = round < min(Self.exaggeratedRounds, rounds / 2)
      let slope = gradient(exaggeration: isEarly ? Self.exaggeration : 1, threads: threads)
      let momentum: Float = isEarly ? 0.5 : 0.8
      for index in points.indices {
        // A direction that holds is taken faster, one that turns more slowly.
        let turns = (slope[index] .> 0) .^ (speed[index] .> 0)
        gains[index] = (gains[index] * 0.8).replacing(with: gains[index] + 0.2, where: turns)
        gains[index].replace(with: Point(repeating: 0.01), where: gains[index] .< 0.01)
        speed[index] = momentum * speed[index] - rate * gains[index] * slope[index]
        points[index] += speed[index]
      }
      let middle = points.reduce(.zero, +) / Float(points.count)
      for index in points.indices { points[index] -= middle }
    }
  }

  /// Of the Kullback-Leibler divergence, by point.
  func gradient(exaggeration: Float = 1, threads: Int) -> [Point] {
    let count = points.count
    let groups = (count + Self.lanes - 1) / Self.lanes
    func lane(_ axis: Int) -> [SIMD8<Float>] {
      (0..<groups).map { group in
        var eight = SIMD8<Float>(repeating: Self.nowhere)
        for lane in 0..<min(Self.lanes, count - group * Self.lanes) {
          eight[lane] = points[group * Self.lanes + lane][axis]
        }
        return eight
      }
    }
    let (x, y, z) = (lane(0), lane(1), lane(2))
    // Away from all, not yet divided by the sum of all nearness.
    let pieces = mapParallel((count + 63) / 64, threads: threads) { piece in
      (piece * 64..<min(count, piece * 64 + 64)).map { index in
        let here = points[index]
        var (nearness, pushX, pushY, pushZ) = (
          SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero
        )
        for group in 0..<groups {
          let (dx, dy, dz) = (here.x - x[group], here.y - y[group], here.z - z[group])
          let near = 1 / (1 + dx * dx + dy * dy + dz * dz)
          let squared = near * near
          nearness += near
          pushX += squared * dx
          pushY += squared * dy
          pushZ += squared * dz
        }
        // Itself was counted, at full nearness.
        return (nearness: nearness.sum() - 1, push: Point(pushX.sum(), pushY.sum(), pushZ.sum()))
      }
    }
    let pushed = pieces.flatMap { $0 }
    let total = Float(pushed.reduce(0.0) { $0 + Double($1.nearness) })
    return points.indices.map { index in
      var pull = Point.zero
      for neighbour in likeness[index] {
        let apart = points[index] - points[neighbour.place]
        pull += exaggeration * neighbour.share / (1 + (apart * apart).sum()) * apart
      }
      return 4 * (pull - pushed[index].push / total)
    }
  }
}
