// GET /openapi.json: every route with what it takes and gives, made from the router itself, so that a route without a
// description is found by a test and one that is not there cannot be described.
// https://spec.openapis.org/oas/v3.1.0
import Base
import HTTPKit

struct RouteDescription {
  let summary: String
  var body: JSON?
  var isForm = false
  /// Of the query: name and schema.
  var query: [(String, JSON)] = []
  var status = 200
  var contentType = "application/json"
  var answer: JSON = ["type": "object"]
  /// Other content that the same route can give.
  var alsoGives: [String] = []
  /// What 202 answers with, where the work is done later.
  var accepted: JSON?
  /// How a failure is told, where it is not only as everywhere else.
  var failure: JSON?
  /// Another status, whose body is empty.
  var emptyStatus: Int?
}

enum OpenAPI {
  static func document(_ routes: [Route]) -> JSON {
    var paths = JSONObject()
    for route in routes where !Routes.pagePaths.contains(route.pattern) {
      let name = "\(route.method.rawValue) \(route.pattern)"
      guard let description = OpenAPI.descriptions[name] else {
        assert(route.pattern == "/favicon.ico", "\(name) is not described")
        continue
      }
      var operations = paths[route.pattern]?.object ?? [:]
      operations[route.method.rawValue.lowercased()] = operation(route, description)
      paths[route.pattern] = .object(operations)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Footnote", "version": .string(Product.version),
        "description": "Answers from your documents, every sentence with a footnote that opens the exact words.",
      ],
      "paths": .object(paths),
      "components": [
        "schemas": .object(schemas), "securitySchemes": ["key": ["type": "http", "scheme": "bearer"]],
      ],
    ]
  }

  private static func operation(_ route: Route, _ description: RouteDescription) -> JSON {
    var contents: JSONObject = [description.contentType: ["schema": description.answer]]
    for other in description.alsoGives { contents[other] = ["schema": [:]] }
    var responses: JSONObject = [
      "default": [
        "description": "what is wrong, and the way out",
        "content": ["application/json": ["schema": description.failure ?? reference("Error")]],
      ]
    ]
    responses[String(description.status)] = ["description": "as asked", "content": .object(contents)]
    if let accepted = description.accepted {
      responses["202"] = ["description": "accepted", "content": ["application/json": ["schema": accepted]]]
    }
    if let empty = description.emptyStatus { responses[String(empty)] = ["description": "taken note of"] }
    var shape: JSONObject = [
      "summary": .string(description.summary),
      "operationId": .string(
        "\(route.method.rawValue) \(route.pattern)".lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }
          .joined()),
      "responses": .object(responses),
    ]
    let names = route.pattern.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
    let inPath = names.map { name -> JSON in
      ["name": .string(name), "in": "path", "required": true, "schema": ["type": name == "n" ? "integer" : "string"]]
    }
    let inQuery = description.query.map { name, schema -> JSON in
      ["name": .string(name), "in": "query", "required": false, "schema": schema]
    }
    if !inPath.isEmpty || !inQuery.isEmpty { shape["parameters"] = .array(inPath + inQuery) }
    if let body = description.body {
      let type = description.isForm ? "multipart/form-data" : "application/json"
      shape["requestBody"] = ["required": true, "content": .object([type: ["schema": body]])]
    }
    if Permissions.of(route.method, route.pattern) != .open { shape["security"] = [["key": []], [:]] }
    return .object(shape)
  }

  // MARK: Schemas

  static func object(_ properties: JSONObject, required: [String] = []) -> JSON {
    var shape: JSONObject = ["type": "object", "properties": .object(properties)]
    if !required.isEmpty { shape["required"] = JSON(required) }
    return .object(shape)
  }

  static func list(_ element: JSON) -> JSON { ["type": "array", "items": element] }
  static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/\(name)")] }
  static func nullable(_ type: String) -> JSON { ["type": [.string(type), "null"]] }

  static let text: JSON = ["type": "string"]
  static let words: JSON = ["type": "string", "minLength": 1, "maxLength": .integer(Limits.questionScalarsMax)]
  static let whole: JSON = ["type": "integer"]
  static let number: JSON = ["type": "number"]
  static let flag: JSON = ["type": "boolean"]
  static let anything: JSON = [:]

  private static let schemas: JSONObject = [
    "Error": object(
      ["error": object(["code": text, "message": text, "hint": text], required: ["code", "message", "hint"])],
      required: ["error"]),
    "Passage": object(
      [
        "document_id": text, "filename": text, "page": nullable("integer"), "heading": text, "chunk": whole,
        "text": text, "start": whole, "end": whole, "relevance": number, "semantic": nullable("number"),
        "keyword": nullable("number"), "metadata": ["type": "object"],
      ],
      required: ["document_id", "filename", "page", "heading", "chunk", "text", "start", "end", "relevance"]),
    "Source": object(
      [
        "id": whole, "document_id": text, "filename": text, "page": nullable("integer"), "heading": text,
        "chunk": whole, "relevance": number, "start": whole, "end": whole, "text": text,
      ], required: ["id", "document_id", "filename", "page", "start", "end", "text"]),
    "Citation": object(
      [
        "source": whole, "answer_start": whole, "answer_end": whole, "quote": text, "start": whole, "end": whole,
        "support": number,
      ], required: ["source", "answer_start", "answer_end", "quote", "start", "end", "support"]),
    "Answer": object(
      [
        "question": text, "answer": text, "sources": list(reference("Source")),
        "citations": list(reference("Citation")), "refused": flag, "warnings": list(text), "model": text,
        "cached": flag, "cost": number, "usage": object(["input_tokens": whole, "output_tokens": whole]),
        "elapsed_ms": number, "receipt": text,
      ],
      required: [
        "question", "answer", "sources", "citations", "refused", "warnings", "model", "cached", "cost", "usage",
        "elapsed_ms", "receipt",
      ]),
    "Document": object(
      [
        "document_id": text, "filename": text, "collection": text, "title": nullable("string"), "format": text,
        "pages": nullable("integer"), "chunks": whole, "words": whole, "characters": whole, "version": whole,
        "sha256": text, "status": ["enum": ["ready", "partly_read"]], "coverage": ["type": "array"],
        "warnings": list(text),
      ], required: ["document_id", "filename", "collection", "chunks", "version", "sha256", "status"]),
    "Accepted": object(
      ["status": text, "job_id": text, "job": text, "events": text], required: ["status", "job_id", "job", "events"]),
    "Job": object(
      [
        "job_id": text, "state": ["enum": ["waiting", "running", "done", "stopped"]], "files_total": whole,
        "files_done": whole, "files_failed": whole, "pages": whole, "chunks": whole,
      ], required: ["job_id", "state", "files_total", "files_done"]),
    "Key": object(
      [
        "id": text, "name": text, "scope": ["enum": ["read", "write", "admin"]],
        "collections": ["type": ["array", "null"]],
        "requests_per_minute": nullable("integer"), "created_at": text, "expires_at": nullable("string"),
        "revoked_at": nullable("string"),
      ], required: ["id", "scope", "collections"]),
  ]
}
