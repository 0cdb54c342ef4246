// The indexes held against the store, which is the truth: what one holds and the other does not is put right at once,
// and a sample of vectors tells how much the graph still finds.
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
  /// Of the ten nearest of sampled passages, those that the graph finds; nil where there was nothing to find.
  package var recall: Double?
  package var sampled = 0

  package var repaired: Int { missing + surplus }
}

extension Library {
  /// Looks at every collection; `sample` vectors of each are searched for. Nothing is added or removed while two lists
  /// of numbers are compared; searches go on.
  package func auditIndexes(sample: Int = 32) throws -> IndexAudit {
    let serving = try servingOfItsOwn()
    var audit = IndexAudit()
    var recall = GraphRecall()
    for collection in try database.read({ try $0.collections() }) {
      guard let index = serving.indexes[collection.id] else { continue }
      let held = try changing.withLock { _ in try repair(index, of: collection.id, serving.row.id, &audit) }
      audit.records += held.count
      let chosen =
        held.isEmpty
        ? []
        : (0..<min(sample, held.count)).map { _ in
          held[min(held.count - 1, Int(random.fraction() * Double(held.count)))]
        }
      recall.add(index.recall(near: chosen))
    }
    audit.recall = recall.share
    audit.sampled = recall.wanted
    return audit
  }

  private func repair(
    _ index: RetrievalIndex, of collection: Int, _ embedder: Int, _ audit: inout IndexAudit
  ) throws -> [Int64] {
    let wanted = try database.read { try $0.chunkIDsInUse(ofCollection: collection) }
    let held = Set(index.ids)
    let missing = Set(wanted).subtracting(held)
    let surplus = held.subtracting(wanted)
    guard !missing.isEmpty || !surplus.isEmpty else { return wanted }
    var records: [Record] = []
    if !missing.isEmpty {
      records = try database.read { connection in
        try self.records(ofCollection: collection, asOf: nil, embedder: embedder, in: connection)
      }.filter { missing.contains($0.id) }
    }
    try index.apply(add: records, remove: Array(surplus))
    audit.missing += missing.count
    audit.surplus += surplus.count
    return wanted
  }
}
