// BM25 over short texts, in memory.
// One writer collects texts in a tail and publishes them as an immutable generation of sealed segments; a reader holds
// the generation that it began with and never waits for the writer. Invariants: a slot holds at most one text; what was
// added or removed is seen by searches from the next `publish` on; the result of a search depends on the living texts
// alone, never on the order or the batches in which they came. Must not: keep a text (it keeps words) or know what a
// slot stands for.
import Synchronization

package final class KeywordIndex: Sendable {
  package let options: KeywordOptions
  private let writer: Mutex<KeywordWriter>
  private let current: Mutex<KeywordGeneration>
  let workspaces = KeywordWorkspacePool()

  package init(_ options: KeywordOptions = KeywordOptions()) {
    self.options = options
    writer = Mutex(KeywordWriter(options: options))
    current = Mutex(KeywordGeneration(parts: [], options: options))
  }

  /// From parts that a snapshot held.
  init(_ options: KeywordOptions, segments: [KeywordSegment]) {
    self.options = options
    var writer = KeywordWriter(options: options)
    writer.adopt(segments)
    let generation = writer.generation()
    self.writer = Mutex(writer)
    current = Mutex(generation)
  }

  /// Adds texts, or replaces those whose slots are taken. They are found from the next `publish` on.
  package func add(_ records: [(slot: UInt32, text: String)]) {
    writer.withLock { writer in
      for record in records { writer.add(record.text, slot: record.slot) }
    }
  }

  /// Slots that hold nothing are passed over.
  package func remove(_ slots: [UInt32]) {
    writer.withLock { $0.remove(slots) }
  }

  /// Makes what was added and removed visible to searches that begin from now on.
  package func publish() {
    // The writer's lock is held over the swap, so that generations appear in the order in which they were made.
    writer.withLock { writer in
      writer.seal()
      writer.merge()
      let next = writer.generation()
      current.withLock { $0 = next }
    }
  }

  /// The generation that a reader holds for the length of a search.
  var generation: KeywordGeneration { current.withLock { $0 } }

  package var count: Int { generation.documents }
  package var averageLength: Double { generation.averageLength }
  /// What the published index occupies.
  package var byteCount: Int { generation.byteCount }
  package var segmentCount: Int { generation.parts.count }
}
