// Arrows point down: what a file imports, what Package.swift declares, and what the house map allows agree. Pure: text
// in, violations out.

struct Import {
  let module: String
  let line: Int
}

/// The modules that a Swift file imports: `import X`, `internal import X`, `import struct X.Y`, `@testable import X`.
func imports(of source: SourceText) -> [Import] {
  let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
  let tokens = source.tokens
  return tokens.indices.compactMap { index in
    guard tokens[index].text == "import", tokens[index].kind == .word else { return nil }
    let rest = tokens[(index + 1)...].prefix(2).drop { kinds.contains($0.text) }
    guard let module = rest.first, module.line == tokens[index].line else { return nil }
    return Import(module: module.text, line: module.line)
  }
}

func layeringViolations(_ source: SourceText, map: [Room], outside: Set<String>) -> [Violation] {
  guard source.isSwift, let name = source.room else { return [] }
  func violation(_ line: Int, _ complaint: String) -> Violation {
    Violation(rule: .layering, path: source.path, line: line, complaint: complaint)
  }
  guard let room = map.first(where: { $0.name == name }) else {
    return [violation(1, "\(name) is not a room of the house map")]
  }
  return imports(of: source)
    .filter { !room.mayKnow.contains($0.module) && !outside.contains($0.module) }
    .map { violation($0.line, "\(name) must not know \($0.module)") }
}

/// The map is sound: every arrow points down, and a C module is known by one room only.
func mapViolations(_ map: [Room], cModules: Set<String>) -> [Violation] {
  func violation(_ complaint: String) -> Violation {
    Violation(rule: .layering, path: "the house map", line: 1, complaint: complaint)
  }
  var found: [Violation] = []
  for (level, room) in map.enumerated() {
    let below = Set(map[(level + 1)...].map(\.name))
    for known in room.mayKnow where !below.contains(known) && !cModules.contains(known) {
      found.append(violation("\(room.name) names \(known), which does not stand below it"))
    }
  }
  for module in cModules.sorted() {
    let knowing = map.filter { $0.mayKnow.contains(module) }.map(\.name)
    if knowing.count != 1 {
      found.append(violation("\(module) is known by \(knowing), not by exactly one room"))
    }
  }
  return found
}

/// A target as Package.swift declares it.
struct DeclaredTarget {
  let name: String
  let kind: String
  let knows: [String]
  let aptPackages: [String]
  let line: Int
}

/// Reads the `targets:` of Package.swift: `room(…)`, `tests(…)`, `.target(…)`, `.executableTarget(…)`,
/// `.systemLibrary(…)`. Strings carry the meaning here, so this reads the text and not the tokens.
func declaredTargets(manifest: String) -> [DeclaredTarget] {
  let lines = manifest.split(separator: "\n", omittingEmptySubsequences: false)
  let code = lines.map { line in line.trimmed.hasPrefix("//") ? "" : line }
  guard let start = code.firstIndex(where: { $0.trimmed.hasPrefix("targets: [") }) else { return [] }
  let openings = ["room(", "tests(", ".target(", ".executableTarget(", ".testTarget(", ".systemLibrary("]
  var found: [DeclaredTarget] = []
  var index = start + 1
  while index < code.count {
    let line = code[index].trimmed
    guard let opening = openings.first(where: { line.hasPrefix($0) }) else {
      index += 1
      continue
    }
    let first = index
    var call = ""
    var depth = 0
    repeat {
      call += code[index] + "\n"
      depth += code[index].count { $0 == "(" } - code[index].count { $0 == ")" }
      index += 1
    } while depth > 0 && index < code.count
    found.append(
      DeclaredTarget(
        name: strings(in: call).first ?? "", kind: String(opening.dropLast()),
        knows: list(after: ["knows: [", "of: [", "dependencies: ["], in: call),
        aptPackages: list(after: [".apt(["], in: call), line: first + 1))
  }
  return found
}

/// The string literals of the bracket that the first of the labels found opens.
private func list(after labels: [String], in call: String) -> [String] {
  for label in labels {
    guard let start = call.firstRange(of: label) else { continue }
    let rest = call[start.upperBound...]
    return strings(in: String(rest[..<(rest.firstIndex(of: "]") ?? rest.endIndex)]))
  }
  return []
}

private func strings(in code: String) -> [String] {
  // Between quotes at odd places: no literal of the manifest holds an escaped quote.
  code.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
    .filter { $0.offset % 2 == 1 }.map { String($0.element) }
}

/// Package.swift declares no more than the map allows, and a room declares what its files import.
func manifestViolations(_ targets: [DeclaredTarget], sources: [SourceText], map: [Room]) -> [Violation] {
  func violation(_ target: DeclaredTarget, _ complaint: String) -> Violation {
    Violation(rule: .manifest, path: "Package.swift", line: target.line, complaint: complaint)
  }
  var found: [Violation] = []
  let houseModules = Set(map.flatMap { [$0.name] + $0.mayKnow })
  for target in targets where target.kind == "room" || target.kind == ".executableTarget" {
    guard let room = map.first(where: { $0.name == target.name }) else {
      found.append(violation(target, "\(target.name) is not a room of the house map"))
      continue
    }
    for known in target.knows where !room.mayKnow.contains(known) {
      found.append(violation(target, "\(target.name) must not know \(known)"))
    }
    let imported = Set(sources.filter { $0.room == target.name }.flatMap { imports(of: $0).map(\.module) })
    for module in imported.intersection(houseModules).sorted() where !target.knows.contains(module) {
      found.append(violation(target, "\(target.name) imports \(module) and does not declare it"))
    }
  }
  return found
}
