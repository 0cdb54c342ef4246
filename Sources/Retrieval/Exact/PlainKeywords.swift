// BM25 without any shortcut: words cut at everything that is no letter or digit, lower case, every posting scored. What
// the keyword index is measured against.

#if canImport(Glibc)
  import Glibc
#endif

struct PlainKeywords: Sendable {
  struct Posting: Sendable {
    var slot: UInt32
    var frequency: UInt32
  }

  private(set) var postings: [String: [Posting]]
  private(set) var lengths: [UInt32]
  private(set) var liveCount: Int
  private(set) var liveLength: Int

  init(postings: [String: [Posting]] = [:], lengths: [UInt32] = [], liveCount: Int = 0, liveLength: Int = 0) {
    self.postings = postings
    self.lengths = lengths
    self.liveCount = liveCount
    self.liveLength = liveLength
  }

  static let k1 = 1.2
  static let b = 0.75

  static func words(of text: String) -> [String] {
    text.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
  }

  mutating func append(_ text: String) {
    let slot = UInt32(lengths.count)
    let words = Self.words(of: text)
    var frequencies: [String: UInt32] = [:]
    for word in words { frequencies[word, default: 0] += 1 }
    for (word, frequency) in frequencies {
      postings[word, default: []].append(Posting(slot: slot, frequency: frequency))
    }
    lengths.append(UInt32(words.count))
    liveCount += 1
    liveLength += words.count
  }

  mutating func remove(_ slot: UInt32) {
    liveCount -= 1
    liveLength -= Int(lengths[Int(slot)])
  }

  /// Per word of the question: its weight and what it gives to each record. Statistics count dead postings too until
  /// they are dropped, as in every index of this kind.
  private func contributions(_ word: String, _ body: (UInt32, Double) -> Void) {
    guard let list = postings[word] else { return }
    let weight = inverseDocumentFrequency(of: word)
    let average = Double(max(liveLength, 1)) / Double(max(liveCount, 1))
    for posting in list {
      let frequency = Double(posting.frequency)
      let length = Double(lengths[Int(posting.slot)])
      let norm = Self.k1 * (1 - Self.b + Self.b * length / average)
      body(posting.slot, weight * frequency * (Self.k1 + 1) / (frequency + norm))
    }
  }

  private func inverseDocumentFrequency(of word: String) -> Double {
    let documents = Double(postings[word]?.count ?? 0)
    return log(1 + (max(Double(liveCount), documents) - documents + 0.5) / (documents + 0.5))
  }

  /// What a passage could reach that held every word of the question again and again.
  func ceiling(of question: String) -> Double {
    Set(Self.words(of: question)).reduce(0) { $0 + inverseDocumentFrequency(of: $1) * (Self.k1 + 1) }
  }

  func best(_ question: String, count: Int, among allowed: SlotSet) -> [(slot: UInt32, score: Double)] {
    var scores: [UInt32: Double] = [:]
    for word in Set(Self.words(of: question)).sorted() {
      contributions(word) { slot, score in
        if allowed.contains(slot) { scores[slot, default: 0] += score }
      }
    }
    return Array(scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(count)).map {
      ($0.key, $0.value)
    }
  }

  /// Nil where the record holds none of the words.
  func score(_ question: String, of slot: UInt32) -> Double? {
    let terms = terms(of: question, in: slot)
    return terms.isEmpty ? nil : terms.reduce(0) { $0 + $1.contribution }
  }

  func terms(of question: String, in slot: UInt32) -> [Explanation.Term] {
    var terms: [Explanation.Term] = []
    for word in Set(Self.words(of: question)).sorted() {
      contributions(word) { found, score in
        if found == slot { terms.append(.init(term: word, contribution: score)) }
      }
    }
    return terms.sorted { $0.contribution > $1.contribution }
  }
}
