// A sentence that somebody wrote for an answer, taken apart: its words without marks and mark-up, the sources that it
// names, what it states, and what it puts between quotation marks.
// Must not: trust anything of it.
import Foundation
import Text

struct Claim {
  /// What may be said: no marks, links, pictures, tags or invisible characters.
  let text: String
  /// The numbers in its marks: [1], [2, 3].
  let marks: [Int]
  let facts: TextFacts
  let words: Set<String>
  /// Longer passages between quotation marks; they must stand in the source as they are.
  let quotations: [String]
  /// Addresses that stood in it; none is said unless the source says it.
  let addresses: [String]

  init(_ written: String) {
    var reader = MarkupReader(written, of: .model)
    reader.read()
    marks = reader.marks
    addresses = reader.addresses
    text = reader.text
    facts = TextFacts(text)
    words = Set(FactTokens.all(in: text).filter { $0.isWord || $0.isNumber }.map(\.folded))
    quotations = Claim.quotations(in: text)
  }

  /// Says nothing that could be true or false.
  var isEmpty: Bool { facts.stems.isEmpty && facts.quantities.isEmpty && facts.dates.isEmpty }

  /// 'The documents do not say how many.' It is the house that refuses, in words of its own.
  var saysThatNothingIsKnown: Bool {
    let sources = ["document", "documents", "source", "sources", "passage", "passages", "library", "context", "text"]
    let telling = ["mention", "say", "state", "contain", "hold", "provide", "specify", "include", "tell", "answer"]
    let lacking = ["information", "answer", "mention"]
    // With a mark it is a statement about what stands there.
    guard marks.isEmpty, facts.hasNegation || words.contains("unable"), sources.contains(where: words.contains) else {
      return false
    }
    return telling.contains { words.contains($0) || words.contains($0 + "s") || words.contains($0 + "ed") }
      || lacking.contains(where: words.contains)
  }

  private static func quotations(in text: String) -> [String] {
    let pairs: [Character: Character] = [
      "\"": "\"", "“": "”", "«": "»", "„": "“", "‘": "’", "‹": "›", "「": "」", "『": "』",
      "'": "'",
    ]
    var found: [String] = []
    var open: (closing: Character, words: String)?
    let characters = Array(text)
    func isPartOfWord(_ index: Int) -> Bool {
      characters.indices.contains(index) && (characters[index].isLetter || characters[index].isNumber)
    }
    for (index, character) in characters.enumerated() {
      // An apostrophe stands between letters, or behind one.
      let isApostrophe =
        character == "'" && isPartOfWord(index - 1) && (open?.closing != "'" || isPartOfWord(index + 1))
      if let inside = open {
        if character == inside.closing, !isApostrophe {
          if inside.words.split(whereSeparator: \.isWhitespace).count >= 2 { found.append(inside.words) }
          open = nil
        } else {
          open?.words.append(character)
        }
      } else if let closing = pairs[character], !isApostrophe {
        open = (closing, "")
      }
    }
    return found
  }
}
