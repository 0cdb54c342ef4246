// The writer's side of the keyword index: a tail of texts not yet published, the sealed segments, and where each slot
// is. Small segments are merged with their left neighbour, so that their sizes at least halve from left to right and
// their number stays logarithmic; a segment whose dead outweigh an eighth of it is rewritten. Both cost each text a
// bounded number of copies of its word chain; no text is cut into words twice.
// Invariants: `places[slot]` is the one living text of the slot; the tail never holds a dead text when it is sealed.
import Text

struct KeywordWriter: ~Copyable {
  private struct Place {
    /// Serial number of the part, or `tail`, or `nowhere`.
    var part: UInt32
    var document: UInt32

    static let tail = UInt32.max - 1
    static let nowhere = Place(part: .max, document: 0)
  }

  private struct NumberedPart {
    let serial: UInt32
    var part: KeywordGeneration.Part
    /// Removed since the last generation.
    var doomed: [Int] = []
  }

  private let options: KeywordOptions
  private let tokenizer: WordTokenizer
  private var stemmer: Stemmer
  private var list = WordList()
  private var tail = KeywordSegmentWords()
  private var tailDead: Set<Int> = []
  private var parts: [NumberedPart] = []
  private var places: [Place] = []
  private var nextSerial: UInt32 = 0
  private let workspaces = KeywordWorkspacePool()

  init(options: KeywordOptions) {
    self.options = options
    tokenizer = WordTokenizer(language: options.language)
    stemmer = Stemmer(options.language)
  }

  mutating func add(_ text: String, slot: UInt32) {
    remove([slot])
    if tail.isFull { seal() }
    list.removeAll()
    tokenizer.scan(text, into: &list)
    setPlace(of: slot, Place(part: Place.tail, document: UInt32(tail.count)))
    tail.append(slot: slot, list, stemmer: &stemmer)
  }

  mutating func remove(_ slots: [UInt32]) {
    for slot in slots where Int(slot) < places.count {
      let place = places[Int(slot)]
      if place.part == Place.nowhere.part { continue }
      places[Int(slot)] = .nowhere
      if place.part == Place.tail {
        tailDead.insert(Int(place.document))
      } else if let index = parts.firstIndex(where: { $0.serial == place.part }) {
        parts[index].doomed.append(Int(place.document))
      }
    }
  }

  private mutating func setPlace(of slot: UInt32, _ place: Place) {
    while places.count <= Int(slot) { places.append(.nowhere) }
    places[Int(slot)] = place
  }

  /// Turns the tail into a segment.
  mutating func seal() {
    guard tail.count > 0 else { return }
    var words = tail
    tail = KeywordSegmentWords()
    if !tailDead.isEmpty {
      let segment = KeywordSegment(words, options: options)
      words = KeywordSegmentWords()
      words.append(segment) { !tailDead.contains($0) }
      tailDead = []
    }
    if words.count > 0 { appendPart(KeywordSegment(words, options: options)) }
  }

  mutating func adopt(_ segments: [KeywordSegment]) {
    for segment in segments { appendPart(segment) }
  }

  private mutating func appendPart(_ segment: KeywordSegment) {
    insertPart(segment, at: parts.count)
  }

  private mutating func insertPart(_ segment: KeywordSegment, at index: Int) {
    let serial = nextSerial
    nextSerial += 1
    parts.insert(NumberedPart(serial: serial, part: KeywordGeneration.Part(segment)), at: index)
    for (document, slot) in segment.slots.enumerated() {
      setPlace(of: slot, Place(part: serial, document: UInt32(document)))
    }
  }

  /// Applies removals, then rewrites what is too small or too full of dead texts.
  mutating func merge() {
    for index in parts.indices where !parts[index].doomed.isEmpty {
      parts[index].part.remove(parts[index].doomed)
      parts[index].doomed = []
    }
    for index in parts.indices.reversed() {
      let part = parts[index].part
      if part.aliveCount == 0 {
        parts.remove(at: index)
      } else if (part.segment.count - part.aliveCount) * 8 > part.segment.count {
        rewrite(index..<index + 1)
      }
    }
    var index = parts.count - 1
    while index > 0 {
      let left = parts[index - 1].part
      let right = parts[index].part
      let fits =
        left.aliveCount + right.aliveCount <= KeywordSegment.documentsMax
        && left.segment.forward.count + right.segment.forward.count <= KeywordSegment.forwardBytesMax
      if fits, right.aliveCount * 2 > left.aliveCount { rewrite(index - 1..<index + 1) }
      index -= 1
    }
  }

  /// Replaces neighbouring parts by one that holds their living texts.
  private mutating func rewrite(_ range: Range<Int>) {
    var words = KeywordSegmentWords()
    for part in parts[range].map(\.part) { words.append(part.segment) { part.isAlive($0) } }
    parts.removeSubrange(range)
    insertPart(KeywordSegment(words, options: options), at: range.lowerBound)
  }

  func generation() -> KeywordGeneration {
    KeywordGeneration(
      parts: parts.map(\.part), slotCount: places.count, options: options, workspaces: workspaces)
  }
}
