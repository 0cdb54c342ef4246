// Whether the library holds an answer at all. An answer that nothing supports is worse than none.

import Foundation
import Retrieval

enum Refusal {
  /// How sure one may be that the best unit answers, from 0 to 1.
  static func confidence(best: ExtractiveAnswerer.Scored, passages: [Passage], terms: QuestionTerms) -> Double {
    let semantic = passages.compactMap(\.hit.semantic).max() ?? 0
    let evidence = -6.2 + 5.0 * best.similarity + 2.5 * semantic + 3.2 * best.coverage
    return 1 / (1 + exp(-evidence))
  }
}
