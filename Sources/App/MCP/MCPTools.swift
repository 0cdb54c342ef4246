// The tools that a model may call: look, ask, read and list. None of them changes, fetches or runs anything.
import Base
import KnowledgeBase

struct MCPTool {
  let name: String
  let title: String
  let description: String
  let input: JSON
  let run: @Sendable (MCPArguments, any LibraryAccess) throws -> JSON

  var shape: JSON {
    [
      "name": .string(name), "title": .string(title), "description": .string(description), "inputSchema": input,
      "annotations": ["readOnlyHint": true, "openWorldHint": false],
    ]
  }
}

/// The arguments of a call, read one by one so that a wrong one is named.
struct MCPArguments {
  private let body: RequestJSON

  init(_ value: JSON, known: JSON) throws {
    body = try RequestJSON(value)
    let names = (known.properties?.object ?? [:]).map(\.key)
    for (name, _) in value.object ?? [:] where !names.contains(name) {
      let near = Nearest.word(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      throw PlainFailure(.usage, "unknown_argument", "there is no argument '\(name.prefix(80))'\(near)")
    }
  }

  func required(_ name: String) throws -> String { try body.requiredString(name) }
  func integer(_ name: String) throws -> Int? { try body.integer(name) }

  func question(_ name: String, defaultLimit: Int) throws -> SearchParameters {
    try body.search(text: body.requiredString(name), defaultLimit: defaultLimit)
  }
}

enum MCPTools {
  static let all = [search, ask, readDocument, listDocuments]

  private static let narrowing: JSONObject = [
    "n_results": ["type": "integer", "minimum": 1, "maximum": .integer(Limits.resultsMax)],
    "collection": ["type": "array", "items": ["type": "string"], "description": "only these collections"],
    "where": ["type": "string", "description": "a filter, as in: format = 'pdf' and page <= 3"],
    "as_of": ["type": "string", "description": "as the library was on that day: 2026-03-31"],
  ]

  private static func schema(_ own: JSONObject, required: [String], narrowed: Bool = false) -> JSON {
    var properties = own
    if narrowed { for (name, value) in narrowing { properties[name] = value } }
    return ["type": "object", "properties": .object(properties), "required": JSON(required)]
  }

  private static let search = MCPTool(
    name: "search", title: "Search the library",
    description:
      "The passages of the library's documents that fit a query best, by meaning and by words, with document, "
      + "page, text and scores.",
    input: schema(
      [
        "query": ["type": "string"],
        "mode": ["type": "string", "enum": ["hybrid", "semantic", "keyword"]],
      ], required: ["query"], narrowed: true)
  ) { arguments, access in
    try access.search(arguments.question("query", defaultLimit: 8))
  }

  private static let ask = MCPTool(
    name: "ask", title: "Ask the library",
    description:
      "An answer in the words of the library's documents. Every sentence carries [n], and each citation gives "
      + "the exact quote with document and page. Says so where the library holds no answer.",
    input: schema(
      [
        "question": ["type": "string"],
        "conversation_id": ["type": "string", "description": "questions with the same id follow one another"],
      ], required: ["question"], narrowed: true)
  ) { arguments, access in
    try access.ask(arguments.question("question", defaultLimit: 3))
  }

  private static let readDocument = MCPTool(
    name: "read_document", title: "Read a document",
    description: "A document's extracted text, or the part of it from start to end in characters.",
    input: schema(
      [
        "document": ["type": "string", "description": "an id, or a file name where only one document has it"],
        "start": ["type": "integer", "minimum": 0],
        "end": ["type": "integer", "minimum": 0],
      ], required: ["document"])
  ) { arguments, access in
    let reference = try arguments.required("document")
    let text = Array(try access.text(reference).unicodeScalars)
    let start = try arguments.integer("start") ?? 0
    let end = min(try arguments.integer("end") ?? start + Limits.mcpTextScalarsMax, text.count)
    guard start >= 0, start <= end, end - start <= Limits.mcpTextScalarsMax else {
      throw PlainFailure(
        .usage, "bad_range",
        "start and end must be a range of the text's \(text.count) characters, of at most "
          + "\(Limits.mcpTextScalarsMax) at a time")
    }
    let part = String(String.UnicodeScalarView(text[start..<end]))
    return [
      "document": .string(reference), "start": .integer(start), "end": .integer(end), "total": .integer(text.count),
      "text": .string(part),
    ]
  }

  private static let listDocuments = MCPTool(
    name: "list_documents", title: "List the documents",
    description: "The documents that are held, with their ids, pages and what could not be read.",
    input: schema([:], required: [])
  ) { _, access in try access.documents() }
}
