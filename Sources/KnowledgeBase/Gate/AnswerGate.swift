// The gate that every answer goes through, whoever writes it: text comes in as it is written, sentences come out that
// are carried by the sources, each with its mark and its citation.
//
// Invariants: a sentence leaves only when it is whole and carried; its quote is, scalar for scalar, a range of the
// document's text; its mark names the source that the quote is of. A sentence with the wrong mark gets the right one; a
// sentence whose subject the sources hold but whose facts they do not is replaced by the source's own words; what
// nothing carries is left out and told. No link, picture, tag or invisible character gets through.
// Must not: change what a sentence says, or wait for the end of the answer.
import Base
import Text

/// A sentence that may be said.
package struct GatedSentence: Sendable {
  /// With its mark, and the white space that parts it from what was said before.
  package let text: String
  package let citations: [Citation]
}

/// What an answerer wrote and the gate did not let through as it was.
package struct GateRemark: Sendable, Equatable {
  package enum Treatment: String, Sendable {
    case dropped
    /// Said in the source's own words instead.
    case corrected
  }
  package let sentence: String
  package let fault: GateFault
  package let treatment: Treatment
}

package struct AnswerGate {
  /// A sentence that does not end within so many characters is none.
  private static let sentenceScalarsMax = 2_000

  private var sources: GateSources
  /// Made when the first sentence comes in that somebody wrote.
  private lazy var judge = SupportJudge(commonWords: sources.commonWords)
  private let texts: TextCache
  /// Nearness in meaning of two texts; asked only for what may be a paraphrase.
  private let similarity: (String, String) throws -> Double
  private var pending = ""
  private var scalarCount = 0
  private var said: Set<String> = []
  package private(set) var citations: [Citation] = []
  package private(set) var remarks: [GateRemark] = []
  package private(set) var text = ""
  /// The answerer said that the sources hold no answer.
  package private(set) var sawRefusal = false

  init(
    passages: [Passage], texts: TextCache, similarity: @escaping (String, String) throws -> Double = { _, _ in 0 }
  ) throws {
    sources = try GateSources(passages: passages, texts: texts)
    self.texts = texts
    self.similarity = similarity
  }

  package var passages: [Passage] { sources.passages }
  var units: [[AnswerUnit]] { sources.units }

  /// Takes what was written next; returns the sentences that became whole and hold.
  package mutating func take(_ delta: String) throws -> [GatedSentence] {
    pending += delta
    var out: [GatedSentence] = []
    while let sentence = nextWhole(atEnd: false) {
      if let gated = try Timeline.lap("gate", .gate, { try gate(sentence) }) { out.append(gated) }
    }
    return out
  }

  /// Takes what is left when the answerer has ended.
  package mutating func finish() throws -> [GatedSentence] {
    var out: [GatedSentence] = []
    while let sentence = nextWhole(atEnd: true) {
      if let gated = try Timeline.lap("gate", .gate, { try gate(sentence) }) { out.append(gated) }
    }
    return out
  }

  /// A unit of the sources as a sentence of the answer, in its own words. `header`: the row that names its cells, said
  /// above it, once, and cited with it.
  package mutating func say(
    _ passage: Int, _ start: Int, _ end: Int, onNewLine: Bool = false, header: Range<Int>? = nil
  ) throws -> GatedSentence? {
    try Timeline.lap("gate", .gate) { try quoted(passage, start, end, onNewLine: onNewLine, header: header) }
  }

  private mutating func quoted(
    _ passage: Int, _ start: Int, _ end: Int, onNewLine: Bool, header: Range<Int>?
  ) throws -> GatedSentence? {
    let versionID = sources.passages[passage].versionID
    let text = try texts.text(ofVersion: versionID)
    guard start >= 0, start < end, end <= text.scalarCount else { return nil }
    let quote = text.slice(start..<end)
    guard try CitationGate(texts: texts).holds(quote: quote, start: start, end: end, versionID: versionID) else {
      return nil
    }
    if InstructionDetector().holdsInstruction(quote) {
      remarks.append(GateRemark(sentence: quote, fault: .instruction, treatment: .dropped))
      return nil
    }
    guard said.insert(quote).inserted else { return nil }
    var lines = AnswerGate.inOneLine(quote)
    var above: Citation?
    if let header, header.upperBound <= start {
      let names = text.slice(header)
      if !InstructionDetector().holdsInstruction(names), said.insert("\(versionID) \(header) \(names)").inserted {
        lines = AnswerGate.inOneLine(names) + "\n" + lines
        above = Citation(
          source: passage + 1, answerRange: 0..<0, quote: names, start: header.lowerBound, end: header.upperBound,
          support: 1)
      }
    }
    return emit(
      lines, quote: quote, passage: passage, start: start, end: end, support: 1, onNewLine: onNewLine, alsoCiting: above
    )
  }

  // MARK: Sentences out of a stream

  /// The next sentence that is whole. Marks behind a full stop belong to the sentence before it, so a sentence is whole
  /// only when the next one has begun with something else.
  private mutating func nextWhole(atEnd: Bool) -> String? {
    guard pending.contains(where: { !$0.isWhitespace }) else {
      if atEnd { pending = "" }
      return nil
    }
    let ranges = Sentences.ranges(in: pending)
    guard let first = ranges.first else { return nil }
    var end = first.upperBound
    var isFollowed = false
    for next in ranges.dropFirst() {
      let words = pending.scalarSlice(next)
      let marks = AnswerGate.leadingMarks(words)
      end = next.lowerBound + marks
      if marks < words.unicodeScalars.count {
        // An opening bracket may still become a mark.
        let rest = words.unicodeScalars.dropFirst(marks)
        let isOpen = rest.first == "[" && !rest.contains("]") && rest.count < 40
        isFollowed = !isOpen
        if marks == 0 { end = first.upperBound }
        break
      }
    }
    if !isFollowed, let line = firstLineEnd(), line >= first.upperBound {
      (end, isFollowed) = (max(end, line), true)
    }
    guard isFollowed || atEnd || pending.unicodeScalars.count > Self.sentenceScalarsMax else { return nil }
    if !isFollowed { end = pending.unicodeScalars.count }
    let scalars = pending.unicodeScalars
    let cut = scalars.index(scalars.startIndex, offsetBy: end)
    let sentence = String(scalars[..<cut])
    pending = String(scalars[cut...])
    return sentence
  }

  /// Where the first line that holds anything ends, if another line has begun behind it.
  private func firstLineEnd() -> Int? {
    var seen = false
    var offset = 0
    for scalar in pending.unicodeScalars {
      if scalar == "\n", seen { return offset }
      if !FactTokens.isSpace(scalar) { seen = true }
      offset += 1
    }
    return nil
  }

  private static func leadingMarks(_ words: String) -> Int {
    var count = 0
    var at = words.unicodeScalars.startIndex
    let scalars = words.unicodeScalars
    while at < scalars.endIndex, scalars[at] == "[" || scalars[at] == "【" {
      guard let close = scalars[at...].firstIndex(where: { $0 == "]" || $0 == "】" }) else { break }
      let inside = scalars[scalars.index(after: at)..<close]
      guard !inside.isEmpty, inside.allSatisfy({ $0.properties.numericType != nil || $0 == "," || $0 == " " }) else {
        break
      }
      at = scalars.index(after: close)
      while at < scalars.endIndex, scalars[at] == " " || scalars[at] == "." { at = scalars.index(after: at) }
      count = scalars.distance(from: scalars.startIndex, to: at)
    }
    return count
  }

  // MARK: One sentence

  private mutating func gate(_ written: String) throws -> GatedSentence? {
    let claim = Claim(written)
    if written.unicodeScalars.count > Self.sentenceScalarsMax { return drop(claim, written, .tooLong) }
    if claim.saysThatNothingIsKnown {
      sawRefusal = true
      return nil
    }
    guard !claim.isEmpty else {
      if !claim.addresses.isEmpty { remarks.append(GateRemark(sentence: written, fault: .link, treatment: .dropped)) }
      return nil
    }
    if InstructionDetector().isInstruction(claim.text) { return drop(claim, written, .instruction) }
    let order = claim.marks.map { $0 - 1 }.filter(sources.passages.indices.contains)
    let others = sources.passages.indices.filter { !order.contains($0) }
    var nearest: (coverage: Double, evidence: GateEvidence, fault: GateFault)?
    for group in [order, Array(others)] {
      var best: (support: Double, evidence: GateEvidence)?
      for index in group {
        for evidence in try sources.evidence(ofPassage: index) {
          let verdict = judge.judge(claim, by: evidence)
          if let fault = verdict.fault {
            if verdict.coverage > nearest?.coverage ?? 0 { nearest = (verdict.coverage, evidence, fault) }
            continue
          }
          guard let support = try support(claim, evidence, verdict) else { continue }
          // Of two that carry it alike the shorter is the better quote.
          let isBetter =
            best.map {
              support > $0.support + 0.001
                || (support > $0.support - 0.001 && evidence.text.utf8.count < $0.evidence.text.utf8.count)
            } ?? true
          if isBetter { best = (support, evidence) }
        }
      }
      if let best {
        guard said.insert(claim.text).inserted else { return nil }
        return emit(
          claim.text, quote: best.evidence.text, passage: best.evidence.passage, start: best.evidence.start,
          end: best.evidence.end, support: best.support, onNewLine: AnswerGate.startsLine(written))
      }
    }
    if let nearest, nearest.coverage >= SupportJudge.coverageMin {
      let evidence = nearest.evidence
      remarks.append(GateRemark(sentence: claim.text, fault: nearest.fault, treatment: .corrected))
      return try say(evidence.passage, evidence.start, evidence.end, onNewLine: AnswerGate.startsLine(written))
    }
    return drop(claim, written, nearest.flatMap { $0.coverage >= 0.4 ? $0.fault : nil } ?? .invented)
  }

  private func support(_ claim: Claim, _ evidence: GateEvidence, _ verdict: SupportJudge.Verdict) throws -> Double? {
    if verdict.coverage >= SupportJudge.coverageMin { return verdict.coverage }
    guard verdict.coverage >= SupportJudge.coverageOfParaphraseMin else { return nil }
    let nearness = try similarity(claim.text, evidence.text)
    return nearness >= SupportJudge.similarityOfParaphraseMin ? min(nearness, 0.99) : nil
  }

  private mutating func drop(_ claim: Claim, _ written: String, _ fault: GateFault) -> GatedSentence? {
    let shown = claim.text.isEmpty ? written : claim.text
    remarks.append(GateRemark(sentence: String(shown.prefix(300)), fault: fault, treatment: .dropped))
    return nil
  }

  private mutating func emit(
    _ sentence: String, quote: String, passage: Int, start: Int, end: Int, support: Double, onNewLine: Bool,
    alsoCiting other: Citation? = nil
  ) -> GatedSentence {
    let id = passage + 1
    let separator = text.isEmpty ? "" : onNewLine ? "\n" : " "
    let from = scalarCount + separator.unicodeScalars.count
    let marked = AnswerGate.marked(sentence, id)
    let whole = separator + marked
    scalarCount += whole.unicodeScalars.count
    text += whole
    var cited = [
      Citation(source: id, answerRange: from..<scalarCount, quote: quote, start: start, end: end, support: support)
    ]
    if let other {
      cited.append(
        Citation(
          source: other.source, answerRange: from..<scalarCount, quote: other.quote, start: other.start, end: other.end,
          support: other.support))
    }
    citations += cited
    return GatedSentence(text: whole, citations: cited)
  }

  /// The mark stands before the full stop.
  static func marked(_ sentence: String, _ id: Int) -> String {
    var words = InvisibleText.stripped(sentence)
    var closing = ""
    if let last = words.last, last == "." || last == "!" || last == "。" {
      closing = String(last)
      words.removeLast()
    }
    return "\(words) [\(id)]\(closing)"
  }

  private static func startsLine(_ written: String) -> Bool {
    written.prefix { $0.isWhitespace }.contains(where: \.isNewline)
  }

  /// Line breaks of the source's layout mean nothing in an answer; list marks at the front neither. What the source
  /// links to or shows as a picture is not for an answer to hand on.
  static func inOneLine(_ quote: String) -> String {
    let text = MarkupReader.shown(quote)
    let marks: Set<Character> = ["-", "*", "•", "–", "+", "▪", "◦"]
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      let words = line.drop { marks.contains($0) || $0.isWhitespace }.split(whereSeparator: \.isWhitespace)
      return words.joined(separator: " ")
    }
    return lines.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
