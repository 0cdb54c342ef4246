// One collection: an island with its own graph, words, statistics and counters. Many readers, one writer at a time; a
// reader takes the generation that is current when it begins and never waits for the writer, whose batch is published
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
  private let threads: Int

  fileprivate struct Writer {
    var generation: Generation
    var slots: [Int64: UInt32] = [:]
    /// Below the generation's slots, held by nobody.
    var free: [UInt32] = []
  }

  /// `threads` build the graph when a batch is large.
  package convenience init(dimension: Int, threads: Int = 2) {
    precondition(dimension > 0)
    let generation = Generation(
      number: 0, vectors: VectorIndex(options: GraphOptions(dimension: dimension)), words: KeywordIndex())
    self.init(dimension: dimension, generation: generation, threads: threads)
  }

  init(dimension: Int, generation: Generation, openedTag: UInt64? = nil, threads: Int = 2) {
    self.dimension = dimension
    self.openedTag = openedTag
    self.threads = threads
    var begun = Writer(generation: generation)
    begun.slots.reserveCapacity(generation.liveCount)
    for slot in 0..<UInt32(generation.slotCount) {
      if generation.live.contains(slot) {
        begun.slots[generation.ids[slot]] = slot
      } else {
        begun.free.append(slot)
      }
    }
    current = Mutex(generation)
    writer = Mutex(begun)
  }

  /// The state that is current now.
  var snapshot: Generation { current.withLock { $0 } }

  /// Nothing is added or removed while body runs, which gets the state then; readers go on.
  func whileStill<Result, Problem>(
    _ body: (Generation) throws(Problem) -> Result
  ) throws(Problem) -> Result {
    try writer.withLock { writer throws(Problem) in try body(writer.generation) }
  }

  package var generation: UInt64 { snapshot.number }
  package var count: Int { snapshot.liveCount }

  package var recordIDs: Set<Int64> { writer.withLock { Set($0.slots.keys) } }

  package var statistics: IndexStatistics {
    let now = snapshot
    return IndexStatistics(
      generation: now.number, records: now.liveCount, slots: now.slotCount, segments: now.fieldParts.count,
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
    var last: [Int64: Int] = [:]
    for (index, record) in add.enumerated() { last[record.id] = index }
    let records = add.indices.filter { last[add[$0].id] == $0 }.map { add[$0] }
    writer.withLock { writer in
      let leaving = (remove + records.map(\.id)).compactMap { writer.slots.removeValue(forKey: $0) }
      let placed = zip(writer.slotsForUse(records.count), records).map { (slot: $0, record: $1) }
      writer.generation.grow(to: (placed.last.map { Int($0.slot) } ?? -1) + 1)
      // New records first, invisible until published; then the generation; then what left is taken apart.
      writer.addToIndexes(placed, leaving: leaving, threads: threads)
      writer.generation.remove(leaving)
      writer.generation.add(placed)
      writer.generation.takeKeywords()
      writer.generation.number += 1
      for (slot, record) in placed { writer.slots[record.id] = slot }
      let published = writer.generation
      current.withLock { $0 = published }
      published.vectors.remove(slots: leaving.filter { published.vectors.contains($0) }, threads: threads)
      writer.free.append(contentsOf: leaving)
    }
  }

  package func search(_ request: SearchRequest) -> [SearchHit] {
    let vectors = current.withLock { $0.vectors }
    // The generation is taken inside, so that its slots stay what they are until the answer is made.
    return vectors.pinned { SearchPass(snapshot, request).hits() }
  }

  package func whyNot(_ request: SearchRequest, id: Int64) -> WhyNot {
    let vectors = current.withLock { $0.vectors }
    return vectors.pinned { WhyNotSearch(snapshot, id: id).answer(request) }
  }
}

extension RetrievalIndex.Writer {
  /// Places are used again once they are more than a sixty-fourth of all: each reuse lets the graph repair itself
  /// first.
  mutating func slotsForUse(_ count: Int) -> [UInt32] {
    var slots: [UInt32] = []
    if free.count > max(64, generation.slotCount / 64) {
      // Readers of older generations, in which these slots still lived, leave first.
      generation.vectors.readers.waitForThoseInside()
      let reused = min(count, free.count)
      slots = Array(free.suffix(reused))
      free.removeLast(reused)
    }
    let first = UInt32(generation.slotCount)
    slots.append(contentsOf: first..<first + UInt32(count - slots.count))
    return slots.sorted()
  }

  func addToIndexes(
    _ placed: [(slot: UInt32, record: Record)], leaving: [UInt32], threads: Int
  ) {
    let withVector = placed.filter { !$0.record.vector.isEmpty }
    generation.vectors.add(
      slots: withVector.map(\.slot), vectors: withVector.flatMap(\.record.vector), threads: threads)
    generation.words.remove(leaving)
    generation.words.add(placed.map { ($0.slot, $0.record.text) })
    generation.words.publish()
  }
}

package struct IndexStatistics: Sendable, Equatable {
  package var generation: UInt64
  package var records: Int
  /// Records and the places of removed ones that are not yet given to others.
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
