// The keyword index as bytes: per segment its vocabulary and the living texts as chains of words. Postings, peaks and
// statistics follow from them and are made again on reading.

extension KeywordGeneration {
  func write(to sink: SnapshotSink) {
    var head = SnapshotWriter()
    head.put(UInt64(parts.count))
    sink.append(head.bytes)
    for part in parts {
      var words = KeywordSegmentWords()
      words.append(part.segment) { part.isAlive($0) }
      var writer = SnapshotWriter()
      writer.put(words.vocabulary.bytes)
      writer.put(words.vocabulary.ends)
      writer.put(words.stems)
      writer.put(words.traits.map(\.rawValue))
      writer.put(words.slots)
      writer.put(words.lengths)
      writer.put(words.forwardStarts)
      writer.put(words.forward)
      sink.append(writer.bytes)
    }
  }
}

extension SnapshotReader {
  mutating func takeKeywordSegments(_ options: KeywordOptions) throws(RetrievalFailure) -> [KeywordSegment] {
    var segments: [KeywordSegment] = []
    for _ in 0..<(try takeCount()) {
      segments.append(KeywordSegment(try takeSegmentWords(), options: options))
    }
    guard isAtEnd else { throw damaged }
    return segments
  }

  private mutating func takeSegmentWords() throws(RetrievalFailure) -> KeywordSegmentWords {
    var words = KeywordSegmentWords()
    let bytes: [UInt8] = try takeArray()
    let ends: [UInt32] = try takeArray()
    var start: UInt32 = 0
    for end in ends {
      guard start <= end, Int(end) <= bytes.count, bytes.span.count > 0 || start == end,
        words.vocabulary.insert(bytes.span.extracting(Int(start)..<Int(end))).isNew
      else { throw damaged }
      start = end
    }
    words.stems = try takeArray()
    for trait in try takeArray(UInt8.self) {
      guard let trait = WordTrait(rawValue: trait) else { throw damaged }
      words.traits.append(trait)
    }
    words.slots = try takeArray()
    words.lengths = try takeArray()
    words.forwardStarts = try takeArray()
    words.forward = try takeArray()
    guard words.isWellFormed else { throw damaged }
    return words
  }
}

extension KeywordSegmentWords {
  /// Whether the parts fit each other, so that no later step reads past an end.
  fileprivate var isWellFormed: Bool {
    let wordCount = vocabulary.count
    guard stems.count == wordCount, traits.count == wordCount, stems.allSatisfy({ $0 < wordCount }),
      lengths.count == slots.count, forwardStarts.count == slots.count + 1, forwardStarts.first == 0,
      Int(forwardStarts[slots.count]) == forward.count, count <= KeywordSegment.documentsMax
    else { return false }
    for (start, end) in zip(forwardStarts, forwardStarts.dropFirst()) {
      // The last byte of a text ends a number, so that none runs into the next text.
      guard start <= end, Int(end) <= forward.count, start == end || forward[Int(end) - 1] < 0x80 else {
        return false
      }
    }
    var place = 0
    while place < forward.count {
      if VariableInteger.read(forward, &place) >= wordCount { return false }
    }
    return true
  }
}
