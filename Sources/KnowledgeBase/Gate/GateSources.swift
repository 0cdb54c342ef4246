// What a gate may cite: the units of the passages that an answer is made from, each an exact range of its document's
// text, with what it states. Made once a question; facts are read when they are first asked for.
import Ingest
import Text

struct GateSources {
  let passages: [Passage]
  /// By passage: its units in their order.
  private(set) var units: [[AnswerUnit]] = []
  /// Words that stand in small letters somewhere: they are no names.
  var commonWords: Set<String> {
    var words: Set<String> = []
    for passage in passages {
      for token in FactTokens.all(in: passage.text) where token.isWord && !token.isCapitalized {
        words.insert(token.folded)
      }
    }
    return words
  }
  private var evidences: [Int: [GateEvidence]] = [:]
  private let texts: TextCache
  private let detector = InstructionDetector()

  init(passages: [Passage], texts: TextCache) throws {
    self.passages = passages
    self.texts = texts
    for (index, passage) in passages.enumerated() {
      let text = try texts.text(ofVersion: passage.versionID)
      let blocks = try texts.blocks(ofVersion: passage.versionID)
      units.append(AnswerUnits(passage: passage, index: index, text: text, blocks: blocks).all())
    }
  }

  /// Everything in a passage that may carry a sentence: its units, and each pair of neighbours.
  mutating func evidence(ofPassage index: Int) throws -> [GateEvidence] {
    if let known = evidences[index] { return known }
    let passage = passages[index]
    let text = try texts.text(ofVersion: passage.versionID)
    let above = [passage.filename, passage.heading].joined(separator: "\n")
    let context = GateContext(above.replacing("_", with: " ").replacing("-", with: " "))
    // What gives orders carries nothing.
    let usable = units[index].filter { !detector.holdsInstruction($0.text) }
    var made = usable.map { self.evidence($0.start..<$0.end, of: index, text, context) }
    for (left, right) in zip(usable, usable.dropFirst()) where right.start >= left.end {
      guard right.start - left.end <= 4 else { continue }
      made.append(self.evidence(left.start..<right.end, of: index, text, context))
    }
    evidences[index] = made
    return made
  }

  private func evidence(
    _ range: Range<Int>, of passage: Int, _ text: ScalarText, _ context: GateContext
  ) -> GateEvidence {
    let words = text.slice(range)
    return GateEvidence(
      passage: passage, start: range.lowerBound, end: range.upperBound, text: words, facts: TextFacts(words),
      words: GateContext.words(of: words), context: context)
  }
}
