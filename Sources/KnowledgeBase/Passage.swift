// What a search gives: a range of a document's extracted text, with what a reader and a citation need to know of it.
package import Base
package import Retrieval

package struct Passage: Sendable {
  package let documentID: String
  package let documentNumber: Int
  package let versionID: Int
  /// Which version of the document, counted from 1, and the digest of its bytes.
  package let version: Int
  package let sha256: String
  /// When the version came in, in seconds since 1970.
  package let versionCreatedAt: Double
  package let filename: String
  package let page: Int?
  package let heading: String
  /// The chunk's place in its document, from 0.
  package let chunk: Int
  /// Unicode-scalar offsets into the document's extracted text.
  package let start: Int
  package let end: Int
  package let text: String
  /// The larger range to read the passage in: what stands around it under the same heading.
  package let reading: Range<Int>
  package let metadata: JSON
  package let hit: SearchHit
}

package struct SearchQuestion: Sendable {
  package var text: String
  package var limit = 10
  package var mode = SearchMode.hybrid
  package var filter: String?
  /// Empty: every collection.
  package var collections: [String] = []
  /// Those that exist for whoever asks; nil: all of them.
  package var visible: Set<String>?
  package var asOf: Double?
  package var explains = false
  /// What relevance weighs against novelty, 0...1; at 1 even repetitions are shown.
  package var lambda = SearchRequest.lambdaStandard

  package init(_ text: String) { self.text = text }

  func asks(for collection: String) -> Bool {
    (collections.isEmpty || collections.contains(collection)) && visible?.contains(collection) ?? true
  }

  /// The question with the bounds of the product checked.
  package func checked() throws -> SearchQuestion {
    guard text.contains(where: { !$0.isWhitespace }) else { throw LibraryError.questionEmpty }
    guard text.unicodeScalars.count <= Limits.questionScalarsMax else {
      throw LibraryError.questionTooLong(scalarsMax: Limits.questionScalarsMax)
    }
    guard (1...Limits.resultsMax).contains(limit) else {
      throw LibraryError.badCount(limit, max: Limits.resultsMax)
    }
    guard (0...1).contains(lambda) else { throw LibraryError.badLambda(lambda) }
    return self
  }
}

package struct SearchResult: Sendable {
  package let question: SearchQuestion
  package let passages: [Passage]
  /// The question as a vector, for what comes after the search.
  package let vector: [Float]
  /// What was not done as asked.
  package let warnings: [String]
  /// Of the whole time, what embedding the question took.
  package let embedMs: Double
  package internal(set) var elapsedMs: Double

  func with(passages: [Passage]) -> SearchResult {
    SearchResult(
      question: question, passages: passages, vector: vector, warnings: warnings, embedMs: embedMs,
      elapsedMs: elapsedMs)
  }
}
