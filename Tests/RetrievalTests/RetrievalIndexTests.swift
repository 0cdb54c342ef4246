// The facade: batches, generations, islands, and a model of plain dictionaries beside it.
import Base
import Testing

@testable import Retrieval

struct RetrievalIndexTests {
  @Test func refusesWhatDoesNotFit() throws {
    let index = RetrievalIndex(dimension: 2)
    let good = Record(id: 1, text: "a", vector: [1, 0])
    #expect(throws: RetrievalFailure.vectorDimension(expected: 2, found: 3, id: 2)) {
      try index.apply(add: [good, Record(id: 2, text: "b", vector: [1, 0, 0])], remove: [])
    }
    #expect(throws: RetrievalFailure.vectorNotFinite(id: 3)) {
      try index.apply(add: [good, Record(id: 3, text: "b", vector: [.nan, 0])], remove: [])
    }
    #expect(index.count == 0 && index.generation == 0)
    #expect(index.search(SearchRequest(text: "a", vector: [1, 0])).isEmpty)
  }

  /// Random batches against a dictionary: exactly the held records are found, by words and by vector.
  @Test(arguments: [1, 2, 3] as [UInt64]) func agreesWithADictionary(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let index = RetrievalIndex(dimension: 8)
    var model: [Int64: Record] = [:]
    for step in 1...120 {
      let removed = (0..<Int.random(in: 0...4, using: &random)).map { _ in
        Int64.random(in: 0..<60, using: &random)
      }
      let added = (0..<Int.random(in: 0...5, using: &random)).map { _ in
        sampleRecord(Int64.random(in: 0..<60, using: &random), dimension: 8, &random)
      }
      try index.apply(add: added, remove: removed)
      for id in removed { model[id] = nil }
      for record in added { model[record.id] = record }
      #expect(index.generation == UInt64(step))
      #expect(index.count == model.count)
      let query = unitVector(8, &random)
      let found = index.search(
        SearchRequest(text: "", vector: query, mode: .semantic, limit: 100, diversify: false))
      #expect(Set(found.map(\.id)) == Set(model.keys), "seed \(seed), step \(step)")
      let word = sampleWords.randomElement(using: &random) ?? ""
      let byWord = index.search(SearchRequest(text: word, mode: .keyword, limit: 100, diversify: false))
      let expected = model.values.filter { $0.text.split(separator: " ").contains(Substring(word)) }.map(\.id)
      #expect(Set(byWord.map(\.id)) == Set(expected), "seed \(seed), step \(step)")
    }
  }

  @Test func aReaderKeepsItsGeneration() throws {
    let (index, records) = try sampleIndex(20)
    let before = index.snapshot
    try index.apply(add: [], remove: records.map(\.id))
    #expect(index.count == 0)
    let request = SearchRequest(text: "leave", vector: records[0].vector)
    #expect(index.search(request).isEmpty)
    #expect(SearchPass(before, request).hits().first?.id == 0)
  }

  @Test func scoresAreOrderedAndWithinBounds() throws {
    let (index, records) = try sampleIndex(200)
    for record in records.prefix(40) {
      for mode in SearchMode.allCases {
        let hits = index.search(
          SearchRequest(text: record.text, vector: record.vector, mode: mode, explain: true))
        #expect(hits.first?.id == record.id || mode == .keyword)
        #expect(zip(hits, hits.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(hits.allSatisfy { (0...1).contains($0.score) })
        for hit in hits where mode != .semantic {
          let sum = hit.explanation?.terms.reduce(0) { $0 + $1.contribution } ?? -1
          #expect(abs(sum - (hit.keyword ?? 0)) < 1e-4)
        }
      }
    }
  }

  @Test func islandsMergeFairly() throws {
    let first = RetrievalIndex(dimension: 2)
    let second = RetrievalIndex(dimension: 2)
    try first.apply(add: [Record(id: 1, text: "parental leave", vector: [1, 0])], remove: [])
    try second.apply(
      add: (0..<50).map {
        Record(id: $0, text: "kitchen rota \($0)", vector: normalised([0.3, Float($0) + 1]))
      },
      remove: [])
    let merged = searchAcross(
      collections: [second, first], SearchRequest(text: "parental leave", vector: [1, 0], limit: 3))
    #expect(merged.first?.collection == 1 && merged.first?.hit.id == 1)
    #expect(merged.count == 3)
  }
}
