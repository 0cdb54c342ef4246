// The grammar of `--where`, by recursive descent. Depth and terms are bounded, so no expression exhausts the stack.
//
//   or      := and ("or" and)*
//   and     := unary ("and" unary)*
//   unary   := "not" unary | "(" or ")" | "exists" field | test
//   test    := field ( op value | ["not"] "in" "(" value ("," value)* ")" | "starts" "with" value | ["not"] "exists" )
//   op      := "=" | "!=" | "<" | "<=" | ">" | ">=" | "^="
//   value   := 'text' | "text" | number | date | word
import Base

extension Filter {
  package init(parsing expression: String) throws(RetrievalFailure) {
    var parser = FilterParser(tokens: try FilterToken.tokens(of: expression))
    root = try parser.whole()
  }
}

private struct FilterParser {
  let tokens: [FilterToken]
  var position = 0
  var depth = 0
  var termCount = 0

  var next: FilterToken { tokens[position] }

  mutating func whole() throws(RetrievalFailure) -> Filter.Node {
    let node = try disjunction()
    guard next.kind == .end else { throw problem("expected 'and', 'or' or the end, found \(next.described)") }
    return node
  }

  private mutating func disjunction() throws(RetrievalFailure) -> Filter.Node {
    var parts = [try conjunction()]
    while take(word: "or") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : .or(parts)
  }

  private mutating func conjunction() throws(RetrievalFailure) -> Filter.Node {
    var parts = [try unary()]
    while take(word: "and") { parts.append(try unary()) }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private mutating func unary() throws(RetrievalFailure) -> Filter.Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Limits.filterDepthMax else { throw problem("nested deeper than \(Limits.filterDepthMax)") }
    if take(word: "not") { return .not(try unary()) }
    if take(symbol: "(") {
      let node = try disjunction()
      guard take(symbol: ")") else { throw problem("expected ')', found \(next.described)") }
      return node
    }
    try countTerm()
    if take(word: "exists") {
      let bracketed = take(symbol: "(")
      let name = try field()
      if bracketed, !take(symbol: ")") { throw problem("expected ')', found \(next.described)") }
      return .exists(field: name)
    }
    return try test(of: try field())
  }

  private mutating func test(of field: String) throws(RetrievalFailure) -> Filter.Node {
    for (symbol, comparison) in Self.comparisons where take(symbol: symbol) {
      return .compare(field: field, comparison, try value())
    }
    if take(symbol: "!=") { return .not(.compare(field: field, .equal, try value())) }
    if take(symbol: "^=") { return .prefix(field: field, try value().text) }
    if take(word: "starts") {
      guard take(word: "with") else {
        throw problem("expected 'with' after 'starts', found \(next.described)")
      }
      return .prefix(field: field, try value().text)
    }
    let negated = take(word: "not")
    if take(word: "exists") { return negated ? .not(.exists(field: field)) : .exists(field: field) }
    if take(word: "in") {
      let list = Filter.Node.oneOf(field: field, try values())
      return negated ? .not(list) : list
    }
    throw problem("expected a comparison after field '\(field)', found \(next.described)")
  }

  private static let comparisons: [(String, Filter.Comparison)] = [
    ("=", .equal), ("<=", .lessOrEqual), ("<", .less), (">=", .greaterOrEqual), (">", .greater),
  ]

  private mutating func values() throws(RetrievalFailure) -> [Filter.Literal] {
    guard take(symbol: "(") else { throw problem("expected '(' after 'in', found \(next.described)") }
    var values = [try value()]
    while take(symbol: ",") {
      try countTerm()
      values.append(try value())
    }
    guard take(symbol: ")") else { throw problem("expected ',' or ')', found \(next.described)") }
    return values
  }

  private mutating func field() throws(RetrievalFailure) -> String {
    switch next.kind {
    case .name(let name) where !name.isEmpty:
      position += 1
      return name
    case .word(let name)
    where name.unicodeScalars.first.map(FilterToken.startsName) == true
      && !FilterToken.reserved.contains(name.lowercased()):
      position += 1
      return name
    default: throw problem("expected a field name, found \(next.described)")
    }
  }

  private mutating func value() throws(RetrievalFailure) -> Filter.Literal {
    switch next.kind {
    case .quoted(let text):
      position += 1
      return .init(text: text, number: nil, date: ISODate.range(text), quoted: true)
    case .word(let word) where !FilterToken.reserved.contains(word.lowercased()):
      // "nan" and "inf" are words like any other; only digits make a number.
      let number = word.contains { $0.isASCII && $0.isNumber } ? Double(word) : nil
      position += 1
      return .init(
        text: word, number: number.flatMap { $0.isFinite ? $0 : nil }, date: ISODate.range(word),
        quoted: false)
    default: throw problem("expected a value, found \(next.described)")
    }
  }

  private mutating func countTerm() throws(RetrievalFailure) {
    termCount += 1
    guard termCount <= Limits.filterTermsMax else {
      throw problem("more than \(Limits.filterTermsMax) terms")
    }
  }

  private mutating func take(word: String) -> Bool {
    guard case .word(let found) = next.kind, found.lowercased() == word else { return false }
    position += 1
    return true
  }

  private mutating func take(symbol: String) -> Bool {
    guard next.kind == .symbol(symbol) else { return false }
    position += 1
    return true
  }

  private func problem(_ text: String) -> RetrievalFailure { .filter(column: next.column, problem: text) }
}
