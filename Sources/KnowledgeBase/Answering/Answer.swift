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

/// What an answer, or its refusal, was decided by. All from 0 to 1.
package struct AnswerEvidence: Sendable {
  /// Between the question and the best unit, and between the question and the best passage.
  package var unitSimilarity = 0.0
  package var passageSimilarity = 0.0
  /// The share of the question's terms that the best unit, and the best unit's passage, hold; rare terms count more.
  package var unitCoverage = 0.0
  package var passageCoverage = 0.0
  /// Whether the unit holds the kind of thing that was asked for.
  package var isOfTheKindAsked = false
  package var confidence = 0.0
}

package struct Answer: Sendable {
  package let question: String
  package let text: String
  package let sources: [Source]
  package let citations: [Citation]
  package let isRefused: Bool
  package let warnings: [String]
  package let evidence: AnswerEvidence
  package let model: String
  package let elapsedMs: Double
  /// Names the question, the state of the library and the answer: the same in, the same out.
  package let receipt: String
}
