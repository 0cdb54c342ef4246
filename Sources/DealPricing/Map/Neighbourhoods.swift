// How like the points of a map are before it is drawn: for each its nearest by the cosine, weighed so that about
// `perplexity` of them count, made the same both ways, one in all.
import Foundation

struct Neighbour: Sendable, Equatable {
  var place: Int
  var share: Float
}

enum Neighbourhoods {
  static func likeness(of vectors: [[Float]], perplexity: Double, threads: Int) -> [[Neighbour]] {
    let count = vectors.count
    let wanted = min(perplexity, Double(count - 1) / 3)
    let kept = min(count - 1, Int(3 * wanted) + 1)
    let oneWay = mapParallel(count, threads: threads) { index in
      let nearest = nearest(to: index, among: vectors, count: kept)
      return zip(nearest, shares(of: nearest.map(\.distance), perplexity: wanted)).map {
        Neighbour(place: $0.place, share: $1)
      }
    }
    var both: [[Int: Float]] = oneWay.map { neighbours in
      Dictionary(uniqueKeysWithValues: neighbours.map { ($0.place, $0.share) })
    }
    for (index, neighbours) in oneWay.enumerated() {
      for neighbour in neighbours { both[neighbour.place][index, default: 0] += neighbour.share }
    }
    return both.map { shares in
      shares.sorted { $0.key < $1.key }.map { Neighbour(place: $0.key, share: $0.value / Float(2 * count)) }
    }
  }

  private static func nearest(
    to index: Int, among vectors: [[Float]], count: Int
  ) -> [(place: Int, distance: Double)] {
    let here = vectors[index]
    var all: [(place: Int, distance: Double)] = []
    all.reserveCapacity(vectors.count)
    for place in vectors.indices where place != index {
      var product = SIMD8<Float>.zero
      var start = 0
      let there = vectors[place]
      while start + 8 <= here.count {
        var (one, other) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
        for lane in 0..<8 {
          one[lane] = here[start + lane]
          other[lane] = there[start + lane]
        }
        product += one * other
        start += 8
      }
      var sum = product.sum()
      while start < here.count {
        sum += here[start] * there[start]
        start += 1
      }
      all.append((place, max(0, 2 - 2 * Double(sum))))
    }
    all.sort { ($0.distance, $0.place) < ($1.distance, $1.place) }
    return Array(all.prefix(count))
  }

  /// The width of the bell is found by halving, until the entropy is that of `perplexity` equal neighbours.
  private static func shares(of distances: [Double], perplexity: Double) -> [Float] {
    let wanted = log(max(1, perplexity))
    let least = distances.first ?? 0
    var (low, high, sharpness) = (0.0, Double.infinity, 1.0)
    var weights = distances.map { _ in 1.0 }
    for _ in 0..<64 {
      weights = distances.map { exp(-sharpness * ($0 - least)) }
      let total = weights.reduce(0, +)
      let entropy = log(total) + sharpness * zip(weights, distances).reduce(0) { $0 + $1.0 * ($1.1 - least) } / total
      if abs(entropy - wanted) < 1e-5 { break }
      if entropy > wanted {
        low = sharpness
        sharpness = high.isInfinite ? sharpness * 2 : (low + high) / 2
      } else {
        high = sharpness
        sharpness = (low + high) / 2
      }
    }
    let total = weights.reduce(0, +)
    return weights.map { Float($0 / total) }
  }
}
