// POST /upload?wait=false and /jobs: work that is accepted now and done in the background, with its progress as JSON
// and as server-sent events.
import Base
import HTTPKit
import KnowledgeBase
import Store

extension Routes {
  /// How long one look at a job may wait for news, and how often a stream tells of it at most.
  private static let newsSeconds = 0.5

  func addJobRoutes(to router: inout Router) {
    router.add(.post, "/jobs", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      let add = try AddRequest(json: RequestJSON(request).whole)
      guard !add.paths.isEmpty, add.paths.allSatisfy({ $0.hasPrefix("/") }) else {
        throw PlainFailure(.usage, "bad_field", "'paths' must be a list of absolute paths")
      }
      return accepted(try jobs.accept(add, files: []))
    }
    router.add(.get, "/jobs") { request in
      let visible = try library.jobs().filter { isVisible($0, to: request) }
      return .json(JSON.object(["jobs": .array(try visible.map { try jobs.shape($0.id, withOutcomes: false) })]).utf8)
    }
    router.add(.get, "/jobs/{id}") { request in
      let id = try visibleJob(request).id
      let withOutcomes = try Routes.flag(request, "outcomes") ?? true
      if try Routes.flag(request, "wait") == true { try waitForNews(of: id) }
      return .json(try jobs.shape(id, withOutcomes: withOutcomes).utf8)
    }
    router.add(.delete, "/jobs/{id}") { request in
      let id = try visibleJob(request).id
      try jobs.cancel(id)
      return .json(try jobs.shape(id).utf8)
    }
    router.add(.get, "/jobs/{id}/events") { request in
      let id = try visibleJob(request).id
      let jobs = self.jobs
      return .events { stream in
        var revision = 0
        var told = ""
        while true {
          let now = jobs.wait(after: revision, seconds: Routes.newsSeconds)
          revision = now
          let shape = try jobs.shape(id, withOutcomes: false)
          if Routes.isOver(shape) { return try stream.send(event: "done", data: jobs.shape(id).text) }
          if shape.text != told { try stream.send(event: "progress", data: shape.text) }
          told = shape.text
          if stream.isGone || jobs.isClosed { return }
        }
      }
    }
    router.add(.post, "/documents/retire", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      .json(try access(request).retire(paths: try RequestJSON(request).strings("paths")).utf8)
    }
  }

  /// The files are in the store when the job is named.
  func accept(_ add: AddRequest, files: [UploadedFile]) throws -> Response {
    let waiting = try files.map { file in
      let bytes = try FileAccess.read(file.path, bytesMax: Limits.uploadBytesMax)
      try Incoming(
        bytes: bytes, filename: file.filename, collection: add.collection, metadata: add.metadata
      ).check()
      return WaitingFile(name: file.filename, declaredType: file.contentType, bytes: bytes)
    }
    return accepted(try jobs.accept(add, files: waiting))
  }

  private func accepted(_ job: JobRow) -> Response {
    var response = Response.json(
      JSON.object([
        "status": "accepted", "job_id": .string(job.id), "job": .string("/jobs/\(job.id)"),
        "events": .string("/jobs/\(job.id)/events"),
      ]).utf8, status: 202)
    response.headers["Location"] = "/jobs/\(job.id)"
    return response
  }

  private static func isOver(_ shape: JSON) -> Bool {
    shape.state?.string == "done" || shape.state?.string == "stopped"
  }

  private func waitForNews(of id: String) throws {
    // In this order: what ends in between is news already.
    let known = jobs.currentRevision
    guard try library.job(id).finishedAt == nil else { return }
    _ = jobs.wait(after: known, seconds: Routes.newsSeconds)
  }

  private func visibleJob(_ request: Request) throws -> JobRow {
    let job = try library.job(request.parameter("id"))
    guard isVisible(job, to: request) else { throw LibraryError.noSuchJob(job.id) }
    return job
  }

  private func isVisible(_ job: JobRow, to request: Request) -> Bool {
    let grant = access(request).grant
    guard grant.collections != nil else { return true }
    let collection = (try? AddRequest(json: JSON(parsing: job.request)))?.collection
    return collection.map(grant.sees) ?? false
  }

  static func number(_ text: String?, _ name: String) throws -> Int? {
    guard let text, !text.isEmpty else { return nil }
    guard let number = Int(text) else {
      throw PlainFailure(.usage, "bad_field", "the field '\(name)' must be a whole number")
    }
    return number
  }
}
