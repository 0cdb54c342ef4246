// Header fields, in the order in which they came, names compared without case.
// A value that is handed out can never end a line: control characters are replaced when it is added.

package struct Headers: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  package struct Field: Sendable, Equatable {
    package let name: String
    package let value: String
  }

  package private(set) var fields: [Field] = []

  package init() {}

  package init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { add(name, value) }
  }

  /// The first value of that name.
  package subscript(name: String) -> String? {
    get { fields.first { equalIgnoringCase($0.name, name) }?.value }
    set {
      fields.removeAll { equalIgnoringCase($0.name, name) }
      if let newValue { add(name, newValue) }
    }
  }

  package func all(_ name: String) -> [String] {
    fields.filter { equalIgnoringCase($0.name, name) }.map(\.value)
  }

  package func contains(_ name: String) -> Bool { self[name] != nil }

  package mutating func add(_ name: String, _ value: String) {
    precondition(isToken(name), "a header name is a token")
    fields.append(Field(name: name, value: withoutControls(value)))
  }

  /// For what a client sent: kept as it is, the name not yet checked.
  mutating func received(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: trimmed(value)))
  }
}

/// RFC 9110, 5.6.2: the characters of a name.
func isToken(_ text: String) -> Bool {
  !text.isEmpty
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
    }
}

func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
  left.utf8.count == right.utf8.count
    && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
}

func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

func trimmed(_ text: String) -> String {
  guard let first = text.utf8.first, let last = text.utf8.last, isBlank(first) || isBlank(last) else {
    return text
  }
  let start = text.utf8.drop(while: isBlank)
  let end = start.reversed().drop(while: isBlank).reversed()
  return String(decoding: Array(end), as: UTF8.self)
}

private func withoutControls(_ text: String) -> String {
  guard text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return text }
  return String(decoding: text.utf8.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
}

/// A header value of the form `main; name=value; other="quoted \" value"`. Names come lowercased.
struct ParameterisedValue {
  let main: String
  let parameters: [(name: String, value: String)]

  /// nil where the syntax is broken, or a name comes twice.
  init?(_ text: String) {
    var rest = Substring(text)
    let head = rest.prefix { $0 != ";" }
    rest = rest.dropFirst(head.count)
    main = trimmed(String(head)).lowercased()
    var found: [(name: String, value: String)] = []
    while !rest.isEmpty {
      rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
      if rest.isEmpty { break }
      let name = rest.prefix { $0 != "=" && $0 != ";" }
      rest = rest.dropFirst(name.count)
      guard rest.first == "=" else { return nil }
      rest = rest.dropFirst()
      var value = ""
      if rest.first == "\"" {
        rest = rest.dropFirst()
        var closed = false
        while let character = rest.popFirst() {
          if character == "\"" {
            closed = true
            break
          }
          // Browsers write a quote in a file name as %22 and a backslash as itself: only \" and \\ are escapes.
          if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
            value.append(next)
            rest = rest.dropFirst()
          } else {
            value.append(character)
          }
        }
        guard closed else { return nil }
        rest = rest.drop { $0 == " " || $0 == "\t" }
        guard rest.isEmpty || rest.first == ";" else { return nil }
      } else {
        let plain = rest.prefix { $0 != ";" }
        rest = rest.dropFirst(plain.count)
        value = trimmed(String(plain))
      }
      let key = trimmed(String(name)).lowercased()
      guard isToken(key), !found.contains(where: { $0.name == key }) else { return nil }
      found.append((key, value))
    }
    parameters = found
  }

  subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }
}
