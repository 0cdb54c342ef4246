// A library in an open form: a folder with a line of JSON for each document, and the bytes that each version was made
// from. Everything else (text, passages, vectors, indexes) follows from these.
// Invariants: it is of one moment, also while others write; it gets its name when it is whole.
import Base
import Foundation
import Store

#if canImport(Glibc)
  import Glibc
#endif

package struct ExchangeCounts: Sendable, Equatable {
  package var documents = 0
  package var versions = 0
  package var originals = 0
  package var bytes = 0
  /// Of an import: held already, word for word.
  package var unchanged = 0

  package init() {}
}

package enum LibraryExport {
  static let manifest = "export.json"
  static let documents = "documents.jsonl"

  package static func write(_ library: Library, to path: String) throws -> ExchangeCounts {
    guard !FileAccess.exists(path) else {
      throw PlainFailure(
        .conflict, "file_exists", "\(path) is there already", hint: "give the export another name, or remove it")
    }
    let unfinished = "\(path).unfinished"
    FileAccess.removeTree(unfinished)
    do {
      try FileManager.default.createDirectory(
        atPath: "\(unfinished)/originals", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch { throw FileError.unwritable(unfinished, reason: "it cannot be made") }
    do {
      let counts = try library.database.read { try write($0, to: unfinished) }
      let manifest: JSON = [
        "format": .string(ExchangedDocument.format), "version": .integer(ExchangedDocument.formatVersion),
        "made_at": .string(CalendarDate.timestamp(library.clock.wallSeconds())),
        "documents": .integer(counts.documents), "versions": .integer(counts.versions),
        "originals": .integer(counts.originals), "bytes": .integer(counts.bytes),
      ]
      try FileAccess.write(Array((manifest.prettyText + "\n").utf8), to: "\(unfinished)/\(LibraryExport.manifest)")
      guard unsafe rename(unfinished, path) == 0 else {
        throw FileError.unwritable(path, reason: unsafe String(cString: strerror(errno)).lowercased())
      }
      return counts
    } catch {
      FileAccess.removeTree(unfinished)
      throw error
    }
  }

  private static func write(_ connection: borrowing Connection, to folder: String) throws -> ExchangeCounts {
    var counts = ExchangeCounts()
    var written: Set<String> = []
    let lines = try LineWriter("\(folder)/\(documents)")
    let collections = try connection.collections()
    for number in try connection.documentNumbers() {
      guard let row = try connection.document(number: number),
        let collection = collections.first(where: { $0.id == row.collection })
      else { continue }
      let versions = try connection.versions(ofDocument: number)
      guard !versions.isEmpty else { continue }
      for version in versions where written.insert(version.sha256).inserted {
        guard let content = try connection.content(sha256: version.sha256) else {
          throw StoreError(.corrupt, "the content of version \(version.number) of \(row.id) is missing")
        }
        let path = "\(folder)/\(ExchangedDocument.originalPath(version.sha256))"
        try? FileManager.default.createDirectory(
          atPath: URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false),
          withIntermediateDirectories: true)
        try FileAccess.write(content, to: path)
        counts.originals += 1
        counts.bytes += content.count
      }
      let document = ExchangedDocument(
        row, collection: collection.name, versions: versions,
        otherNames: try connection.otherNames(ofDocument: number))
      try lines.write(document.shape.text)
      counts.documents += 1
      counts.versions += versions.count
    }
    try lines.end()
    return counts
  }
}

/// Lines of a file, written in pieces.
private final class LineWriter {
  private let path: String
  private let handle: FileHandle
  private var waiting = Data()

  init(_ path: String) throws {
    self.path = path
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw FileError.unwritable(path, reason: "it cannot be made") }
    self.handle = handle
  }

  func write(_ line: String) throws {
    waiting.append(contentsOf: line.utf8)
    waiting.append(0x0A)
    if waiting.count > 1 << 20 { try flush() }
  }

  func end() throws {
    try flush()
    do {
      try handle.synchronize()
      try handle.close()
    } catch { throw FileError.unwritable(path, reason: "the device does not take it") }
  }

  private func flush() throws {
    do { try handle.write(contentsOf: waiting) } catch {
      throw FileError.unwritable(path, reason: "the device does not take it")
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
