// The form of a JSON value that a model is asked for, as data: what goes out as a JSON schema, and what a reply is held
// against. Kept to what every endpoint's strict mode takes: closed objects, all members named as required, and null
// where a member may be without a value.
package import Base

package indirect enum SchemaShape: Sendable, Equatable {
  case string
  case choice([String])
  case integer(ClosedRange<Int>?)
  case number(ClosedRange<Double>?)
  case bool
  case array(SchemaShape, count: ClosedRange<Int>?)
  case object([SchemaMember])
  /// The value, or null; a member of this shape may also be absent.
  case nullable(SchemaShape)
}

package struct SchemaMember: Sendable, Equatable {
  package let name: String
  package let about: String
  package let shape: SchemaShape

  package init(_ name: String, _ about: String, _ shape: SchemaShape) {
    self.name = name
    self.about = about
    self.shape = shape
  }
}

extension SchemaShape {
  package var isNullable: Bool {
    if case .nullable = self { true } else { false }
  }

  /// The JSON schema: https://json-schema.org/draft/2020-12
  package var jsonSchema: JSON {
    switch self {
    case .string: return ["type": "string"]
    case .choice(let choices): return ["type": "string", "enum": JSON(choices)]
    case .bool: return ["type": "boolean"]
    case .integer(let range):
      return SchemaShape.bounded("integer", range.map { (.integer($0.lowerBound), .integer($0.upperBound)) })
    case .number(let range):
      return SchemaShape.bounded("number", range.map { (.number($0.lowerBound), .number($0.upperBound)) })
    case .array(let element, let count):
      var schema: JSONObject = ["type": "array", "items": element.jsonSchema]
      if let count {
        schema["minItems"] = .integer(count.lowerBound)
        if count.upperBound < Int.max { schema["maxItems"] = .integer(count.upperBound) }
      }
      return .object(schema)
    case .object(let members):
      var properties = JSONObject()
      for member in members {
        var schema = member.shape.jsonSchema.object ?? [:]
        if !member.about.isEmpty { schema["description"] = .string(member.about) }
        properties[member.name] = .object(schema)
      }
      return [
        "type": "object", "properties": .object(properties), "required": JSON(members.map(\.name)),
        "additionalProperties": false,
      ]
    case .nullable(let inner): return SchemaShape.orNull(inner.jsonSchema)
    }
  }

  private static func bounded(_ type: String, _ bounds: (JSON, JSON)?) -> JSON {
    guard let (least, most) = bounds else { return ["type": .string(type)] }
    return ["type": .string(type), "minimum": least, "maximum": most]
  }

  private static func orNull(_ schema: JSON) -> JSON {
    guard var members = schema.object, let type = members["type"], members["properties"] == nil else {
      return ["anyOf": [schema, ["type": "null"]]]
    }
    members["type"] = [type, "null"]
    if let choices = members["enum"]?.array { members["enum"] = .array(choices + [.null]) }
    return .object(members)
  }

  /// What is expected, in the words of an error.
  var expected: String {
    switch self {
    case .string: "a string"
    case .choice(let choices): "one of " + choices.map { "\"\($0)\"" }.joined(separator: ", ")
    case .integer(let range):
      "a whole number" + SchemaShape.within(range.map { ("\($0.lowerBound)", "\($0.upperBound)") })
    case .number(let range): "a number" + SchemaShape.within(range.map { ("\($0.lowerBound)", "\($0.upperBound)") })
    case .bool: "true or false"
    case .array(_, nil): "an array"
    case .array(_, let count?):
      count.upperBound == Int.max
        ? "an array of at least \(count.lowerBound)" : "an array of \(count.lowerBound) to \(count.upperBound)"
    case .object: "an object"
    case .nullable(let inner): "\(inner.expected) or null"
    }
  }

  private static func within(_ bounds: (String, String)?) -> String {
    bounds.map { " from \($0.0) to \($0.1)" } ?? ""
  }
}
