// A document's way in: known already? -> extracted -> cut -> embedded (chunks seen before keep their vectors) -> one
// transaction that makes the new version current and retires the old -> one index generation.
import Base
import Embedding
import Ingest
import Retrieval
import Store
import Synchronization
import Text

extension Library {
  /// A file that is one document; `addAll` also takes archives.
  package func add(_ incoming: Incoming) throws -> AddOutcome {
    if let outcome = try settleWithoutReading(incoming) { return outcome }
    return try commit([prepare(incoming)])[0]
  }

  /// Extracts and cuts; touches nothing of the library, so several may be prepared at once.
  package func prepare(_ incoming: Incoming) throws -> Prepared {
    let document = try extract(incoming)
    guard document.members.isEmpty else { throw LibraryError.notOneDocument(filename: incoming.filename) }
    return cut(document, of: incoming)
  }

  func extract(_ incoming: Incoming) throws -> Document {
    try incoming.check()
    return try extractor.extract(
      incoming.bytes, filename: incoming.filename, declaredType: incoming.declaredType)
  }

  func cut(_ read: Document, of incoming: Incoming) -> Prepared {
    var document = read
    let text = ScalarText(document.text)
    let orders = InstructionDetector().ranges(in: document.text).count
    if orders > 0 {
      document.warnings.append(
        "\(orders) sentences give orders to whoever answers from it; they are searched and shown, and answer nothing")
    }
    let embedder = serving.embedder
    // The name goes in front of each chunk, so the chunk leaves it room.
    let window = embedder.windowTokens - 2
    let nameTokens = embedder.tokenCount(Library.nameForIndex(incoming.filename))
    var options = settings.chunking.fitting(tokens: max(window - nameTokens, window / 2))
    options.plain = incoming.plainChunks ?? options.plain
    let chunks = Chunker.chunks(of: document, options: options) { embedder.tokenCount($0) }
    let prepared = chunks.map { chunk in
      let indexed = Library.textForIndex(
        filename: incoming.filename, format: read.format.rawValue, context: chunk.contextPrefix,
        text: text.slice(chunk.start..<chunk.end))
      return PreparedChunk(chunk: chunk, indexedText: indexed, digest: SHA256Digest(of: indexed.utf8).bytes)
    }
    var warnings: [String] = []
    // Windows of words know nothing of tokens.
    let cut = options.plain == nil ? 0 : prepared.count { embedder.tokenCount($0.indexedText) > window }
    if cut > 0 {
      warnings = [
        "\(cut) of \(prepared.count) chunks are longer than the embedder reads: their ends are found by words only"
      ]
    }
    return Prepared(
      incoming: incoming, sha256: SHA256Digest(of: incoming.bytes).description, document: document, text: text,
      chunks: prepared, warnings: warnings)
  }

  /// Embeds and stores several documents: one batch for the embedder, one transaction, one index generation.
  package func commit(_ group: [Prepared]) throws -> [AddOutcome] { try store(embed(group)) }

  /// Prepared documents with the vectors that the library lacked.
  package struct EmbeddedGroup: Sendable {
    fileprivate let group: [Prepared]
    fileprivate let serving: Serving
    fileprivate let vectors: [[UInt8]: [Float]]
  }

  /// The part of a commit that takes long and holds nothing up.
  package func embed(_ group: [Prepared]) throws -> EmbeddedGroup {
    let serving = try servingOfItsOwn()
    CrashPoint.reached("embed")
    return EmbeddedGroup(group: group, serving: serving, vectors: try embedMissing(of: group, by: serving))
  }

  package func store(_ embedded: EmbeddedGroup) throws -> [AddOutcome] {
    try changing.withLock { _ in
      let vectors = try vectors(of: embedded)
      let embedder = self.serving.row.id
      var changes: [Int: IndexChange] = [:]
      var outcomes: [AddOutcome] = []
      (outcomes, changes) = try database.write { connection in
        var changes: [Int: IndexChange] = [:]
        var outcomes: [AddOutcome] = []
        for prepared in embedded.group {
          outcomes.append(try store(prepared, vectors: vectors, embedder: embedder, changes: &changes, in: connection))
        }
        for id in changes.keys { try connection.advanceGeneration(ofCollection: id) }
        CrashPoint.reached("commit")
        return (outcomes, changes)
      }
      CrashPoint.reached("publish")
      try publish(changes)
      CrashPoint.reached("published")
      return outcomes
    }
  }

  /// By digest; runs inside a change. Meanwhile the library may have moved to another embedder, or forgotten a vector
  /// that was there.
  func vectors(of embedded: EmbeddedGroup) throws -> [[UInt8]: [Float]] {
    let isMoved = serving.row != embedded.serving.row
    return try embedMissing(of: embedded.group, by: serving, knowing: isMoved ? [:] : embedded.vectors)
  }

  struct IndexChange: Sendable {
    var add: [Record] = []
    var remove: [Int64] = []
  }

  /// Brings the indexes up to what has just been committed.
  func publish(_ changes: [Int: IndexChange]) throws {
    // Without indexes there is nothing to bring up; they are made from the store when there are.
    guard serving.isOfItsOwn else { return }
    defer { changeCount.add(1, ordering: .relaxed) }
    for (collection, change) in changes {
      try ensureIndex(ofCollection: collection).apply(add: change.add, remove: change.remove)
    }
  }
}
