// The words of a filter expression, each with the column where it begins. Columns count Unicode scalars from 1, as an
// editor shows them. Anything that is no word of the grammar is refused where it stands.
import Base

struct FilterToken: Equatable {
  enum Kind: Equatable {
    /// A bare word: a field, a keyword, a number or a date, as the parser needs it.
    case word(String)
    case quoted(String)
    /// A field name in backticks, for names with blanks or of keywords.
    case name(String)
    case symbol(String)
    case end
  }

  let kind: Kind
  let column: Int

  static let reserved: Set<String> = ["and", "or", "not", "in", "exists", "starts", "with", "is"]

  static func startsName(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isAlphabetic || scalar == "_" }

  static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
    startsName(scalar) || scalar.properties.numericType != nil || scalar == "-" || scalar == "."
      || scalar == ":"
  }

  /// Always ends in `.end`, whose column is one past the text.
  static func tokens(of expression: String) throws(RetrievalFailure) -> [FilterToken] {
    let scalars = Array(expression.unicodeScalars)
    guard scalars.count <= Limits.filterScalarsMax else {
      throw .filter(
        column: Limits.filterScalarsMax + 1, problem: "longer than \(Limits.filterScalarsMax) characters")
    }
    var tokens: [FilterToken] = []
    var position = 0
    while position < scalars.count {
      let start = position
      let scalar = scalars[position]
      let column = start + 1
      if scalar.properties.isWhitespace {
        position += 1
      } else if scalar == "'" || scalar == "\"" || scalar == "`" {
        let text = try quoted(scalars, &position)
        tokens.append(FilterToken(kind: scalar == "`" ? .name(text) : .quoted(text), column: column))
      } else if "(),".unicodeScalars.contains(scalar) {
        position += 1
        tokens.append(FilterToken(kind: .symbol(String(scalar)), column: column))
      } else if "=!<>^".unicodeScalars.contains(scalar) {
        position += 1
        if position < scalars.count, scalars[position] == "=" { position += 1 }
        let text = String(String.UnicodeScalarView(scalars[start..<position]))
        guard ["=", "==", "!=", "<", "<=", ">", ">=", "^="].contains(text) else {
          throw .filter(column: column, problem: "unknown operator '\(text)'")
        }
        tokens.append(FilterToken(kind: .symbol(text == "==" ? "=" : text), column: column))
      } else if continuesName(scalar) || scalar == "+" {
        while position < scalars.count, continuesName(scalars[position]) || scalars[position] == "+" {
          position += 1
        }
        tokens.append(
          FilterToken(
            kind: .word(String(String.UnicodeScalarView(scalars[start..<position]))), column: column))
      } else {
        throw .filter(column: column, problem: "unexpected character '\(scalar)'")
      }
    }
    tokens.append(FilterToken(kind: .end, column: scalars.count + 1))
    return tokens
  }

  /// A quote is written twice to stand for itself.
  private static func quoted(_ scalars: [Unicode.Scalar], _ position: inout Int) throws(RetrievalFailure)
    -> String
  {
    let quote = scalars[position]
    let start = position
    var text = String.UnicodeScalarView()
    position += 1
    while position < scalars.count {
      if scalars[position] == quote {
        position += 1
        guard position < scalars.count, scalars[position] == quote else { return String(text) }
      }
      text.append(scalars[position])
      position += 1
    }
    throw .filter(column: start + 1, problem: "this quote is never closed")
  }

  /// As an error message names it.
  var described: String {
    switch kind {
    case .word(let text), .name(let text), .quoted(let text): "'\(text)'"
    case .symbol(let text): "'\(text)'"
    case .end: "the end"
    }
  }
}
