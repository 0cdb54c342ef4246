// What comes in, what becomes of it on the way, and what is said of it afterwards.
package import Base
package import Ingest
import Text

package struct Incoming: Sendable {
  package var bytes: [UInt8]
  package var filename: String
  /// The file that the bytes were read from: a document with a path is replaced by what comes from the same path, one
  /// without by what comes under the same name.
  package var path: String?
  package var collection: String
  package var metadata: JSON
  package var declaredType: String?
  /// Windows of words instead of the library's own chunks.
  package var plainChunks: ChunkingOptions.Plain?
  /// Lies in an archive, whose name and a path inside it are its own name.
  var isMember = false

  package init(
    bytes: [UInt8], filename: String, path: String? = nil, collection: String = Library.defaultCollection,
    metadata: JSON = [:], declaredType: String? = nil, plainChunks: ChunkingOptions.Plain? = nil
  ) {
    self.bytes = bytes
    self.filename = filename
    self.path = path
    self.collection = collection
    self.metadata = metadata
    self.declaredType = declaredType
    self.plainChunks = plainChunks
  }

  /// How it is to be cut, as the store remembers it.
  var chunkingName: String { plainChunks?.name ?? "" }

  /// Throws where a name, the size or the metadata is out of bounds.
  package func check() throws {
    try Incoming.check(filename: filename, isMember: isMember)
    try Incoming.check(name: collection)
    guard bytes.count <= Limits.uploadBytesMax else {
      throw LibraryError.fileTooLarge(filename: filename, bytesMax: Limits.uploadBytesMax)
    }
    guard metadata.object != nil else { throw PlainFailure(.usage, "bad_metadata", "metadata must be an object") }
    guard metadata.utf8.count <= Limits.metadataBytesMax else {
      throw LibraryError.metadataTooLarge(bytesMax: Limits.metadataBytesMax)
    }
  }

  private static func check(filename: String, isMember: Bool) throws {
    guard isMember else { return try check(name: filename) }
    guard filename.unicodeScalars.count <= Limits.archiveNameScalarsMax + Limits.nameScalarsMax else {
      throw LibraryError.badName(String(filename.prefix(80)), why: "it is too long")
    }
    for part in filename.split(separator: "/", omittingEmptySubsequences: false) { try check(name: String(part)) }
  }

  private static func check(name: String) throws {
    func refuse(_ why: String) -> LibraryError { .badName(String(name.prefix(80)), why: why) }
    guard !name.isEmpty else { throw refuse("it is empty") }
    guard name.unicodeScalars.count <= Limits.nameScalarsMax else { throw refuse("it is too long") }
    guard !name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw refuse("it has control characters")
    }
    guard name != ".", name != "..", !name.contains("/"), !name.contains("\\") else {
      throw refuse("it is a path")
    }
  }
}

package enum AddStatus: String, Sendable {
  case added, unchanged, updated
}

package struct AddOutcome: Sendable {
  package let documentID: String
  package let filename: String
  package let status: AddStatus
  package let chunksAdded: Int
  package let pages: Int?
  package let warnings: [String]
}

/// Extracted and cut, not yet in the library.
package struct Prepared: Sendable {
  let incoming: Incoming
  let sha256: String
  let document: Document
  let text: ScalarText
  let chunks: [PreparedChunk]
  let warnings: [String]

  package var chunkCount: Int { chunks.count }
  /// About what it holds in memory: the file, its text, and the text again in chunks.
  package var byteCount: Int { incoming.bytes.count + text.utf8.count * 3 }
}

struct PreparedChunk: Sendable {
  let chunk: Chunk
  /// What is embedded and indexed.
  let indexedText: String
  let digest: [UInt8]
}
