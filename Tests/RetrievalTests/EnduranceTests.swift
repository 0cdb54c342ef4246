// Long use: rounds of adding and removing leave memory, file and recall where they began; and everything at once, for
// the thread sanitizer. A short form runs with all tests; `make long-test` sets RETRIEVAL_ROUNDS=1000.
import Base
import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Retrieval

struct EnduranceTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["RETRIEVAL_ROUNDS"].flatMap { Int($0) } ?? 40

  private struct Size: Equatable {
    var fileBytes: Int
    var graphBytes: Int
    var keywordBytes: Int
    var slots: Int
  }

  private func size(_ index: RetrievalIndex, _ folder: TemporaryFolder) throws -> Size {
    let path = folder.path + "/a.index"
    try index.save(to: path, generation: 1, fingerprint: "m")
    let now = index.snapshot
    return Size(
      fileBytes: readFile(path).count, graphBytes: now.vectors.statistics.bytes,
      keywordBytes: now.keywords.byteCount, slots: now.slotCount)
  }

  private func recall(_ index: RetrievalIndex, _ queries: [[Float]]) -> Double {
    let vectors = index.snapshot.vectors
    var hits = 0
    for query in queries {
      let best = Set(vectors.exactSearch(query, k: 10).map(\.slot))
      hits += vectors.search(query, k: 10, ef: 100).count { best.contains($0.slot) }
    }
    return Double(hits) / Double(queries.count * 10)
  }

  @Test func roundsOfComingAndGoingLeaveNothingBehind() throws {
    let folder = try TemporaryFolder()
    let (index, _) = try sampleIndex(1_500)
    var random = SeededRandom(seed: 8)
    let queries = (0..<40).map { _ in unitVector(16, &random) }
    func round(_ number: Int) throws {
      let passing = (0..<60).map { place in
        var record = sampleRecord(Int64(10_000 + place), dimension: 16, &random)
        // A word of its own, so that a vocabulary that never forgets would show.
        record.text += " word\(number)x\(place)"
        return record
      }
      try index.apply(add: passing, remove: [])
      try index.apply(add: [], remove: passing.map(\.id))
    }
    // The places that the rounds need are made in the first few.
    for number in 0..<8 { try round(number) }
    let before = try size(index, folder)
    let recallBefore = recall(index, queries)
    for number in 8..<Self.rounds { try round(number) }
    let after = try size(index, folder)
    #expect(index.count == 1_500)
    #expect(Double(after.fileBytes) < Double(before.fileBytes) * 1.02, "\(before) \(after)")
    #expect(after.graphBytes <= before.graphBytes && after.slots <= before.slots, "\(before) \(after)")
    #expect(Double(after.keywordBytes) < Double(before.keywordBytes) * 1.05, "\(before) \(after)")
    #expect(recall(index, queries) >= recallBefore - 0.01)
  }

  /// Readers in every mode, a writer, snapshots being saved and opened, why-not: all at once. No torn answer, and under
  /// the thread sanitizer no race.
  @Test func everythingAtOnce() throws {
    let folder = try TemporaryFolder()
    let (index, records) = try sampleIndex(240)
    let path = folder.path + "/s.index"
    let filter = try Filter(parsing: "price < 60 or dept = 'HR'")
    let writing = Atomic(true)
    let wrong = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 4) { member in
      var random = SeededRandom(seed: UInt64(70 + member))
      func isWell(_ body: () throws -> Bool) {
        if (try? body()) != true { wrong.add(1, ordering: .relaxed) }
      }
      switch member {
      case 0:
        for number in 0..<25 {
          let some = Array(records.shuffled(using: &random).prefix(30))
          isWell {
            try index.apply(add: number % 2 == 0 ? some : [], remove: some.prefix(10).map(\.id))
            return true
          }
        }
        writing.store(false, ordering: .releasing)
      case 1:
        repeat {
          isWell {
            try index.save(to: path, generation: 3, fingerprint: "m")
            return try RetrievalIndex.open(path: path, expecting: "m").openedTag == 3
          }
        } while writing.load(ordering: .acquiring)
      default:
        repeat {
          let query = records[Int.random(in: 0..<240, using: &random)]
          let request = SearchRequest(
            text: query.text, vector: query.vector, mode: SearchMode.allCases.randomElement(using: &random) ?? .hybrid,
            filter: Bool.random(using: &random) ? filter : nil, explain: true)
          isWell {
            let hits = index.search(request)
            return Set(hits.map(\.id)).count == hits.count
              && hits.allSatisfy { (0..<240).contains($0.id) && $0.group == $0.id / 4 }
          }
          if member == 3 { _ = index.whyNot(request, id: query.id) }
        } while writing.load(ordering: .acquiring)
      }
    }
    let wrongCount = wrong.load(ordering: .relaxed)
    #expect(wrongCount == 0 && !folder.path.isEmpty)
  }
}
