// An export taken into a library: every document under its own id with all its versions and times, so that answers that
// were saved, and questions as of a day, find what they found. Text, passages and vectors are made from the originals
// anew.
// Invariants: a document comes in whole or not at all; an original is what its name says or its document is refused;
// one bad document never stops the others; a run that was ended half-way can be begun again.
package import Base
import Foundation
import Store
import Synchronization

package struct ImportReport: Sendable {
  package var counts = ExchangeCounts()
  /// By what they are called in the export.
  package var failed: [(name: String, error: any Failure)] = []

  package init() {}
}

package enum LibraryImport {
  private static let groupMax = 32

  /// `isStopped` is asked between groups; `tell` is told how many lines are done.
  package static func read(
    _ folder: String, into library: Library, isStopped: () -> Bool = { false }, tell: (Int) throws -> Void = { _ in }
  ) throws -> ImportReport {
    try check(folder)
    try library.checkEmbedder()
    var report = ImportReport()
    var group: [(name: String, document: ExchangedDocument)] = []
    var done = 0
    func settle() throws {
      guard !group.isEmpty else { return }
      try take(group, from: folder, into: library, &report)
      done += group.count
      group = []
      try tell(done)
    }
    try eachLine(of: "\(folder)/\(LibraryExport.documents)") { number, line in
      guard !isStopped() else { return false }
      do {
        let document = try ExchangedDocument(JSON(parsing: line))
        group.append((document.filename, document))
      } catch {
        report.failed.append(("line \(number)", PlainFailure.describing(error)))
        done += 1
      }
      if group.count >= groupMax { try settle() }
      return true
    }
    try settle()
    return report
  }

  private static func check(_ folder: String) throws {
    func refuse(_ why: String) -> PlainFailure {
      PlainFailure(
        .unprocessable, "no_export", "\(folder) is no export: \(why)",
        hint: "give the folder that 'footnote export' made; an archive of it is to be unpacked first")
    }
    guard FileAccess.sort(folder) == .folder else { throw refuse("it is no folder") }
    let path = "\(folder)/\(LibraryExport.manifest)"
    guard FileAccess.exists(path) else { throw refuse("\(LibraryExport.manifest) is missing") }
    let manifest = try? JSON(parsing: FileAccess.read(path, bytesMax: Limits.configurationBytesMax))
    guard manifest?.format?.string == ExchangedDocument.format, let version = manifest?["version"]?.int else {
      throw refuse("\(LibraryExport.manifest) does not say so")
    }
    guard version <= ExchangedDocument.formatVersion else {
      throw refuse("it is of version \(version), and this program knows \(ExchangedDocument.formatVersion)")
    }
  }

  /// Until the body gives false.
  private static func eachLine(of path: String, _ body: (Int, [UInt8]) throws -> Bool) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else { throw FileError.missing(path) }
    var rest: [UInt8] = []
    var number = 0
    while true {
      let piece: Data?
      do { piece = try handle.read(upToCount: 1 << 20) } catch {
        throw FileError.unreadable(path, reason: "the device failed")
      }
      let isLast = piece?.isEmpty != false
      rest += piece ?? Data()
      var lines = rest.split(separator: 0x0A, omittingEmptySubsequences: false)
      rest = isLast ? [] : Array(lines.removeLast())
      guard rest.count <= Limits.exportLineBytesMax else {
        throw PlainFailure(.unprocessable, "bad_export_line", "line \(number + lines.count + 1) never ends")
      }
      for line in lines {
        number += 1
        let isBlank = line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        guard try isBlank || body(number, Array(line)) else { return }
      }
      if isLast { return }
    }
  }

  // MARK: A group of documents

  private static func take(
    _ group: [(name: String, document: ExchangedDocument)], from folder: String, into library: Library,
    _ report: inout ImportReport
  ) throws {
    // What is held is not read again.
    var wanted: [(name: String, document: ExchangedDocument)] = []
    for entry in group {
      do {
        if try library.holds(entry.document) { report.counts.unchanged += 1 } else { wanted.append(entry) }
      } catch { report.failed.append((entry.name, PlainFailure.describing(error))) }
    }
    let prepared = Mutex<[Int: Result<[Prepared], any Error>]>([:])
    // Extraction runs in processes of its own, so that threads here only wait.
    DispatchQueue.concurrentPerform(iterations: wanted.count) { [wanted] index in
      let result = Result { try prepare(wanted[index].document, from: folder, library) }
      prepared.withLock { $0[index] = result }
    }
    var ready: [(name: String, arriving: Library.ArrivingDocument)] = []
    for (index, entry) in wanted.enumerated() {
      switch prepared.withLock({ $0[index] }) {
      case .success(let versions)?: ready.append((entry.name, .init(document: entry.document, versions: versions)))
      case .failure(let error)?: report.failed.append((entry.name, PlainFailure.describing(error)))
      case nil: break
      }
    }
    let embedded = try library.embed(ready.flatMap(\.arriving.versions))
    for (name, arriving) in ready {
      do {
        try library.store(arriving, vectorsOf: embedded)
        report.counts.documents += 1
        report.counts.versions += arriving.versions.count
        report.counts.bytes += arriving.versions.reduce(0) { $0 + $1.incoming.bytes.count }
      } catch let error as StoreError where error.kind != .bug {
        // A store that is full takes the next one no better.
        throw error
      } catch { report.failed.append((name, PlainFailure.describing(error))) }
    }
  }

  private static func prepare(
    _ document: ExchangedDocument, from folder: String, _ library: Library
  ) throws -> [Prepared] {
    try document.versions.map { version in
      let path = "\(folder)/\(ExchangedDocument.originalPath(version.sha256))"
      let bytes = try FileAccess.read(path, bytesMax: Limits.uploadBytesMax)
      guard SHA256Digest(of: bytes).description == version.sha256 else {
        throw PlainFailure(
          .corruption, "original_changed", "\(path) is not what its name says", hint: "make the export again")
      }
      var incoming = Incoming(
        bytes: bytes, filename: document.filename, path: document.path, collection: document.collection,
        metadata: document.metadata, plainChunks: version.plainChunks)
      incoming.isMember = document.filename.contains("/")
      guard version.format == "record" else { return try library.prepare(incoming) }
      return try library.prepareRecord(incoming, title: version.title ?? document.filename)
    }
  }
}
