// A chunk is a range of a document's text, never a copy of it.
// Must not: hold the text.

package struct Chunk: Sendable, Equatable {
  package var start: Int
  package var end: Int
  /// The page on which the chunk begins.
  package var page: Int?
  /// The path of headings above it: 'Benefits > Time off'.
  package var heading: String
  /// What the embedder reads before the chunk's own text: title, heading path, header of the table it continues.
  /// Empty, or ends with a line end.
  package var contextPrefix: String

  package init(start: Int, end: Int, page: Int? = nil, heading: String = "", contextPrefix: String = "") {
    self.start = start
    self.end = end
    self.page = page
    self.heading = heading
    self.contextPrefix = contextPrefix
  }
}

package struct ChunkingOptions: Sendable, Equatable {
  /// Windows of words instead, whatever they hold.
  package struct Plain: Sendable, Equatable {
    package var words: Int
    package var overlap: Int

    package init(words: Int = 500, overlap: Int = 50) {
      precondition(words > 0 && overlap >= 0 && overlap < words, "an overlap smaller than the window")
      self.words = words
      self.overlap = overlap
    }
  }

  /// The window: no chunk with its context prefix counts more tokens.
  package var tokensMax: Int
  /// About what a chunk counts.
  package var tokensTarget: Int
  /// How much of the end of a chunk the next one repeats, in whole sentences or rows.
  package var overlapTokens: Int
  package var plain: Plain?

  /// Between these a chunk ends, at the place in between that suits best.
  var tokensMin: Int { tokensTarget * 13 / 20 }
  var tokensFull: Int { min(tokensMax, tokensTarget * 23 / 20) }

  package init(
    tokensMax: Int = 254, tokensTarget: Int = 200, overlapTokens: Int = 40, plain: Plain? = nil
  ) {
    precondition(tokensMax >= 8 && tokensTarget > 0 && tokensTarget <= tokensMax && overlapTokens >= 0)
    self.tokensMax = tokensMax
    self.tokensTarget = tokensTarget
    self.overlapTokens = overlapTokens
    self.plain = plain
  }

  /// For an embedder that reads so many tokens of a text: what does not fit is made smaller, in proportion.
  package func fitting(tokens: Int) -> ChunkingOptions {
    var fitted = self
    fitted.tokensMax = max(8, min(tokensMax, tokens))
    fitted.tokensTarget = max(1, min(tokensTarget, fitted.tokensMax * 4 / 5))
    fitted.overlapTokens = min(overlapTokens, fitted.tokensTarget / 5)
    return fitted
  }
}
