// JSON as a value: members keep the order in which they were written, so the same value always gives the same bytes.
// Reading is in JSONReader.swift, writing in JSONWriter.swift.

@dynamicMemberLookup
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object(JSONObject)

  /// Parses one document: strict, no duplicate keys, no more than `depthMax` levels.
  package init(parsing text: String, depthMax: Int = Limits.jsonDepthMax) throws {
    try self.init(parsing: Array(text.utf8), depthMax: depthMax)
  }

  package init(parsing bytes: [UInt8], depthMax: Int = Limits.jsonDepthMax) throws {
    var reader = JSONReader(bytes: bytes, depthMax: depthMax)
    self = try reader.document()
  }

  package subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  package subscript(dynamicMember key: String) -> JSON? { self[key] }

  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  package var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  package var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  package var object: JSONObject? {
    if case .object(let members) = self { members } else { nil }
  }

  /// Any number, whole or not.
  package var double: Double? {
    switch self {
    case .integer(let whole): Double(whole)
    case .number(let value): value
    default: nil
    }
  }

  /// A whole number; 3.0 counts as one.
  package var int: Int? {
    switch self {
    case .integer(let whole): whole
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  package var isNull: Bool { self == .null }
}

/// The members of a JSON object in their order; a key stands once.
package struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral, Sequence {
  package private(set) var members: [(key: String, value: JSON)] = []

  package init() {}

  package init(dictionaryLiteral elements: (String, JSON)...) {
    for (key, value) in elements { self[key] = value }
  }

  /// For readers, which have checked that no key stands twice.
  package init(distinct members: [(key: String, value: JSON)]) { self.members = members }

  package var isEmpty: Bool { members.isEmpty }
  package var count: Int { members.count }

  /// Takes time linear in the number of members: objects here have a dozen.
  package subscript(key: String) -> JSON? {
    get { members.first { $0.key == key }?.value }
    set {
      if let index = members.firstIndex(where: { $0.key == key }) {
        if let newValue { members[index].value = newValue } else { members.remove(at: index) }
      } else if let newValue {
        members.append((key, newValue))
      }
    }
  }

  package func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> { members.makeIterator() }

  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(nilLiteral: ()) { self = .null }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) {
    var members = JSONObject()
    for (key, value) in elements { members[key] = value }
    self = .object(members)
  }

  package init(_ text: String?) { self = text.map { .string($0) } ?? .null }
  package init(_ whole: Int?) { self = whole.map { .integer($0) } ?? .null }
  package init(_ value: Double?) { self = value.map { .number($0) } ?? .null }
  package init(_ texts: [String]) { self = .array(texts.map { .string($0) }) }
}
