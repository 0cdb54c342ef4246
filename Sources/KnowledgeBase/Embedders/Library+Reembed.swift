// Moves a library to another embedder while the old one goes on serving. Vectors are made and stored beside the old
// ones, batch by batch, so that a run that dies is taken up where it stopped; documents may come and go meanwhile. The
// new indexes are built beside the old ones too. Then one transaction makes the new embedder the library's, and one
// assignment makes it serve: a killed process finds the old state or the new one.
import Base
package import Embedding
import Foundation
import Retrieval
package import Store
import Synchronization
import Text

package struct ReembedProgress: Sendable {
  /// Different texts; equal chunks share a vector.
  package var done = 0
  package var total = 0
  /// Of those done, the ones that an earlier run had made.
  package var resumed = 0
  package var elapsedSeconds = 0.0

  package init() {}
}

package struct ReembedOutcome: Sendable {
  package let from: EmbedderRow
  package let to: EmbedderRow
  package let texts: Int
  package let resumed: Int
  /// Texts longer than the new model reads; the rest of them is found by words only.
  package let textsCut: Int
  package let elapsedSeconds: Double
}

extension Library {
  /// What `progress` throws stops the run, to be taken up again.
  package func reembed(
    to embedder: any Embedder, progress: (ReembedProgress) throws -> Void = { _ in }
  ) throws -> ReembedOutcome {
    let isFirst = isReembedding.withLock { isRunning in
      defer { isRunning = true }
      return !isRunning
    }
    guard isFirst else { throw LibraryError.alreadyReembedding }
    defer { isReembedding.withLock { $0 = false } }

    let started = clock.monotonicSeconds()
    let from = serving.row
    var target = try database.write { try $0.row(of: embedder) }
    guard target != from else {
      if !serving.isOfItsOwn { try adopt(embedder, target, try buildIndexes(target)) }
      return ReembedOutcome(from: from, to: target, texts: 0, resumed: 0, textsCut: 0, elapsedSeconds: 0)
    }
    if try !isTheSameModel(embedder, row: target.id) {
      // What lies there of an earlier run is of another model that had the same name.
      target = try database.write { connection in
        try connection.removeEmbedder(target.id)
        return try connection.row(of: embedder)
      }
      _ = try isTheSameModel(embedder, row: target.id)
    }
    try pruneVectors(keeping: [from.id, target.id])
    var run = ReembedRun(self, embedder, target, started: started)
    try run.embedAll(progress)
    var built = try buildIndexes(target)
    try changing.withLock { _ in
      // What came in since, while nothing more can.
      try run.embedAll(progress)
      try bringUp(&built, target)
      try adopt(embedder, target, built)
    }
    forgetAsOfIndexes()
    // Losing these costs the next start time, and nothing else.
    _ = saveIndexes()
    try pruneVectors(keeping: [target.id])
    return ReembedOutcome(
      from: from, to: target, texts: run.state.done, resumed: run.state.resumed, textsCut: run.textsCut,
      elapsedSeconds: clock.monotonicSeconds() - started)
  }

  /// One transaction, then one assignment.
  private func adopt(_ embedder: any Embedder, _ row: EmbedderRow, _ built: [Int: BuiltIndex]) throws {
    try database.write { connection in
      try connection.setCurrentEmbedder(row.id)
      for collection in try connection.collections() { try connection.advanceGeneration(ofCollection: collection.id) }
    }
    serve(Serving(embedder: embedder, row: row, indexes: built.mapValues(\.index)))
  }

  /// Vectors of embedders that are neither kept nor cost anything to make again are dropped; of the metered ones the
  /// last is kept, so that going back is not paid again.
  private func pruneVectors(keeping kept: Set<Int>) throws {
    try database.write { connection in
      let others = try connection.embedders().filter { !kept.contains($0.id) }
      let spared = others.last { $0.isMetered }?.id
      for other in others where other.id != spared { try connection.removeEmbedder(other.id) }
    }
  }

  // MARK: Indexes of the new vectors

  /// An index and what it was made of, to see later what has changed.
  final class BuiltIndex: Sendable {
    let index: RetrievalIndex
    let records: [Int64: Record]

    init(_ index: RetrievalIndex, records: [Record]) {
      self.index = index
      self.records = Dictionary(records.map { ($0.id, $0.withoutVector) }) { first, _ in first }
    }
  }

  private func buildIndexes(_ row: EmbedderRow) throws -> [Int: BuiltIndex] {
    var built: [Int: BuiltIndex] = [:]
    for collection in try database.read({ try $0.collections() }) {
      built[collection.id] = try buildIndex(of: collection.id, row)
    }
    return built
  }

  private func buildIndex(of collection: Int, _ row: EmbedderRow) throws -> BuiltIndex {
    // Chunks that came in after the last batch have no vector yet; they are brought in at the end.
    let records = try database.read { connection in
      try self.records(ofCollection: collection, asOf: nil, embedder: row.id, skipping: true, in: connection)
    }
    let index = RetrievalIndex(dimension: row.dimension)
    try index.apply(add: records, remove: [])
    return BuiltIndex(index, records: records)
  }

  /// Applies to the new indexes what changed since they were built. Nothing else changes meanwhile.
  private func bringUp(_ built: inout [Int: BuiltIndex], _ row: EmbedderRow) throws {
    for collection in try database.read({ try $0.collections() }) {
      guard let known = built[collection.id] else {
        built[collection.id] = try buildIndex(of: collection.id, row)
        continue
      }
      let now = try database.read { connection in
        try self.records(ofCollection: collection.id, asOf: nil, embedder: row.id, in: connection)
      }
      let held = Set(now.map(\.id))
      try known.index.apply(
        add: now.filter { record in known.records[record.id].map { !$0.says(theSameAs: record) } ?? true },
        remove: known.records.keys.filter { !held.contains($0) }.sorted())
    }
  }
}

extension Record {
  fileprivate var withoutVector: Record {
    var record = self
    record.vector = []
    return record
  }

  fileprivate func says(theSameAs other: Record) -> Bool {
    text == other.text && fields == other.fields && group == other.group
  }
}

/// The batches of one run.
private struct ReembedRun {
  private let library: Library
  private let embedder: any Embedder
  private let target: EmbedderRow
  private let started: Double
  var state = ReembedProgress()
  var textsCut = 0

  init(_ library: Library, _ embedder: any Embedder, _ target: EmbedderRow, started: Double) {
    self.library = library
    self.embedder = embedder
    self.target = target
    self.started = started
  }

  /// Until every chunk, of old versions too, has a vector: questions as of an earlier time need theirs.
  mutating func embedAll(_ progress: (ReembedProgress) throws -> Void) throws {
    let counts = try library.database.read { try $0.vectorCounts(embedder: target.id) }
    if state.done == 0 { state.resumed = counts.held }
    state.done = counts.held
    state.total = counts.needed
    try tell(progress)
    var last = 0
    while true {
      let chunks = try library.database.read {
        try $0.chunksWithoutVector(embedder: target.id, after: last, limit: Limits.reembedBatchChunks)
      }
      guard let end = chunks.last?.id else { return }
      last = end
      try embed(chunks)
      state.total = max(state.total, state.done)
      try tell(progress)
    }
  }

  private func tell(_ progress: (ReembedProgress) throws -> Void) throws {
    var told = state
    told.elapsedSeconds = library.clock.monotonicSeconds() - started
    try progress(told)
  }

  private mutating func embed(_ chunks: [ChunkRow]) throws {
    let texts = try texts(of: chunks)
    for range in embedder.groups(texts.map(\.text)) {
      let group = Array(texts[range])
      if embedder.isMetered {
        try store(group, library.vectors(of: group, by: embedder, row: target.id, isUrgent: false))
      } else {
        let batch = try embedder.embed(group.map(\.text))
        textsCut += batch.tokensCut.count { $0 > 0 }
        try store(group, Dictionary(zip(group.map(\.digest), (0..<batch.count).map { Array(batch[$0]) })) { $1 })
      }
    }
  }

  private mutating func store(_ group: [Library.TextToEmbed], _ vectors: [[UInt8]: [Float]]) throws {
    let row = target.id
    try library.database.write { connection in
      for (digest, _) in group {
        if let vector = vectors[digest] {
          try connection.insertVectorIfNeeded(vector, digest: digest, embedder: row)
        }
        try connection.dropPaidVector(digest: digest, embedder: row)
      }
    }
    state.done += group.count
  }

  /// Each different text once. A document that is erased meanwhile is left out.
  private func texts(of chunks: [ChunkRow]) throws -> [Library.TextToEmbed] {
    var seen: Set<[UInt8]> = []
    var texts: [Library.TextToEmbed] = []
    var version: (id: Int, filename: String, format: String, text: ScalarText)?
    try library.database.read { connection in
      for chunk in chunks where seen.insert(chunk.digest).inserted {
        if version?.id != chunk.version {
          let row = try connection.version(id: chunk.version)
          let document = try row.flatMap { try connection.document(number: $0.document) }
          version = try connection.text(ofVersion: chunk.version).map {
            (chunk.version, document?.filename ?? "", row?.format ?? "", ScalarText(utf8: $0))
          }
        }
        guard let version else { continue }
        texts.append(
          (
            chunk.digest,
            Library.textForIndex(
              filename: version.filename, format: version.format, context: chunk.context,
              text: version.text.slice(chunk.start..<chunk.end))
          ))
      }
    }
    return texts
  }
}
