// What the library holds, and taking things out of it.
import Base
package import Embedding
import Ingest
import Retrieval
package import Store
import Synchronization
package import Text

package struct HeldDocument: Sendable {
  package let document: DocumentRow
  package let version: VersionRow
  package let collection: String
}

package struct LibraryStatistics: Sendable {
  package let documents: [HeldDocument]
  package let collections: [CollectionRow]
  /// By collection: how many records it holds, where it holds nothing else. They are not among the documents.
  package let recordCounts: [Int: Int]
  /// Whose vectors the library holds.
  package let embedder: EmbedderRow
  package var chunkCount: Int { documents.reduce(0) { $0 + $1.version.chunkCount } }
  package var wordCount: Int { documents.reduce(0) { $0 + $1.version.wordCount } }
  package var characterCount: Int { documents.reduce(0) { $0 + $1.version.scalarCount } }
}

extension Library {
  /// Whose vectors serve now, for whoever looks whether it still answers.
  package var servingEmbedder: any Embedder { serving.embedder }

  /// Passages in all indexes, and the room that they take with those that were removed.
  package func indexStatistics() throws -> (records: Int, slots: Int) {
    serving.indexes.values.map(\.statistics).reduce((0, 0)) { ($0.0 + $1.records, $0.1 + $1.slots) }
  }

  /// Of all collections but those of records, or of those that are named.
  package func documents(
    collections wanted: [String] = [], visible: Set<String>? = nil
  ) throws -> [HeldDocument] {
    try database.read { connection in
      let collections = try connection.collections()
      for name in wanted where !collections.contains(where: { $0.name == name }) {
        throw LibraryError.noSuchCollection(name)
      }
      let shown = try collections.filter { collection in
        guard visible?.contains(collection.name) ?? true else { return false }
        return try wanted.isEmpty
          ? !Library.holdsRecords(collection.name, connection) : wanted.contains(collection.name)
      }
      let names = Dictionary(uniqueKeysWithValues: shown.map { ($0.id, $0.name) })
      return try connection.documentsInUse(ofCollections: shown.map(\.id)).map { document, version in
        HeldDocument(document: document, version: version, collection: names[document.collection] ?? "")
      }
    }
  }

  /// Whether any document ever came in, those removed since included.
  package func hasEverHeldAnything() throws -> Bool { try database.read { try $0.hasDocuments() } }

  /// Without records.
  package func documentCount(visible: Set<String>? = nil) throws -> Int {
    try database.read { connection in
      try connection.collections().reduce(0) { sum, collection in
        guard try visible?.contains(collection.name) ?? true && !Library.holdsRecords(collection.name, connection)
        else { return sum }
        return sum + (try connection.documentsInUseCount(ofCollection: collection.id))
      }
    }
  }

  package func statistics(visible: Set<String>? = nil) throws -> LibraryStatistics {
    let (collections, counts) = try database.read { connection in
      let shown = try connection.collections().filter { visible?.contains($0.name) ?? true }
      var counts: [Int: Int] = [:]
      for collection in shown {
        guard try Library.holdsRecords(collection.name, connection) else { continue }
        counts[collection.id] = try connection.documentsInUseCount(ofCollection: collection.id)
      }
      return (shown, counts)
    }
    return LibraryStatistics(
      documents: try documents(visible: visible), collections: collections, recordCounts: counts,
      embedder: embedderInUse)
  }

  /// By id, or by file name where only one document has it. What lies in collections that are not visible is not there.
  package func document(_ reference: String, visible: Set<String>? = nil) throws -> HeldDocument {
    let held = try database.read { connection in
      let collections = try connection.collections()
      return try connection.documentsInUse(called: reference).compactMap { document, version in
        collections.first { $0.id == document.collection && visible?.contains($0.name) ?? true }.map {
          HeldDocument(document: document, version: version, collection: $0.name)
        }
      }
    }
    if let known = held.first(where: { $0.document.id == reference }) { return known }
    let named = held.filter { $0.document.filename == reference }
    guard let only = named.first else { throw LibraryError.noSuchDocument(String(reference.prefix(200))) }
    guard named.count == 1 else { throw LibraryError.ambiguousName(reference, count: named.count) }
    return only
  }

  package func versions(of held: HeldDocument) throws -> [VersionRow] {
    try database.read { try $0.versions(ofDocument: held.document.number) }
  }

  package func text(of held: HeldDocument) throws -> ScalarText { try texts.text(ofVersion: held.version.id) }

  package func chunks(of held: HeldDocument) throws -> [ChunkRow] {
    try database.read { try $0.chunks(ofVersion: held.version.id) }
  }

  /// The bytes as they came in.
  package func content(of held: HeldDocument) throws -> [UInt8] {
    guard let bytes = try database.read({ try $0.content(sha256: held.version.sha256) }) else {
      throw StoreError(.corrupt, "the content of \(held.document.id) is missing")
    }
    return bytes
  }

  /// A page as a PNG picture, with the range marked that lies on it.
  package func pagePicture(of held: HeldDocument, page: Int, range: Range<Int>?) throws -> [UInt8] {
    guard held.version.format == DocumentFormat.pdf.rawValue, let count = held.version.pageCount else {
      throw LibraryError.noPages(filename: held.document.filename)
    }
    guard (1...max(1, count)).contains(page) else { throw LibraryError.noSuchPage(page, of: count) }
    if let range, range.upperBound > held.version.scalarCount { throw LibraryError.badRange }
    let layout = try database.read { try $0.layout(ofVersion: held.version.id) } ?? []
    let boxes = try DocumentLayout(bytes: layout).boxes
    let highlights = range.map { boxes.rectangles(of: $0).filter { $0.page == page }.map(\.box) } ?? []
    return try extractor.renderPage(pdf: try content(of: held), page: page, highlights: highlights)
  }

  /// A full device must not keep anyone from taking things out: the room that is kept for that is given up for it.
  func withBallast<Result>(_ change: () throws -> Result) throws -> Result {
    do { return try change() } catch let error as StoreError where error.cause == .full {
      guard directory.dropBallast() else { throw error }
      defer { directory.keepBallast(leaving: Limits.ballastBytesMin) }
      return try change()
    }
  }

  /// Takes a document out of use and erases what it says: all versions with their text, vectors, postings, snapshots,
  /// caches and log. Its id and name stay, so that it is the same document when its file comes back.
  package func remove(_ reference: String, visible: Set<String>? = nil) throws -> HeldDocument {
    try withBallast {
      try changing.withLock { _ in
        let held = try document(reference, visible: visible)
        try erase(held.document, keepingName: true)
        return held
      }
    }
  }

  /// Erases every trace, its name included.
  package func forget(_ reference: String, visible: Set<String>? = nil) throws -> DocumentRow {
    try withBallast {
      try changing.withLock { _ in
        // What was removed can still be forgotten, by its id.
        let known = try storedDocument(reference, visible: visible)
        let document = try known ?? self.document(reference, visible: visible).document
        try erase(document, keepingName: false)
        return document
      }
    }
  }

  private func erase(_ document: DocumentRow, keepingName: Bool) throws {
    // First, so that nothing of it is left in them if the process dies half-way.
    removeSnapshots()
    let changes = try database.write { connection in
      var chunks: [Int64] = []
      for version in try connection.versions(ofDocument: document.number) {
        chunks += try connection.chunks(ofVersion: version.id).map { Int64($0.id) }
      }
      if keepingName {
        try connection.eraseContent(ofDocument: document.number)
        try connection.dropOtherNames(ofDocument: document.number)
        try connection.markRemoved(document: document.number, at: clock.wallSeconds())
      } else {
        try connection.erase(document: document.number)
      }
      try connection.advanceGeneration(ofCollection: document.collection)
      CrashPoint.reached("erase")
      return [document.collection: IndexChange(remove: chunks)]
    }
    CrashPoint.reached("erased")
    try publish(changes)
    texts.empty()
    forgetAsOfIndexes()
    directory.removeOldFormats()
    logHoldsErased.store(try !database.truncateLog(), ordering: .relaxed)
  }

  /// By its id, in use or not.
  func storedDocument(_ id: String, visible: Set<String>?) throws -> DocumentRow? {
    try database.read { connection in
      guard let document = try connection.document(id: id) else { return nil }
      guard let visible else { return document }
      let collection = try connection.collections().first { $0.id == document.collection }
      return collection.map { visible.contains($0.name) } == true ? document : nil
    }
  }

  /// A record's words and fields change under its id only after this, so that a snapshot that is found at a start
  /// differs from the store by whole records alone.
  func removeSnapshots() {
    saved.withLock { $0 = [:] }
    FileAccess.removeTree(directory.snapshotsPath)
  }
}
