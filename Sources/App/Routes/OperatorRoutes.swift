// What an operator looks at: health, metrics and the report.
import Base
import HTTPKit
import KnowledgeBase
import Store

extension Routes {
  func addOperatorRoutes(to router: inout Router) {
    // Answered even when every worker is busy: whoever asks wants to know just that.
    router.add(.get, "/health", immediate: true) { _ in
      let shape = health.shape
      return .json(shape.utf8, status: shape.status?.string == "unhealthy" ? 503 : 200)
    }
    router.add(.get, "/metrics") { _ in
      Response(
        headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
        body: .bytes(Array(try metricsText().utf8)))
    }
    router.add(.get, "/report") { request in
      let text = request.queryValue("hours") ?? "24"
      guard let hours = Double(text), hours > 0, hours <= Double(Limits.requestDaysKept * 24) else {
        throw PlainFailure(
          .usage, "bad_hours", "'hours' must be a number from 0 to \(Limits.requestDaysKept * 24)")
      }
      return .json(try report(hours: hours).shape.utf8)
    }
  }

  /// The commands `footnote backup`, `export` and `import` on a library that this server owns.
  func addCopyRoutes(to router: inout Router) {
    let accepts = Accepted.json(maxBytes: Limits.jsonBodyBytesMax)
    @Sendable func path(_ request: Request) throws -> String {
      let path = try RequestJSON(request).requiredString("path")
      guard path.hasPrefix("/") else { throw PlainFailure(.usage, "bad_field", "'path' must be an absolute path") }
      return path
    }
    router.add(.post, "/backup", accepts: accepts) { request in
      .json(try access(request).backup(to: path(request)).utf8)
    }
    router.add(.post, "/export", accepts: accepts) { request in
      .json(try access(request).export(to: path(request)).utf8)
    }
    router.add(.post, "/import", accepts: accepts) { request in
      let (access, path) = (access(request), try path(request))
      return .events { events in
        // A client that is gone ends it after the documents at hand.
        let stop = StopFlag()
        try Routes.telling(events) {
          try access.importDocuments(from: path, stop: stop) { done in
            do { try events.send(event: "progress", data: JSON.object(["done": .integer(done)]).text) } catch {
              stop.set()
            }
          }
        }
      }
    }
  }

  /// The outcome of long work as the last event, or what went wrong with it.
  static func telling(_ events: EventStream, _ work: () throws -> JSON) throws {
    do {
      try events.send(event: "done", data: work().text)
    } catch {
      guard !events.isGone else { return }
      try events.send(event: "error", data: Shapes.error(PlainFailure.describing(error)).text)
    }
  }

  func report(hours: Double) throws -> Report {
    let since = clock.wallSeconds() - hours * 3_600
    return Report(
      hours: hours, since: since, requests: try journal.requests(since: since),
      calls: try library.database.read { try $0.modelCalls(since: since) })
  }

  private func metricsText() throws -> String {
    let figures = journal.metrics.figures
    let server = serverStatistics()
    var text = PrometheusText()
    text.family("footnote_http_requests_total", "counter", "Requests by method, route and status.")
    for (key, count) in figures.requests.sorted(by: { "\($0.key)" < "\($1.key)" }) {
      text.sample(
        "footnote_http_requests_total",
        [("method", key.method), ("route", key.route), ("status", String(key.status))], Double(count))
    }
    text.family("footnote_http_request_seconds", "histogram", "Time from a request's first byte to its answer's last.")
    for (route, histogram) in figures.durations.sorted(by: { $0.key < $1.key }) {
      text.histogram("footnote_http_request_seconds", [("route", route)], histogram)
    }
    text.family("footnote_answer_stage_seconds", "histogram", "Time of an answer's stages and of a search's steps.")
    for (stage, histogram) in figures.stages.sorted(by: { $0.key < $1.key }) {
      text.histogram("footnote_answer_stage_seconds", [("stage", stage)], histogram)
    }
    for (name, help, value) in [
      ("footnote_answers_total", "Questions answered or refused.", Double(figures.answers)),
      ("footnote_answers_refused_total", "Questions that the library holds no answer to.", Double(figures.refusals)),
      ("footnote_answers_cached_total", "Answers made from a kept reply.", Double(figures.answersCached)),
      ("footnote_model_input_tokens_total", "Tokens sent to models.", Double(figures.inputTokens)),
      ("footnote_model_output_tokens_total", "Tokens written by models.", Double(figures.outputTokens)),
      ("footnote_model_cost_total", "Cost of models by the price table.", figures.cost),
      ("footnote_http_overloaded_total", "Requests refused for want of room.", Double(server.overloadedTotal)),
      ("footnote_http_timed_out_total", "Connections ended for being slow.", Double(server.timedOutTotal)),
      ("footnote_http_clients_gone_total", "Clients that left before the end.", Double(server.clientsGoneTotal)),
    ] { text.single(name, "counter", help, value) }
    if let counts = traces.value?.counts {
      text.single("footnote_trace_spans_sent_total", "counter", "Spans that the collector took.", Double(counts.sent))
      text.family("footnote_trace_dropped_total", "counter", "Spans, or requests that overflowed the queue, not told.")
      for (reason, count) in [
        ("overflow", counts.overflowed), ("refused", counts.refused), ("undelivered", counts.undelivered),
      ] { text.sample("footnote_trace_dropped_total", [("reason", reason)], Double(count)) }
    }
    let audit = auditor.figures
    for (name, help, value) in [
      ("footnote_index_audits_total", "Times that the indexes were held against the store.", audit.audits),
      ("footnote_index_audits_failed_total", "Times that this could not be done.", audit.failures),
      ("footnote_index_repaired_total", "Passages that an index lacked or held too many.", audit.repaired),
    ] { text.single(name, "counter", help, Double(value)) }
    if let recall = audit.recall {
      text.single(
        "footnote_index_recall_at_10", "gauge", "Of the ten passages nearest to the last questions, the share found.",
        recall)
    }
    let index = try library.indexStatistics()
    for (name, help, value) in [
      ("footnote_http_connections_open", "Open connections.", Double(server.connectionsOpen)),
      ("footnote_http_requests_in_flight", "Requests being worked on or queued.", Double(server.requestsInFlight)),
      ("footnote_http_event_streams_open", "Open event streams.", Double(server.eventStreamsOpen)),
      ("footnote_jobs_unfinished", "Jobs accepted and not done.", Double(try library.unfinishedJobs().count)),
      ("footnote_documents", "Documents in use.", Double(try library.documentCount())),
      ("footnote_index_records", "Passages in the indexes.", Double(index.records)),
      ("footnote_index_slots", "Room taken in the indexes, deleted passages included.", Double(index.slots)),
      ("footnote_resident_bytes", "Memory of the process.", Double(Machine.residentBytes)),
      ("footnote_uptime_seconds", "Since the start.", clock.monotonicSeconds() - started),
    ] { text.single(name, "gauge", help, value) }
    return text.text
  }
}
