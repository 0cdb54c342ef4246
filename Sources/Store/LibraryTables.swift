// The library's rows as values, and the statements that read and write them. What a row means stands in LibrarySchema.
import Base

package struct CollectionRow: Sendable, Equatable {
  package let id: Int
  package let name: String
  package let generation: Int
}

package struct DocumentRow: Sendable, Equatable {
  package let number: Int
  package let id: String
  package let collection: Int
  package let filename: String
  package let path: String?
  package let metadata: String
  package let addedAt: Double
  package let removedAt: Double?

  static let columns = "d.number, d.id, d.collection, d.filename, d.path, d.metadata, d.added_at, d.removed_at"

  init(_ row: borrowing Row, from column: Int = 0) {
    number = row.integer(column)
    id = row.text(column + 1)
    collection = row.integer(column + 2)
    filename = row.text(column + 3)
    path = row.optionalText(column + 4)
    metadata = row.text(column + 5)
    addedAt = row.real(column + 6)
    removedAt = row.optionalReal(column + 7)
  }

  static let columnCount = 8
}

/// A version without its text and layout, which can be large and are read when they are needed.
package struct VersionRow: Sendable, Equatable {
  package let id: Int
  package let document: Int
  package let number: Int
  package let sha256: String
  package let byteCount: Int
  package let format: String
  package let title: String?
  package let scalarCount: Int
  package let wordCount: Int
  package let pageCount: Int?
  package let coverage: String
  package let warnings: String
  package let createdAt: Double
  package let retiredAt: Double?
  package let chunking: String
  package let chunkCount: Int
  /// What the file says of itself, as a JSON object of texts.
  package let properties: String

  static let columns = """
    v.id, v.document, v.number, v.sha256, v.byte_count, v.format, v.title, v.scalar_count, v.word_count, v.page_count,
    v.coverage, v.warnings, v.created_at, v.retired_at, v.chunking,
    (SELECT count(*) FROM chunks c WHERE c.version = v.id), v.properties
    """

  init(_ row: borrowing Row, from column: Int = 0) {
    id = row.integer(column)
    document = row.integer(column + 1)
    number = row.integer(column + 2)
    sha256 = row.text(column + 3)
    byteCount = row.integer(column + 4)
    format = row.text(column + 5)
    title = row.optionalText(column + 6)
    scalarCount = row.integer(column + 7)
    wordCount = row.integer(column + 8)
    pageCount = row.optionalInteger(column + 9)
    coverage = row.text(column + 10)
    warnings = row.text(column + 11)
    createdAt = row.real(column + 12)
    retiredAt = row.optionalReal(column + 13)
    chunking = row.text(column + 14)
    chunkCount = row.integer(column + 15)
    properties = row.text(column + 16)
  }
}

/// What a new version brings; the store gives it its number.
package struct NewVersion: Sendable {
  package var sha256: String
  package var content: [UInt8]
  package var format: String
  package var title: String?
  package var text: [UInt8]
  package var scalarCount: Int
  package var wordCount: Int
  package var pageCount: Int?
  package var layout: [UInt8]
  package var coverage: String
  package var warnings: String
  package var createdAt: Double
  /// '' for the library's own way of cutting.
  package var chunking: String
  package var properties: String

  package init(
    sha256: String, content: [UInt8], format: String, title: String?, text: [UInt8], scalarCount: Int,
    wordCount: Int, pageCount: Int?, layout: [UInt8], coverage: String, warnings: String, createdAt: Double,
    chunking: String, properties: String = "{}"
  ) {
    self.sha256 = sha256
    self.content = content
    self.format = format
    self.title = title
    self.text = text
    self.scalarCount = scalarCount
    self.wordCount = wordCount
    self.pageCount = pageCount
    self.layout = layout
    self.coverage = coverage
    self.warnings = warnings
    self.createdAt = createdAt
    self.chunking = chunking
    self.properties = properties
  }
}

package struct ChunkRow: Sendable, Equatable {
  package let id: Int
  package let version: Int
  package let ordinal: Int
  package let start: Int
  package let end: Int
  package let page: Int?
  package let heading: String
  package let context: String
  package let digest: [UInt8]

  static let columns =
    "c.id, c.version, c.ordinal, c.start_scalar, c.end_scalar, c.page, c.heading, c.context, c.digest"

  init(_ row: borrowing Row, from column: Int = 0) {
    id = row.integer(column)
    version = row.integer(column + 1)
    ordinal = row.integer(column + 2)
    start = row.integer(column + 3)
    end = row.integer(column + 4)
    page = row.optionalInteger(column + 5)
    heading = row.text(column + 6)
    context = row.text(column + 7)
    digest = row.blob(column + 8)
  }
}

package struct NewChunk: Sendable {
  package let start: Int
  package let end: Int
  package let page: Int?
  package let heading: String
  package let context: String
  package let digest: [UInt8]

  package init(start: Int, end: Int, page: Int?, heading: String, context: String, digest: [UInt8]) {
    self.start = start
    self.end = end
    self.page = page
    self.heading = heading
    self.context = context
    self.digest = digest
  }
}
