// An answer and what it rests on. Every citation names a range of one document's extracted text and holds the words
// that stand there; CitationGate checks it before the answer leaves the house.
package struct AnswerQuestion: Sendable {
  package var search: SearchQuestion
  /// How many sources the answer lists at least; those cited are always among them.
  package var sourceCount = 3
  package var includesCitations = true

  package init(_ text: String) { search = SearchQuestion(text) }
}

package struct Source: Sendable {
  /// What [n] in the answer refers to.
  package let id: Int
  package let passage: Passage
}

package struct Citation: Sendable {
  package let source: Int
  /// Where the sentence that it supports stands in the answer, in Unicode scalars.
  package let answerRange: Range<Int>
  package let quote: String
  /// Where the quote stands in the source's document, in Unicode scalars.
  package let start: Int
  package let end: Int
  /// From 0 to 1: how well the quote carries the sentence.
  package let support: Double
}

package struct Answer: Sendable {
  package let question: String
  package let text: String
  package let sources: [Source]
  package let citations: [Citation]
  package let isRefused: Bool
  package let warnings: [String]
  package let model: String
  package let elapsedMs: Double
  /// Names the question, the state of the library and the answer: the same in, the same out.
  package let receipt: String
}
