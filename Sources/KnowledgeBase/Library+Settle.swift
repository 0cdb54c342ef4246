// What needs no reading: the same bytes again, the same under another name, a file that was renamed. The same content
// is held once, whatever names lead to it.
import Base
import Store
import Synchronization

extension Library {
  /// Deals with what needs no extraction: the same bytes again, or the same bytes under a new name. nil: it needs it.
  package func settleWithoutReading(_ incoming: Incoming) throws -> AddOutcome? {
    try incoming.check()
    try checkEmbedder()
    let sha256 = SHA256Digest(of: incoming.bytes).description
    // Most files are new, or held and as they were; neither has to wait for whoever is writing.
    let look = try database.read { try settlement(of: incoming, sha256, in: $0) }
    switch look {
    case .none: return nil
    case .unchanged(let outcome): return outcome
    case .rename, .describe, .alsoAt: break
    }
    return try changing.withLock { _ in
      var changes: [Int: IndexChange] = [:]
      let outcome: AddOutcome?
      (outcome, changes) = try database.write { connection in
        let outcome: AddOutcome
        let changed: DocumentRow
        switch try settlement(of: incoming, sha256, in: connection) {
        case .none: return (nil, [:])
        case .unchanged(let same): return (same, [:])
        case .alsoAt(let name, let held, let same):
          try connection.insertOtherName(name, document: held.number)
          return (same, [:])
        case .describe(let held, let same):
          try connection.setMetadata(incoming.metadata.text, ofDocument: held.number)
          (changed, outcome) = (held, same)
        case .rename(let moved):
          try connection.rename(document: moved.number, filename: incoming.filename, path: incoming.path)
          changed = moved
          outcome = AddOutcome(
            documentID: moved.id, filename: incoming.filename, status: .updated, chunksAdded: 0,
            pages: try connection.currentVersion(ofDocument: moved.number)?.pageCount,
            warnings: ["renamed from \(moved.filename)"])
        }
        removeSnapshots()
        try connection.advanceGeneration(ofCollection: changed.collection)
        let records = try currentRecords(ofDocument: changed.number, in: connection)
        return (outcome, [changed.collection: IndexChange(add: records)])
      }
      try publish(changes)
      return outcome
    }
  }

  private enum Settlement {
    case none
    case unchanged(AddOutcome)
    /// The same content with other metadata.
    case describe(DocumentRow, AddOutcome)
    case rename(DocumentRow)
    /// What a document says lies at another path too.
    case alsoAt(OtherName, DocumentRow, AddOutcome)
  }

  private func settlement(
    of incoming: Incoming, _ sha256: String, in connection: borrowing Connection
  ) throws -> Settlement {
    guard let collection = try connection.collections().first(where: { $0.name == incoming.collection }) else {
      return .none
    }
    let same = try connection.documents(inCollection: collection.id, sha256: sha256).filter { document in
      try connection.currentVersion(ofDocument: document.number)?.chunking == incoming.chunkingName
    }
    guard !same.isEmpty else { return .none }
    if let replaced = try connection.document(
      inCollection: collection.id, path: incoming.path, filename: incoming.filename)
    {
      guard same.contains(where: { $0.number == replaced.number }) else { return .none }
      return try unchanged(replaced, incoming, in: connection)
    }
    // Nothing of that name is held. A file that is gone from where it was has been renamed; one that is still there, or
    // was uploaded, is the same content under two names, and is not held twice.
    if incoming.path != nil, let moved = same.first(where: { $0.path.map { !Library.isThere($0) } ?? false }) {
      return .rename(moved)
    }
    let settled = try unchanged(same[0], incoming, in: connection)
    guard same[0].filename != incoming.filename || incoming.path != nil, case .unchanged(let outcome) = settled else {
      return settled
    }
    let told = AddOutcome(
      documentID: outcome.documentID, filename: incoming.filename, status: .unchanged, chunksAdded: 0,
      pages: outcome.pages, warnings: ["the same content is already held as \(same[0].filename)"])
    guard let path = incoming.path, same[0].path != nil,
      try !connection.hasOtherName(path, ofDocument: same[0].number)
    else { return .unchanged(told) }
    return .alsoAt(OtherName(path: path, filename: incoming.filename), same[0], told)
  }

  /// A file where it was, or the archive that it was a member of.
  package static func isThere(_ path: String) -> Bool {
    if FileAccess.exists(path) { return true }
    var path = path[...]
    while let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      path = path[..<slash]
      if let sort = FileAccess.sort(String(path)) { return sort == .file }
    }
    return false
  }

  private func unchanged(
    _ document: DocumentRow, _ incoming: Incoming, in connection: borrowing Connection
  ) throws -> Settlement {
    let outcome = AddOutcome(
      documentID: document.id, filename: document.filename, status: .unchanged, chunksAdded: 0,
      pages: try connection.currentVersion(ofDocument: document.number)?.pageCount, warnings: [])
    let isDescribedAnew = incoming.metadata.object?.isEmpty == false && incoming.metadata.text != document.metadata
    return isDescribedAnew ? .describe(document, outcome) : .unchanged(outcome)
  }
}
