// A collection on disk and back: which section holds what. Each part writes and reads itself; SnapshotFile guards the
// bytes.
import Base
import Dispatch

extension RetrievalIndex {
  /// Writes the current generation under the caller's tag. Readers go on meanwhile, the writer waits.
  package func save(to path: String, generation tag: UInt64, fingerprint: String) throws(RetrievalFailure) {
    try whileStill { now throws(RetrievalFailure) in
      try SnapshotFile.write(
        path: path, tag: tag, fingerprint: fingerprint,
        sections: [
          ("records", { $0.append(now.recordBytes(dimension: self.dimension)) }),
          ("words", { $0.append(KeywordSnapshot.bytes(of: now.keywords)) }),
          ("graph", { sink in unsafe now.vectors.write { unsafe sink.append($0) } }),
        ])
    }
  }

  /// Whatever is not exactly what was saved throws, so that the caller rebuilds.
  package static func open(
    path: String, expecting fingerprint: String
  ) throws(RetrievalFailure) -> RetrievalIndex {
    try SnapshotFile.read(path: path, expecting: fingerprint) { tag, section throws(RetrievalFailure) in
      var graph = try section("graph")
      var records = try section("records")
      let dimension = Int(try records.take(UInt32.self))
      guard dimension > 0, dimension <= Limits.dimensionsMax else { throw records.damaged }
      var chains = try section("words")
      let (vectors, words) = try atOnce(
        { () throws(RetrievalFailure) in try graph.takeGraph(GraphOptions(dimension: dimension)) },
        { () throws(RetrievalFailure) in try chains.takeWords() })
      let generation = try Generation(from: &records, vectors: vectors, words: words)
      return RetrievalIndex(dimension: dimension, generation: generation, openedTag: tag)
    }
  }

  /// The two parts that take longest to read, each on a thread of its own.
  private static func atOnce<First, Second>(
    _ first: () throws(RetrievalFailure) -> First, _ second: () throws(RetrievalFailure) -> Second
  ) throws(RetrievalFailure) -> (First, Second) {
    // concurrentPerform returns when both have: nothing borrowed here outlives the call, and each writes its own.
    nonisolated(unsafe) var one: Result<First, RetrievalFailure>?
    nonisolated(unsafe) var two: Result<Second, RetrievalFailure>?
    withoutActuallyEscaping(first) { first in
      withoutActuallyEscaping(second) { second in
        nonisolated(unsafe) let (first, second) = (first, second)
        DispatchQueue.concurrentPerform(iterations: 2) { member in
          if member == 0 {
            unsafe one = Result { () throws(RetrievalFailure) in try unsafe first() }
          } else {
            unsafe two = Result { () throws(RetrievalFailure) in try unsafe second() }
          }
        }
      }
    }
    guard let one = unsafe one, let two = unsafe two else { preconditionFailure("both have run") }
    return (try one.get(), try two.get())
  }
}

extension SnapshotReader {
  fileprivate mutating func takeGraph(_ options: GraphOptions) throws(RetrievalFailure) -> VectorIndex {
    let bytes = unsafe takeRest()
    do { return try unsafe VectorIndex(reading: bytes, options: options) } catch { throw damaged }
  }
}

extension SnapshotReader {
  fileprivate mutating func takeWords() throws(RetrievalFailure) -> KeywordIndex {
    let bytes = unsafe Array(takeRest())
    guard let words = KeywordIndex(reading: bytes, slotLimit: Limits.vectorsPerIndexMax) else { throw damaged }
    return words
  }
}

extension Generation {
  fileprivate func recordBytes(dimension: Int) -> [UInt8] {
    var writer = SnapshotWriter()
    writer.put(UInt32(dimension))
    writer.put(number)
    writer.put(UInt64(slotCount))
    writer.put(live.words)
    writer.put(ids.values(count: slotCount))
    writer.put(groups.values(count: slotCount))
    writer.put(UInt64(fieldParts.count))
    for part in fieldParts {
      let whole = part.dead == nil ? part : FieldPart.merged([part])
      whole.segment.write(to: &writer)
    }
    return writer.bytes
  }

  fileprivate init(
    from reader: inout SnapshotReader, vectors: VectorIndex, words: KeywordIndex
  ) throws(RetrievalFailure) {
    let number: UInt64 = try reader.take()
    let slots: UInt64 = try reader.take()
    // Before any arithmetic with it: what comes of damage may be near the end of all numbers.
    guard slots <= UInt64(Limits.vectorsPerIndexMax) else { throw reader.damaged }
    let slotCount = Int(slots)
    let liveWords: [UInt64] = try reader.takeArray()
    let ids: [Int64] = try reader.takeArray()
    let groups: [Int64] = try reader.takeArray()
    guard liveWords.count == (slotCount + 63) / 64, ids.count == slotCount, groups.count == slotCount else {
      throw reader.damaged
    }
    var parts: [FieldPart] = []
    for _ in 0..<(try reader.takeCount()) {
      parts.append(FieldPart(try RecordSegment(from: &reader, groups: groups)))
    }
    guard reader.isAtEnd else { throw reader.damaged }
    self.init(number: number, vectors: vectors, words: words, fieldParts: parts)
    live = SlotSet(capacity: slotCount, words: liveWords)
    liveCount = live.count
    self.ids = PagedColumn(ids, filler: 0)
    self.groups = PagedColumn(groups, filler: 0)
    guard vectors.count <= liveCount, keywords.documents == liveCount,
      parts.reduce(0, { $0 + $1.liveCount }) == liveCount
    else { throw reader.damaged }
  }
}

extension RecordSegment {
  fileprivate func write(to writer: inout SnapshotWriter) {
    writer.put(slots)
    writer.put(UInt64(fields.count))
    for (name, columns) in fields.sorted(by: { $0.key < $1.key }) {
      writer.put(name)
      columns.texts.write(to: &writer) { writer, key in writer.put(key) }
      columns.numbers.write(to: &writer) { writer, key in writer.put(key) }
      columns.dates.write(to: &writer) { writer, key in writer.put(key) }
      writer.put(columns.present)
    }
  }

  /// `groups` are those of all slots: which slots are one source is not written twice.
  fileprivate convenience init(
    from reader: inout SnapshotReader, groups: [Int64]
  ) throws(RetrievalFailure) {
    let slotCount = groups.count
    let slots: [UInt32] = try reader.takeArray()
    guard slots.allSatisfy({ $0 < slotCount }), zip(slots, slots.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw reader.damaged
    }
    var fields: [String: FieldColumns] = [:]
    for _ in 0..<(try reader.takeCount()) {
      let name = try reader.takeText()
      let columns = FieldColumns(
        texts: try SortedColumn(from: &reader, slotCount) { reader throws(RetrievalFailure) in
          try reader.takeText()
        },
        numbers: try SortedColumn(from: &reader, slotCount) { reader throws(RetrievalFailure) in
          try reader.take()
        },
        dates: try SortedColumn(from: &reader, slotCount) { reader throws(RetrievalFailure) in
          try reader.take()
        },
        present: try reader.takeArray())
      guard columns.present.allSatisfy({ $0 < slotCount }) else { throw reader.damaged }
      fields[name] = columns
    }
    self.init(slots: slots, fields: fields, groups: SortedColumn(slots.map { (groups[Int($0)], $0) }))
  }
}

extension SortedColumn {
  fileprivate func write(to writer: inout SnapshotWriter, key put: (inout SnapshotWriter, Key) -> Void) {
    writer.put(UInt64(keys.count))
    for key in keys { put(&writer, key) }
    writer.put(starts)
    writer.put(slots)
  }

  fileprivate init(
    from reader: inout SnapshotReader, _ slotCount: Int,
    key take: (inout SnapshotReader) throws(RetrievalFailure) -> Key
  ) throws(RetrievalFailure) {
    var keys: [Key] = []
    for _ in 0..<(try reader.takeCount()) { keys.append(try take(&reader)) }
    let starts: [UInt32] = try reader.takeArray()
    let slots: [UInt32] = try reader.takeArray()
    guard starts.count == keys.count + 1, starts.first == 0, Int(starts[keys.count]) == slots.count,
      zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }), slots.allSatisfy({ $0 < slotCount }),
      zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw reader.damaged }
    self.init(keys: keys, starts: starts, slots: slots)
  }
}
