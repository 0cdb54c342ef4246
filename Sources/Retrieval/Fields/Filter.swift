// A filter as a tree. Two-valued logic: a comparison is true of a record that has a fitting value and false of every
// other, a record without the field included; `!=` is the negation of `=`. Bounded by Limits when parsed.
import Base

package struct Filter: Sendable, Equatable, CustomStringConvertible {
  let root: Node

  indirect enum Node: Sendable, Equatable {
    case and([Node])
    case or([Node])
    case not(Node)
    case compare(field: String, Comparison, Literal)
    case oneOf(field: String, [Literal])
    case prefix(field: String, String)
    case exists(field: String)
  }

  enum Comparison: String, Sendable {
    case equal = "="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  /// A value as written. One spelling may stand for several kinds: `2024` is a number and the text "2024",
  /// `2024-05-01` the text and that whole day.
  struct Literal: Sendable, Equatable {
    var text: String
    var number: Double?
    /// First second and the first second after it; equal for a point in time.
    var date: DateRange?
    var quoted: Bool
  }

  struct DateRange: Sendable, Equatable {
    var start: Double
    var end: Double
  }

  init(root: Node) { self.root = root }

  /// True of records that all of them are true of.
  package init(all filters: [Filter]) {
    root = filters.count == 1 ? filters[0].root : .and(filters.map(\.root))
  }
  package init(any filters: [Filter]) {
    root = filters.count == 1 ? filters[0].root : .or(filters.map(\.root))
  }

  package static func not(_ filter: Filter) -> Filter { Filter(root: .not(filter.root)) }
  package static func exists(_ field: String) -> Filter { Filter(root: .exists(field: field)) }
  package static func prefix(_ field: String, _ start: String) -> Filter {
    Filter(root: .prefix(field: field, start))
  }
  package static func equal(_ field: String, _ value: FieldValue) -> Filter {
    if case .list(let elements) = value { return Filter(any: elements.map { .equal(field, .text($0)) }) }
    return Filter(root: .compare(field: field, .equal, Literal(value)))
  }
  package static func atLeast(_ field: String, _ value: FieldValue) -> Filter {
    Filter(root: .compare(field: field, .greaterOrEqual, Literal(value)))
  }
  package static func atMost(_ field: String, _ value: FieldValue) -> Filter {
    Filter(root: .compare(field: field, .lessOrEqual, Literal(value)))
  }

  /// The expression again, in a form that parses to the same filter.
  package var description: String { root.written(inside: 0) }
}

extension Filter.Literal {
  init(_ value: FieldValue) {
    switch value {
    case .text(let text): self.init(text: text, quoted: true)
    case .number(let number): self.init(text: "\(number)", number: number, quoted: false)
    case .date(let seconds):
      self.init(text: CalendarDate.timestamp(seconds), date: .init(start: seconds, end: seconds), quoted: false)
    case .list(let elements): self.init(text: elements.joined(separator: ","), quoted: true)
    }
  }

  var written: String {
    quoted
      ? "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
      : text
  }
}

extension Filter.Node {
  /// Binding strength: 0 or, 1 and, 2 not and comparisons.
  fileprivate func written(inside strength: Int) -> String {
    switch self {
    case .or(let parts):
      let text = parts.map { $0.written(inside: 1) }.joined(separator: " or ")
      return strength > 0 ? "(\(text))" : text
    case .and(let parts):
      let text = parts.map { $0.written(inside: 2) }.joined(separator: " and ")
      return strength > 1 ? "(\(text))" : text
    case .not(.compare(let field, .equal, let literal)): return "\(Self.name(field)) != \(literal.written)"
    case .not(let part): return "not " + part.written(inside: 2)
    case .compare(let field, let comparison, let literal):
      return "\(Self.name(field)) \(comparison.rawValue) \(literal.written)"
    case .oneOf(let field, let literals):
      return "\(Self.name(field)) in (\(literals.map(\.written).joined(separator: ", ")))"
    case .prefix(let field, let start):
      return "\(Self.name(field)) ^= " + Filter.Literal(.text(start)).written
    case .exists(let field): return "exists \(Self.name(field))"
    }
  }

  private static func name(_ field: String) -> String {
    let plain =
      field.unicodeScalars.allSatisfy { FilterToken.continuesName($0) }
      && field.unicodeScalars.first.map { FilterToken.startsName($0) } == true
      && !FilterToken.reserved.contains(field.lowercased())
    return plain ? field : "`\(field)`"
  }
}
