// The indexes held against the store, which is the truth: what one holds and the other does not is put right at once.
import Base
import Retrieval
import Store
import Synchronization

package struct IndexAudit: Sendable, Equatable {
  package var records = 0
  /// Held by the store and not by an index; put in.
  package var missing = 0
  /// Held by an index and not by the store; taken out.
  package var surplus = 0
  package var recall = RecallAudit()

  package var repaired: Int { missing + surplus }
}

extension Library {
  /// Looks at every collection. Nothing is added or removed while two lists of numbers are compared; searches go on.
  package func auditIndexes() throws -> IndexAudit {
    let serving = try servingOfItsOwn()
    var audit = IndexAudit()
    for collection in try database.read({ try $0.collections() }) {
      guard let index = serving.indexes[collection.id] else { continue }
      try changing.withLock { _ in try repair(index, of: collection.id, serving.row.id, &audit) }
    }
    audit.recall = auditRecall()
    return audit
  }

  private func repair(
    _ index: RetrievalIndex, of collection: Int, _ embedder: Int, _ audit: inout IndexAudit
  ) throws {
    let wanted = try database.read { try $0.chunkIDsInUse(ofCollection: collection) }
    let held = Set(index.ids)
    let missing = Set(wanted).subtracting(held)
    let surplus = held.subtracting(wanted)
    audit.records += wanted.count
    guard !missing.isEmpty || !surplus.isEmpty else { return }
    var records: [Record] = []
    if !missing.isEmpty {
      records = try database.read { connection in
        try self.records(ofCollection: collection, asOf: nil, embedder: embedder, in: connection)
      }.filter { missing.contains($0.id) }
    }
    try index.apply(add: records, remove: Array(surplus))
    audit.missing += missing.count
    audit.surplus += surplus.count
  }
}
