// What a `.footnoteignore` says, in the language of .gitignore: one pattern a line, '#' for remarks, '!' takes back,
// '/' at the start or inside ties a pattern to the file's own folder, '/' at the end means folders only, `**` is any
// number of folders. The last pattern that fits decides.
// Invariants: matching takes time in proportion to pattern and path, whatever the pattern; no file is opened.
import Base

#if canImport(Glibc)
  import Glibc
#endif

struct IgnoreRules: Sendable {
  static let filename = ".footnoteignore"

  private struct Rule: Sendable {
    let segments: [String]
    let takesBack: Bool
    let isForFolders: Bool
  }

  private let rules: [Rule]

  init(_ text: String) {
    rules = text.split(whereSeparator: \.isNewline).prefix(Limits.ignoreRulesMax).compactMap { IgnoreRules.rule($0) }
  }

  /// Whether what lies at this path below the rules' folder is left out; nil where no pattern fits.
  func verdict(on path: [String], isFolder: Bool) -> Bool? {
    for rule in rules.reversed() where isFolder || !rule.isForFolders {
      if IgnoreRules.fits(rule.segments, path) { return !rule.takesBack }
    }
    return nil
  }

  private static func rule(_ line: Substring) -> Rule? {
    var line = line
    // White space at the end is no part of the pattern, unless it is escaped.
    while let last = line.last, last == " " || last == "\t" || last == "\r" {
      let before = line.dropLast()
      if before.last == "\\" { break }
      line = before
    }
    guard !line.isEmpty, line.first != "#" else { return nil }
    let takesBack = line.first == "!"
    if takesBack { line = line.dropFirst() }
    let isForFolders = line.last == "/"
    if isForFolders { line = line.dropLast() }
    let isTied = line.contains("/")
    var segments = line.split(separator: "/").map(String.init)
    guard !segments.isEmpty else { return nil }
    if !isTied { segments.insert("**", at: 0) }
    return Rule(segments: segments, takesBack: takesBack, isForFolders: isForFolders)
  }

  /// Row by row from the end: `fit[column]` says whether the rest of the pattern fits the path from that column on.
  private static func fits(_ pattern: [String], _ path: [String]) -> Bool {
    var fit = [Bool](repeating: false, count: path.count + 1)
    fit[path.count] = true
    for (index, segment) in pattern.enumerated().reversed() {
      var next = [Bool](repeating: false, count: path.count + 1)
      for column in stride(from: path.count, through: 0, by: -1) {
        if segment == "**" {
          // At the end it stands for what lies inside, so for one name at least.
          let isLast = index == pattern.count - 1
          next[column] = isLast ? column < path.count : fit[column] || (column < path.count && next[column + 1])
        } else {
          next[column] = column < path.count && fit[column + 1] && fits(segment, path[column])
        }
      }
      fit = next
    }
    return fit[0]
  }

  private static func fits(_ segment: String, _ name: String) -> Bool {
    unsafe fnmatch(segment, name, 0) == 0
  }
}

/// The rules of a folder and of every folder between it and the root, read once each.
final class FolderRules {
  private let root: String
  private var known: [String: IgnoreRules?] = [:]

  init(root: String) { self.root = root }

  /// Forgets what was read, for rules that have changed.
  func reread() { known = [:] }

  /// Hidden, or named by the rules, or below something that is.
  func leavesOut(_ path: String, isFolder: Bool) -> Bool {
    guard path != root, path.hasPrefix(root == "/" ? "/" : root + "/") else { return false }
    let parts = path.dropFirst(root == "/" ? 1 : root.utf8.count + 1).split(separator: "/").map(String.init)
    for count in 1...max(1, parts.count) {
      let upTo = Array(parts.prefix(count))
      if upTo[count - 1].hasPrefix(".") { return true }
      if isNamed(upTo, isFolder: isFolder || count < parts.count) { return true }
    }
    return false
  }

  /// The nearest folder's rules speak last.
  private func isNamed(_ parts: [String], isFolder: Bool) -> Bool {
    for depth in stride(from: parts.count - 1, through: 0, by: -1) {
      let folder = ([root == "/" ? "" : root] + parts.prefix(depth)).joined(separator: "/")
      guard let rules = rules(of: folder.isEmpty ? "/" : folder) else { continue }
      if let verdict = rules.verdict(on: Array(parts.dropFirst(depth)), isFolder: isFolder) { return verdict }
    }
    return false
  }

  private func rules(of folder: String) -> IgnoreRules? {
    if let known = known[folder] { return known }
    let path = "\(folder)/\(IgnoreRules.filename)"
    let bytes = FileAccess.exists(path) ? try? FileAccess.read(path, bytesMax: Limits.ignoreFileBytesMax) : nil
    let rules = bytes.map { IgnoreRules(String(decoding: $0, as: UTF8.self)) }
    known[folder] = .some(rules)
    return rules
  }
}
