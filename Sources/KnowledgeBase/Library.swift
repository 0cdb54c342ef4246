// A library: documents with their versions in SQLite, and one retrieval index a collection, made from them.
//
// Invariants: an index holds exactly the chunks of the current versions in use of its collection, as of its generation;
// what is acknowledged is durable; readers never wait for a writer. Changes are made one at a time, store first, index
// second, so a killed process finds everything acknowledged in the store and makes the index from it again.
package import Base
package import Embedding
import Foundation
package import Ingest
package import Models
import Retrieval
package import Store
import Synchronization
import Text

/// Turns bytes into a document; the pool of worker processes in the product, this process in tests.
package protocol Extractor: Sendable {
  func extract(_ bytes: [UInt8], filename: String, declaredType: String?) throws -> Document
  /// A PDF's page as a PNG, with the rectangles marked.
  func renderPage(pdf: [UInt8], page: Int, highlights: [Rectangle]) throws -> [UInt8]
}

package struct LibrarySettings: Sendable {
  package var chunking = ChunkingOptions()
  /// How many of a search's results one document may fill.
  package var perDocumentMax = 3
  /// How sure an answer must be, from 0 to 1; below it the library says that it does not know. nil: as the library's
  /// own calibration says.
  package var answerConfidenceMin: Double?
  /// Of questions that the library cannot answer, the share that may be answered all the same.
  package var falseAnswerRate = 0.05
  /// What models are told; nil: as the product brings it.
  package var prompts: PromptShelf?

  package init() {}
}

package final class Library: Sendable {
  package static let defaultCollection = "default"

  /// Read once at a request's begin, as they are then.
  package var settings: LibrarySettings { heldSettings.withLock { $0 } }
  private let heldSettings: Mutex<LibrarySettings>
  package let directory: DataDirectory
  package let database: Database
  let extractor: any Extractor
  let clock: any Clock
  let random: any RandomSource
  let texts: TextCache
  /// Read once at a request's begin: embedder and indexes always belong together. Guards the value only; an index looks
  /// after itself.
  private let current: Mutex<Serving>
  /// Scores sentences for answers; in this house even where the library's own embedder is an endpoint.
  let answerEmbedder: any Embedder
  let isReembedding = Mutex(false)
  let probedEmbedders = Mutex<Set<Int>>([])
  let recentQuestions = RecentQuestions()
  private let asOfIndexes = Mutex<[AsOfKey: RetrievalIndex]>([:])
  /// As it was last read or made.
  let calibrated = Mutex<Calibration?>(nil)
  /// Held while a change goes into the store and then into the index.
  let changing = Mutex<Void>(())

  /// Counts what was published, for whoever saves the indexes now and then.
  let changeCount = Atomic<Int>(0)
  /// The log still held what was erased when it was last cut, for somebody was reading.
  let logHoldsErased = Atomic<Bool>(false)
  /// Of which state each collection's snapshot is.
  let saved = Mutex<[Int: SavedState]>([:])

  struct SavedState: Equatable {
    let generation: Int
    let fingerprint: String
  }

  struct AsOfKey: Hashable {
    let collection: Int
    let generation: Int
    let time: Double
    let embedder: Int
  }

  /// `answering` scores sentences where the embedder itself is metered; without one the embedder does that too.
  package init(
    directory: DataDirectory, embedder: any Embedder, answering: (any Embedder)? = nil,
    extractor: any Extractor, settings: LibrarySettings = LibrarySettings(), clock: any Clock = SystemClock(),
    random: any RandomSource = SystemRandom()
  ) throws {
    self.directory = directory
    self.extractor = extractor
    heldSettings = Mutex(settings)
    self.clock = clock
    self.random = random
    let database = try Library.open(directory)
    self.database = database
    texts = TextCache(database: database)
    answerEmbedder = embedder.isMetered ? answering ?? embedder : embedder
    let row = try Library.remember(embedder, in: database)
    current = Mutex(Serving(embedder: embedder, row: row))
    // The vectors of another embedder are of no use to this one: nothing is opened until they are made anew.
    guard serving.isOfItsOwn else { return }
    for collection in try database.read({ try $0.collections() }) { try openIndex(of: collection) }
  }

  /// What may change while the library is held; the rest stays as it was opened.
  package func change(falseAnswerRate: Double, prompts: PromptShelf?) {
    heldSettings.withLock { settings in
      settings.falseAnswerRate = falseAnswerRate
      settings.prompts = prompts
    }
  }

  /// Even opening takes a little room; on a full device that is what the ballast is for.
  static func open(_ directory: DataDirectory) throws -> Database {
    func open() throws -> Database { try Database(path: directory.databasePath, migrations: LibrarySchema.migrations) }
    do { return try open() } catch let error as StoreError where error.cause == .full {
      guard directory.dropBallast() else { throw error }
      defer { directory.keepBallast(leaving: Limits.ballastBytesMin) }
      return try open()
    }
  }

  /// What serves now.
  var serving: Serving { current.withLock { $0 } }

  /// From here on requests are served by another embedder and its indexes.
  func serve(_ serving: Serving) { current.withLock { $0 = serving } }

  func serve(_ index: RetrievalIndex, forCollection id: Int) { current.withLock { $0.indexes[id] = index } }

  func index(ofCollection id: Int) -> RetrievalIndex? { serving.indexes[id] }

  /// The index of a collection that has just been made may not be there yet.
  func ensureIndex(ofCollection id: Int) -> RetrievalIndex {
    current.withLock { serving in
      if let known = serving.indexes[id] { return known }
      let made = RetrievalIndex(dimension: serving.row.dimension)
      serving.indexes[id] = made
      return made
    }
  }

  /// The index as it would have been at that time; a few are kept.
  func index(of collection: CollectionRow, asOf time: Double, in serving: Serving) throws -> RetrievalIndex {
    let row = serving.row
    let key = AsOfKey(collection: collection.id, generation: collection.generation, time: time, embedder: row.id)
    if let known = asOfIndexes.withLock({ $0[key] }) { return known }
    let index = RetrievalIndex(dimension: row.dimension)
    let records = try database.read { connection in
      try self.records(ofCollection: collection.id, asOf: time, embedder: row.id, in: connection)
    }
    try index.apply(add: records, remove: [])
    asOfIndexes.withLock { indexes in
      if indexes.count >= 4 { indexes.removeAll() }
      indexes[key] = index
    }
    return index
  }

  func forgetAsOfIndexes() { asOfIndexes.withLock { $0.removeAll() } }

  // MARK: Records

  /// Everything that a collection's index is made from.
  /// `skipping`: those without a vector are left out, for an index that is brought up later.
  func records(
    ofCollection id: Int, asOf time: Double?, embedder: Int, skipping: Bool = false,
    in connection: borrowing Connection
  ) throws -> [Record] {
    var records: [Record] = []
    for (document, version) in try connection.versionsInUse(ofCollection: id, asOf: time) {
      let text = ScalarText(utf8: try connection.text(ofVersion: version.id) ?? [])
      for chunk in try connection.chunks(ofVersion: version.id) {
        guard let vector = try connection.vector(digest: chunk.digest, embedder: embedder) else {
          if skipping { continue }
          throw StoreError(.corrupt, "chunk \(chunk.id) has no vector")
        }
        records.append(
          record(
            id: chunk.id, text: text.slice(chunk.start..<chunk.end), context: chunk.context, page: chunk.page,
            vector: vector, document: document, version: version))
      }
    }
    return records
  }

  func record(
    id: Int, text: String, context: String, page: Int?, vector: [Float], document: DocumentRow, version: VersionRow
  ) -> Record {
    // What its owner says of a document counts more than what its file does.
    var fields = Library.fields(of: version.properties).merging(Library.fields(of: document.metadata)) { _, own in own }
    fields["filename"] = .text(document.filename)
    fields["document_id"] = .text(document.id)
    fields["format"] = .text(version.format)
    fields["added"] = .date(version.createdAt)
    if let title = version.title { fields["title"] = .text(title) }
    if let page { fields["page"] = .number(Double(page)) }
    let indexed = Library.textForIndex(
      filename: document.filename, format: version.format, context: context, text: text)
    return Record(
      id: Int64(id), text: indexed, vector: vector, fields: fields, group: Int64(document.number))
  }

  /// What both halves of the search see of a chunk: the names above it, then the text itself. The file's name comes
  /// first, as often only it tells whose text this is: a policy seldom names its site, or a contract its parties, on
  /// every page. A record opens with its own name.
  static func textForIndex(filename: String, format: String, context: String, text: String) -> String {
    if format == DocumentFormat.record.rawValue { return text }
    let name = nameForIndex(filename)
    let names = context.hasPrefix(name) ? context : "\(name)\n\(context)"
    return names.isEmpty ? text : "\(names)\n\(text)"
  }

  /// Without folders and ending, and not longer than a name a person would give.
  static func nameForIndex(_ filename: String) -> String {
    let file = filename.split(separator: "/").last.map(String.init) ?? ""
    let stem = file.lastIndex(of: ".").map { $0 > file.startIndex ? String(file[..<$0]) : file } ?? file
    return String(stem.prefix(Limits.indexedNameCharactersMax))
  }

  private static func fields(of metadata: String) -> [String: FieldValue] {
    guard let members = try? JSON(parsing: metadata).object else { return [:] }
    var fields: [String: FieldValue] = [:]
    for (key, value) in members {
      switch value {
      case .string(let text): fields[key] = CalendarDate.seconds(text).map { .date($0) } ?? .text(text)
      case .integer(let whole): fields[key] = .number(Double(whole))
      case .number(let number): fields[key] = .number(number)
      case .bool(let flag): fields[key] = .text(flag ? "true" : "false")
      case .array(let elements): fields[key] = .list(elements.compactMap(\.string))
      case .object, .null: break
      }
    }
    return fields
  }
}
