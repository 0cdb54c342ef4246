// Answers in the sources' own words: the sentences, list items or rows that answer best, whole and verbatim. Nothing is
// written by anybody but the documents' authors.
//
// All units of the passages are weighed by their words, which is cheap; the few that are worth it are embedded.
import Embedding
import Retrieval
import Text

struct ExtractiveAnswerer {
  struct Scored {
    let unit: AnswerUnit
    let stems: Set<String>
    var features: UnitFeatures
    let met: WordMatch
    var score: Double { features.score }

    /// Two sources often say the same; saying it once is enough.
    func repeats(_ other: Scored) -> Bool {
      if unit.passage == other.unit.passage, unit.start < other.unit.end, other.unit.start < unit.end { return true }
      let common = stems.intersection(other.stems).count
      return Double(common) > 0.7 * Double(min(stems.count, other.stems.count))
    }
  }

  /// The answer's text is at most about so many words, so that it is read and not skimmed.
  private static let wordsMax = 60
  private static let wordsMaxOfBroadQuestions = 90
  /// Units that are embedded. Fewer miss answers that share no word with the question; more cost time
  /// (docs/decisions/0013-checked-answers.md has the figures).
  private static let unitsEmbeddedMax = 10

  let embedder: any Embedder
  let reader: UnitReader

  /// The units of the passages, the best first.
  func rank(_ units: [[AnswerUnit]], vector: [Float]) throws -> [Scored] {
    let passages = reader.passages
    var all: [UnitReader.Read] = []
    for (index, units) in units.enumerated() {
      all += reader.read(units, ofPassage: index, title: Self.title(of: passages[index]))
    }
    let chosen = all.enumerated().sorted { left, right in
      let (first, second) = (left.element.features.scoreByWords, right.element.features.scoreByWords)
      return first != second ? first > second : left.offset < right.offset
    }.prefix(Self.unitsEmbeddedMax).map(\.element)
    guard !chosen.isEmpty else { return [] }
    let (asked, read) = try WordMatch.read(chosen, by: reader, embedder)
    // A label in front of the question says which document, and moves its vector away from what is asked.
    let vector = reader.terms.label.isEmpty ? vector : asked ?? vector
    let scored = chosen.indices.map { index in
      var features = chosen[index].features
      features.similarity = Double(zip(read[index].vector, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 })
      features.wordsMet = read[index].match.mean
      features.leastMet = read[index].match.least
      features.allWordsMet = read[index].match.meanOfAll
      return Scored(unit: chosen[index].unit, stems: chosen[index].stems, features: features, met: read[index].match)
    }
    return scored.sorted {
      $0.score != $1.score
        ? $0.score > $1.score : ($0.unit.passage, $0.unit.start) < ($1.unit.passage, $1.unit.start)
    }
  }

  static func title(of passage: Passage) -> String {
    let name = passage.filename.lastIndex(of: ".").map { passage.filename[..<$0] } ?? passage.filename[...]
    return String(name.map { $0 == "-" || $0 == "_" ? " " : $0 })
  }

  /// The units that make the answer, the best first: one for a fact; more where they add what the question asks for.
  /// `says` puts a unit into the answer and tells whether it could stand there.
  func select(_ ranked: [Scored], says: (Scored) throws -> Bool) rethrows -> [Scored] {
    let terms = reader.terms
    var selected: [Scored] = []
    var wordsSaid = 0
    var covered: Set<String> = []
    var held: Set<String> = []
    let countMax = terms.isBroad ? 3 : 2
    let wordsMax = terms.isBroad ? Self.wordsMaxOfBroadQuestions : Self.wordsMax
    for candidate in ranked where selected.count < countMax {
      let count = wordCount(candidate.unit.text)
      if let best = selected.first {
        let added =
          terms.coverage(by: covered.union(candidate.stems), weight: reader.weight)
          - terms.coverage(by: covered, weight: reader.weight)
        // What the question names and the answer lacks so far is worth a second source: 'A and B'.
        let missing = terms.anchors.subtracting(held)
        let fills = !missing.isDisjoint(with: words(of: candidate))
        let share = terms.isBroad ? 0.85 : fills ? 0.6 : added > 0.15 ? 0.8 : 0.9
        let isClose = candidate.score >= share * best.score
        guard isClose, wordsSaid + count <= wordsMax else { continue }
        guard !selected.contains(where: { candidate.repeats($0) }) else { continue }
      }
      guard try says(candidate) else { continue }
      selected.append(candidate)
      wordsSaid += count
      covered.formUnion(candidate.stems)
      held.formUnion(words(of: candidate))
    }
    return selected
  }

  /// Of a unit and what stands above it.
  private func words(of scored: Scored) -> Set<String> {
    let passage = reader.passages[scored.unit.passage]
    return GateContext.words(of: "\(Self.title(of: passage))\n\(passage.heading)\n\(scored.unit.shown)")
  }

  private func wordCount(_ text: String) -> Int { text.split { $0.isWhitespace }.count }
}
