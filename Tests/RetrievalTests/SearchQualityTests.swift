// Recall under filters and after removal against an exact scan, the matcher against the keyword index, what sources and
// word pairs do to a ranking, and the measures on rankings worked out by hand.
import Base
import Testing

@testable import Retrieval

struct SearchQualityTests {
  /// Vectors around a few centres, as those of real texts are.
  private static func clustered(_ count: Int, dimension: Int, _ random: inout SeededRandom) -> [[Float]] {
    let centres = (0..<40).map { _ in unitVector(dimension, &random) }
    return (0..<count).map { place in
      let noise = unitVector(dimension, &random)
      return normalised(zip(centres[place % 40], noise).map { $0 + 0.8 * $1 })
    }
  }

  private static func exact(_ query: [Float], _ vectors: [[Float]], where isWanted: (Int) -> Bool) -> [Int64] {
    let scored = vectors.indices.filter(isWanted).map { place in
      (zip(query, vectors[place]).reduce(0) { $0 + $1.0 * $1.1 }, place)
    }
    return scored.sorted { $0.0 > $1.0 }.prefix(10).map { Int64($0.1) }
  }

  @Test func recallHoldsUnderFiltersAndAfterRemoval() throws {
    var random = SeededRandom(seed: 11)
    let vectors = Self.clustered(3_000, dimension: 32, &random)
    let index = RetrievalIndex(dimension: 32)
    try index.apply(
      add: vectors.enumerated().map { place, vector in
        Record(id: Int64(place), text: "", vector: vector, fields: ["n": .number(Double(place * 1_013 % 3_000))])
      }, remove: [])
    let queries = Self.clustered(30, dimension: 32, &random)
    func recall(below bound: Int, where isHeld: (Int) -> Bool) throws -> Double {
      let filter = try Filter(parsing: "n < \(bound)")
      var found = 0
      var wanted = 0
      for query in queries {
        let truth = Self.exact(query, vectors) { isHeld($0) && $0 * 1_013 % 3_000 < bound }
        let hits = index.search(
          SearchRequest(text: "", vector: query, mode: .semantic, filter: filter, lambda: 1))
        found += hits.filter { truth.contains($0.id) }.count
        wanted += truth.count
        #expect(hits.count == truth.count)
      }
      return Double(found) / Double(wanted)
    }
    for bound in [3_000, 1_500, 300, 30, 3] { #expect(try recall(below: bound) { _ in true } >= 0.99) }
    try index.apply(add: [], remove: (0..<3_000).filter { $0 % 2 == 0 }.map { Int64($0) })
    for bound in [3_000, 1_500, 300, 30, 3] { #expect(try recall(below: bound) { $0 % 2 == 1 } >= 0.99) }
  }

  /// What is left after removals scores as if nothing else had ever been there.
  @Test func removalLeavesNoTraceInScores() throws {
    let (worn, records) = try sampleIndex(120)
    try worn.apply(add: [], remove: records.prefix(60).map(\.id))
    let fresh = RetrievalIndex(dimension: 16)
    try fresh.apply(add: Array(records.dropFirst(60)), remove: [])
    for record in records.prefix(20) {
      let request = SearchRequest(text: record.text, vector: record.vector, explain: true)
      let left = worn.search(request)
      #expect(left.map(\.id) == fresh.search(request).map(\.id))
      #expect(left.map(\.score) == fresh.search(request).map(\.score))
      #expect(left.map(\.keyword) == fresh.search(request).map(\.keyword))
    }
  }

  @Test func theMatcherScoresAsTheIndexDoes() throws {
    let (index, records) = try sampleIndex(60)
    let now = index.snapshot
    for record in records.prefix(20) {
      let query = KeywordQuery(record.text + " unheard")
      var matcher = KeywordMatcher(query, in: now.keywords)
      for hit in now.keywords.search(query, k: 60) {
        var earned: [Float] = []
        let match = matcher.match(hit.slot, earned: &earned)
        #expect(match.score == hit.score)
        #expect(abs(earned.reduce(0, +) - hit.score) < 1e-3)
        #expect(Double(match.score) <= matcher.ceiling)
      }
    }
  }

  @Test func neighboursInTheQuestionCountTogether() throws {
    let index = RetrievalIndex(dimension: 2)
    try index.apply(
      add: [
        Record(
          id: 1, text: "notice of a holiday is due at the end of the long winter period", vector: [1, 0], group: 1),
        Record(
          id: 2, text: "a holiday ends and the long year of the notice period is at hand", vector: [1, 0], group: 2),
        Record(id: 3, text: "something else", vector: [0, 1], group: 3),
      ], remove: [])
    let hits = index.search(SearchRequest(text: "notice period", vector: [1, 0], lambda: 1))
    #expect(hits.map(\.id).prefix(2) == [2, 1])
  }

  /// A passage is helped by what its source says elsewhere: only the first passage names the site.
  @Test func aSourceSpeaksForItsPassages() throws {
    let index = RetrievalIndex(dimension: 3)
    try index.apply(
      add: [
        Record(id: 1, text: "privacy policy of acme", vector: normalised([1, 0.2, 0]), group: 1),
        Record(id: 2, text: "cookies are kept for a year", vector: normalised([0.2, 1, 0]), group: 1),
        Record(id: 3, text: "privacy policy of globex", vector: normalised([1, 0, 0.2]), group: 2),
        Record(id: 4, text: "cookies are kept for a year or so", vector: normalised([0.2, 1, 0.05]), group: 2),
      ], remove: [])
    for (site, wanted) in [("acme", 2), ("globex", 4)] as [(String, Int64)] {
      let hits = index.search(
        SearchRequest(text: "how long does \(site) keep cookies", vector: [0, 1, 0], lambda: 1))
      #expect(hits.first?.id == wanted, "\(site)")
    }
  }

  @Test func measuresWorkedOutByHand() throws {
    let json = """
      {"set": "s", "passages": [{"doc": "a", "page": 1, "text": "x"}, {"doc": "b", "page": 1, "text": "x"},
      {"doc": "b", "page": 2, "text": "x"}, {"doc": "c", "page": 1, "text": "x"}],
      "questions": [{"question": "q", "relevant": {"a": 1, "c": 3}, "holding": [2], "on_page": [3],
      "keywords": [[0, 1], []]}]}
      """
    let set = try QualitySet(parsing: Array(json.utf8), path: "s.json")
    var measures = QualityMeasures()
    measures.add(set.questions[0], [1, 0, 2, 3], in: set)
    let means = Dictionary(uniqueKeysWithValues: measures.means.map { ($0.name, $0.mean) })
    // Documents b, a, c: gains 0, 1, 3 at ranks 1, 2, 3; ideal 3, 1.
    let discounted = 1 / 1.584_962_500_721_156 + 3 / 2.0
    #expect(abs((means["nDCG@10"] ?? 0) - discounted / (3 + 1 / 1.584_962_500_721_156)) < 1e-9)
    #expect(means["MRR"] == 0.5 && means["recall@10"] == 1)
    #expect(means["passage@1"] == 0 && means["passage@5"] == 1)
    #expect(means["page@1"] == 0 && means["pages@5"] == 1)
    #expect(means["keywordMRR@10"] == 0.5 && means["coverage@10"] == 0.5)
  }
}
