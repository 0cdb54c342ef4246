// An answer and what it rests on. Every citation names a range of one document's extracted text and holds the words
// that stand there; the gate checks it before the answer leaves the house.
package import Base
package import Models

package struct AnswerQuestion: Sendable {
  package var search: SearchQuestion
  /// How many sources the answer lists at least; those cited are always among them.
  package var sourceCount = 3
  package var includesCitations = true
  /// What was asked and answered before; a question that leans on it is made whole.
  package var history: [ConversationTurn] = []
  package var means = AnswerMeans()
  /// For measuring: keeps the units that were weighed.
  package var keepsCandidates = false

  package init(_ text: String) { search = SearchQuestion(text) }
}

/// What a question is answered with beyond the documents' own words; nothing by default.
package struct AnswerMeans: Sendable {
  /// Who writes the answer; nil: it is extracted.
  package var model: (any ChatModel)?
  /// Asks `model`.
  package var expansion = QueryExpansion.none
  package var reranker: (any Reranker)?
  /// `model` makes follow-up questions whole, not rules.
  package var rewritesByModel = false
  /// Where `model` cannot be asked, or nothing that it wrote holds: the answer is extracted and says so. Else the
  /// failure is told.
  package var extractsWhenModelFails = true

  package init() {}

  /// The same with no chat model asked for anything.
  package var withoutModel: AnswerMeans {
    var means = AnswerMeans()
    means.reranker = reranker is ChatReranker ? nil : reranker
    return means
  }
}

/// What a model or a rerank service was asked for and did not give. The question is answered without it, and says so.
package struct MeansFailure: Sendable, Equatable {
  package enum Step: String, Sendable, CaseIterable {
    case rewrite, expand, rerank, write, judge
    /// The question as a whole: nothing stood in for what failed.
    case ask
  }

  package let step: Step
  /// As whoever asked reads it.
  package let warning: String

  /// Whether an endpoint's failure is what was thrown, and not one of ours or of whoever waits.
  static func isOfAModel(_ error: any Error) -> Bool {
    if let failure = error as? ChatFailure { return failure != .cancelled }
    return error is EndpointFailure
  }
}

/// One question of a conversation with its answer.
package struct ConversationTurn: Sendable, Equatable {
  package let question: String
  package let answer: String
  /// Whose words the answer may hold: what a model is told of it is erased with them.
  package let documents: [String]

  package init(question: String, answer: String, documents: [String] = []) {
    self.question = question
    self.answer = answer
    self.documents = documents
  }

  /// A follow-up leans on the question as it was understood.
  package init(_ answer: Answer) {
    self.init(
      question: answer.rewrittenQuestion ?? answer.question, answer: answer.isRefused ? "" : answer.text,
      documents: answer.sources.map(\.passage.documentID))
  }
}

package struct Source: Sendable {
  /// What [n] in the answer refers to: its place among the passages found, from 1.
  package let id: Int
  package let passage: Passage
}

package struct Citation: Sendable, Equatable {
  package let source: Int
  /// Where the sentence that it supports stands in the answer, in Unicode scalars.
  package let answerRange: Range<Int>
  package let quote: String
  /// Where the quote stands in the source's document, in Unicode scalars.
  package let start: Int
  package let end: Int
  /// From 0 to 1: how well the quote carries the sentence.
  package let support: Double
  /// Where the quote begins, which need not be where its passage does; nil where a format has none.
  package var page: Int?
}

/// What an answer, or its refusal, was decided by. All from 0 to 1.
package struct AnswerEvidence: Sendable {
  /// Between the question and the best unit, and between the question and the best passage.
  package var unitSimilarity = 0.0
  package var passageSimilarity = 0.0
  /// The share of the question's terms that the best unit, and the best unit's passage, hold; rare terms count more.
  package var unitCoverage = 0.0
  package var passageCoverage = 0.0
  /// How well the unit holds the kind of thing that was asked for.
  package var kind = 0.0
  /// The share of the question's names and numbers that neither the passage nor what stands above it holds.
  package var anchorsMissing = 0.0
  /// The same of what is asked for: the insurer in 'which insurer'.
  package var targetsMissing = 0.0
  /// How rare the rarest term is that the passage lacks, beside the rarest of all.
  package var rarestMissing = 0.0
  /// The same of the unit with its heading.
  package var rarestMissingInUnit = 0.0
  package var proximity = 0.0
  /// How near the best unit's words come to the question's, and how well the worst met of them is met, from -1 to 0.
  package var wordsMet = 0.0
  package var leastMet = 0.0
  /// The same of all units that were read: what no text that was found has a counterpart of.
  package var wordsMetAnywhere = 0.0
  /// How far the best unit is ahead of the next one that says something else: where many are alike, none answers.
  package var margin = 0.0
  /// The unit states another number, date or year where the question names one.
  package var statesAnother = 0.0
  package var confidence = 0.0
}

/// How long a part of the way took.
package struct StageTime: Sendable {
  package let stage: String
  package let ms: Double
}

/// A unit that was weighed, for whoever fits the weights.
package struct AnswerCandidate: Sendable {
  package let text: String
  /// The place of its passage among those found, from 1.
  package let passage: Int
  package let features: [Double]
  package let score: Double
}

package enum AnswerEvent: Sendable {
  /// The question as it was understood, where it leaned on earlier ones.
  case question(String)
  case sources([Source])
  /// A whole sentence that holds, or a refusal's words.
  case text(String)
}

package struct Answer: Sendable {
  package let question: String
  /// The question made whole, where it leaned on earlier ones.
  package var rewrittenQuestion: String?
  package var text: String
  package var sources: [Source]
  package var citations: [Citation]
  package var isRefused: Bool
  package var warnings: [String] = []
  /// Each of them is a warning, too.
  package var meansFailures: [MeansFailure] = []
  /// What the gate left out or put right.
  package var remarks: [GateRemark] = []
  package var disagreements: [Disagreement] = []
  package var evidence = AnswerEvidence()
  package var model = "extractive"
  package var usage = ChatUsage(inputTokens: 0, outputTokens: 0)
  package var isCached = false
  package var cost = 0.0
  package var stages: [StageTime] = []
  package var elapsedMs = 0.0
  package var candidates: [AnswerCandidate] = []
  /// Everything that the answer follows from but the documents' words: the same again gives the same bytes.
  package var basis: JSON = [:]
  /// Names basis and answer: the same in, the same out.
  package var receipt = ""
}
