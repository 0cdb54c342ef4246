// Where a document's new version goes, inside the change that stores it: in place of the one that it replaces, to a
// document that comes back, or to a new one. The records of the index are made from what was stored.
import Base
import Ingest
import Retrieval
import Store
import Text

extension Library {
  /// Stores one prepared document and adds to `changes` what the indexes must learn of it.
  func store(
    _ prepared: Prepared, vectors: [[UInt8]: [Float]], embedder: Int, changes: inout [Int: IndexChange],
    in connection: borrowing Connection
  ) throws -> AddOutcome {
    let incoming = prepared.incoming
    let collection = try connection.collection(named: incoming.collection)
    var replaced = try connection.document(
      inCollection: collection.id, path: incoming.path, filename: incoming.filename)
    // The same bytes may have come in while these were being extracted.
    if let twin = try connection.documents(inCollection: collection.id, sha256: prepared.sha256).first,
      replaced == nil || twin.number == replaced?.number,
      let held = try connection.currentVersion(ofDocument: twin.number), held.chunking == incoming.chunkingName
    {
      return AddOutcome(
        documentID: twin.id, filename: twin.filename, status: .unchanged, chunksAdded: 0, pages: held.pageCount,
        warnings: [])
    }
    if let held = replaced, try goesOnElsewhere(held, &changes, in: connection) { replaced = nil }
    if let path = incoming.path { try connection.dropOtherNames(at: path, inCollection: collection.id) }
    let now = clock.wallSeconds()
    let (number, documentID) = try place(
      of: incoming, replaced, in: collection, at: now, changes: &changes, in: connection)
    let versionID = try insert(
      prepared, at: now, document: number, vectors: vectors, embedder: embedder, in: connection)
    changes[collection.id, default: IndexChange()].add += try newRecords(
      version: versionID, text: prepared.text, in: connection)
    return AddOutcome(
      documentID: documentID, filename: incoming.filename, status: replaced == nil ? .added : .updated,
      chunksAdded: prepared.chunkCount, pages: Library.pageCount(of: prepared.document),
      warnings: prepared.document.warnings + prepared.warnings)
  }

  /// Makes it the document's current version. Returns the version's id.
  func insert(
    _ prepared: Prepared, at time: Double, document number: Int, vectors: [[UInt8]: [Float]], embedder: Int,
    in connection: borrowing Connection
  ) throws -> Int {
    let id = try connection.insertVersion(newVersion(prepared, at: time), document: number)
    _ = try connection.insertChunks(
      prepared.chunks.map {
        NewChunk(
          start: $0.chunk.start, end: $0.chunk.end, page: $0.chunk.page, heading: $0.chunk.heading,
          context: $0.chunk.contextPrefix, digest: $0.digest)
      }, version: id)
    CrashPoint.reached("store")
    for chunk in prepared.chunks {
      guard let vector = vectors[chunk.digest] else { continue }
      try connection.insertVector(vector, digest: chunk.digest, embedder: embedder)
      try connection.dropPaidVector(digest: chunk.digest, embedder: embedder)
    }
    return id
  }

  /// What a document said before its file changed may lie at another path: there it goes on, and the file that has
  /// changed is a document of its own.
  private func goesOnElsewhere(
    _ held: DocumentRow, _ changes: inout [Int: IndexChange], in connection: borrowing Connection
  ) throws -> Bool {
    let names = try connection.otherNames(ofDocument: held.number)
    guard let name = names.first(where: { Library.isThere($0.path) }) else { return false }
    try connection.dropOtherName(name.path, ofDocument: held.number)
    removeSnapshots()
    try connection.rename(document: held.number, filename: name.filename, path: name.path)
    changes[held.collection, default: IndexChange()].add += try currentRecords(
      ofDocument: held.number, in: connection)
    return true
  }

  /// The document that takes the new version: the one that it replaces, one that comes back, or a new one.
  private func place(
    of incoming: Incoming, _ replaced: DocumentRow?, in collection: CollectionRow, at now: Double,
    changes: inout [Int: IndexChange], in connection: borrowing Connection
  ) throws -> (number: Int, id: String) {
    let isDescribed = incoming.metadata.object?.isEmpty == false
    if let replaced {
      if isDescribed { try connection.setMetadata(incoming.metadata.text, ofDocument: replaced.number) }
      if let old = try connection.currentVersion(ofDocument: replaced.number) {
        let retired = try connection.chunks(ofVersion: old.id).map { Int64($0.id) }
        changes[collection.id, default: IndexChange()].remove += retired
      }
      return (replaced.number, replaced.id)
    }
    if let retired = try connection.retiredDocument(
      inCollection: collection.id, path: incoming.path, filename: incoming.filename)
    {
      try connection.takeUpAgain(document: retired.number)
      if isDescribed { try connection.setMetadata(incoming.metadata.text, ofDocument: retired.number) }
      return (retired.number, retired.id)
    }
    let id = "d_\(hexadecimal(random.bytes(8)))"
    let number = try connection.insertDocument(
      id: id, collection: collection.id, filename: incoming.filename, path: incoming.path,
      metadata: incoming.metadata.text, addedAt: now)
    return (number, id)
  }

  func newRecords(
    version id: Int, text: ScalarText, in connection: borrowing Connection
  ) throws -> [Record] {
    guard let version = try connection.version(id: id),
      let document = try connection.document(number: version.document)
    else { throw StoreError(.misuse, "a version just stored is not there") }
    return try connection.chunks(ofVersion: id).map { chunk in
      guard let vector = try connection.vector(digest: chunk.digest, embedder: serving.row.id) else {
        throw StoreError(.corrupt, "chunk \(chunk.id) has no vector")
      }
      return record(
        id: chunk.id, text: text.slice(chunk.start..<chunk.end), context: chunk.context, page: chunk.page,
        vector: vector, document: document, version: version)
    }
  }

  /// A document's records as they are to be now: the same text, where its name or metadata has changed. Runs inside the
  /// change.
  func currentRecords(ofDocument number: Int, in connection: borrowing Connection) throws -> [Record] {
    guard let version = try connection.currentVersion(ofDocument: number) else { return [] }
    return try newRecords(
      version: version.id, text: ScalarText(utf8: try connection.text(ofVersion: version.id) ?? []), in: connection)
  }
}
