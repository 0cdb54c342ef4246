// What a library answers with: an embedder, and the indexes that hold its vectors. A value that is replaced as a whole,
// so that no request ever meets the vectors of two embedders.
import Base
import Embedding
import Retrieval
package import Store

struct Serving: Sendable {
  let embedder: any Embedder
  /// The embedder whose vectors the store's indexes are made of.
  let row: EmbedderRow
  /// By collection id.
  var indexes: [Int: RetrievalIndex] = [:]

  /// Whether the embedder is the one that made the library's vectors.
  var isOfItsOwn: Bool { row.isOf(embedder) }
}

extension EmbedderRow {
  func isOf(_ embedder: any Embedder) -> Bool {
    name == embedder.identity.name && fingerprint == embedder.identity.fingerprint
      && dimension == embedder.identity.dimension
  }

  /// A snapshot must not be opened for vectors of another size, whatever the fingerprint says.
  var snapshotFingerprint: String { "\(fingerprint)/\(dimension)" }

  package var shown: String { "\(name) (\(fingerprint), \(dimension) numbers)" }
}

extension Connection {
  borrowing func row(of embedder: any Embedder) throws -> EmbedderRow {
    let identity = embedder.identity
    return try self.embedder(
      name: identity.name, fingerprint: identity.fingerprint, dimension: identity.dimension,
      isMetered: embedder.isMetered)
  }
}

extension Library {
  /// The embedder that made the vectors of the library in a directory; nil: there is no library, or none were made.
  package static func embedder(in directory: DataDirectory) throws -> EmbedderRow? {
    guard FileAccess.exists(directory.databasePath) else { return nil }
    let database = try Library.open(directory)
    return try database.read { try $0.currentEmbedder() }
  }

  /// The library's embedder; a library that has none takes this one.
  static func remember(_ embedder: any Embedder, in database: Database) throws -> EmbedderRow {
    if let known = try database.read({ try $0.currentEmbedder() }) { return known }
    return try database.write { connection in
      let row = try connection.row(of: embedder)
      try connection.setCurrentEmbedder(row.id)
      return row
    }
  }

  /// Throws where another embedder made the vectors: theirs and this one's must not be compared.
  func servingOfItsOwn() throws -> Serving {
    let serving = self.serving
    guard serving.isOfItsOwn else {
      let identity = serving.embedder.identity
      throw LibraryError.anotherEmbedder(
        library: serving.row.shown, configured: "\(identity.name) (\(identity.fingerprint))")
    }
    return serving
  }

  /// Throws where search and add would be refused.
  package func checkEmbedder() throws { _ = try servingOfItsOwn() }

  /// The one whose vectors are served.
  package var embedderInUse: EmbedderRow { serving.row }
}
