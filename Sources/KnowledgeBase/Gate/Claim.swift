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
    var reader = MarkupReader(written)
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

/// Reads Markdown and HTML as far as it must be taken away.
private struct MarkupReader {
  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var out = String.UnicodeScalarView()
  private(set) var marks: [Int] = []
  private(set) var addresses: [String] = []

  init(_ written: String) {
    scalars = written.unicodeScalars.filter { !InvisibleText.isInvisible($0) }
  }

  var text: String {
    var words = String(out).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for mark in [" .", " ,", " ;", " !", " ?"] { words = words.replacing(mark, with: String(mark.dropFirst())) }
    while let first = words.first, "-*•#>+ ".contains(first) { words.removeFirst() }
    return words
  }

  mutating func read() {
    while at < scalars.count {
      let scalar = scalars[at]
      switch scalar {
      case "!" where peek(1) == "[" && link(from: at + 1) != nil:
        if let link = link(from: at + 1) { take(link, keepingLabel: false) }
      case "[", "【":
        if let end = numbers(from: at) {
          at = end
        } else if let link = link(from: at) {
          // A mark that is a link is a mark.
          let end = numbers(from: at, isLink: true)
          take(link, keepingLabel: end == nil)
        } else {
          keep()
        }
      case "(", "（":
        if let end = numbers(from: at) { at = end } else { keep() }
      case "<":
        if let end = tagEnd() { at = end } else { keep() }
      case "*", "`": at += 1
      case "_" where at == 0 || FactTokens.isSpace(scalars[at - 1]): at += 1
      default:
        if let end = addressEnd() {
          addresses.append(string(at..<end))
          at = end
        } else {
          keep()
        }
      }
    }
  }

  private mutating func keep() {
    out.append(scalars[at])
    at += 1
  }

  private func peek(_ offset: Int) -> Unicode.Scalar? { at + offset < scalars.count ? scalars[at + offset] : nil }

  /// '[1]', '[1, 2]', '[source 1]': the place behind it; the numbers are kept.
  private mutating func numbers(from start: Int, isLink: Bool = false) -> Int? {
    let pairs: [Unicode.Scalar: Unicode.Scalar] = ["[": "]", "【": "】", "(": ")", "（": "）"]
    // '[[1]]' is one, too.
    let depth = scalars[start...].prefix { $0 == scalars[start] }.count
    guard let closing = pairs[scalars[start]],
      let first = scalars[start...].prefix(40).firstIndex(of: closing), first > start + depth,
      scalars[first...].prefix(depth).allSatisfy({ $0 == closing })
    else { return nil }
    let end = first + depth - 1
    guard end < scalars.count else { return nil }
    if !isLink, depth == 1, end + 1 < scalars.count, scalars[end + 1] == "(" { return nil }
    // Superscripts and digits of other scripts are marks, too.
    let inside = string(start + depth..<first).precomposedStringWithCompatibilityMapping.lowercased()
    let parts = inside.split { !$0.isLetter && !$0.isNumber }
    let names: Set<Substring> = [
      "source", "sources", "doc", "docs", "document", "documents", "passage", "passages", "and", "ref", "cite", "see",
      "citation", "footnote", "note", "id",
    ]
    func isNumber(_ part: Substring) -> Bool { part.allSatisfy(\.isNumber) }
    guard !parts.isEmpty, parts.allSatisfy({ isNumber($0) || names.contains($0) }) else { return nil }
    let found = parts.filter(isNumber).map { Int($0) ?? 0 }
    // '(12)' may count something; '(source 12)' does not.
    let isRound = closing == ")" || closing == "）"
    guard !found.isEmpty, !isRound || found.count < parts.count else { return nil }
    marks += found
    guard depth > 1, end + 1 < scalars.count, scalars[end + 1] == "(" else { return end + 1 }
    let close = scalars[(end + 1)...].firstIndex(of: ")") ?? scalars.count - 1
    addresses.append(string(end + 2..<max(end + 2, close)))
    return close + 1
  }

  private typealias Link = (label: Range<Int>, address: Range<Int>, end: Int)

  /// '[label](address)', '[label][reference]'.
  private func link(from start: Int) -> Link? {
    guard scalars[start] == "[", let close = scalars[start...].firstIndex(of: "]"), close + 1 < scalars.count else {
      return nil
    }
    let closing: Unicode.Scalar
    switch scalars[close + 1] {
    case "(": closing = ")"
    case "[": closing = "]"
    default: return nil
    }
    // A link that is not closed reaches to the end: half of one is no better.
    let end = scalars[(close + 2)...].firstIndex(of: closing) ?? scalars.count
    return (start + 1..<close, close + 2..<end, min(end + 1, scalars.count))
  }

  private mutating func take(_ link: Link, keepingLabel: Bool) {
    addresses.append(string(link.address))
    if keepingLabel { out.append(contentsOf: scalars[link.label]) }
    at = link.end
  }

  private func tagEnd() -> Int? {
    guard let next = peek(1), FactTokens.isLetter(next) || next == "/" || next == "!" else { return nil }
    // What stands raised is a mark: '<sup>1</sup>'.
    let ahead = string(at..<min(at + 5, scalars.count)).lowercased()
    if ahead == "<sup>", let close = scalars[at...].prefix(60).firstIndex(of: "/"), close + 4 < scalars.count {
      return close + 5
    }
    return scalars[at...].firstIndex(of: ">").map { $0 + 1 } ?? scalars.count
  }

  private func addressEnd() -> Int? {
    guard at == 0 || !FactTokens.isLetter(scalars[at - 1]) else { return nil }
    let ahead = string(at..<min(at + 12, scalars.count)).lowercased()
    let schemes = ["http:", "https:", "www.", "ftp:", "data:", "javascript:", "mailto:", "file:", "//"]
    guard schemes.contains(where: ahead.hasPrefix) else { return nil }
    let end = scalars[at...].firstIndex { FactTokens.isSpace($0) || "<>\"".unicodeScalars.contains($0) }
    return end ?? scalars.count
  }

  private func string(_ range: Range<Int>) -> String { String(String.UnicodeScalarView(scalars[range])) }
}
