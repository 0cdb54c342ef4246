// A document's way in: known already? -> extracted -> cut -> embedded (chunks seen before keep their vectors) -> one
// transaction that makes the new version current and retires the old -> one index generation.
package import Base
import Embedding
package import Ingest
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

  private func store(
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

  private func newVersion(_ prepared: Prepared, at time: Double) -> NewVersion {
    NewVersion(
      sha256: prepared.sha256, content: prepared.incoming.bytes, format: prepared.document.format.rawValue,
      title: prepared.document.title, text: prepared.text.utf8, scalarCount: prepared.text.scalarCount,
      wordCount: Library.wordCount(prepared.text.utf8), pageCount: Library.pageCount(of: prepared.document),
      layout: DocumentLayout(of: prepared.document).bytes, coverage: Library.coverage(of: prepared.document).text,
      warnings: JSON(prepared.document.warnings).text, createdAt: time, chunking: prepared.incoming.chunkingName,
      properties: Library.properties(of: prepared.document).text)
  }

  /// What a file says of itself and a filter may ask for; how it was read is no property of it.
  private static func properties(of document: Document) -> JSON {
    let ours: Set = ["encoding", "links", "hidden_characters", "unseen_characters", "rows"]
    let kept = document.metadata.filter { name, value in
      !ours.contains(name) && name.unicodeScalars.count <= Limits.propertyNameScalarsMax
        && value.unicodeScalars.count <= Limits.propertyScalarsMax
    }
    var members = JSONObject()
    for name in kept.keys.sorted().prefix(Limits.propertiesMax) { members[name] = kept[name].map { .string($0) } }
    return .object(members)
  }

  private static func pageCount(of document: Document) -> Int? {
    document.pages.isEmpty ? nil : document.pages.count
  }

  /// Runs of anything but white space.
  private static func wordCount(_ utf8: [UInt8]) -> Int {
    var count = 0
    var inWord = false
    for byte in utf8 {
      let isSpace = byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
      if !isSpace && !inWord { count += 1 }
      inWord = !isSpace
    }
    return count
  }

  /// The ledger as it is kept and shown; `unread` marks parts that an answer may have needed.
  package static func coverage(of document: Document) -> JSON {
    .array(
      document.coverage.map { part in
        var entry: JSONObject = ["part": .string(part.part)]
        switch part.kind {
        case .text: entry["kind"] = "text"
        case .table: entry["kind"] = "table"
        case .imageOnly: entry["kind"] = "image_only"
        case .skipped(let reason):
          entry["kind"] = "skipped"
          entry["reason"] = .string(reason)
        }
        if part.isUnread { entry["unread"] = true }
        return .object(entry)
      })
  }
}
