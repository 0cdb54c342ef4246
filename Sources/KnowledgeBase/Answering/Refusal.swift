// Whether the library holds an answer at all. An answer that nothing supports is worse than none.
//
// What tells a near miss from an answer is what is not there: the name asked about, the year, the kind of thing.

import Foundation
import Retrieval
import Text

enum Refusal {
  static func evidence(
    ranked: [ExtractiveAnswerer.Scored], reader: UnitReader
  ) -> AnswerEvidence {
    guard let best = ranked.first else { return AnswerEvidence() }
    let terms = reader.terms
    let passage = reader.passages[best.unit.passage]
    let title = ExtractiveAnswerer.title(of: passage)
    let above = "\(title)\n\(passage.heading)"
    let words = reader.tokenizer.words(in: above + "\n" + passage.text)
    let held = Set(words.map(\.stem))
    let heldWords = Set(FactTokens.all(in: above + "\n" + passage.text).map(\.folded))
    let aboveStems = Set(reader.tokenizer.words(in: above).map(\.stem))
    let unitFacts = TextFacts(best.unit.shown)
    var evidence = AnswerEvidence(
      unitSimilarity: best.features.similarity,
      passageSimilarity: reader.passages.compactMap(\.hit.semantic).max() ?? 0,
      unitCoverage: (best.features.coverage + best.features.coverageWithContext) / 2,
      passageCoverage: terms.coverage(by: held, weight: reader.weight), kind: best.features.kind)
    if !terms.anchors.isEmpty {
      evidence.anchorsMissing =
        Double(terms.anchors.count { !heldWords.contains($0) }) / Double(terms.anchors.count)
    }
    if !terms.targets.isEmpty {
      evidence.targetsMissing = Double(terms.targets.count { !held.contains($0) }) / Double(terms.targets.count)
    }
    evidence.rarestMissing = terms.rarestMissing(held, weight: reader.weight)
    evidence.rarestMissingInUnit = terms.rarestMissing(best.stems.union(aboveStems), weight: reader.weight)
    evidence.proximity = best.features.proximity
    evidence.wordsMet = best.features.wordsMet
    evidence.leastMet = best.features.leastMet
    evidence.wordsMetAnywhere = best.met.anywhere
    let next = ranked.dropFirst().first { !$0.repeats(best) }
    evidence.margin = next.map { best.score - $0.score } ?? 0
    evidence.statesAnother = statesAnother(terms.facts, unitFacts, heldWords) ? 1 : 0
    evidence.confidence = confidence(evidence)
    return evidence
  }

  /// The question is about 2019 or the 12 V model; the unit has a year or a voltage, but another.
  private static func statesAnother(_ asked: TextFacts, _ unit: TextFacts, _ held: Set<String>) -> Bool {
    for date in asked.dates {
      guard let year = date.year, !held.contains("\(year)") else { continue }
      if unit.dates.contains(where: { $0.year != nil && $0.year != year }) { return true }
    }
    return asked.quantities.contains { quantity in
      let same = unit.quantities.filter { $0.dimension == quantity.dimension }
      return !same.isEmpty && !same.contains { $0.agrees(with: quantity) }
    }
  }

  /// Bias first, then a weight a figure, in the order of `figures`. Fitted by Benchmarks/answers/fit.py, the signs held
  /// to what the figures mean; those that came out as nothing stay at zero, to be shown and fitted again.
  private static let weights: [Double] = [
    -5.81, 3.42, 0, 0, 4.12, 0.78, -1.13, 0, 0, 0, 0, -1.82, 0, 0, 0, 3.84,
  ]

  static let figureNames = [
    "unit_similarity", "passage_similarity", "unit_coverage", "passage_coverage", "kind", "anchors_missing",
    "targets_missing", "rarest_missing", "rarest_missing_in_unit", "proximity", "states_another", "words_met",
    "least_met", "words_met_anywhere", "margin",
  ]

  static func figures(_ evidence: AnswerEvidence) -> [Double] {
    [
      evidence.unitSimilarity, evidence.passageSimilarity, evidence.unitCoverage, evidence.passageCoverage,
      evidence.kind, evidence.anchorsMissing, evidence.targetsMissing, evidence.rarestMissing,
      evidence.rarestMissingInUnit, evidence.proximity, evidence.statesAnother, evidence.wordsMet, evidence.leastMet,
      evidence.wordsMetAnywhere, evidence.margin,
    ]
  }

  /// How sure one may be that the best unit answers, from 0 to 1.
  private static func confidence(_ evidence: AnswerEvidence) -> Double {
    var sum = weights[0]
    for (value, weight) in zip(figures(evidence), weights.dropFirst()) { sum += value * weight }
    return 1 / (1 + exp(-sum))
  }
}
