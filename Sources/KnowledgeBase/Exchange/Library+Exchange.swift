// Documents that come from another library, with their ids, versions and times.
// Invariants: nothing that is held is changed by what comes in; a document is one transaction and then one generation
// of its collection's index.
import Base
import Store
import Synchronization

extension Library {
  struct ArrivingDocument: Sendable {
    let document: ExchangedDocument
    /// In the order of the document's versions.
    let versions: [Prepared]
  }

  /// True where the document is held as it is; throws where another one stands in its place.
  func holds(_ document: ExchangedDocument) throws -> Bool {
    try database.read { try holds(document, in: $0) }
  }

  private func holds(_ document: ExchangedDocument, in connection: borrowing Connection) throws -> Bool {
    if let held = try connection.document(id: document.id) {
      let versions = try connection.versions(ofDocument: held.number)
      guard versions.map(\.sha256) == document.versions.map(\.sha256), held.filename == document.filename,
        (held.removedAt == nil) == (document.removedAt == nil)
      else {
        throw PlainFailure(
          .conflict, "document_differs", "\(document.id) is held already, and is another by now",
          hint: "import into a library of its own, or forget the one that is held")
      }
      return true
    }
    guard document.removedAt == nil,
      let collection = try connection.collections().first(where: { $0.name == document.collection }),
      let other = try connection.document(
        inCollection: collection.id, path: document.path, filename: document.filename)
    else { return false }
    throw PlainFailure(
      .conflict, "name_taken", "\(document.filename) is held already as \(other.id)",
      hint: "import into a library of its own, or remove the one that is held")
  }

  func store(_ arriving: ArrivingDocument, vectorsOf embedded: EmbeddedGroup) throws {
    try changing.withLock { _ in
      let document = arriving.document
      let vectors = try vectors(of: embedded)
      let embedder = serving.row.id
      let changes = try database.write { connection -> [Int: IndexChange] in
        guard try !holds(document, in: connection) else { return [:] }
        let collection = try connection.collection(named: document.collection)
        let number = try connection.insertDocument(
          id: document.id, collection: collection.id, filename: document.filename, path: document.path,
          metadata: document.metadata.text, addedAt: document.addedAt)
        for (version, prepared) in zip(document.versions, arriving.versions) {
          let id = try insert(
            prepared, at: version.createdAt, document: number, vectors: vectors, embedder: embedder, in: connection)
          if let retiredAt = version.retiredAt { try connection.retire(version: id, at: retiredAt) }
        }
        for name in document.otherNames { try connection.insertOtherName(name, document: number) }
        try connection.advanceGeneration(ofCollection: collection.id)
        guard let removedAt = document.removedAt else {
          return [collection.id: IndexChange(add: try currentRecords(ofDocument: number, in: connection))]
        }
        try connection.markRemoved(document: number, at: removedAt)
        return [collection.id: IndexChange()]
      }
      try publish(changes)
    }
  }
}
