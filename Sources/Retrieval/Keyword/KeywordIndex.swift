// BM25 over short texts, in memory.
// One writer collects texts in a tail and publishes them as an immutable generation of sealed segments; a reader
// takes the current generation and keeps it as long as it likes: the lock around it is held for one retain, never for
// work.
// Invariants: a slot holds at most one text; what was added or removed is seen by searches from the next `publish`
// on; the result of a search depends on the living texts alone, never on the order or the batches in which they came.
// Must not: keep a text (it keeps words) or know what a slot stands for.
import Synchronization

package final class KeywordIndex: Sendable {
  package let options: KeywordOptions
  private let writer: Mutex<KeywordWriter>
  private let current: Mutex<KeywordGeneration>

  package init(_ options: KeywordOptions = KeywordOptions()) {
    self.options = options
    let writer = KeywordWriter(options: options)
    let generation = writer.generation()
    self.writer = Mutex(writer)
    current = Mutex(generation)
  }

  /// From segments that a snapshot held.
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

  /// What was published last. A search and whatever explains it should hold the same one.
  package var generation: KeywordGeneration { current.withLock { $0 } }

  package func search(_ query: KeywordQuery, k: Int, accept: [UInt64]? = nil) -> [ScoredSlot] {
    generation.search(query, k: k, accept: accept)
  }

  package func search(
    _ text: String, k: Int, stopWords: StopWordPolicy = .long, accept: [UInt64]? = nil
  ) -> [ScoredSlot] {
    search(KeywordQuery(text, language: options.language, stopWords: stopWords), k: k, accept: accept)
  }
}
