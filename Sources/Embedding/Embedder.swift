// What the house knows of embedders: texts in, unit vectors out, and a name to remember them by.

import Vectors

/// Vectors of different identities must never meet in one index.
package struct EmbedderIdentity: Hashable, Sendable {
  package let name: String
  /// A short hash of the weights, the precision and the version of the arithmetic.
  package let fingerprint: String
  package let dimension: Int

  package init(name: String, fingerprint: String, dimension: Int) {
    self.name = name
    self.fingerprint = fingerprint
    self.dimension = dimension
  }
}

/// One unit vector a text, in the order of the texts.
package struct EmbeddingBatch: Sendable {
  package let dimension: Int
  /// Row-major.
  package let vectors: [Float]
  /// Tokens of each text that lay past the window and were not read.
  package let tokensCut: [Int]

  package init(dimension: Int, vectors: [Float], tokensCut: [Int]) {
    precondition(vectors.count == dimension * tokensCut.count, "one vector a text")
    self.dimension = dimension
    self.vectors = vectors
    self.tokensCut = tokensCut
  }

  package var count: Int { tokensCut.count }

  package subscript(row: Int) -> ArraySlice<Float> {
    vectors[row * dimension..<(row + 1) * dimension]
  }
}

package protocol Embedder: Sendable {
  var identity: EmbedderIdentity { get }
  /// Tokens that are read of a text, the two that frame it included.
  var windowTokens: Int { get }
  /// Tokens of a text without the two that frame it.
  func tokenCount(_ text: String) -> Int
  func embed(_ texts: [String]) throws -> EmbeddingBatch
  /// The same; `isUrgent`: someone waits for it, so that trouble is told soon instead of sat out.
  func embed(_ texts: [String], isUrgent: Bool) throws -> EmbeddingBatch
  /// Texts cost money or another server's time: no text is embedded twice where that can be avoided.
  var isMetered: Bool { get }
  /// Which texts, in their order, are best embedded together.
  func groups(_ texts: [String]) -> [Range<Int>]
  /// The vectors of texts, given in pieces, and of their tokens; nil where it gives none of tokens. On the caller's
  /// thread, for few and short texts that someone waits for.
  func read(_ texts: [[String]]) -> [TextReading]?
}

/// A text as a model read it.
package struct TextReading: Sendable {
  package let vector: [Float]
  /// A unit vector a token, row-major, and the piece of the text that each token is of.
  package let tokens: [Float]
  package let pieceOfToken: [Int]

  package init(vector: [Float], tokens: [Float], pieceOfToken: [Int]) {
    self.vector = vector
    self.tokens = tokens
    self.pieceOfToken = pieceOfToken
  }

  /// The same without the tokens of a piece: what the others are in its company. The vector is then the mean of theirs.
  package func without(piece: Int) -> TextReading {
    let dimension = vector.count
    let kept = pieceOfToken.indices.filter { pieceOfToken[$0] != piece }
    guard kept.count < pieceOfToken.count, !kept.isEmpty else { return self }
    var mean = [Float](repeating: 0, count: dimension)
    var rows: [Float] = []
    rows.reserveCapacity(kept.count * dimension)
    for token in kept {
      let row = tokens[token * dimension..<(token + 1) * dimension]
      for (index, value) in row.enumerated() { mean[index] += value }
      rows += row
    }
    let length = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return TextReading(
      vector: length > 0 ? mean.map { $0 / length } : vector, tokens: rows, pieceOfToken: kept.map { pieceOfToken[$0] })
  }

  /// How near the nearest token of the other text is to each token of this one.
  package func nearest(in other: TextReading) -> [Float] {
    guard !other.pieceOfToken.isEmpty else { return [Float](repeating: 0, count: pieceOfToken.count) }
    return EmbedEncoder.nearest(tokens, in: other.tokens, dimension: vector.count)
  }
}

extension Embedder {
  package var isMetered: Bool { false }

  package func read(_ texts: [[String]]) -> [TextReading]? { nil }

  package func embed(_ texts: [String], isUrgent: Bool) throws -> EmbeddingBatch { try embed(texts) }

  package func groups(_ texts: [String]) -> [Range<Int>] { texts.isEmpty ? [] : [0..<texts.count] }
}
