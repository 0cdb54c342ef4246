// Reads Markdown and HTML as far as it must be taken away from what is said: out of a model's sentences all of it, out
// of a document's words what a reader's program would follow or fetch. Invariant: one pass, whatever stands there.
import Foundation
import Text

struct MarkupReader {
  /// Who wrote it.
  enum Author {
    /// All mark-up goes, footnote marks are read, addresses are kept aside.
    case model
    /// The words are quoted, so only what a program would follow or fetch goes: links keep their label, pictures and
    /// the tags that load or link something leave nothing. '[12]', '*' and plain addresses stay what they are.
    case document
  }

  private let author: Author
  private let scalars: [Unicode.Scalar]
  private var at = 0
  private var out = String.UnicodeScalarView()
  private(set) var marks: [Int] = []
  private(set) var addresses: [String] = []

  /// A document's words as an answer may show them.
  static func shown(_ words: String) -> String {
    // Nearly all have nothing that could be mark-up.
    guard words.utf8.contains(where: { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "<") }) else { return words }
    var shown = words
    // A picture inside a link leaves a link behind; more turns than these are somebody's game.
    for _ in 0..<nestingMax {
      var reader = MarkupReader(shown, of: .document)
      reader.read()
      let read = String(reader.out)
      if read == shown { return shown }
      shown = read
    }
    return String(shown.unicodeScalars.filter { $0 != "[" && $0 != "<" })
  }

  private static let nestingMax = 4

  init(_ written: String, of author: Author) {
    self.author = author
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
      if author == .document { readWords() } else { readMarkUp() }
    }
  }

  private mutating func readWords() {
    switch scalars[at] {
    case "!" where peek(1) == "[":
      if let link = link(from: at + 1), leads(link) { take(link, keepingLabel: false) } else { keep() }
    case "[":
      if let link = link(from: at), leads(link) { take(link, keepingLabel: true) } else { keep() }
    case "<":
      if isActiveTag, let end = tagEnd() { at = end } else { keep() }
    default: keep()
    }
  }

  /// '[Section 4](a)' and '[12][13]' are words of a document, not links.
  private func leads(_ link: Link) -> Bool {
    let address = string(link.address)
    return scalars[link.address.lowerBound - 1] == "["
      ? !address.allSatisfy(\.isNumber) : address.contains { ":/.#".contains($0) }
  }

  private var isActiveTag: Bool {
    let ahead = string(at + 1..<min(at + 12, scalars.count)).lowercased()
    let name = ahead.drop { $0 == "/" }.prefix { $0.isLetter }
    return Self.activeTags.contains(String(name))
  }

  private static let activeTags: Set<String> = [
    "a", "applet", "area", "audio", "base", "body", "button", "embed", "form", "frame", "iframe", "image", "img",
    "input", "link", "math", "meta", "object", "picture", "script", "source", "style", "svg", "track", "video",
  ]

  private mutating func readMarkUp() {
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
    var open = 0
    let end =
      scalars[(close + 2)...].firstIndex { scalar in
        if scalar == closing, open == 0 { return true }
        // An address may hold brackets of its own, in pairs.
        if closing == ")", scalar == "(" { open += 1 }
        if closing == ")", scalar == ")" { open -= 1 }
        return false
      } ?? scalars.count
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
