// Answers in the sources' own words: the sentences, list items or rows that answer best, whole and verbatim, each with
// its [n]. Nothing is written by anybody but the documents' authors.
import Embedding
import Retrieval
import Text

struct ExtractiveAnswerer {
  struct Scored {
    let unit: AnswerUnit
    let stems: Set<String>
    let similarity: Double
    let coverage: Double
    let score: Double
  }

  /// The answer's text is at most about so many words, so that it is read and not skimmed.
  private static let wordsMax = 60
  private static let wordsMaxOfBroadQuestions = 90
  /// Units that are embedded; the others share too few words with the question, or stand too far down.
  private static let unitsEmbeddedMax = 24

  let embedder: any Embedder
  let tokenizer: WordTokenizer
  let texts: TextCache
  /// How rare a stem is in the library; a rare one says more.
  let weight: (String) -> Double

  /// The units of the passages, the best first.
  func rank(_ passages: [Passage], question: String, terms: QuestionTerms, vector: [Float]) throws -> [Scored] {
    var units: [(unit: AnswerUnit, stems: Set<String>, coverage: Double)] = []
    for (index, passage) in passages.enumerated() {
      let context = Set(tokenizer.words(in: passage.heading).map(\.stem))
      let text = try texts.text(ofVersion: passage.versionID)
      let blocks = try texts.blocks(ofVersion: passage.versionID)
      for unit in AnswerUnits(passage: passage, index: index, text: text, blocks: blocks).all() {
        let stems = Set(tokenizer.words(in: unit.text).map(\.stem))
        // Words of the heading above count half: the sentence need not repeat its subject.
        let own = terms.coverage(by: stems, weight: weight)
        let withContext = terms.coverage(by: stems.union(context), weight: weight)
        units.append((unit, stems, (own + withContext) / 2))
      }
    }
    let chosen = units.enumerated().sorted { left, right in
      let leftKey = left.element.coverage - 0.05 * Double(left.element.unit.passage)
      let rightKey = right.element.coverage - 0.05 * Double(right.element.unit.passage)
      return leftKey != rightKey ? leftKey > rightKey : left.offset < right.offset
    }.prefix(Self.unitsEmbeddedMax).map(\.element)
    guard !chosen.isEmpty else { return [] }
    let batch = try embedder.embed(chosen.map { embedded($0.unit, of: passages[$0.unit.passage]) }, isUrgent: true)
    let best = passages.first?.hit.score ?? 0
    let scored = chosen.enumerated().map { index, candidate in
      let similarity = Double(zip(batch[index], vector).reduce(Float(0)) { $0 + $1.0 * $1.1 })
      let relevance = best > 0 ? passages[candidate.unit.passage].hit.score / best : 0
      let fits = terms.isAnswered(by: candidate.unit.text)
      let score = 0.55 * similarity + 0.30 * candidate.coverage + 0.10 * relevance + (fits ? 0.08 : 0)
      return Scored(
        unit: candidate.unit, stems: candidate.stems, similarity: similarity, coverage: candidate.coverage, score: score
      )
    }
    return scored.sorted {
      $0.score != $1.score
        ? $0.score > $1.score : ($0.unit.passage, $0.unit.start) < ($1.unit.passage, $1.unit.start)
    }
  }

  /// A sentence is embedded under its heading, which often holds the subject that it leaves out.
  private func embedded(_ unit: AnswerUnit, of passage: Passage) -> String {
    passage.heading.isEmpty ? unit.text : "\(passage.heading): \(unit.text)"
  }

  /// The units that make the answer, the best first: one for a fact; more where they add what the question asks for.
  func select(_ ranked: [Scored], terms: QuestionTerms) -> [Scored] {
    guard let best = ranked.first else { return [] }
    var selected = [best]
    var words = wordCount(best.unit.text)
    var covered = best.stems
    let countMax = terms.isBroad ? 3 : 2
    let wordsMax = terms.isBroad ? Self.wordsMaxOfBroadQuestions : Self.wordsMax
    for candidate in ranked.dropFirst() where selected.count < countMax {
      let added =
        terms.coverage(by: covered.union(candidate.stems), weight: weight)
        - terms.coverage(by: covered, weight: weight)
      let isClose = candidate.score >= (terms.isBroad ? 0.85 : 0.92) * best.score
      guard isClose, terms.isBroad || added > 0.15 else { continue }
      guard words + wordCount(candidate.unit.text) <= wordsMax else { continue }
      guard !selected.contains(where: { isRepetition(candidate, of: $0) }) else { continue }
      selected.append(candidate)
      words += wordCount(candidate.unit.text)
      covered.formUnion(candidate.stems)
    }
    return selected
  }

  private func wordCount(_ text: String) -> Int { text.split { $0.isWhitespace }.count }

  /// Two sources often say the same; saying it once is enough.
  private func isRepetition(_ candidate: Scored, of other: Scored) -> Bool {
    let common = candidate.stems.intersection(other.stems).count
    return Double(common) > 0.7 * Double(min(candidate.stems.count, other.stems.count))
  }
}
