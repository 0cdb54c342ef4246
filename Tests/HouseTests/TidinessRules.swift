// Style as rules: pure functions from a file's text to its violations. Each has its own bad examples in
// RuleTests.swift.

let lineCountMax = 600
let lineWidthMax = 120

/// A file opens with what it is.
func openingViolations(_ source: SourceText) -> [Violation] {
  guard source.isSwift || source.isC else { return [] }
  let first = source.lines.first ?? ""
  if first.hasPrefix("//") || first.hasPrefix("/*") { return [] }
  return [source.violation(.opening, 1, "the file does not open with a comment that says what it is")]
}

func lengthViolations(_ source: SourceText) -> [Violation] {
  let count = source.lines.count - (source.lines.last?.isEmpty == true ? 1 : 0)
  return count <= lineCountMax
    ? [] : [source.violation(.length, lineCountMax + 1, "\(count) lines, at most \(lineCountMax)")]
}

/// The page's scripts and style sheets are left out: the formatter of this house does not know them.
func widthViolations(_ source: SourceText) -> [Violation] {
  guard source.isSwift || source.isC else { return [] }
  return source.lines.enumerated().compactMap { index, line in
    // Most lines need no second look: no line has more scalars than bytes.
    guard line.utf8.count > lineWidthMax, line.unicodeScalars.count > lineWidthMax else { return nil }
    return source.violation(
      .width, index + 1, "\(line.unicodeScalars.count) characters wide, at most \(lineWidthMax)")
  }
}

/// Words that promise work instead of doing it. Spelt in halves, so that this file passes its own rule.
func wordViolations(_ source: SourceText) -> [Violation] {
  let banned = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
  return source.lines.enumerated().flatMap { index, line -> [Violation] in
    guard banned.contains(where: { line.contains($0) }) else { return [] }
    let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    return banned.filter { word in words.contains { $0 == word } }
      .map { source.violation(.words, index + 1, "'\($0)': do it, or write an issue") }
  }
}

/// What ends the process on input: fatalError, try!, as!.
func crashViolations(_ source: SourceText) -> [Violation] {
  guard source.isSwift else { return [] }
  let tokens = source.tokens
  return tokens.indices.compactMap { index in
    let token = tokens[index]
    let isForced = index + 1 < tokens.count && tokens[index + 1].text == "!" && tokens[index + 1].isAttached
    switch token.text {
    case "fatalError":
      return source.violation(.crashes, token.line, "fatalError: throw, or state a precondition")
    case "try" where isForced, "as" where isForced:
      return source.violation(.crashes, token.line, "\(token.text)!: throw a Failure instead")
    default: return nil
    }
  }
}

func accessViolations(_ source: SourceText) -> [Violation] {
  guard source.isSwift else { return [] }
  let tokens = source.tokens
  return tokens.indices.compactMap { index in
    guard ["public", "open"].contains(tokens[index].text), index + 1 < tokens.count else { return nil }
    // `.open`, `open(…)` and `open:` are names, not access.
    let isName = index > 0 && tokens[index - 1].text == "." || tokens[index + 1].kind == .mark
    if isName && tokens[index + 1].text != "@" { return nil }
    if tokens[index].text == "open" && !declarations.contains(tokens[index + 1].text) { return nil }
    return source.violation(
      .access, tokens[index].line, "\(tokens[index].text): access across modules is `package`")
  }
}

private let declarations: Set = ["class", "func", "var", "let", "override", "init", "subscript"]

/// `@unchecked Sendable` stands by its proof: a comment right above the declaration, or right under its first line,
/// that says `Proof:` (or names what it proves: `Sendable:`).
func proofViolations(_ source: SourceText) -> [Violation] {
  guard source.isSwift else { return [] }
  let tokens = source.tokens
  return tokens.indices.dropFirst().compactMap { index in
    guard tokens[index].text == "unchecked", tokens[index - 1].text == "@" else { return nil }
    let line = tokens[index].line
    var above = line - 1
    // Attributes and the first lines of a long declaration may stand between.
    while above > 0, line - above < 5, !source.trimmedLine(above).hasPrefix("//"),
      !source.trimmedLine(above).isEmpty, !source.trimmedLine(above).hasSuffix("{"),
      !source.trimmedLine(above).hasSuffix("}")
    {
      above -= 1
    }
    let comments =
      commentBlock(of: source, from: above, step: -1) + commentBlock(of: source, from: line + 1, step: 1)
    if comments.contains(where: { $0.contains("Proof:") || $0.contains("Sendable:") }) {
      return nil
    }
    return source.violation(.proof, line, "@unchecked Sendable without a comment that holds its 'Proof:'")
  }
}

private func commentBlock(of source: SourceText, from line: Int, step: Int) -> [Substring] {
  var block: [Substring] = []
  var current = line
  while source.trimmedLine(current).hasPrefix("//") {
    block.append(source.trimmedLine(current))
    current += step
  }
  return block
}

/// No regular expressions: their time on hostile text is nobody's promise, and they are slow here.
func patternViolations(_ source: SourceText) -> [Violation] {
  guard source.isSwift else { return [] }
  let banned: Set = ["Regex", "RegexBuilder", "NSRegularExpression"]
  let before: Set = ["(", ",", "=", ":", "[", "return", "#"]
  let tokens = source.tokens
  return tokens.indices.compactMap { index in
    let token = tokens[index]
    if banned.contains(token.text) {
      return source.violation(.patterns, token.line, "\(token.text): write a scanner")
    }
    // A slash where a value begins opens a literal, unless it is the operator's own name: reduce(1, /).
    guard token.text == "/", index > 0, index + 1 < tokens.count, before.contains(tokens[index - 1].text),
      tokens[index + 1].isAttached, tokens[index + 1].text != ")", tokens[index + 1].text != ","
    else { return nil }
    return source.violation(.patterns, token.line, "a regex literal: write a scanner")
  }
}

/// Time and chance come through Base/Seams.swift. The processor time that a benchmark has used is neither.
func seamViolations(_ source: SourceText) -> [Violation] {
  let anywhere: Set = [
    "clock_gettime", "gettimeofday", "arc4random", "drand48", "getrandom", "getentropy", "DispatchTime",
    "DispatchWallTime", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator",
    "mach_absolute_time",
  ]
  let called: Set = ["Date", "UUID", "rand", "srand", "random", "time", "clock", "CFAbsoluteTimeGetCurrent"]
  let drawing: Set = ["random", "shuffled", "shuffle", "randomElement"]
  guard source.isSwift || source.isC else { return [] }
  let tokens = source.tokens
  return tokens.indices.compactMap { index in
    let token = tokens[index]
    guard token.kind == .word else { return nil }
    let argument = index + 2 < tokens.count ? tokens[index + 2].text : ""
    if token.text == "clock_gettime", argument.hasSuffix("_CPUTIME_ID") { return nil }
    let isMember = index > 0 && tokens[index - 1].text == "."
    let isDeclared = index > 0 && tokens[index - 1].text == "func"
    let isCalled = index + 1 < tokens.count && tokens[index + 1].text == "(" && tokens[index + 1].isAttached
    let isBanned =
      anywhere.contains(token.text)
      || called.contains(token.text) && isCalled && !isMember && !isDeclared
      || drawing.contains(token.text) && isCalled && isMember && !namesGenerator(tokens[(index + 1)...])
    return isBanned
      ? source.violation(.seams, token.line, "\(token.text): time and chance come through Base/Seams.swift")
      : nil
  }
}

/// Whether the call whose bracket opens here draws from a generator that it was given.
private func namesGenerator(_ call: ArraySlice<Token>) -> Bool {
  var depth = 0
  for token in call {
    if token.text == "(" { depth += 1 }
    if token.text == ")" { depth -= 1 }
    if depth == 0 { return false }
    if depth == 1, token.text == "using" { return true }
  }
  return false
}

/// A kernel for an instruction set has its plain version, the oracle: `x_plain.c` beside `x_avx2.c`, or within the
/// file.
func kernelViolations(_ sources: [SourceText]) -> [Violation] {
  let kernels = sources.filter { $0.room == "CKernels" && $0.isC }
  let paths = Set(kernels.map(\.path))
  return kernels.compactMap { source in
    let stem = source.path.prefix { $0 != "." }
    let family = ["_avx2", "_avx512", "_neon"].first { stem.hasSuffix($0) }.map { stem.dropLast($0.count) }
    if let family, source.path.hasSuffix(".c") {
      return paths.contains("\(family)_plain.c")
        ? nil : source.violation(.kernels, 1, "there is no \(family)_plain.c, the oracle of this file")
    }
    let words = source.tokens.filter { $0.kind == .word }
    guard let special = words.first(where: { $0.text == "target" || $0.text.hasPrefix("_mm") }),
      source.path.hasSuffix(".c"), !words.contains(where: { $0.text.hasSuffix("_plain") })
    else { return nil }
    return source.violation(.kernels, special.line, "an instruction set's own code without a plain version")
  }
}

extension SourceText {
  func violation(_ rule: Rule, _ line: Int, _ complaint: String) -> Violation {
    Violation(rule: rule, path: path, line: line, complaint: complaint)
  }
}
