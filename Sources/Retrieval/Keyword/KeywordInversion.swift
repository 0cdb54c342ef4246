// From texts as chains of words to lists of postings: two passes over the chains, counting and filling.
// Invariants: a list rises by document, one posting for each document that holds the term; linear time.

struct KeywordInversion {
  private let words: KeywordSegmentWords
  /// Whether the stem with this id has more than one form.
  private let hasForms: [Bool]
  /// The document that each list saw last.
  private var last: [UInt32]

  /// Stands for no document yet; local documents end below.
  private static let nobody = UInt32.max

  static func invert(
    _ words: KeywordSegmentWords, impacts: [UInt16]
  ) -> (postings: [UInt32], starts: [UInt32], peaks: [UInt16]) {
    var inversion = KeywordInversion(words)
    let starts = inversion.starts()
    var postings = [UInt32](repeating: 0, count: Int(starts[starts.count - 1]))
    inversion.fill(&postings, starts: starts)
    return (postings, starts, peaks(of: postings, starts: starts, impacts: impacts))
  }

  private init(_ words: KeywordSegmentWords) {
    self.words = words
    var forms = [UInt8](repeating: 0, count: words.vocabulary.count)
    for word in words.stems.indices where words.traits[word] != .stemOnly {
      let stem = Int(words.stems[word])
      forms[stem] = min(2, forms[stem] + 1)
    }
    hasForms = forms.map { $0 > 1 }
    last = [UInt32](repeating: Self.nobody, count: 2 * words.vocabulary.count)
  }

  /// Calls the body with every list that the document belongs to, once for each occurrence.
  @inline(__always)
  private func forEachList(of document: Int, _ body: (Int) -> Void) {
    var at = Int(words.forwardStarts[document])
    let end = Int(words.forwardStarts[document + 1])
    while at < end {
      let word = Int(VariableInteger.read(words.forward, &at))
      let stem = Int(words.stems[word])
      body(stem)
      if hasForms[stem] { body(words.vocabulary.count + word) }
    }
  }

  /// Where each list begins: the sums of how many documents each holds.
  private mutating func starts() -> [UInt32] {
    var starts = [UInt32](repeating: 0, count: last.count + 1)
    var last = last
    for document in 0..<words.count {
      forEachList(of: document) { list in
        guard last[list] != UInt32(document) else { return }
        last[list] = UInt32(document)
        starts[list] += 1
      }
    }
    var sum: UInt32 = 0
    for list in starts.indices {
      let count = starts[list]
      starts[list] = sum
      sum += count
    }
    return starts
  }

  /// While a document is read, the low byte of its postings counts; the codes take its place in the end.
  private func fill(_ postings: inout [UInt32], starts: [UInt32]) {
    var next = starts
    var last = last
    var touched: [Int] = []
    for document in 0..<words.count {
      touched.removeAll(keepingCapacity: true)
      forEachList(of: document) { list in
        if last[list] != UInt32(document) {
          last[list] = UInt32(document)
          let place = Int(next[list])
          next[list] += 1
          postings[place] = UInt32(document) << 16 | 1
          touched.append(place)
        } else {
          let place = Int(next[list]) - 1
          if postings[place] & 0xFF != 0xFF { postings[place] += 1 }
        }
      }
      let length = KeywordScale.lengthCode(words.lengths[document])
      for place in touched {
        let posting = postings[place]
        postings[place] = posting & 0xFFFF_0000 | KeywordScale.countCode(posting & 0xFF) << 8 | length
      }
    }
  }

  private static func peaks(of postings: [UInt32], starts: [UInt32], impacts: [UInt16]) -> [UInt16] {
    (0..<starts.count - 1).map { list in
      var peak: UInt16 = 0
      for index in Int(starts[list])..<Int(starts[list + 1]) {
        peak = max(peak, impacts[Int(postings[index] & 0xFFF)])
      }
      return peak
    }
  }
}
