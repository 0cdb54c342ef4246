// A collection on disk and back: which section holds what. Each part writes and reads itself; SnapshotFile guards the
// bytes.

extension RetrievalIndex {
  /// Writes the current generation under the caller's tag; readers and the writer go on meanwhile.
  package func save(to path: String, generation tag: UInt64, fingerprint: String) throws(RetrievalFailure) {
    let now = snapshot
    var records = SnapshotWriter()
    records.put(UInt32(dimension))
    records.put(now.number)
    records.put(UInt64(now.slotCount))
    records.put(now.live.words)
    records.put(UInt64(now.segments.count))
    for segment in now.segments { segment.write(to: &records) }
    var vectors = SnapshotWriter()
    now.vectors.write(to: &vectors)
    var keywords = SnapshotWriter()
    now.keywords.write(to: &keywords)
    try SnapshotFile(
      tag: tag, fingerprint: fingerprint,
      sections: [("records", records.bytes), ("vectors", vectors.bytes), ("keywords", keywords.bytes)]
    ).write(to: path)
  }

  /// Whatever is not exactly what was saved throws, so that the caller rebuilds.
  package static func open(
    path: String, expecting fingerprint: String
  ) throws(RetrievalFailure) -> RetrievalIndex {
    try SnapshotFile.read(path: path, expecting: fingerprint) { tag, section throws(RetrievalFailure) in
      var records = try section("records")
      let dimension = Int(try records.take(UInt32.self))
      guard dimension > 0 else { throw records.damaged }
      var generation = Generation(number: try records.take(), dimension: dimension)
      let slotCount = Int(try records.take(UInt64.self))
      let words: [UInt64] = try records.takeArray()
      guard words.count == (slotCount + 63) / 64 else { throw records.damaged }
      generation.live = SlotSet(capacity: slotCount, words: words)
      generation.liveCount = generation.live.count
      var firstSlot = 0
      for _ in 0..<(try records.takeCount()) {
        let segment = try RecordSegment(from: &records, firstSlot: firstSlot)
        firstSlot += segment.count
        generation.segments.append(segment)
      }
      guard firstSlot == slotCount, records.isAtEnd else { throw records.damaged }
      var vectors = try section("vectors")
      generation.vectors = try ExactVectors(from: &vectors, dimension: dimension, slotCount: slotCount)
      var keywords = try section("keywords")
      generation.keywords = try PlainKeywords(from: &keywords, slotCount: slotCount)
      return RetrievalIndex(dimension: dimension, generation: generation, openedTag: tag)
    }
  }
}

extension RecordSegment {
  func write(to writer: inout SnapshotWriter) {
    writer.put(ids)
    writer.put(groups)
    writer.put(UInt64(fields.count))
    for (name, columns) in fields.sorted(by: { $0.key < $1.key }) {
      writer.put(name)
      columns.texts.write(to: &writer) { writer, key in writer.put(key) }
      columns.numbers.write(to: &writer) { writer, key in writer.put(key) }
      columns.dates.write(to: &writer) { writer, key in writer.put(key) }
      writer.put(columns.present)
    }
  }

  convenience init(from reader: inout SnapshotReader, firstSlot: Int) throws(RetrievalFailure) {
    let ids: [Int64] = try reader.takeArray()
    let groups: [Int64] = try reader.takeArray()
    guard groups.count == ids.count, firstSlot + ids.count <= Int(UInt32.max) else { throw reader.damaged }
    let slots = UInt32(firstSlot)..<UInt32(firstSlot + ids.count)
    var fields: [String: FieldColumns] = [:]
    for _ in 0..<(try reader.takeCount()) {
      let name = try reader.takeText()
      fields[name] = FieldColumns(
        texts: try SortedColumn(from: &reader, slots) { reader throws(RetrievalFailure) in
          try reader.takeText()
        },
        numbers: try SortedColumn(from: &reader, slots) { reader throws(RetrievalFailure) in try reader.take()
        },
        dates: try SortedColumn(from: &reader, slots) { reader throws(RetrievalFailure) in try reader.take()
        },
        present: try reader.takeArray())
      guard fields[name]?.present.allSatisfy(slots.contains) == true else { throw reader.damaged }
    }
    self.init(firstSlot: slots.lowerBound, ids: ids, groups: groups, fields: fields)
  }
}

extension SortedColumn {
  func write(to writer: inout SnapshotWriter, key put: (inout SnapshotWriter, Key) -> Void) {
    writer.put(UInt64(keys.count))
    for key in keys { put(&writer, key) }
    writer.put(starts)
    writer.put(slots)
  }

  init(
    from reader: inout SnapshotReader, _ range: Range<UInt32>,
    key take: (inout SnapshotReader) throws(RetrievalFailure) -> Key
  ) throws(RetrievalFailure) {
    var keys: [Key] = []
    for _ in 0..<(try reader.takeCount()) { keys.append(try take(&reader)) }
    let starts: [UInt32] = try reader.takeArray()
    let slots: [UInt32] = try reader.takeArray()
    guard starts.count == keys.count + 1, starts.first == 0, Int(starts[keys.count]) == slots.count,
      zip(starts, starts.dropFirst()).allSatisfy({ $0 < $1 }), slots.allSatisfy(range.contains),
      zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw reader.damaged }
    self.init(keys: keys, starts: starts, slots: slots)
  }
}

extension ExactVectors {
  func write(to writer: inout SnapshotWriter) {
    writer.put(present.words)
    writer.put(numbers)
  }

  init(from reader: inout SnapshotReader, dimension: Int, slotCount: Int) throws(RetrievalFailure) {
    let words: [UInt64] = try reader.takeArray()
    let numbers: [Float] = try reader.takeArray()
    guard words.count == (slotCount + 63) / 64, numbers.count == slotCount * dimension, reader.isAtEnd else {
      throw reader.damaged
    }
    self.init(dimension: dimension, numbers: numbers, present: SlotSet(capacity: slotCount, words: words))
  }
}

extension PlainKeywords {
  func write(to writer: inout SnapshotWriter) {
    writer.put(lengths)
    writer.put(UInt64(liveCount))
    writer.put(UInt64(liveLength))
    writer.put(UInt64(postings.count))
    for (word, list) in postings.sorted(by: { $0.key < $1.key }) {
      writer.put(word)
      writer.put(list.map(\.slot))
      writer.put(list.map(\.frequency))
    }
  }

  init(from reader: inout SnapshotReader, slotCount: Int) throws(RetrievalFailure) {
    let lengths: [UInt32] = try reader.takeArray()
    let liveCount: UInt64 = try reader.take()
    let liveLength: UInt64 = try reader.take()
    var postings: [String: [Posting]] = [:]
    for _ in 0..<(try reader.takeCount()) {
      let word = try reader.takeText()
      let slots: [UInt32] = try reader.takeArray()
      let frequencies: [UInt32] = try reader.takeArray()
      guard slots.count == frequencies.count, slots.allSatisfy({ $0 < slotCount }) else {
        throw reader.damaged
      }
      postings[word] = zip(slots, frequencies).map { Posting(slot: $0, frequency: $1) }
    }
    guard lengths.count == slotCount, reader.isAtEnd, liveCount <= UInt64(slotCount), liveLength < 1 << 48
    else {
      throw reader.damaged
    }
    self.init(
      postings: postings, lengths: lengths, liveCount: Int(liveCount), liveLength: Int(liveLength))
  }
}
