// A request's JSON read field by field, so that a wrong one is named.
import Base
import HTTPKit
import KnowledgeBase

struct RequestJSON {
  private let members: JSONObject

  init(_ request: Request) throws { try self.init(JSON(parsing: request.body.bytes)) }

  init(_ value: JSON) throws {
    guard let members = value.object else {
      throw PlainFailure(.usage, "bad_body", "the body must be a JSON object")
    }
    self.members = members
  }

  var whole: JSON { .object(members) }

  func string(_ name: String) throws -> String? {
    guard let value = members[name], !value.isNull else { return nil }
    guard let text = value.string else { throw wrong(name, "a string") }
    return text
  }

  func requiredString(_ name: String) throws -> String {
    guard let text = try string(name) else {
      throw PlainFailure(.usage, "missing_field", "the field '\(name)' is missing")
    }
    return text
  }

  func integer(_ name: String) throws -> Int? {
    guard let value = members[name], !value.isNull else { return nil }
    guard let whole = value.int else { throw wrong(name, "a whole number") }
    return whole
  }

  func number(_ name: String) throws -> Double? {
    guard let value = members[name], !value.isNull else { return nil }
    guard let number = value.double else { throw wrong(name, "a number") }
    return number
  }

  func bool(_ name: String) throws -> Bool? {
    guard let value = members[name], !value.isNull else { return nil }
    guard let flag = value.bool else { throw wrong(name, "true or false") }
    return flag
  }

  /// One string or a list of them.
  func strings(_ name: String) throws -> [String] {
    guard let value = members[name], !value.isNull else { return [] }
    if let text = value.string { return [text] }
    guard let elements = value.array else { throw wrong(name, "a string or a list of strings") }
    return try elements.map { element in
      guard let text = element.string else { throw wrong(name, "a string or a list of strings") }
      return text
    }
  }

  private func wrong(_ name: String, _ expected: String) -> PlainFailure {
    PlainFailure(.usage, "bad_field", "the field '\(name)' must be \(expected)")
  }

  /// What /search, /query and /why-not have in common.
  func search(text: String, defaultLimit: Int) throws -> SearchParameters {
    var parameters = SearchParameters(query: text)
    parameters.limit = try integer("n_results") ?? integer("k") ?? defaultLimit
    parameters.mode = try string("mode") ?? "hybrid"
    parameters.filter = try string("where")
    parameters.collections = try strings("collection")
    parameters.asOf = try string("as_of")
    parameters.explains = try bool("explain") ?? false
    parameters.lambda = try number("mmr_lambda")
    parameters.conversation = try string("conversation_id")
    parameters.isExtracted = try bool("no_llm") ?? false
    return parameters
  }
}
