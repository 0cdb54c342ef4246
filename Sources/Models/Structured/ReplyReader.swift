// A model's whole reply as a value of the form that was asked for. First strictly; then as models write: with thoughts
// before it, in a fence, among prose, as a string of JSON, in a wrapper. One value must fit, or the reply is refused:
// where two different ones fit, or the one that was meant is broken, nobody guesses.
package import Base

package enum ReplyReader {
  /// Strings of JSON within strings of JSON that are opened.
  private static let encodingsMax = 2

  package static func read<Value>(_ reply: String, as schema: Schema<Value>, named name: String = "") throws -> Value {
    try schema.make(json(reply, as: schema.shape, named: name))
  }

  package static func json(_ reply: String, as shape: SchemaShape, named name: String = "") throws -> JSON {
    guard reply.utf8.count <= Limits.structuredReplyBytesMax else {
      throw ReplyProblem(.tooLong, "the reply is longer than \(Limits.structuredReplyBytesMax) bytes")
    }
    return try Attempt(shape: shape, name: name).read(reply, encodingsLeft: encodingsMax)
  }
}

private struct Attempt {
  let shape: SchemaShape
  let name: String

  func read(_ reply: String, encodingsLeft: Int) throws -> JSON {
    let text = try withoutThoughts(reply)
    guard text.contains(where: { !$0.isWhitespace }) else { throw ReplyProblem(.empty, "the reply is empty") }
    if let value = try? JSON(parsing: text) {
      if let inner = value.string, encodingsLeft > 0, !wantsText {
        return try read(inner, encodingsLeft: encodingsLeft - 1)
      }
      return try fitted(value)
    }
    if encodingsLeft > 0, let decoded = decoded(text) { return try read(decoded, encodingsLeft: encodingsLeft - 1) }
    return try found(in: text)
  }

  private var wantsText: Bool {
    switch shape {
    case .string, .choice, .nullable(.string), .nullable(.choice): true
    default: false
    }
  }

  /// What stands after a model's thinking aloud.
  private func withoutThoughts(_ reply: String) throws -> String {
    let start = reply.drop(while: \.isWhitespace)
    for tag in ["think", "thinking", "reasoning"] {
      let close = "</\(tag)>"
      if start.hasPrefix("<\(tag)>") {
        guard let end = reply.firstRange(of: close) else {
          throw ReplyProblem(.cutOff, "the reply ends before the thinking does")
        }
        return String(reply[end.upperBound...])
      }
      // Some servers keep the opening tag to themselves.
      if let end = reply.firstRange(of: close), !reply[..<end.lowerBound].contains("{\"") {
        return String(reply[end.upperBound...])
      }
    }
    return reply
  }

  /// The text without one layer of encoding, where all of it is encoded: HTML's or that of a JSON string.
  private func decoded(_ text: String) -> String? {
    if !text.contains("\""), text.contains("&quot;") {
      let entities = [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")]
      return entities.reduce(text) { $0.replacing($1.0, with: $1.1) }
    }
    guard text.contains("{\\\"") || text.contains("{\\n") else { return nil }
    return (try? JSON(parsing: "\"\(text.trimmed)\""))?.string
  }

  // MARK: Among prose

  private struct Candidate {
    let found: LenientReader.Found
    let start: Int
  }

  private func found(in text: String) throws -> JSON {
    var bytes = Array(text.utf8)
    var candidates = try candidates(in: bytes)
    // The reply may go on where the prompt had already opened the object.
    if candidates.isEmpty, text.trimmed.hasPrefix("\""), text.trimmed.hasSuffix("}") {
      bytes = Array("{\(text)".utf8)
      candidates = try self.candidates(in: bytes)
    }
    guard !candidates.isEmpty else {
      if case .object = shape { throw ReplyProblem(.noJSON, "there is no JSON in the reply") }
      return try bareValue(text)
    }
    if let lines = try asLines(candidates, bytes) { return lines }
    var fitting: [JSON] = []
    for candidate in candidates {
      let fits = try? fitted(candidate.found.value, openObjects: candidate.found.openObjects)
      if let fits, !fitting.contains(fits) { fitting.append(fits) }
      guard fitting.count <= 1 else {
        throw ReplyProblem(.ambiguous, "the reply holds several different values; give one")
      }
    }
    if let only = fitting.first { return only }
    let longest = candidates.max { $0.found.end - $0.start < $1.found.end - $1.start } ?? candidates[0]
    return try fitted(longest.found.value, openObjects: longest.found.openObjects)
  }

  /// Every object and array of the text that is not within another. A bracket of the prose around is passed over;
  /// once a value has begun like JSON, its faults are the reply's.
  private func candidates(in bytes: [UInt8]) throws -> [Candidate] {
    var reader = LenientReader(bytes)
    var found: [Candidate] = []
    var first: ReplyProblem?
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "{") || bytes[index] == UInt8(ascii: "[") else {
        index += 1
        continue
      }
      do {
        let value = try reader.read(at: index)
        found.append(Candidate(found: value, start: index))
        index = value.end
      } catch let problem as ReplyProblem {
        // Nothing follows that could be the value, or it was one.
        let isLast = problem.cause == .cutOff || problem.cause == .tooDeep
        guard !reader.hasStructure, !isLast || !found.isEmpty else { throw problem }
        first = first ?? problem
        index += 1
      }
    }
    // Nothing but this could have been meant.
    if found.isEmpty, let first { throw first }
    return found
  }

  /// Objects one after the other, with nothing else around, for an array.
  private func asLines(_ candidates: [Candidate], _ bytes: [UInt8]) throws -> JSON? {
    guard case .array = shape, candidates.count > 1 else { return nil }
    var end = 0
    for candidate in candidates {
      guard candidate.found.value.object != nil,
        bytes[end..<candidate.start].allSatisfy({ $0 <= 0x20 || $0 == UInt8(ascii: ",") })
      else { return nil }
      end = candidate.found.end
    }
    guard bytes[end...].allSatisfy({ $0 <= 0x20 || $0 == UInt8(ascii: ",") }),
      candidates.allSatisfy({ $0.found.openObjects == 0 })
    else {
      return nil
    }
    return try fitted(.array(candidates.map(\.found.value)))
  }

  /// A value without brackets, when all of the reply is one.
  private func bareValue(_ text: String) throws -> JSON {
    var lines = text.split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty }
    if lines.first?.hasPrefix("```") == true, lines.last == "```" { lines = Array(lines.dropFirst().dropLast()) }
    guard lines.count == 1 else { throw ReplyProblem(.noJSON, "there is no JSON in the reply") }
    if let value = try? JSON(parsing: lines[0]) { return try fitted(value) }
    return try fitted(.string(lines[0]))
  }

  // MARK: Fitting

  /// The value by the shape: as it stands, or within what models wrap around it.
  private func fitted(_ value: JSON, openObjects: Int = 0) throws -> JSON {
    do { return try SchemaCheck(openObjects: openObjects).checked(value, shape) } catch {
      guard openObjects == 0 else { throw error }
      for inner in unwrapped(value) {
        if let fits = try? SchemaCheck().checked(inner, shape) { return fits }
      }
      throw error
    }
  }

  private func unwrapped(_ value: JSON) -> [JSON] {
    if let elements = value.array { return elements.count == 1 ? elements : [] }
    guard let members = value.object?.members else { return [] }
    if members.count == 1 { return [members[0].value] }
    // A tool call written out: the tool's name and its arguments.
    let names = members.filter { ["name", "function", "tool"].contains($0.key) }
    let arguments = members.filter { ["arguments", "parameters", "input"].contains($0.key) }
    guard names.count == 1, arguments.count == 1,
      members.allSatisfy({ $0.key == "type" || $0.key == "id" || $0.key == names[0].key || $0.key == arguments[0].key }
      ),
      names[0].value.string == name || name.isEmpty
    else { return [] }
    return [arguments[0].value]
  }
}

extension String {
  fileprivate var trimmed: String {
    let rest = drop(while: \.isWhitespace)
    return String(rest.prefix(rest.count - rest.reversed().prefix(while: \.isWhitespace).count))
  }
}
