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

  /// How sure one may be that the best unit answers, from 0 to 1.
  private static func confidence(_ evidence: AnswerEvidence) -> Double {
    let sum =
      -6.2 + 5.0 * evidence.unitSimilarity + 2.5 * evidence.passageSimilarity + 3.2 * evidence.unitCoverage
    return 1 / (1 + exp(-sum))
  }
}
