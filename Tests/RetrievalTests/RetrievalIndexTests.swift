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
        SearchRequest(text: "", vector: query, mode: .semantic, limit: 100, lambda: 1))
      #expect(Set(found.map(\.id)) == Set(model.keys), "seed \(seed), step \(step)")
      let word = sampleWords.randomElement(using: &random) ?? ""
      let byWord = index.search(SearchRequest(text: word, mode: .keyword, limit: 100, lambda: 1))
      let expected = model.values.filter { $0.text.split(separator: " ").contains(Substring(word)) }.map(\.id)
      #expect(Set(byWord.map(\.id)) == Set(expected), "seed \(seed), step \(step)")
    }
  }

  /// A record replaced while a reader is inside keeps its old words for that reader, and never turns into another.
  @Test func aReaderKeepsItsGeneration() throws {
    let (index, records) = try sampleIndex(20)
    let request = SearchRequest(text: records[3].text, mode: .keyword)
    let before = index.snapshot
    let expected = SearchPass(before, request).hits()
    try index.apply(add: [Record(id: 3, text: "quite another", vector: records[3].vector)], remove: [0])
    #expect(SearchPass(before, request).hits() == expected)
    #expect(index.search(request) != expected)
    try index.apply(add: [], remove: records.map(\.id))
    #expect(index.count == 0 && index.search(request).isEmpty)
  }

  /// Readers on other threads while a writer replaces everything again and again: no torn answer, no strange id.
  @Test func readersAndAWriterAtOnce() async throws {
    let (index, records) = try sampleIndex(200)
    await withTaskGroup(of: Bool.self) { group in
      for reader in 0..<3 {
        group.addTask {
          var random = SeededRandom(seed: UInt64(reader))
          return (0..<30).allSatisfy { _ in
            let query = records[Int.random(in: 0..<200, using: &random)]
            let hits = index.search(SearchRequest(text: query.text, vector: query.vector, limit: 20))
            return Set(hits.map(\.id)).count == hits.count
              && hits.allSatisfy { (0..<200).contains($0.id) && $0.group == $0.id / 4 }
          }
        }
      }
      group.addTask {
        var random = SeededRandom(seed: 99)
        for _ in 0..<20 {
          let some = records.shuffled(using: &random).prefix(50)
          guard (try? index.apply(add: Array(some), remove: [])) != nil else { return false }
        }
        return true
      }
      for await isWell in group { #expect(isWell) }
    }
    #expect(index.count == 200)
  }

  /// After many rounds of adding and removing, the index is as small as it was.
  @Test func placesAreUsedAgain() throws {
    let (index, records) = try sampleIndex(400)
    var random = SeededRandom(seed: 5)
    for _ in 0..<60 {
      let some = records.shuffled(using: &random).prefix(40)
      try index.apply(add: [], remove: some.map(\.id))
      try index.apply(add: Array(some), remove: [])
    }
    #expect(index.count == 400)
    #expect(index.statistics.slots < 400 + 200)
    #expect(index.statistics.segments < 16)
    for record in records.prefix(50) {
      let hits = index.search(SearchRequest(text: "", vector: record.vector, mode: .semantic, limit: 1))
      #expect(hits.first?.id == record.id)
    }
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
