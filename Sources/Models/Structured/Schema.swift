// A Swift type as a model is to give it: one declaration holds the JSON schema that goes out and the way back from a
// checked reply to the value, so the two cannot drift apart.
package import Base

package struct Schema<Value: Sendable>: Sendable {
  package let shape: SchemaShape
  /// From JSON that has been checked against `shape`. What it throws is told to the model, which may then try again.
  package let make: @Sendable (JSON) throws -> Value

  package init(_ shape: SchemaShape, make: @escaping @Sendable (JSON) throws -> Value) {
    self.shape = shape
    self.make = make
  }

  /// With one more condition, in words for the model: 'must not be empty'.
  package func requiring(_ condition: String, _ holds: @escaping @Sendable (Value) -> Bool) -> Schema {
    Schema(shape) { [make] json in
      let value = try make(json)
      guard holds(value) else { throw ReplyProblem(.wrongValue, condition) }
      return value
    }
  }

  package func orNull() -> Schema<Value?> {
    Schema<Value?>(.nullable(shape)) { [make] json in json.isNull ? nil : try make(json) }
  }

  /// A named part of an object.
  package func member(_ name: String, _ about: String = "") -> SchemaPart<Value> {
    SchemaPart(name: name, about: about, schema: self)
  }
}

package struct SchemaPart<Value: Sendable>: Sendable {
  let name: String
  let about: String
  let schema: Schema<Value>

  func value(in object: JSON) throws -> Value {
    do { return try schema.make(object[name] ?? .null) } catch let problem as ReplyProblem {
      throw problem.below(".\(name)")
    }
  }
}

/// A type that says how a model is to give it.
package protocol Structured: Sendable {
  static var schema: Schema<Self> { get }
}

extension Schema {
  package static func object<each Part>(
    _ parts: repeat SchemaPart<each Part>, make: @escaping @Sendable (repeat each Part) throws -> Value
  ) -> Schema {
    var members: [SchemaMember] = []
    for part in repeat each parts { members.append(SchemaMember(part.name, part.about, part.schema.shape)) }
    return Schema(.object(members)) { json in try make(repeat (each parts).value(in: json)) }
  }

  package static func array<Element>(
    of element: Schema<Element>, count: ClosedRange<Int>? = nil
  ) -> Schema where Value == [Element] {
    Schema(.array(element.shape, count: count)) { json in
      try (json.array ?? []).enumerated().map { index, item in
        do { return try element.make(item) } catch let problem as ReplyProblem { throw problem.below("[\(index)]") }
      }
    }
  }

  private static func plain(_ shape: SchemaShape, _ value: @escaping @Sendable (JSON) -> Value?) -> Schema {
    Schema(shape) { json in
      guard let value = value(json) else { throw ReplyProblem(.wrongType, "expected \(shape.expected)") }
      return value
    }
  }
}

extension Schema where Value == String {
  package static var string: Schema { plain(.string, \.string) }
  package static func choice(_ choices: [String]) -> Schema { plain(.choice(choices), \.string) }
}

extension Schema where Value: CaseIterable & RawRepresentable<String> {
  package static var choice: Schema {
    plain(.choice(Value.allCases.map(\.rawValue))) { $0.string.flatMap(Value.init(rawValue:)) }
  }
}

extension Schema where Value == Int {
  package static var integer: Schema { plain(.integer(nil), \.int) }
  package static func integer(_ range: ClosedRange<Int>) -> Schema { plain(.integer(range), \.int) }
}

extension Schema where Value == Double {
  package static var number: Schema { plain(.number(nil), \.double) }
  package static func number(_ range: ClosedRange<Double>) -> Schema { plain(.number(range), \.double) }
}

extension Schema where Value == Bool {
  package static var bool: Schema { plain(.bool, \.bool) }
}

extension Schema where Value == JSON {
  /// The checked JSON itself.
  package static func json(_ shape: SchemaShape) -> Schema { Schema(shape) { $0 } }
}
