// The source tree that these tests were built from, read once. Nothing here writes.
import Foundation

enum Tree {
  /// The package's root, two folders above this file's.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Paths relative to the root, sorted; hidden files and folders (.git, .build) are not part of it.
  static let paths: [String] = {
    let base = root.path
    guard
      let walk = FileManager.default.enumerator(
        at: root, includingPropertiesForKeys: [.isRegularFileKey], options: [.skipsHiddenFiles])
    else { return [] }
    return walk.compactMap { ($0 as? URL)?.path }.filter { $0.hasPrefix(base + "/") }
      .map { String($0.dropFirst(base.count + 1)) }.sorted()
  }()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  /// Everything written by hand that the rules read as code.
  static let sources: Result<[SourceText], any Error> = Result {
    let suffixes = [".swift", ".c", ".h", ".inc", ".js", ".css"]
    return
      try paths
      .filter { path in
        (path.hasPrefix("Sources/") || path.hasPrefix("Tests/") || path == "Package.swift")
          && suffixes.contains { path.hasSuffix($0) } && !path.contains("/Fixtures/")
      }
      .map { SourceText(path: $0, text: try text($0)) }
  }

  static func isProduct(_ source: SourceText) -> Bool { source.path.hasPrefix("Sources/") }
}
