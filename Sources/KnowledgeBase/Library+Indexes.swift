// The indexes on the disk: opened at a start and brought up to the store, saved now and then.
// Invariants: the store is the truth. A snapshot holds whole records of some state of the collection; what the store
// has more or less since is added and taken out, and what does not come out right is thrown away and made anew. A
// record never changes under its id while a snapshot of it is there (removeSnapshots).
// Must not: answer a question.
import Base
import Foundation
import Retrieval
import Store
import Synchronization
import Text

extension Library {
  private func snapshotPath(ofCollection id: Int) -> String { "\(directory.snapshotsPath)/\(id).index" }

  /// Maps the saved index back, with what is newer from the store, else makes it anew.
  func openIndex(of collection: CollectionRow) throws {
    let row = serving.row
    let path = snapshotPath(ofCollection: collection.id)
    if let found = try? RetrievalIndex.open(path: path, expecting: row.snapshotFingerprint),
      found.dimension == row.dimension, try bring(found, upTo: collection)
    {
      serve(found, forCollection: collection.id)
      return
    }
    let index = RetrievalIndex(dimension: row.dimension)
    let records = try database.read { connection in
      try self.records(ofCollection: collection.id, asOf: nil, embedder: row.id, in: connection)
    }
    try index.apply(add: records, remove: [])
    serve(index, forCollection: collection.id)
    changeCount.add(1, ordering: .relaxed)
  }

  /// A process that was killed leaves the snapshot that it saved last. False where it cannot be one of this store.
  private func bring(_ index: RetrievalIndex, upTo collection: CollectionRow) throws -> Bool {
    let row = serving.row
    guard let tag = index.openedTag, tag <= UInt64(collection.generation) else { return false }
    guard tag < UInt64(collection.generation) else {
      saved.withLock {
        $0[collection.id] = SavedState(generation: collection.generation, fingerprint: row.snapshotFingerprint)
      }
      return true
    }
    let held = index.recordIDs
    let (wanted, missing) = try database.read { connection in
      let current = try connection.currentChunks(ofCollection: collection.id)
      let newer = Set(current.filter { !held.contains(Int64($0.chunk)) }.map(\.version))
      let records = try newer.sorted().flatMap { version in
        try newRecords(
          version: version, text: ScalarText(utf8: try connection.text(ofVersion: version) ?? []), in: connection)
      }
      return (Set(current.map { Int64($0.chunk) }), records.filter { !held.contains($0.id) })
    }
    try index.apply(add: missing, remove: Array(held.subtracting(wanted)))
    changeCount.add(1, ordering: .relaxed)
    return index.count == wanted.count
  }

  /// Keeps the indexes for the next start, those that have changed since they were kept. Losing them costs time, never
  /// an answer, so a failure is no failure of the library; it is returned to be logged.
  package func saveIndexes() -> [any Error] {
    changing.withLock { _ in
      var failures: [any Error] = []
      do {
        try FileManager.default.createDirectory(
          atPath: directory.snapshotsPath, withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
        let fingerprint = serving.row.snapshotFingerprint
        for collection in try database.read({ try $0.collections() }) {
          let state = SavedState(generation: collection.generation, fingerprint: fingerprint)
          guard let index = index(ofCollection: collection.id), saved.withLock({ $0[collection.id] }) != state else {
            continue
          }
          CrashPoint.reached("snapshot")
          try index.save(
            to: snapshotPath(ofCollection: collection.id), generation: UInt64(collection.generation),
            fingerprint: fingerprint)
          saved.withLock { $0[collection.id] = state }
        }
      } catch { failures.append(error) }
      return failures
    }
  }

  /// Grows with every change of what the indexes hold.
  package var changes: Int { changeCount.load(ordering: .relaxed) }

  /// Moves the log into the database, so that at rest the library is one file. What cannot be moved now stays in the
  /// log and is as safe there.
  package func settle() {
    guard let isDone = try? database.truncateLog(), isDone else { return }
    logHoldsErased.store(false, ordering: .relaxed)
  }

  /// Cuts the log once more where it could not be cut when something was erased.
  package func settleErasures() { if logHoldsErased.load(ordering: .relaxed) { settle() } }
}
