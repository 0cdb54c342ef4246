// How the words of a text meet those of a question, each in its context: for every word of the question the nearest
// word of the text (late interaction, as in ColBERT: https://arxiv.org/abs/2004.12832). The states of the words are a
// by-product of embedding the texts, so this costs next to nothing. What no word comes near is what the text lacks.
//
// A unit is read behind the sentence before it and under what stands above it; what stands above counts as its own, the
// sentence before only gives its words their sense.
import Embedding
import Text

struct WordMatch {
  /// The mean nearness over the words that carry meaning; rare ones count more.
  let mean: Double
  /// The mean over all words alike.
  let meanOfAll: Double
  /// What is missing of the word that is met worst, weighed by how rare it is, below zero.
  let least: Double
  /// The mean, where each word may be met by any of the texts.
  let anywhere: Double

  typealias Read = (vector: [Float], match: WordMatch)

  /// Embeds units and matches them with the question; `asked` is its vector without a label in front. Where an embedder
  /// gives no words in their context, words that are the same count as met.
  static func read(
    _ units: [UnitReader.Read], by reader: UnitReader, _ embedder: any Embedder
  ) throws -> (asked: [Float]?, units: [Read]) {
    let words = reader.terms.words
    let weights = words.map { $0.stem.map(reader.weight) ?? 0 }
    let texts = units.map { [$0.subject, $0.before, $0.unit.shown] }
    guard let readings = embedder.read([words.map(\.text)] + texts) else {
      let batch = try embedder.embed(texts.map { $0[0] + $0[2] }, isUrgent: true)
      let met = units.map { unit in words.map { $0.stem.map(unit.stems.contains) == true ? 1.0 : 0.0 } }
      return (nil, zip(units.indices, matches(met, weights)).map { (Array(batch[$0]), $1) })
    }
    // What the question asks, without the label in front of it.
    let asked = readings[0]
    let read = readings.dropFirst().map { $0.without(piece: 1) }
    let met = read.map { text in
      // A word of several pieces is met as well as its pieces are on the whole.
      var sums = [Double](repeating: 0, count: words.count)
      var counts = [Double](repeating: 0, count: words.count)
      for (word, nearness) in zip(asked.pieceOfToken, asked.nearest(in: text)) {
        sums[word] += Double(nearness)
        counts[word] += 1
      }
      return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
    }
    return (asked.vector, zip(read, matches(met, weights)).map { ($0.vector, $1) })
  }

  private static func matches(_ met: [[Double]], _ weights: [Double]) -> [WordMatch] {
    let total = max(weights.reduce(0, +), 1e-9)
    let most = max(weights.max() ?? 0, 1e-9)
    func mean(_ met: [Double]) -> Double { zip(met, weights).reduce(0) { $0 + $1.0 * $1.1 } / total }
    let best = weights.indices.map { word in met.map { $0[word] }.max() ?? 0 }
    let anywhere = mean(best)
    return met.map { met in
      WordMatch(
        mean: mean(met), meanOfAll: met.reduce(0, +) / Double(max(1, met.count)),
        least: -(zip(met, weights).map { (1 - $0) * $1 / most }.max() ?? 0), anywhere: anywhere)
    }
  }
}
