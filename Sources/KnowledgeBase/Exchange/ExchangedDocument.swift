// A document as it stands in an export: a line of JSON that any program can read. Times are seconds since 1970, and
// again as a date for people; what a version was made from lies beside it, under the name of its digest.
import Base
import Ingest
import Store

struct ExchangedDocument: Sendable, Equatable {
  struct Version: Sendable, Equatable {
    var sha256: String
    var format: String
    var title: String?
    var createdAt: Double
    var retiredAt: Double?
    var plainChunks: ChunkingOptions.Plain?
  }

  var id: String
  var collection: String
  var filename: String
  var path: String?
  var otherNames: [OtherName]
  var metadata: JSON
  var addedAt: Double
  var removedAt: Double?
  /// The oldest first.
  var versions: [Version]
}

extension ExchangedDocument {
  static let format = "footnote-export"
  static let formatVersion = 1

  /// Where the bytes of that digest lie, within the export.
  static func originalPath(_ sha256: String) -> String { "originals/\(sha256.prefix(2))/\(sha256)" }

  // MARK: Out

  init(_ row: DocumentRow, collection: String, versions rows: [VersionRow], otherNames: [OtherName]) {
    id = row.id
    self.collection = collection
    filename = row.filename
    path = row.path
    self.otherNames = otherNames
    metadata = (try? JSON(parsing: row.metadata)) ?? [:]
    addedAt = row.addedAt
    removedAt = row.removedAt
    versions = rows.map { row in
      Version(
        sha256: row.sha256, format: row.format, title: row.title, createdAt: row.createdAt, retiredAt: row.retiredAt,
        plainChunks: ChunkingOptions.Plain(named: row.chunking))
    }
  }

  var shape: JSON {
    [
      "id": .string(id), "collection": .string(collection), "filename": .string(filename), "path": JSON(path),
      "other_names": .array(otherNames.map { ["path": .string($0.path), "filename": .string($0.filename)] }),
      "metadata": metadata, "added_at": .number(addedAt), "added": .string(CalendarDate.timestamp(addedAt)),
      "removed_at": JSON(removedAt), "versions": .array(versions.enumerated().map { $1.shape(number: $0 + 1) }),
    ]
  }

  // MARK: In

  /// Throws what is wrong with a line.
  init(_ shape: JSON) throws {
    func wrong(_ why: String) -> PlainFailure { PlainFailure(.unprocessable, "bad_export_line", why) }
    guard let id = shape.id?.string, let collection = shape.collection?.string, let filename = shape.filename?.string,
      let added = shape.added_at?.double, let versions = shape.versions?.array, !versions.isEmpty
    else { throw wrong("it lacks one of id, collection, filename, added_at and versions") }
    guard id.hasPrefix("d_"), id.utf8.count <= 64, id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }) else {
      throw wrong("its id is none")
    }
    self.id = id
    self.collection = collection
    self.filename = filename
    path = shape.path?.string
    metadata = shape.metadata ?? [:]
    addedAt = added
    removedAt = shape.removed_at?.double
    otherNames = try (shape.other_names?.array ?? []).map { name in
      guard let path = name.path?.string, let filename = name.filename?.string else {
        throw wrong("one of its other names lacks path or filename")
      }
      return OtherName(path: path, filename: filename)
    }
    self.versions = try versions.map { version in
      guard let made = Version(version) else { throw wrong("one of its versions lacks sha256, format or created_at") }
      return made
    }
  }
}

extension ExchangedDocument.Version {
  fileprivate func shape(number: Int) -> JSON {
    [
      "number": .integer(number), "sha256": .string(sha256),
      "original": .string(ExchangedDocument.originalPath(sha256)), "format": .string(format), "title": JSON(title),
      "created_at": .number(createdAt), "created": .string(CalendarDate.timestamp(createdAt)),
      "retired_at": JSON(retiredAt),
      "chunking": plainChunks.map { ["words": .integer($0.words), "overlap": .integer($0.overlap)] } ?? .null,
    ]
  }

  fileprivate init?(_ shape: JSON) {
    guard let sha256 = shape.sha256?.string, let format = shape.format?.string, let created = shape.created_at?.double,
      sha256.utf8.count == 64, sha256.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    self.sha256 = sha256
    self.format = format
    title = shape.title?.string
    createdAt = created
    retiredAt = shape.retired_at?.double
    if let chunking = shape.chunking, !chunking.isNull {
      guard let words = chunking.words?.int, let overlap = chunking.overlap?.int,
        (1...Limits.chunkWordsMax).contains(words), (0..<words).contains(overlap)
      else { return nil }
      plainChunks = ChunkingOptions.Plain(words: words, overlap: overlap)
    }
  }
}

extension ChunkingOptions.Plain {
  /// As the store remembers it.
  var name: String { "\(words)/\(overlap) words" }

  init?(named name: String) {
    let numbers = name.prefix { $0 != " " }.split(separator: "/").compactMap { Int($0) }
    guard numbers.count == 2 else { return nil }
    self.init(words: numbers[0], overlap: numbers[1])
  }
}
