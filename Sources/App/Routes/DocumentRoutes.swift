// POST /upload and the library under /documents.
import Base
import HTTPKit
import KnowledgeBase
import Store
import Text

extension Routes {
  func addDocumentRoutes(to router: inout Router) {
    router.add(.post, "/upload", accepts: .multipart(maxBytes: Limits.uploadBytesMax)) { request in
      try upload(request)
    }
    // It holds words of every collection: for the command line of the library's owner only.
    router.add(.get, "/training-pairs") { request in .json(try access(request).trainingPairs().utf8) }
    router.add(.get, "/documents") { request in
      .json(try access(request).documents(inCollection: request.queryValue("collection")).utf8)
    }
    router.add(.get, "/documents/{id}") { request in
      .json(try access(request).document(request.parameter("id")).utf8)
    }
    router.add(.delete, "/documents/{id}") { request in
      let reference = try request.parameter("id")
      let forgets = try Routes.flag(request, "forget") ?? false
      let access = access(request)
      return .json(try (forgets ? access.forget(reference) : access.remove(reference)).utf8)
    }
    router.add(.get, "/documents/{id}/text") { request in
      let held = try access(request).held(request.parameter("id"))
      let text = try library.text(of: held)
      let range = try Routes.range(request) ?? 0..<text.scalarCount
      guard range.upperBound <= text.scalarCount else { throw LibraryError.badRange }
      let isWhole = range.count == text.scalarCount
      return Response(
        headers: ["Content-Type": "text/plain; charset=utf-8"],
        body: .bytes(isWhole ? text.utf8 : Array(text.utf8Slice(range)))
      ).tagged("\(held.version.sha256)-\(held.version.id)\(isWhole ? "" : "-\(range.lowerBound)-\(range.upperBound)")")
    }
    router.add(.get, "/documents/{id}/original") { request in
      let held = try access(request).held(request.parameter("id"))
      return Response(
        headers: ["Content-Type": "application/octet-stream"], body: .bytes(try library.content(of: held))
      ).tagged(held.version.sha256).asAttachment(held.document.filename)
    }
    router.add(.get, "/documents/{id}/pages/{n}.png") { request in
      let held = try access(request).held(request.parameter("id"))
      guard let page = Int(try request.parameter("n")) else {
        throw LibraryError.noSuchPage(0, of: held.version.pageCount ?? 0)
      }
      let range = try Routes.range(request)
      let picture = try library.pagePicture(of: held, page: page, range: range)
      let marked = range.map { "-\($0.lowerBound)-\($0.upperBound)" } ?? ""
      return Response(headers: ["Content-Type": "image/png"], body: .bytes(picture))
        .tagged("\(held.version.id)-\(page)\(marked)")
    }
    router.add(.get, "/stats") { request in .json(try access(request).statistics().utf8) }
  }

  private static func range(_ request: Request) throws -> Range<Int>? {
    guard request.queryValue("start") != nil || request.queryValue("end") != nil else { return nil }
    guard let start = request.queryValue("start").flatMap({ Int($0) }),
      let end = request.queryValue("end").flatMap({ Int($0) }), start >= 0, start <= end
    else { throw LibraryError.badRange }
    return start..<end
  }

  /// true or false; nil where it is not there.
  static func flag(_ request: Request, _ name: String) throws -> Bool? {
    switch request.queryValue(name) {
    case nil: nil
    case "true": true
    case "false": false
    default: throw PlainFailure(.usage, "bad_field", "'\(name)' must be true or false")
    }
  }

  private func upload(_ request: Request) throws -> Response {
    guard case .form(let form) = request.body else {
      throw PlainFailure(.usage, "bad_body", "the body must be a multipart form")
    }
    let files = form.files.filter { $0.name == "file" }
    guard !files.isEmpty else {
      throw PlainFailure(
        .usage, "missing_file", "the form has no file", hint: "send one or more parts named 'file'")
    }
    var add = AddRequest(paths: [])
    add.collection = form.field("collection") ?? Library.defaultCollection
    let access = access(request)
    try access.grant.demandWrite(to: add.collection)
    add.metadata = try form.field("metadata").map { try JSON(parsing: $0) } ?? [:]
    add.chunkWords = try PlainChunks.words(
      size: Routes.number(form.field("chunk_size"), "chunk_size"),
      overlap: Routes.number(form.field("chunk_overlap"), "chunk_overlap"))
    if try Routes.flag(request, "wait") == false || form.field("wait") == "false" {
      return try accept(add, files: files)
    }
    let wanted = add
    let report = IngestRun(library: library, clock: clock).add(
      files.map { file in
        IngestItem(name: file.filename) {
          Incoming(
            bytes: try FileAccess.read(file.path, bytesMax: Limits.uploadBytesMax), filename: file.filename,
            collection: wanted.collection, metadata: wanted.metadata, declaredType: file.contentType,
            plainChunks: PlainChunks.options(wanted.chunkWords))
        }
      })
    let added = report.added
    let failed = report.failed
    guard let first = added.first else { throw failed[0].error }
    var shape: JSONObject = [
      "status": .string(failed.isEmpty ? "success" : "partial"), "document_id": .string(first.documentID),
      "filename": .string(first.filename), "chunks_added": .integer(added.reduce(0) { $0 + $1.chunksAdded }),
      "pages": JSON(first.pages), "total_documents": .integer(try access.documentCount()),
      "warnings": JSON(added.flatMap(\.warnings)), "documents": .array(added.map(Shapes.added)),
    ]
    if !failed.isEmpty { shape["failed"] = .array(failed.map { Shapes.failed(path: $0.path, $0.error) }) }
    return .json(JSON.object(shape).utf8)
  }
}
