// Holds a value against a shape and gives it in the shape's own form: declared members, in their order. A wrong type is
// made right only where nothing can be lost and nothing need be guessed: "12" for 12, "True" for true, 12 for "12",
// an array or object written as a string of JSON, a member's name in another spelling. All else is a ReplyProblem.
import Base

struct SchemaCheck {
  /// Objects that were still open when the reply ended, counted along the last members: nothing of theirs may be
  /// missing, or what is missing may be what was cut off.
  private let openObjects: Int

  init(openObjects: Int = 0) { self.openObjects = openObjects }

  func checked(_ value: JSON, _ shape: SchemaShape) throws -> JSON {
    switch shape {
    case .nullable(let inner): try nullable(value, inner)
    case .string: try string(value)
    case .choice(let choices): try choice(value, choices)
    case .bool: try bool(value)
    case .integer(let range): try integer(value, shape, range)
    case .number(let range): try number(value, shape, range)
    case .array(let element, let count): try array(value, shape, element, count)
    case .object(let members): try object(value, shape, members)
    }
  }

  private func wrongType(_ value: JSON, _ shape: SchemaShape) -> ReplyProblem {
    ReplyProblem(.wrongType, "expected \(shape.expected), found \(SchemaCheck.shown(value))")
  }

  private static func shown(_ value: JSON) -> String {
    switch value {
    case .array: return "an array"
    case .object: return "an object"
    default:
      let text = value.text
      return text.count > 60 ? text.prefix(60) + "…" : text
    }
  }

  private func nullable(_ value: JSON, _ inner: SchemaShape) throws -> JSON {
    if value.isNull { return .null }
    do { return try checked(value, inner) } catch {
      // "null" where no text is wanted can only mean null.
      if let text = value.string, ["null", "none"].contains(text.lowercased()) { return .null }
      throw error
    }
  }

  private func string(_ value: JSON) throws -> JSON {
    // A fraction is not made a text: 1.10 has become 1.1 by now.
    if case .integer(let whole) = value { return .string(String(whole)) }
    guard case .string = value else { throw wrongType(value, .string) }
    return value
  }

  private func choice(_ value: JSON, _ choices: [String]) throws -> JSON {
    var text = value.string
    if case .integer(let whole) = value { text = String(whole) }
    guard let text else { throw wrongType(value, .choice(choices)) }
    if choices.contains(text) { return .string(text) }
    let alike = choices.filter { SchemaCheck.plain($0) == SchemaCheck.plain(text) }
    guard alike.count == 1, !SchemaCheck.plain(text).isEmpty else {
      throw ReplyProblem(
        .wrongValue, "expected \(SchemaShape.choice(choices).expected), found \(SchemaCheck.shown(value))")
    }
    return .string(alike[0])
  }

  private func bool(_ value: JSON) throws -> JSON {
    switch (value, value.string?.lowercased()) {
    case (.bool, _): return value
    case (_, "true"): return true
    case (_, "false"): return false
    default: throw wrongType(value, .bool)
    }
  }

  private func integer(_ value: JSON, _ shape: SchemaShape, _ range: ClosedRange<Int>?) throws -> JSON {
    let whole: Int?
    switch value {
    case .integer(let number): whole = number
    // Beyond 2^53 a Double may already be another number than was written.
    case .number(let number): whole = number.magnitude <= 0x1p53 ? Int(exactly: number) : nil
    case .string(let text): whole = Int(text).flatMap { String($0) == text ? $0 : nil }
    default: whole = nil
    }
    guard let whole else { throw wrongType(value, shape) }
    guard range?.contains(whole) != false else { throw outOfRange(value, shape) }
    return .integer(whole)
  }

  private func number(_ value: JSON, _ shape: SchemaShape, _ range: ClosedRange<Double>?) throws -> JSON {
    var found = value
    if let text = value.string, let read = try? JSON(parsing: text) { found = read }
    guard let number = found.double else { throw wrongType(value, shape) }
    guard range?.contains(number) != false else { throw outOfRange(value, shape) }
    return found
  }

  private func outOfRange(_ value: JSON, _ shape: SchemaShape) -> ReplyProblem {
    ReplyProblem(.wrongValue, "expected \(shape.expected), found \(SchemaCheck.shown(value))")
  }

  private func array(
    _ value: JSON, _ shape: SchemaShape, _ element: SchemaShape, _ count: ClosedRange<Int>?
  ) throws -> JSON {
    guard let elements = value.array ?? SchemaCheck.written(value)?.array else { throw wrongType(value, shape) }
    guard count?.contains(elements.count) != false else {
      throw ReplyProblem(.wrongValue, "expected \(shape.expected), found \(elements.count)")
    }
    // An array that is still open was refused by the reader, so nothing within it is open.
    let inner = SchemaCheck()
    return .array(
      try elements.enumerated().map { index, item in
        do { return try inner.checked(item, element) } catch let problem as ReplyProblem {
          throw problem.below("[\(index)]")
        }
      })
  }

  private func object(_ value: JSON, _ shape: SchemaShape, _ members: [SchemaMember]) throws -> JSON {
    guard let object = value.object ?? SchemaCheck.written(value)?.object else { throw wrongType(value, shape) }
    let lastKey = object.members.last?.key
    var strangers = object.members.filter { given in !members.contains { $0.name == given.key } }
    var result: [(key: String, value: JSON)] = []
    var absent: [String] = []
    for member in members {
      var given = object[member.name].map { (key: member.name, value: $0) }
      if given == nil {
        let alike = strangers.filter { SchemaCheck.plain($0.key) == SchemaCheck.plain(member.name) }
        if alike.count == 1 {
          given = alike[0]
          strangers.removeAll { $0.key == alike[0].key }
        }
      }
      guard let given else {
        guard member.shape.isNullable else {
          throw ReplyProblem(.missingMember, "the member \"\(member.name)\" is missing")
        }
        absent.append(member.name)
        result.append((member.name, .null))
        continue
      }
      let inner = SchemaCheck(openObjects: given.key == lastKey ? max(0, openObjects - 1) : 0)
      do { result.append((member.name, try inner.checked(given.value, member.shape))) } catch let problem
        as ReplyProblem
      {
        throw problem.below(".\(member.name)")
      }
    }
    if let first = absent.first {
      if openObjects > 0 { throw ReplyProblem(.cutOff, "the reply ends before \"\(first)\"") }
      // It may be the absent one under another name.
      if let stranger = strangers.first {
        throw ReplyProblem(.unknownMember, "there is a member \"\(stranger.key)\", and \"\(first)\" is missing")
      }
    }
    return .object(JSONObject(distinct: result))
  }

  /// An array or object that was written as a string of JSON.
  private static func written(_ value: JSON) -> JSON? { value.string.flatMap { try? JSON(parsing: $0) } }

  /// A name without what spelling changes: case, and whatever stands between letters and digits.
  private static func plain(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil })
    )
    .lowercased()
  }
}
