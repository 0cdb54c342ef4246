// What each route takes and gives, in words and schemas.
import Base

extension OpenAPI {
  private static let narrowing: JSONObject = [
    "n_results": ["type": ["integer", "null"], "minimum": 1, "maximum": .integer(Limits.resultsMax)],
    "collection": ["anyOf": [text, list(text), ["type": "null"]]],
    "where": nullable("string"), "as_of": nullable("string"),
    "mode": ["enum": ["hybrid", "ranks", "semantic", "keyword"]],
  ]

  private static func narrowed(_ own: JSONObject, required: [String]) -> JSON {
    var properties = narrowing
    for (name, value) in own { properties[name] = value }
    return object(properties, required: required)
  }

  private static let span: [(String, JSON)] = [
    ("start", ["type": "integer", "minimum": 0]), ("end", ["type": "integer", "minimum": 0]),
  ]

  static let descriptions: [String: RouteDescription] = [
    // Questions.
    "POST /search": RouteDescription(
      summary: "ranked passages", body: narrowed(["query": words, "explain": flag], required: ["query"]),
      answer: object(
        ["query": text, "results": list(reference("Passage")), "warnings": list(text), "elapsed_ms": number],
        required: ["query", "results", "elapsed_ms"])),
    "POST /query": RouteDescription(
      summary: "a cited answer; with \"stream\": true as server-sent events",
      body: narrowed(
        [
          "question": words, "include_citations": flag, "stream": flag, "conversation_id": nullable("string"),
          "no_llm": flag,
        ], required: ["question"]),
      answer: reference("Answer"), alsoGives: ["text/event-stream"]),
    "POST /why-not": RouteDescription(
      summary: "at which stage of a search a document fell out",
      body: narrowed(["query": words, "document": text], required: ["query", "document"]),
      answer: object(["stage": text, "changes": list(text)], required: ["stage", "changes"])),
    "POST /verify": RouteDescription(
      summary: "every citation of a saved answer found again", body: ["type": "object"],
      answer: object(["valid": flag, "citations": ["type": "array"]], required: ["valid", "citations"])),
    "POST /replay": RouteDescription(
      summary: "a saved answer given again, with what changed", body: ["type": "object"],
      answer: object(["same": flag, "changed": list(text), "answer": reference("Answer")], required: ["same"])),

    // Documents.
    "POST /upload": RouteDescription(
      summary: "files into the library; with ?wait=false as a job",
      body: object(
        [
          "file": list(["type": "string", "format": "binary"]), "metadata": text, "collection": text,
          "chunk_size": text, "chunk_overlap": text,
        ], required: ["file"]), isForm: true, query: [("wait", flag)],
      answer: object(
        [
          "status": text, "document_id": text, "filename": text, "chunks_added": whole, "pages": nullable("integer"),
          "total_documents": whole, "warnings": list(text),
        ]), accepted: reference("Accepted")),
    "GET /documents": RouteDescription(
      summary: "the documents that are held; products where their collection is named", query: [("collection", text)],
      answer: object(["documents": list(reference("Document"))], required: ["documents"])),
    "GET /documents/{id}": RouteDescription(summary: "one document with its versions", answer: reference("Document")),
    "DELETE /documents/{id}": RouteDescription(
      summary: "out of use, and what it says erased; with ?forget=true its name too", query: [("forget", flag)],
      answer: object(["status": text, "document_id": text, "filename": text], required: ["status", "document_id"])),
    "GET /documents/{id}/text": RouteDescription(
      summary: "the extracted text, the one that all offsets count in", query: span, contentType: "text/plain",
      answer: text),
    "GET /documents/{id}/original": RouteDescription(
      summary: "the file as it came in", contentType: "application/octet-stream", answer: [:]),
    "GET /documents/{id}/pages/{n}.png": RouteDescription(
      summary: "a page as a picture, the passage marked", query: span, contentType: "image/png", answer: [:]),
    "GET /stats": RouteDescription(
      summary: "what is held, in figures",
      answer: object(
        [
          "total_chunks": whole, "unique_documents": whole, "documents": list(text), "total_words": whole,
          "total_characters": whole, "avg_chunk_size": number,
        ],
        required: [
          "total_chunks", "unique_documents", "documents", "total_words", "total_characters", "avg_chunk_size",
        ])),
    "POST /documents/retire": RouteDescription(
      summary: "takes out of use what lies at paths of this machine; for its command line",
      body: object(["paths": list(text)], required: ["paths"])),
    "POST /reembed": RouteDescription(
      summary: "moves the library to another embedder; for its command line", body: ["type": "object"],
      contentType: "text/event-stream", answer: [:]),
    "GET /training-pairs": RouteDescription(summary: "requests and replies to learn from; for its command line"),

    // Jobs.
    "POST /jobs": RouteDescription(
      summary: "files of this machine as a job; for its command line",
      body: object(["paths": list(text)], required: ["paths"]), status: 202),
    "GET /jobs": RouteDescription(
      summary: "jobs, the newest first", answer: object(["jobs": list(reference("Job"))], required: ["jobs"])),
    "GET /jobs/{id}": RouteDescription(
      summary: "a job's progress", query: [("outcomes", flag), ("wait", flag)], answer: reference("Job")),
    "DELETE /jobs/{id}": RouteDescription(summary: "stops a job; what is in stays in", answer: reference("Job")),
    "GET /jobs/{id}/events": RouteDescription(
      summary: "a job's progress as it happens", contentType: "text/event-stream", answer: [:]),

    // Keys.
    "GET /keys": RouteDescription(
      summary: "API keys, without their text", answer: object(["keys": list(reference("Key"))], required: ["keys"])),
    "POST /keys": RouteDescription(
      summary: "a new key, whose text is in this answer alone",
      body: object([
        "name": nullable("string"), "scope": ["enum": ["read", "write", "admin"]], "collections": list(text),
        "requests_per_minute": ["type": ["integer", "null"], "minimum": 1, "maximum": 1_000_000],
        "expires_at": nullable("string"),
      ]), status: 201, answer: reference("Key")),
    "DELETE /keys/{id}": RouteDescription(summary: "revokes a key, at once"),
    "POST /login": RouteDescription(
      summary: "a cookie for a key, for the page", body: object(["key": text], required: ["key"])),
    "POST /logout": RouteDescription(summary: "ends the cookie's session"),
    "GET /session": RouteDescription(summary: "whether a key is needed, and what the caller may do"),
    "GET /audit": RouteDescription(
      summary: "who changed what",
      answer: object(["intact": flag, "entries": ["type": "array"]], required: ["intact", "entries"])),

    // Operating.
    "GET /health": RouteDescription(
      summary: "how the server is; 503 where it is unhealthy",
      answer: object(
        ["status": ["enum": ["healthy", "degraded", "unhealthy", "unknown"]], "parts": ["type": "object"]],
        required: ["status", "parts"])),
    "GET /metrics": RouteDescription(summary: "figures for Prometheus", contentType: "text/plain", answer: text),
    "GET /report": RouteDescription(
      summary: "usage, latency and cost of the last hours",
      query: [("hours", ["type": "number", "exclusiveMinimum": 0, "maximum": 2160])],
      answer: object(["summary": ["type": "object"], "operations": ["type": "object"]], required: ["summary"])),
    "POST /backup": RouteDescription(
      summary: "the library as one file on this machine; for its command line",
      body: object(["path": text], required: ["path"]),
      answer: object(["status": text, "documents": whole], required: ["status", "documents"])),
    "POST /export": RouteDescription(
      summary: "the library in an open form, a folder on this machine; for its command line",
      body: object(["path": text], required: ["path"]),
      answer: object(["status": text, "documents": whole], required: ["status", "documents"])),
    "POST /import": RouteDescription(
      summary: "the documents of an export; events tell how far it is; for its command line",
      body: object(["path": text], required: ["path"])),
    "GET /openapi.json": RouteDescription(summary: "this description"),

    // Products and prices.
    "POST /products": RouteDescription(
      summary: "a batch of a catalogue into a collection of products",
      body: object(
        [
          "products": [
            "type": "array", "minItems": 1, "maxItems": .integer(Limits.catalogueBatchRecords),
            "items": ["type": "object"],
          ],
          "collection": text,
        ], required: ["products"])),
    "GET /deals": RouteDescription(
      summary: "deals that were found, the best discount first, and when the next run is",
      query: [("limit", ["type": "integer", "minimum": 1, "maximum": 1000])],
      answer: object(["deals": list(["type": "object"]), "running": flag], required: ["deals", "running"])),
    "GET /deals/{id}": RouteDescription(
      summary: "a deal with all that its decision rests on",
      answer: object(["id": text, "comparables": ["type": "array"]], required: ["id", "comparables"])),
    "POST /deals/run": RouteDescription(
      summary: "one run of the deal finder", body: object(["files": list(text)]),
      answer: object(["run": whole, "found": whole, "alerted": whole], required: ["run", "found", "alerted"])),
    "POST /deals/{id}/notify": RouteDescription(
      summary: "a deal's alert once more", body: object([:]),
      answer: object(["sent": whole, "warnings": list(text)], required: ["sent", "warnings"])),
    "GET /deals/events": RouteDescription(
      summary: "the agents' log as it is written", contentType: "text/event-stream", answer: [:]),
    "POST /deals/price": RouteDescription(
      summary: "what a description is worth, with an interval and what it was compared with",
      body: object(
        ["description": words, "category": nullable("string"), "collection": nullable("string")],
        required: ["description"])),
    "POST /deals/train": RouteDescription(
      summary: "trains the price models; for this machine's command line", body: object(["collection": text])),
    "POST /deals/backtest": RouteDescription(
      summary: "measures the price models; for this machine's command line",
      body: object(["collection": text, "threshold": number])),
    "GET /map": RouteDescription(
      summary: "places of products in space, near where they are alike",
      query: [
        ("points", ["type": "integer", "minimum": 1, "maximum": .integer(Limits.mapPointsMax)]), ("collection", text),
      ]),

    // Other faces.
    "GET /v1/models": RouteDescription(
      summary: "the library and its collections as models, and the embedder",
      answer: object(["object": text, "data": ["type": "array"]], required: ["object", "data"])),
    "POST /v1/embeddings": RouteDescription(
      summary: "vectors, as OpenAI's API gives them",
      body: object(
        [
          "model": text, "input": ["anyOf": [text, list(text)]], "encoding_format": ["enum": ["float", "base64"]],
          "dimensions": nullable("integer"),
        ], required: ["model", "input"]),
      answer: object(["object": text, "data": ["type": "array"], "model": text], required: ["object", "data"])),
    "POST /v1/chat/completions": RouteDescription(
      summary: "the library as a chat model, streaming too",
      body: object(
        [
          "model": text, "stream": flag,
          "messages": list(
            object(
              ["role": ["enum": ["system", "developer", "user", "assistant", "tool"]], "content": text],
              required: ["role", "content"])),
        ], required: ["model", "messages"]),
      answer: object(["id": text, "object": text, "choices": ["type": "array"]], required: ["id", "choices"]),
      alsoGives: ["text/event-stream"]),
    "POST /mcp": RouteDescription(
      summary: "the Model Context Protocol, one message a request",
      body: object(
        ["jsonrpc": ["const": "2.0"], "method": text, "id": ["type": ["integer", "string"]]],
        required: ["jsonrpc", "method"]),
      answer: object(["jsonrpc": ["const": "2.0"]], required: ["jsonrpc"]),
      failure: [
        "anyOf": [
          reference("Error"), object(["error": object(["code": whole, "message": text])], required: ["error"]),
        ]
      ],
      emptyStatus: 202),
  ]
}
