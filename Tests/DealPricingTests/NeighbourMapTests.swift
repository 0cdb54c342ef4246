// The map of vectors against what it must keep: its slope is that of the divergence, neighbours stay neighbours, and
// threads and seeds change nothing that they should not.
import Base
import Foundation
import Testing

@testable import DealPricing

@Suite struct NeighbourMapTests {
  /// Unit vectors around as many directions.
  private func clusters(_ count: Int, of size: Int, seed: UInt64) -> [[Float]] {
    var random = SeededRandom(seed: seed)
    return (0..<count * size).map { index in
      var vector = (0..<20).map { _ in Float.random(in: -0.15...0.15, using: &random) }
      vector[index / size] += 1
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return vector.map { $0 / length }
    }
  }

  /// Plainly, in double precision, over all pairs.
  private func divergence(_ points: [NeighbourMap.Point], _ likeness: [[Neighbour]]) -> Double {
    func nearness(_ one: Int, _ other: Int) -> Double {
      let apart = SIMD3<Double>(points[one]) - SIMD3<Double>(points[other])
      return 1 / (1 + (apart * apart).sum())
    }
    var total = 0.0
    for one in points.indices { for other in points.indices where one != other { total += nearness(one, other) } }
    var sum = 0.0
    for one in points.indices {
      for neighbour in likeness[one] {
        let share = Double(neighbour.share)
        sum += share * log(share / (nearness(one, neighbour.place) / total))
      }
    }
    return sum
  }

  @Test func theSlopeIsThatOfTheDivergence() {
    var map = NeighbourMap(vectors: clusters(3, of: 7, seed: 3), options: .init(), threads: 1)
    map.settle(rounds: 20, threads: 1)
    let slope = map.gradient(threads: 1)
    for (index, axis) in [(0, 0), (5, 1), (13, 2), (20, 0)] {
      var (more, less) = (map.points, map.points)
      more[index][axis] += 0.01
      less[index][axis] -= 0.01
      let measured = (divergence(more, map.likeness) - divergence(less, map.likeness)) / 0.02
      #expect(abs(measured - Double(slope[index][axis])) < 0.02 * max(0.05, abs(measured)))
    }
  }

  @Test func likenessIsOneInAllAndTheSameBothWays() {
    let map = NeighbourMap(vectors: clusters(4, of: 25, seed: 5), options: .init(), threads: 2)
    let total = map.likeness.flatMap { $0 }.reduce(0.0) { $0 + Double($1.share) }
    #expect(abs(total - 1) < 1e-3)
    for (one, neighbours) in map.likeness.enumerated() {
      for neighbour in neighbours {
        #expect(map.likeness[neighbour.place].contains { $0.place == one && abs($0.share - neighbour.share) < 1e-7 })
      }
    }
  }

  @Test func neighboursStayNeighbours() {
    let points = NeighbourMap.points(of: clusters(5, of: 40, seed: 7), threads: 2)
    var kept = 0
    for one in points.indices {
      let nearest = points.indices.filter { $0 != one }.sorted {
        let (a, b) = (points[$0] - points[one], points[$1] - points[one])
        return (a * a).sum() < (b * b).sum()
      }.prefix(10)
      kept += nearest.count { $0 / 40 == one / 40 }
    }
    #expect(Double(kept) > 0.97 * Double(points.count * 10))
    #expect(points.allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite })
  }

  @Test func threadsChangeNothingAndSeedsDo() {
    let vectors = clusters(3, of: 50, seed: 9)
    var options = NeighbourMap.Options()
    options.rounds = 60
    let one = NeighbourMap.points(of: vectors, options: options, threads: 1)
    #expect(one == NeighbourMap.points(of: vectors, options: options, threads: 2))
    options.seed = 43
    #expect(one != NeighbourMap.points(of: vectors, options: options, threads: 1))
  }

  @Test func fewAndEqualVectorsAreNoTrouble() {
    #expect(NeighbourMap.points(of: [], threads: 2).isEmpty)
    #expect(NeighbourMap.points(of: [[1, 0]], threads: 2).count == 1)
    let equal = NeighbourMap.points(of: [[Float]](repeating: [1, 0], count: 9), threads: 2)
    #expect(equal.count == 9 && equal.allSatisfy { $0.x.isFinite })
  }
}
