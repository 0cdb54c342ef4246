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
  /// The window: no chunk with its context prefix counts more tokens.
  package var tokensMax: Int
  /// Where a chunk is full enough to end at the next boundary.
  package var tokensTarget: Int
  /// How much of the end of a chunk the next one repeats, in whole sentences or rows.
  package var overlapTokens: Int
  /// The plain form instead: windows of so many words, whatever they hold.
  package var plainWords: (size: Int, overlap: Int)?

  package init(
    tokensMax: Int = 254, tokensTarget: Int = 200, overlapTokens: Int = 40,
    plainWords: (size: Int, overlap: Int)? = nil
  ) {
    precondition(tokensMax >= 8 && tokensTarget > 0 && tokensTarget <= tokensMax && overlapTokens >= 0)
    self.tokensMax = tokensMax
    self.tokensTarget = tokensTarget
    self.overlapTokens = overlapTokens
    self.plainWords = plainWords
  }

  package static func == (left: ChunkingOptions, right: ChunkingOptions) -> Bool {
    left.tokensMax == right.tokensMax && left.tokensTarget == right.tokensTarget
      && left.overlapTokens == right.overlapTokens && left.plainWords?.size == right.plainWords?.size
      && left.plainWords?.overlap == right.plainWords?.overlap
  }
}
