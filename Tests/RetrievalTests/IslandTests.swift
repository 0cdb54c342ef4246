// Collections are islands: whatever happens in one, another answers to the last bit as if it were alone; and a search
// over several is fair to each.
import Base
import Testing

@testable import Retrieval

struct IslandTests {
  @Test func tenThousandRecordsElsewhereChangeNothingHere() throws {
    let (here, records) = try sampleIndex(200)
    let requests = records.prefix(20).flatMap { record in
      SearchMode.allCases.map { SearchRequest(text: record.text, vector: record.vector, mode: $0, explain: true) }
    }
    let before = requests.map { here.search($0) }
    let there = RetrievalIndex(dimension: 16)
    var random = SeededRandom(seed: 12)
    try there.apply(
      add: (0..<10_000).map { sampleRecord($0, dimension: 16, &random) }, remove: [])
    #expect(requests.map { here.search($0) } == before)
    #expect(here.count == 200 && here.generation == 1 && there.count == 10_000)
    // Asked together, each hit keeps the score that its own collection gave it.
    for (request, alone) in zip(requests, before) {
      let merged = searchAcross(collections: [there, here], request)
      let ours = merged.filter { $0.collection == 1 }.map(\.hit)
      #expect(ours == Array(alone.prefix(ours.count)))
      #expect(zip(merged, merged.dropFirst()).allSatisfy { $0.hit.score >= $1.hit.score })
    }
  }

  /// The same records in a small collection and in a large one: neither is drowned, whichever is named first.
  @Test func sizeAndOrderDoNotDecide() throws {
    var random = SeededRandom(seed: 4)
    let wanted = Record(id: 1, text: "maternity cover contract", vector: unitVector(16, &random))
    let small = RetrievalIndex(dimension: 16)
    try small.apply(add: [wanted], remove: [])
    let large = RetrievalIndex(dimension: 16)
    try large.apply(add: (10..<3_000).map { sampleRecord($0, dimension: 16, &random) }, remove: [])
    let request = SearchRequest(text: wanted.text, vector: wanted.vector, limit: 5)
    let one = searchAcross(collections: [small, large], request)
    let other = searchAcross(collections: [large, small], request)
    #expect(one.first?.hit.id == 1 && other.first?.hit.id == 1)
    #expect(one.map(\.hit.id) == other.map(\.hit.id))
  }
}
