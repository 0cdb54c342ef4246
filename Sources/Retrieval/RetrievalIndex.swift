// One collection: an island with its own vectors, words, statistics and counters. Many readers, one writer at a time;
// a reader takes the generation that is current when it begins and never waits for the writer, whose batch is published
// whole or not at all. The index is a shadow of the caller's truth: it may be thrown away and built again.
import Base
import Synchronization

package final class RetrievalIndex: Sendable {
  package let dimension: Int
  /// The tag of the snapshot this index was opened from; nil for one begun empty.
  package let openedTag: UInt64?
  /// Held only for the copy of a few references.
  private let current: Mutex<Generation>
  private let writer: Mutex<Writer>

  private struct Writer {
    var generation: Generation
    var slots: [Int64: UInt32]
  }

  package convenience init(dimension: Int) {
    self.init(dimension: dimension, generation: Generation(number: 0, dimension: dimension))
  }

  init(dimension: Int, generation: Generation, openedTag: UInt64? = nil) {
    precondition(dimension > 0)
    self.openedTag = openedTag
    self.dimension = dimension
    var slots: [Int64: UInt32] = [:]
    for segment in generation.segments {
      for (offset, id) in segment.ids.enumerated() {
        let slot = segment.firstSlot + UInt32(offset)
        if generation.live.contains(slot) { slots[id] = slot }
      }
    }
    current = Mutex(generation)
    writer = Mutex(Writer(generation: generation, slots: slots))
  }

  /// The state that is current now.
  var snapshot: Generation { current.withLock { $0 } }

  package var generation: UInt64 { snapshot.number }
  package var count: Int { snapshot.liveCount }

  package var statistics: IndexStatistics {
    let now = snapshot
    return IndexStatistics(
      generation: now.number, records: now.liveCount, slots: now.slotCount, segments: now.segments.count,
      dimension: dimension)
  }

  /// Takes out, then puts in, as one new generation. Adding a held id replaces its record; removing an unknown id does
  /// nothing. A record that does not fit refuses the whole batch.
  package func apply(add: [Record], remove: [Int64]) throws(RetrievalFailure) {
    for record in add where !record.vector.isEmpty {
      guard record.vector.count == dimension else {
        throw .vectorDimension(expected: dimension, found: record.vector.count, id: record.id)
      }
      guard record.vector.allSatisfy(\.isFinite) else { throw .vectorNotFinite(id: record.id) }
    }
    writer.withLock { writer in
      for id in remove {
        if let slot = writer.slots.removeValue(forKey: id) { writer.generation.remove(slot) }
      }
      var last: [Int64: Int] = [:]
      for (index, record) in add.enumerated() { last[record.id] = index }
      let records = add.indices.filter { last[add[$0].id] == $0 }.map { add[$0] }
      for record in records {
        if let slot = writer.slots[record.id] { writer.generation.remove(slot) }
      }
      let firstSlot = UInt32(writer.generation.slotCount)
      writer.generation.append(records)
      for (offset, record) in records.enumerated() { writer.slots[record.id] = firstSlot + UInt32(offset) }
      writer.generation.number += 1
      let published = writer.generation
      current.withLock { $0 = published }
    }
  }

  package func search(_ request: SearchRequest) -> [SearchHit] { SearchPass(snapshot, request).hits() }

  package func whyNot(_ request: SearchRequest, id: Int64) -> WhyNot {
    WhyNotSearch(snapshot, id: id).answer(request)
  }
}

package struct IndexStatistics: Sendable, Equatable {
  package var generation: UInt64
  package var records: Int
  /// Records and the places of removed ones that are not yet reclaimed.
  package var slots: Int
  package var segments: Int
  package var dimension: Int
}

/// A hit and the collection it came from, as its place in the list that was searched.
package struct CollectionHit: Sendable, Equatable {
  package var collection: Int
  package var hit: SearchHit
}

/// The best of several collections. Each answers on its own statistics; their scores share one scale, so they are
/// merged by score.
package func searchAcross(collections: [RetrievalIndex], _ request: SearchRequest) -> [CollectionHit] {
  var all: [CollectionHit] = []
  for (place, collection) in collections.enumerated() {
    all.append(contentsOf: collection.search(request).map { CollectionHit(collection: place, hit: $0) })
  }
  all.sort { ($1.hit.score, $0.collection, $0.hit.id) < ($0.hit.score, $1.collection, $1.hit.id) }
  return Array(all.prefix(request.limit))
}
