// Records of a catalogue, such as products: documents that come ready, one chunk each, told apart by a key of their
// owner's. They lie in the same store and the same indexes as everything else, so filters, search and deletion know
// them; what a record means is not this room's business. A collection that holds nothing but records is asked only
// where it is named: whoever looks for a document looks for no product.
package import Base
import Embedding
import Ingest
package import Retrieval
import Store
import Text

/// A record on its way in.
package struct IncomingRecord: Sendable {
  /// The same key again is the same record: unchanged, or a new version.
  package var key: String
  package var title: String
  /// Opens with the title.
  package var text: String
  package var metadata: JSON

  package init(key: String, title: String, text: String, metadata: JSON) {
    self.key = key
    self.title = title
    self.text = text
    self.metadata = metadata
  }
}

/// A record as it is held.
package struct HeldRecord: Sendable {
  /// What the collection's index calls it.
  package let id: Int64
  package let documentID: String
  package let key: String
  package let metadata: JSON
}

extension Library {
  private static let recordPath = "record:"

  /// One transaction and one index generation for all that are new or changed; the outcomes are in order.
  package func addRecords(_ records: [IncomingRecord], collection: String) throws -> [AddOutcome] {
    if !records.isEmpty { try markRecords(collection) }
    var outcomes = [AddOutcome?](repeating: nil, count: records.count)
    var waiting: [(place: Int, prepared: Prepared)] = []
    for (place, record) in records.enumerated() {
      let incoming = Incoming(
        bytes: Library.content(of: record), filename: Library.filename(of: record),
        path: Library.recordPath + record.key, collection: collection, metadata: record.metadata)
      if let settled = try settleWithoutReading(incoming) {
        outcomes[place] = settled
      } else {
        waiting.append((place, prepare(record, of: incoming)))
      }
    }
    for (entry, outcome) in zip(waiting, waiting.isEmpty ? [] : try commit(waiting.map(\.prepared))) {
      outcomes[entry.place] = outcome
    }
    return outcomes.compactMap { $0 }
  }

  /// A record whose bytes are those that an earlier one was kept as.
  func prepareRecord(_ incoming: Incoming, title: String) throws -> Prepared {
    let content = try JSON(parsing: incoming.bytes)
    guard let key = content.key?.string, let text = content["text"]?.string, incoming.path == Library.recordPath + key
    else { throw PlainFailure(.unprocessable, "bad_record", "\(title) is no record of a catalogue") }
    try incoming.check()
    try markRecords(incoming.collection)
    let record = IncomingRecord(key: key, title: title, text: text, metadata: incoming.metadata)
    return prepare(record, of: incoming)
  }

  private static func recordsKey(_ collection: String) -> String { "records \(collection)" }

  static func holdsRecords(_ collection: String, _ connection: borrowing Connection) throws -> Bool {
    try connection.setting(recordsKey(collection)) != nil
  }

  /// Of a collection that its first records open.
  private func markRecords(_ name: String) throws {
    let isNew = try database.read { connection in
      guard try !Library.holdsRecords(name, connection) else { return false }
      guard let known = try connection.collections().first(where: { $0.name == name }) else { return true }
      return try connection.documentsInUseCount(ofCollection: known.id) == 0
    }
    if isNew { try database.write { try $0.setSetting(Library.recordsKey(name), to: "yes") } }
  }

  private func prepare(_ record: IncomingRecord, of incoming: Incoming) -> Prepared {
    let document = Document.record(title: record.title, text: record.text)
    let text = ScalarText(document.text)
    let chunk = Chunk(start: 0, end: text.scalarCount)
    return Prepared(
      incoming: incoming, sha256: SHA256Digest(of: incoming.bytes).description, document: document, text: text,
      chunks: [
        PreparedChunk(chunk: chunk, indexedText: document.text, digest: SHA256Digest(of: text.utf8).bytes)
      ], warnings: [])
  }

  /// With the key, so that two records are never taken for one another.
  private static func content(of record: IncomingRecord) -> [UInt8] {
    JSON.object(["key": .string(record.key), "text": .string(record.text), "metadata": record.metadata]).utf8
  }

  /// The title as a name: no slashes, no control characters, not too long.
  private static func filename(of record: IncomingRecord) -> String {
    var name = String.UnicodeScalarView()
    for scalar in record.title.unicodeScalars.prefix(Limits.nameScalarsMax) {
      let isUnfit = scalar.value < 0x20 || scalar.value == 0x7F || scalar == "/" || scalar == "\\"
      name.append(isUnfit ? " " : scalar)
    }
    let text = String(name)
    return text.isEmpty || text == "." || text == ".." ? "record" : text
  }

  // MARK: What is held

  /// The index of a collection; nil where there is no such collection.
  package func index(ofCollection name: String) throws -> RetrievalIndex? {
    let serving = try servingOfItsOwn()
    let row = try database.read { try $0.collections() }.first { $0.name == name }
    return row.flatMap { serving.indexes[$0.id] }
  }

  /// A record by what the index calls it; nil where it is gone, or is no record.
  package func record(id: Int64) throws -> HeldRecord? {
    try database.read { connection in
      guard let chunk = try connection.chunk(id: Int(id)), let version = try connection.version(id: chunk.version),
        version.retiredAt == nil, let document = try connection.document(number: version.document)
      else { return nil }
      return Library.held(document, chunk: chunk.id)
    }
  }

  /// nil where it is gone.
  package func text(ofRecord id: Int64) throws -> String? {
    try database.read { connection in
      try connection.chunk(id: Int(id)).flatMap { try connection.text(ofVersion: $0.version) }
    }.map { String(decoding: $0, as: UTF8.self) }
  }

  private static let recordsAtATime = 1_000

  /// Every record in use of a collection that is wanted, with its text and vector, in the order in which they came.
  /// A catalogue may be large: it is gone through piece by piece, and of what is not wanted no text is read.
  package func eachRecord(
    inCollection name: String, where isWanted: (HeldRecord) -> Bool = { _ in true },
    _ body: (HeldRecord, _ text: String, _ vector: [Float]) throws -> Void
  ) throws {
    let embedder = try servingOfItsOwn().row.id
    try database.read { connection in
      guard let collection = try connection.collections().first(where: { $0.name == name }) else {
        throw LibraryError.noSuchCollection(name)
      }
      var last = 0
      while true {
        let piece = try connection.versionsInUse(
          ofCollection: collection.id, asOf: nil, after: last, limit: Library.recordsAtATime)
        guard let end = piece.last else { return }
        last = end.document.number
        for (document, version) in piece
        where document.removedAt == nil && version.format == DocumentFormat.record.rawValue {
          guard let chunk = try connection.chunks(ofVersion: version.id).first,
            let held = Library.held(document, chunk: chunk.id), isWanted(held),
            let vector = try connection.vector(digest: chunk.digest, embedder: embedder)
          else { continue }
          let text = String(decoding: try connection.text(ofVersion: version.id) ?? [], as: UTF8.self)
          try body(held, text, vector)
        }
      }
    }
  }

  private static func held(_ document: DocumentRow, chunk: Int) -> HeldRecord? {
    guard let path = document.path, path.hasPrefix(recordPath) else { return nil }
    return HeldRecord(
      id: Int64(chunk), documentID: document.id, key: String(path.dropFirst(recordPath.count)),
      metadata: (try? JSON(parsing: document.metadata)) ?? [:])
  }

  /// The vector of a text that is asked about.
  package func vector(of text: String) throws -> [Float] {
    let serving = try servingOfItsOwn()
    let digest = SHA256Digest(of: "question\n\(text)".utf8).bytes
    return try vectors(of: [(digest, text)], by: serving.embedder, row: serving.row.id, isUrgent: true)[digest] ?? []
  }
}
