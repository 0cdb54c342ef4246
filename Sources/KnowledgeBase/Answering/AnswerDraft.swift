// An answer while it is put together: sentences with their marks, and the citations that the marks stand for.
// Sources are numbered in the order in which the answer cites them; those only listed follow.

struct AnswerDraft {
  private let passages: [Passage]
  private(set) var text = ""
  private(set) var citations: [Citation] = []
  private(set) var sources: [Source] = []
  /// By place among the passages.
  private var sourceIDs: [Int: Int] = [:]

  init(passages: [Passage]) { self.passages = passages }

  /// Adds a unit as a sentence of the answer: its words in one line, the mark before the full stop.
  mutating func append(_ unit: AnswerUnit) {
    let source = sourceID(ofPassage: unit.passage)
    if !text.isEmpty { text += unit.isTableRow ? "\n" : " " }
    let start = text.unicodeScalars.count
    var sentence = AnswerDraft.inOneLine(unit.text)
    var closing = ""
    if let last = sentence.last, last == "." || last == "!" || last == "。" {
      closing = String(last)
      sentence.removeLast()
    }
    text += "\(sentence) [\(source)]\(closing)"
    citations.append(
      Citation(
        source: source, answerRange: start..<text.unicodeScalars.count, quote: unit.text, start: unit.start,
        end: unit.end, support: 1))
  }

  mutating func refuse() {
    citations = []
    text = "The library does not hold an answer to this question."
    if let closest = passages.first {
      let place = closest.page.map { ", page \($0)" } ?? ""
      text += " The closest that it has is in \(closest.filename)\(place)."
    }
  }

  /// Lists the passages found as sources until there are enough of them.
  mutating func listSources(atLeast count: Int) {
    for index in passages.indices where sources.count < count { _ = sourceID(ofPassage: index) }
  }

  private mutating func sourceID(ofPassage index: Int) -> Int {
    if let known = sourceIDs[index] { return known }
    let id = sources.count + 1
    sources.append(Source(id: id, passage: passages[index]))
    sourceIDs[index] = id
    return id
  }

  /// Line breaks of the source's layout mean nothing in an answer; list marks at the front neither.
  private static func inOneLine(_ text: String) -> String {
    let marks: Set<Character> = ["-", "*", "•", "–", "+", "▪", "◦"]
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      let words = line.drop { marks.contains($0) || $0.isWhitespace }.split(whereSeparator: \.isWhitespace)
      return words.joined(separator: " ")
    }
    return lines.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
