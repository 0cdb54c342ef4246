// The tree against the rules of style. A violation is told as path:line, like a compiler's.
import Testing

/// One issue a violation, so that each is a line of its own.
func report(_ violations: [Violation]) {
  for violation in violations { Issue.record("\(violation)") }
}

@Suite struct TidinessTests {
  static let everywhere: [@Sendable (SourceText) -> [Violation]] = [
    openingViolations, lengthViolations, widthViolations, wordViolations, proofViolations,
  ]
  static let inTheProduct: [@Sendable (SourceText) -> [Violation]] = [
    crashViolations, accessViolations, patternViolations, seamViolations,
  ]

  @Test func sourcesAreTidy() throws {
    let sources = try Tree.sources.get()
    try #require(sources.count > 20)
    var found: [Violation] = []
    for source in sources {
      for rule in Self.everywhere { found += rule(source) }
      if Tree.isProduct(source) { for rule in Self.inTheProduct { found += rule(source) } }
    }
    found += kernelViolations(sources)

    let excused = { (violation: Violation) in
      HouseMap.allowances.contains { $0.rule == violation.rule && $0.path == violation.path }
    }
    report(found.filter { !excused($0) })
    let idle = HouseMap.allowances.filter { allowance in
      !found.contains { $0.rule == allowance.rule && $0.path == allowance.path }
    }
    #expect(idle.map { "\($0.path) no longer needs its allowance from '\($0.rule.rawValue)'" } == [])
  }

  @Test func scriptsAndPagesKeepTheirWords() throws {
    let paths = Tree.paths.filter { path in
      path.hasPrefix("scripts/") || path.hasSuffix(".md") && !path.hasPrefix("corpus/")
        || ["Makefile", "Package.swift"].contains(path)
    }
    try #require(paths.contains("Makefile"))
    let found = try paths.flatMap { path -> [Violation] in
      guard Tree.exists(path), !path.hasSuffix("__pycache__") else { return [] }
      return wordViolations(SourceText(path: path, text: try Tree.text(path)))
    }
    report(found)
  }

  @Test func linksLeadSomewhere() throws {
    let pages = Tree.paths.filter { $0.hasSuffix(".md") }
    let found = try pages.flatMap { page in
      linkViolations(page: page, text: try Tree.text(page), exists: Tree.exists)
    }
    report(found)
  }

  @Test func attacksAreHeldOffByTestsThatExist() throws {
    let tests = try Tree.paths.filter { $0.hasPrefix("Tests/") && ($0.hasSuffix(".swift") || $0.hasSuffix(".py")) }
      .map { try Tree.text($0) }
    let found = namedTestViolations(page: "docs/security.md", text: try Tree.text("docs/security.md")) { name in
      tests.contains { $0.contains("func \(name)(") || $0.contains("def \(name)(") }
    }
    report(found)
  }
}
