// The JSON that scripts and programs rely on: contract shapes, the same on the command line and over HTTP.
// Fields may be added, never renamed; Tests/AppTests holds a golden of each.
import Base
import KnowledgeBase
import Retrieval
import Store

enum Shapes {
  static func search(_ result: SearchResult) -> JSON {
    [
      "query": .string(result.question.text),
      "results": .array(result.passages.map { passage($0, explains: result.question.explains) }),
      "warnings": JSON(result.warnings), "elapsed_ms": .number(rounded(result.elapsedMs)),
    ]
  }

  private static func passage(_ passage: Passage, explains: Bool) -> JSON {
    var shape: JSONObject = [
      "document_id": .string(passage.documentID), "filename": .string(passage.filename), "page": JSON(passage.page),
      "heading": .string(passage.heading), "chunk": .integer(passage.chunk), "text": .string(passage.text),
      "start": .integer(passage.start), "end": .integer(passage.end), "reading": reading(passage),
      "relevance": .number(rounded(passage.hit.score)), "semantic": JSON(passage.hit.semantic.map(rounded)),
      "keyword": JSON(passage.hit.keyword.map(rounded)), "metadata": passage.metadata,
    ]
    if explains { shape["explanation"] = explanation(passage.hit) }
    return .object(shape)
  }

  private static func explanation(_ hit: SearchHit) -> JSON {
    guard let explanation = hit.explanation else { return .null }
    return [
      "semantic_rank": JSON(hit.semanticRank), "keyword_rank": JSON(hit.keywordRank),
      "semantic_score": .number(rounded(explanation.semanticScore)),
      "keyword_score": .number(rounded(explanation.keywordScore)),
      "keyword_weight": .number(rounded(explanation.keywordWeight)),
      "repetition": .number(rounded(explanation.repetition)), "fusion": .string(explanation.fusion),
      "terms": .array(
        explanation.terms.map {
          ["term": .string($0.term), "contribution": .number(rounded($0.contribution))]
        }),
    ]
  }

  static func added(_ outcome: AddOutcome) -> JSON {
    [
      "document_id": .string(outcome.documentID), "filename": .string(outcome.filename),
      "chunks_added": .integer(outcome.chunksAdded), "pages": JSON(outcome.pages),
      "status": .string(outcome.status.rawValue), "warnings": JSON(outcome.warnings),
    ]
  }

  static func failed(path: String, _ error: any Error) -> JSON {
    let failure = PlainFailure.describing(error)
    return [
      "path": .string(path), "code": .string(failure.code), "message": .string(failure.message),
      "hint": .string(failure.hint),
    ]
  }

  /// A job in figures, and, where it is wanted, what became of each file.
  static func job(
    _ job: JobRow, _ outcomes: [JSON], _ progress: AddProgress?, isRunning: Bool, withOutcomes: Bool
  ) -> JSON {
    let failed = outcomes.filter { $0.code != nil }
    let added = outcomes.filter { $0.code == nil }
    let state =
      job.finishedAt != nil ? (job.wasStopped ? "stopped" : "done") : isRunning ? "running" : "waiting"
    let done = progress ?? AddProgress(filesDone: outcomes.count, filesTotal: outcomes.count)
    var shape: JSONObject = [
      "job_id": .string(job.id), "state": .string(state),
      "created_at": .string(CalendarDate.timestamp(job.createdAt)),
      "finished_at": JSON(job.finishedAt.map(CalendarDate.timestamp)),
      "files_total": .integer(done.filesTotal), "files_done": .integer(done.filesDone),
      "files_failed": .integer(failed.count),
      "pages": .integer(progress?.pages ?? added.reduce(0) { $0 + ($1.pages?.int ?? 1) }),
      "chunks": .integer(progress?.chunks ?? added.reduce(0) { $0 + ($1.chunks_added?.int ?? 0) }),
      "chunks_per_second": .number(rounded(done.chunksPerSecond)), "seconds_left": JSON(done.secondsLeft.map(rounded)),
      "elapsed_ms": .number(rounded((progress?.elapsedSeconds ?? elapsed(job)) * 1_000)),
    ]
    if withOutcomes {
      shape["added"] = .array(added)
      shape["failed"] = .array(failed)
    }
    return .object(shape)
  }

  private static func elapsed(_ job: JobRow) -> Double { job.finishedAt.map { max(0, $0 - job.createdAt) } ?? 0 }

  static func document(_ held: HeldDocument) -> JSON {
    let version = held.version
    let coverage = (try? JSON(parsing: version.coverage)) ?? []
    let unread = (coverage.array ?? []).filter { $0.unread?.bool == true }
    return [
      "document_id": .string(held.document.id), "filename": .string(held.document.filename),
      "collection": .string(held.collection), "title": JSON(version.title), "format": .string(version.format),
      "pages": JSON(version.pageCount), "chunks": .integer(version.chunkCount), "words": .integer(version.wordCount),
      "characters": .integer(version.scalarCount), "bytes": .integer(version.byteCount),
      "version": .integer(version.number), "sha256": .string(version.sha256),
      "added_at": .string(CalendarDate.timestamp(held.document.addedAt)),
      "updated_at": .string(CalendarDate.timestamp(version.createdAt)),
      "status": .string(unread.isEmpty ? "ready" : "partly_read"), "coverage": coverage,
      "warnings": (try? JSON(parsing: version.warnings)) ?? [],
      "metadata": (try? JSON(parsing: held.document.metadata)) ?? [:],
      "properties": (try? JSON(parsing: version.properties)) ?? [:], "path": JSON(held.document.path),
    ]
  }

  static func versions(_ versions: [VersionRow]) -> JSON {
    .array(
      versions.map {
        [
          "version": .integer($0.number), "sha256": .string($0.sha256), "bytes": .integer($0.byteCount),
          "created_at": .string(CalendarDate.timestamp($0.createdAt)),
          "retired_at": JSON($0.retiredAt.map(CalendarDate.timestamp)),
        ]
      })
  }

  static func statistics(_ statistics: LibraryStatistics) -> JSON {
    let chunks = statistics.chunkCount
    return [
      "total_chunks": .integer(chunks), "unique_documents": .integer(statistics.documents.count),
      "documents": JSON(statistics.documents.map(\.document.filename)),
      "total_words": .integer(statistics.wordCount), "total_characters": .integer(statistics.characterCount),
      "avg_chunk_size": .number(
        chunks == 0 ? 0 : rounded(Double(statistics.characterCount) / Double(chunks))),
      "collections": .array(
        statistics.collections.map { collection in
          let held = statistics.documents.filter { $0.document.collection == collection.id }
          return [
            "name": .string(collection.name), "documents": .integer(held.count),
            "records": .integer(statistics.recordCounts[collection.id] ?? 0),
            "chunks": .integer(held.reduce(0) { $0 + $1.version.chunkCount }),
            "generation": .integer(collection.generation),
          ]
        }),
      "embedder": embedder(statistics.embedder),
    ]
  }

  static func embedder(_ row: EmbedderRow) -> JSON {
    [
      "name": .string(row.name), "fingerprint": .string(row.fingerprint), "dimension": .integer(row.dimension),
    ]
  }

  static func reembedded(_ outcome: ReembedOutcome) -> JSON {
    [
      "status": .string(outcome.from == outcome.to ? "unchanged" : "reembedded"), "from": embedder(outcome.from),
      "to": embedder(outcome.to), "texts": .integer(outcome.texts), "resumed": .integer(outcome.resumed),
      "texts_cut": .integer(outcome.textsCut), "elapsed_ms": .number(rounded(outcome.elapsedSeconds * 1_000)),
    ]
  }

  static func copy(_ proof: LibraryCopyProof, _ path: String) -> JSON {
    [
      "status": "proved", "path": .string(path), "documents": .integer(proof.documents),
      "contents": .integer(proof.contents), "bytes": .integer(proof.bytes),
    ]
  }

  static func exported(_ counts: ExchangeCounts, _ path: String) -> JSON {
    [
      "status": "exported", "path": .string(path), "documents": .integer(counts.documents),
      "versions": .integer(counts.versions), "originals": .integer(counts.originals), "bytes": .integer(counts.bytes),
    ]
  }

  static func imported(_ report: ImportReport) -> JSON {
    [
      "status": "imported", "documents": .integer(report.counts.documents),
      "versions": .integer(report.counts.versions), "unchanged": .integer(report.counts.unchanged),
      "failed": .array(report.failed.map { failed(path: $0.name, $0.error) }),
    ]
  }

  static func progress(_ progress: ReembedProgress) -> JSON {
    [
      "done": .integer(progress.done), "total": .integer(progress.total), "resumed": .integer(progress.resumed),
      "elapsed_seconds": .number(rounded(progress.elapsedSeconds)),
    ]
  }

  static func progress(from shape: JSON) -> ReembedProgress {
    var progress = ReembedProgress()
    progress.done = shape.done?.int ?? 0
    progress.total = shape.total?.int ?? 0
    progress.resumed = shape.resumed?.int ?? 0
    progress.elapsedSeconds = shape.elapsed_seconds?.double ?? 0
    return progress
  }

  static func whyNot(_ report: WhyNot, question: String, document: String) -> JSON {
    [
      "query": .string(question), "document": .string(document), "stage": .string("\(report.stage)"),
      "semantic": JSON(report.semantic.map(rounded)), "keyword": JSON(report.keyword.map(rounded)),
      "semantic_rank": JSON(report.semanticRank), "keyword_rank": JSON(report.keywordRank),
      "changes": .array(report.changes.map { .string("\($0)") }),
    ]
  }

  static func error(_ failure: any Failure) -> JSON {
    [
      "error": [
        "code": .string(failure.code), "message": .string(failure.message), "hint": .string(failure.hint),
      ]
    ]
  }

  /// Four digits behind the point are more than any of these figures means.
  static func rounded(_ value: Double) -> Double { (value * 10_000).rounded() / 10_000 }
}
