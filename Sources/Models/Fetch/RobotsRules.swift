// What a robots.txt says to us: https://www.rfc-editor.org/rfc/rfc9309
// Pure, linear in the file, and bounded: the longest rule that fits decides, and a tie allows.
import Base

struct RobotsRules: Sendable, Equatable {
  static let agent = "footnote"
  static let allowingAll = RobotsRules(rules: [], delaySeconds: nil)
  private static let delaySecondsMax = 30.0

  struct Rule: Sendable, Equatable {
    let isAllowing: Bool
    let pattern: String
  }

  let rules: [Rule]
  /// Not in the RFC, and widely written.
  let delaySeconds: Double?

  init(rules: [Rule], delaySeconds: Double?) {
    self.rules = rules
    self.delaySeconds = delaySeconds
  }

  /// The groups that name us, or else those for everybody.
  init(_ bytes: [UInt8]) {
    var ours = Group()
    var everybodys = Group()
    var isOurs = false
    var isEverybodys = false
    var isNaming = false
    let lines = bytes.prefix(Limits.robotsBytesMax).split { $0 == 0x0A || $0 == 0x0D }
    for line in lines {
      let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
      guard let colon = text.firstIndex(of: ":") else { continue }
      let key = text[..<colon].filter { !$0.isWhitespace && $0 != "\u{FEFF}" }.lowercased()
      let value = String(text[text.index(after: colon)...].filter { !$0.isWhitespace })
      if key == "user-agent" {
        // Names that follow one another share a group.
        if !isNaming { (isOurs, isEverybodys) = (false, false) }
        isNaming = true
        let name = value.lowercased().prefix { $0.isLetter || $0 == "-" || $0 == "_" || $0 == "*" }
        if name == Self.agent { (isOurs, ours.isNamed) = (true, true) }
        if name == "*" { isEverybodys = true }
        continue
      }
      guard ["allow", "disallow", "crawl-delay"].contains(key) else { continue }
      isNaming = false
      if isOurs { ours.add(key, value) }
      if isEverybodys { everybodys.add(key, value) }
    }
    let chosen = ours.isNamed ? ours : everybodys
    rules = chosen.rules
    delaySeconds = chosen.delaySeconds
  }

  private struct Group {
    var isNamed = false
    var rules: [Rule] = []
    var delaySeconds: Double?

    mutating func add(_ key: String, _ value: String) {
      if key == "crawl-delay" {
        if let seconds = Double(value), seconds >= 0 { delaySeconds = min(seconds, RobotsRules.delaySecondsMax) }
      } else if !value.isEmpty, value.utf8.count <= 2_048, rules.count < Limits.robotsRulesMax {
        rules.append(Rule(isAllowing: key == "allow", pattern: value))
      }
    }
  }

  func allows(_ target: String) -> Bool {
    guard target != "/robots.txt" else { return true }
    let path = Array(target.utf8)
    var longest = -1
    var isAllowed = true
    for rule in rules {
      let length = rule.pattern.utf8.count
      guard length > longest || length == longest && rule.isAllowing, Self.matches(Array(rule.pattern.utf8), path)
      else { continue }
      longest = length
      isAllowed = rule.isAllowing
    }
    return isAllowed
  }

  /// `*` stands for anything, `$` at the end for the end. One walk: at a mismatch only the last star gives way.
  private static func matches(_ pattern: [UInt8], _ path: [UInt8]) -> Bool {
    let isAnchored = pattern.last == UInt8(ascii: "$")
    let pattern = isAnchored ? Array(pattern.dropLast()) : pattern
    var place = 0
    var at = 0
    var star: (pattern: Int, path: Int)?
    while true {
      if place == pattern.count {
        if !isAnchored || at == path.count { return true }
      } else if pattern[place] == UInt8(ascii: "*") {
        star = (place + 1, at)
        place += 1
        continue
      } else if at < path.count, pattern[place] == path[at] {
        place += 1
        at += 1
        continue
      }
      guard let last = star, last.path < path.count else { return false }
      star = (last.pattern, last.path + 1)
      (place, at) = (last.pattern, last.path + 1)
    }
  }
}
