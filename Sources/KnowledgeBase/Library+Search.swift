// A question's way to passages: embedded once, searched in every collection asked for, ids turned into ranges of text.
import Base
import Embedding
package import Retrieval
import Store
import Text

extension Library {
  package func search(_ question: SearchQuestion) throws -> SearchResult {
    let question = try question.checked()
    var (result, ms) = try Timeline.timed("search", .retrieval, by: clock) { try found(question) }
    result.elapsedMs = ms
    return result
  }

  private func found(_ question: SearchQuestion) throws -> SearchResult {
    let serving = try servingOfItsOwn()
    let ((vector, warnings), embedMs) = try Timeline.timed("embed", .embedding, by: clock) {
      Timeline.current?.note([
        (.model, .string(serving.embedder.identity.name)), (.dimension, .integer(serving.embedder.identity.dimension)),
        (.texts, .integer(1)),
      ])
      Timeline.current?.note(.question(question.text))
      return try questionVector(question, by: serving)
    }
    recentQuestions.remember(vector)
    let hits = try hits(for: question, vector: vector, in: serving)
    let passages = try passages(of: hits)
    let mode = vector.isEmpty ? .keyword : question.mode
    Timeline.current?.note([
      (.mode, .string(mode.rawValue)), (.limit, .integer(question.limit)), (.results, .integer(passages.count)),
    ])
    Timeline.current?.note(.question(question.text))
    Timeline.current?.note(.documents(passages.map { ($0.documentID, $0.hit.score, $0.text) }))
    return SearchResult(
      question: question, passages: passages, vector: vector, warnings: warnings, embedMs: embedMs, elapsedMs: 0)
  }

  private func hits(for question: SearchQuestion, vector: [Float], in serving: Serving) throws -> [SearchHit] {
    let request = try request(
      question, vector, mode: vector.isEmpty ? .keyword : question.mode, explains: question.explains)
    let indexes = try indexesToSearch(question, in: serving)
    if indexes.count == 1 { return indexes[0].search(request) }
    return searchAcross(collections: indexes, request).map(\.hit)
  }

  private func request(
    _ question: SearchQuestion, _ vector: [Float], mode: SearchMode, explains: Bool
  ) throws -> SearchRequest {
    var request = SearchRequest(
      text: question.text, vector: vector.isEmpty ? nil : vector, mode: mode, limit: question.limit,
      filter: try question.filter.map { try Filter(parsing: $0) }, lambda: question.lambda,
      perGroupMax: settings.perDocumentMax, explain: explains)
    request.saysTheSame = { id, better in
      // What cannot be read now is no reason to show it twice.
      (try? self.figures(ofChunk: id) == self.figures(ofChunk: better)) ?? true
    }
    return request
  }

  /// What tells a policy from its successor, though all other words are the same.
  private struct ChunkFigures: Equatable {
    let numbers: Set<String>
    let denies: Bool
  }

  private func figures(ofChunk id: Int64) throws -> ChunkFigures? {
    guard let chunk = try database.read({ try $0.chunk(id: Int(id)) }) else { return nil }
    let text = try texts.text(ofVersion: chunk.version).slice(chunk.start..<chunk.end)
    return ChunkFigures(
      numbers: Set(FactTokens.all(in: text).filter(\.isNumber).map(\.folded)), denies: TextFacts(text).hasNegation)
  }

  /// The collections asked for; where none is named, all but those of records.
  func collections(for question: SearchQuestion) throws -> [CollectionRow] {
    try database.read { connection in
      try connection.collections().filter { collection in
        guard question.asks(for: collection.name) else { return false }
        return try !question.collections.isEmpty || !Library.holdsRecords(collection.name, connection)
      }
    }
  }

  func indexesToSearch(_ question: SearchQuestion, in serving: Serving) throws -> [RetrievalIndex] {
    let known = try database.read { try $0.collections() }
    for name in question.collections
    where !known.contains(where: { $0.name == name }) || question.visible?.contains(name) == false {
      throw LibraryError.noSuchCollection(name)
    }
    return try collections(for: question).compactMap { collection in
      if let time = question.asOf { return try index(of: collection, asOf: time, in: serving) }
      return serving.indexes[collection.id]
    }
  }

  private func passages(of hits: [SearchHit]) throws -> [Passage] {
    try database.read { connection in
      try hits.compactMap { hit in
        // A document may have been taken out between the search and this read; its passages are then gone, not wrong.
        guard let chunk = try connection.chunk(id: Int(hit.id)),
          let version = try connection.version(id: chunk.version),
          let document = try connection.document(number: version.document)
        else { return nil }
        let text = try texts.text(ofVersion: version.id)
        return Passage(
          documentID: document.id, documentNumber: document.number, versionID: version.id,
          version: version.number, sha256: version.sha256, versionCreatedAt: version.createdAt,
          filename: document.filename, page: chunk.page, heading: chunk.heading, chunk: chunk.ordinal,
          start: chunk.start, end: chunk.end, text: text.slice(chunk.start..<chunk.end),
          reading: try Library.reading(around: chunk, in: connection),
          metadata: (try? JSON(parsing: document.metadata)) ?? [:], hit: hit)
      }
    }
  }

  /// Small chunks are for finding; a reader wants what stands around them. Neighbours under the same heading, on both
  /// sides in turn, as far as the bound goes.
  private static func reading(around chunk: ChunkRow, in connection: borrowing Connection) throws -> Range<Int> {
    let places = max(0, chunk.ordinal - Limits.readingChunksMax)...(chunk.ordinal + Limits.readingChunksMax)
    let near = try connection.chunks(ofVersion: chunk.version, places: places)
    guard let middle = near.firstIndex(where: { $0.id == chunk.id }) else { return chunk.start..<chunk.end }
    var range = chunk.start..<chunk.end
    for distance in 1...Limits.readingChunksMax {
      for index in [middle - distance, middle + distance] where near.indices.contains(index) {
        let wider = min(range.lowerBound, near[index].start)..<max(range.upperBound, near[index].end)
        let touches = near[index].start <= range.upperBound && near[index].end >= range.lowerBound
        if near[index].heading == chunk.heading, touches, wider.count <= Limits.readingScalarsMax { range = wider }
      }
    }
    return range
  }

  /// At which stage each chunk of a document fell out of a search; the one that came furthest speaks for it.
  package func whyNot(_ question: SearchQuestion, document reference: String) throws -> WhyNot {
    let question = try question.checked()
    let held = try document(reference, visible: question.visible)
    let serving = try servingOfItsOwn()
    let vector = try questionVector(question, by: serving).vector
    let request = try request(question, vector, mode: question.mode, explains: true)
    guard let index = serving.indexes[held.document.collection] else {
      throw LibraryError.noSuchCollection(held.collection)
    }
    let reports = try chunks(of: held).map { index.whyNot(request, id: Int64($0.id)) }
    guard let best = reports.max(by: { ($0.semantic ?? -1) < ($1.semantic ?? -1) }) else {
      throw LibraryError.noSuchDocument(reference)
    }
    return best
  }
}
