// How the words of a text meet those of a question, each in its context: for every word of the question the nearest word
// of the text (late interaction, as in ColBERT: https://arxiv.org/abs/2004.12832). The states of the words are a
// by-product of embedding the texts, so this costs next to nothing. What no word comes near is what the text lacks.
import Embedding
import Text

struct WordMatch {
  /// The mean nearness over the words that carry meaning; rare ones count more.
  let mean: Double
  /// What is missing of the word that is met worst, weighed by how rare it is, below zero.
  let least: Double
  /// The mean, where each word may be met by any of the texts.
  let anywhere: Double

  typealias Read = (vector: [Float], match: WordMatch)

  /// Embeds texts and matches them with the question. Where an embedder gives no words in their context, words that are
  /// the same count as met (`stems`: those of each text).
  static func read(
    _ texts: [String], stems: [Set<String>], by reader: UnitReader, _ embedder: any Embedder
  ) throws -> [Read] {
    let words = reader.terms.words
    let weights = words.map { $0.stem.map(reader.weight) ?? 0 }
    guard let readings = embedder.read([words.map(\.text)] + texts.map { [$0] }) else {
      let batch = try embedder.embed(texts, isUrgent: true)
      let met = stems.map { held in words.map { $0.stem.map(held.contains) == true ? 1.0 : 0.0 } }
      return zip(texts.indices, matches(met, weights)).map { (Array(batch[$0]), $1) }
    }
    let asked = readings[0]
    let met = readings.dropFirst().map { text in
      // A word of several pieces is met as well as its pieces are on the whole.
      var sums = [Double](repeating: 0, count: words.count)
      var counts = [Double](repeating: 0, count: words.count)
      for (word, nearness) in zip(asked.pieceOfToken, asked.nearest(in: text)) {
        sums[word] += Double(nearness)
        counts[word] += 1
      }
      return zip(sums, counts).map { $1 > 0 ? $0 / $1 : 0 }
    }
    return zip(readings.dropFirst(), matches(met, weights)).map { ($0.vector, $1) }
  }

  private static func matches(_ met: [[Double]], _ weights: [Double]) -> [WordMatch] {
    let total = max(weights.reduce(0, +), 1e-9)
    let most = max(weights.max() ?? 0, 1e-9)
    func mean(_ met: [Double]) -> Double { zip(met, weights).reduce(0) { $0 + $1.0 * $1.1 } / total }
    let best = weights.indices.map { word in met.map { $0[word] }.max() ?? 0 }
    let anywhere = mean(best)
    return met.map { met in
      WordMatch(
        mean: mean(met), least: -(zip(met, weights).map { (1 - $0) * $1 / most }.max() ?? 0), anywhere: anywhere)
    }
  }
}
