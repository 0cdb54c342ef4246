// Whether the library holds an answer at all. An answer that nothing supports is worse than none.

import Foundation
import Retrieval
import Text

enum Refusal {
  static func evidence(
    best: ExtractiveAnswerer.Scored?, passages: [Passage], terms: QuestionTerms, tokenizer: WordTokenizer,
    weight: (String) -> Double
  ) -> AnswerEvidence {
    guard let best else { return AnswerEvidence() }
    let passage = passages[best.unit.passage]
    let held = Set(tokenizer.words(in: passage.heading + "\n" + passage.text).map(\.stem))
    var evidence = AnswerEvidence(
      unitSimilarity: best.similarity, passageSimilarity: passages.compactMap(\.hit.semantic).max() ?? 0,
      unitCoverage: best.coverage, passageCoverage: terms.coverage(by: held, weight: weight),
      isOfTheKindAsked: terms.isAnswered(by: best.unit.text))
    evidence.confidence = confidence(evidence)
    return evidence
  }

  /// How sure one may be that the best unit answers, from 0 to 1. The weights were fitted on questions to articles of
  /// which a third was withheld, and on questions to a company's documents beside questions to the articles
  /// (docs/decisions/0007-answers.md).
  private static func confidence(_ evidence: AnswerEvidence) -> Double {
    let sum =
      -8.85 + 4.5 * evidence.unitSimilarity + 4.8 * evidence.passageSimilarity + 3.3 * evidence.unitCoverage
      + 4.6 * evidence.passageCoverage + (evidence.isOfTheKindAsked ? 0.6 : 0)
    return 1 / (1 + exp(-sum))
  }
}
