// `products import`: a file of any size, read piece by piece, into a collection of products. A batch is one
// transaction, so a run that is killed has stored whole batches; run again, it passes over what is held and goes on.
// Bad rows are told with their line and reason and stop nothing.
package import Base
package import DealPricing
import Foundation

package struct CatalogueRequest: Sendable {
  package static let defaultCollection = "products"

  package var path: String
  package var collection = CatalogueRequest.defaultCollection
  package var columns = CatalogueColumns()
  /// nil: as the file's name and opening say.
  package var format: CatalogueFormat?
  /// Of prices that do not say theirs.
  package var currency: String?

  package init(path: String) { self.path = path }
}

package struct CatalogueProgress: Sendable {
  package var rows = 0
  package var bytesRead = 0
  package var bytesTotal = 0
  /// Rows that had to be embedded and stored; the rest was held already.
  package var stored = 0
  package var elapsedSeconds = 0.0

  package var rowsPerSecond: Double { elapsedSeconds > 0 ? Double(rows) / elapsedSeconds : 0 }

  /// By the share of the file that is read; nil while there is nothing to judge by.
  package var secondsLeft: Double? {
    bytesRead > 0 && elapsedSeconds > 1
      ? elapsedSeconds / Double(bytesRead) * Double(max(0, bytesTotal - bytesRead)) : nil
  }
}

package struct CatalogueImport {
  private static let pieceBytes = 256 << 10

  private let request: CatalogueRequest
  private let access: any LibraryAccess
  private let clock: any Clock
  private var progress = CatalogueProgress()
  private var counts: [String: Int] = [:]
  private var bad: [BadRow] = []
  private var badCount = 0
  private var currencies: Set<String> = []

  package init(_ request: CatalogueRequest, access: any LibraryAccess, clock: any Clock = SystemClock()) {
    self.request = request
    self.access = access
    self.clock = clock
  }

  /// Set, `stop` ends it after the batch at hand.
  package mutating func run(stop: StopFlag, tell: (CatalogueProgress) -> Void) throws -> JSON {
    let clock = clock
    let started = clock.monotonicSeconds()
    guard FileAccess.sort(request.path) == .file, let file = FileHandle(forReadingAtPath: request.path) else {
      throw FileAccess.exists(request.path) ? FileError.notAFile(request.path) : FileError.missing(request.path)
    }
    defer { try? file.close() }
    progress.bytesTotal = Int(try file.seekToEnd())
    try file.seek(toOffset: 0)
    var piece = try file.read(upToCount: Self.pieceBytes) ?? Data()
    let format = request.format ?? CatalogueFormat(filename: request.path, opening: Array(piece.prefix(4_096)))
    var splitter = RecordSplitter(format)
    var reader = CatalogueReader(format: format, columns: request.columns, currency: request.currency)
    var batch: [CatalogueProduct] = []
    while !piece.isEmpty, !stop.isSet {
      try read(splitter.take(piece), &reader, &batch) { progress in
        var now = progress
        now.elapsedSeconds = clock.monotonicSeconds() - started
        tell(now)
      }
      progress.bytesRead += piece.count
      piece = try file.read(upToCount: Self.pieceBytes) ?? Data()
    }
    if !stop.isSet { try read(splitter.finish(), &reader, &batch) { _ in } }
    if !stop.isSet { try store(&batch) }
    progress.elapsedSeconds = clock.monotonicSeconds() - started
    tell(progress)
    return [
      "collection": .string(request.collection), "format": .string(format.rawValue),
      "rows": .integer(progress.rows), "added": .integer(counts["added"] ?? 0),
      "updated": .integer(counts["updated"] ?? 0), "unchanged": .integer(counts["unchanged"] ?? 0),
      "currency": JSON(currencies.sorted().first), "failed_count": .integer(badCount),
      "failed": .array(bad.map { ["line": .integer($0.line), "message": .string($0.reason)] }),
      "stopped": .bool(stop.isSet), "elapsed_ms": .number(Shapes.rounded(progress.elapsedSeconds * 1_000)),
    ]
  }

  private mutating func read(
    _ records: [RawRecord], _ reader: inout CatalogueReader, _ batch: inout [CatalogueProduct],
    told: (CatalogueProgress) -> Void
  ) throws {
    for raw in records {
      do throws(BadRow) {
        guard let product = try reader.read(raw) else { continue }
        batch.append(product)
      } catch { refuse(error) }
      progress.rows += 1
      if batch.count >= Limits.catalogueBatchRecords {
        try store(&batch)
        told(progress)
      }
    }
  }

  private mutating func refuse(_ row: BadRow) {
    badCount += 1
    if bad.count < Limits.badRowsListedMax { bad.append(row) }
  }

  private mutating func store(_ batch: inout [CatalogueProduct]) throws {
    guard !batch.isEmpty else { return }
    let reply = try access.addProducts(batch, collection: request.collection)
    for (product, status) in zip(batch, reply.statuses) {
      switch status {
      case .stored(let word):
        counts[word, default: 0] += 1
        currencies.insert(product.currency)
        if word != "unchanged" { progress.stored += 1 }
      case .refused(let reason): refuse(BadRow(line: product.line, reason: reason))
      }
    }
    batch.removeAll(keepingCapacity: true)
  }
}

/// What became of each product of a batch, in order.
package struct ProductStatuses: Sendable {
  package enum Status: Sendable, Equatable {
    /// added, updated or unchanged
    case stored(String)
    case refused(String)
  }

  package var statuses: [Status]

  init(_ statuses: [Status]) { self.statuses = statuses }

  init(shape: JSON) {
    statuses = (shape.products?.array ?? []).map { entry in
      entry.message?.string.map { .refused($0) } ?? .stored(entry.status?.string ?? "")
    }
  }

  var shape: JSON {
    [
      "products": .array(
        statuses.map { status in
          switch status {
          case .stored(let word): ["status": .string(word)]
          case .refused(let reason): ["message": .string(reason)]
          }
        })
    ]
  }
}
