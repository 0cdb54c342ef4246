// What is written beside the code stays true: links of Markdown pages lead somewhere, the list of packages is the one
// that Package.swift needs. Pure, except for the question whether a file is there, which the caller answers.

/// Relative links and pictures of a Markdown page that lead nowhere. Fenced code and inline code are not read.
func linkViolations(page: String, text: String, exists: (String) -> Bool) -> [Violation] {
  var found: [Violation] = []
  var isFenced = false
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    if line.trimmed.hasPrefix("```") { isFenced.toggle() }
    if isFenced { continue }
    for target in linkTargets(in: line) where !exists(resolved(target, from: page)) {
      found.append(
        Violation(
          rule: .links, path: page, line: index + 1, complaint: "the link to '\(target)' leads nowhere"))
    }
  }
  return found
}

/// Every name in code in the last column of a table is a test's, or a make target.
func namedTestViolations(page: String, text: String, exists: (String) -> Bool) -> [Violation] {
  var found: [Violation] = []
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    guard line.hasPrefix("| "), let cell = line.split(separator: "|").last(where: { !$0.trimmed.isEmpty }) else {
      continue
    }
    let names = cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 && !$0.element.hasPrefix("make ") }.map { String($0.element) }
    for name in names where !exists(name) {
      found.append(
        Violation(rule: .links, path: page, line: index + 1, complaint: "there is no test '\(name)'"))
    }
  }
  return found
}

private func linkTargets(in line: Substring) -> [Substring] {
  // Every second piece between backticks is code.
  let prose = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
    .map { $0.offset % 2 == 0 ? $0.element : "" }.joined(separator: "`")
  var targets: [Substring] = []
  for (opening, closing) in [("](", ")"), ("src=\"", "\""), ("href=\"", "\"")] {
    var rest = prose[...]
    while let start = rest.firstRange(of: opening) {
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: closing) else { break }
      let inside = rest[..<end.lowerBound].prefix { $0 != " " && $0 != "#" && $0 != "?" }
      if !inside.isEmpty, !inside.contains(":") { targets.append(inside) }
      rest = rest[end.upperBound...]
    }
  }
  return targets
}

/// `target` as the page at `page` means it, relative to the tree's root. `/x` counts from the root.
private func resolved(_ target: Substring, from page: String) -> String {
  var parts = target.hasPrefix("/") ? [] : page.split(separator: "/").dropLast().map(String.init)
  for part in target.split(separator: "/") where part != "." {
    if part == ".." { _ = parts.popLast() } else { parts.append(String(part).replacing("%20", with: " ")) }
  }
  return parts.joined(separator: "/")
}

/// The names of scripts/packages.txt.
func packageNames(list: String) -> [String] {
  list.split(separator: "\n").map { $0.prefix { $0 != "#" }.trimmed }.filter { !$0.isEmpty }.map(String.init)
}

/// The list holds what Package.swift's providers name and the set-up's own tools, each once, and nothing else.
func packageViolations(list: String, targets: [DeclaredTarget], setupPackages: Set<String>) -> [Violation] {
  let named = packageNames(list: list)
  let needed = Set(targets.flatMap(\.aptPackages)).union(setupPackages)
  func violation(_ complaint: String) -> Violation {
    Violation(rule: .packages, path: "scripts/packages.txt", line: 1, complaint: complaint)
  }
  return needed.subtracting(named).sorted().map { violation("\($0) is needed and missing") }
    + Set(named).subtracting(needed).sorted().map { violation("\($0) is named and nothing needs it") }
    + (Set(named).count == named.count ? [] : [violation("a package is named twice")])
}
