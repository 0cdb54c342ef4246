// Relevance against novelty: what near-duplicates lose, that nothing else loses anything, and the greedy choice beside
// a plain one that compares everything with everything.
import Base
import Testing

@testable import Retrieval

struct SelectionTests {
  /// 2 is nearly 1 again and would be second; 3 is less relevant and new.
  @Test func aNearDuplicateGivesWayToSomethingNew() throws {
    let index = try indexed(
      [
        Record(id: 1, text: "", vector: normalised([1, 0.1, 0]), group: 1),
        Record(id: 2, text: "", vector: normalised([1, 0.1, 0.3]), group: 2),
        Record(id: 3, text: "", vector: normalised([1, -0.7, 0]), group: 3),
      ], dimension: 3)
    var request = SearchRequest(text: "", vector: [1, 0, 0], mode: .semantic, lambda: 1, explain: true)
    let plain = index.search(request)
    #expect(plain.map(\.id) == [1, 2, 3])
    request.lambda = SearchRequest.lambdaStandard
    let hits = index.search(request)
    #expect(hits.map(\.id) == [1, 3, 2])
    #expect(hits[0].score == plain[0].score && hits[1].score == plain[2].score)
    let repetition = try #require(hits[2].explanation?.repetition)
    #expect(repetition > 0.5 && repetition < 1)
    #expect(abs(hits[2].score - plain[1].score * (1 - 0.3 * repetition)) < 1e-9)
    #expect(hits[2].explanation?.fusion.contains("repeating a better one") == true)
    #expect(hits[1].explanation?.repetition == 0)
  }

  /// Without near-duplicates no weight changes an order or a score.
  @Test(arguments: [1, 2, 3] as [UInt64]) func noveltyCostsNothingWhereAllIsNew(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let records = (0..<80).map { sampleRecord($0, dimension: 64, &random) }
    let index = try indexed(records, dimension: 64)
    for mode in SearchMode.allCases {
      var request = SearchRequest(
        text: "holiday contract", vector: unitVector(64, &random), mode: mode, limit: 40, lambda: 1)
      let plain = index.search(request)
      for lambda in [0, 0.5, SearchRequest.lambdaStandard] {
        request.lambda = lambda
        #expect(index.search(request) == plain, "seed \(seed), \(mode), \(lambda)")
      }
    }
  }

  /// Clusters of near-duplicates: the same hits and scores as a choice that looks at every pair at every step; scores
  /// fall, and the first hits are the same however many are asked for.
  @Test(arguments: [1, 2, 3, 4] as [UInt64]) func agreesWithThePlainChoice(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var records: [Record] = []
    for cluster in 0..<12 {
      let middle = unitVector(16, &random)
      for _ in 0..<6 {
        var vector = middle
        vector.add(unitVector(16, &random), times: Float.random(in: 0.05...0.6, using: &random))
        var record = sampleRecord(Int64(records.count), dimension: 16, &random)
        record.vector = normalised(vector)
        record.group = Int64(cluster % 5)
        records.append(record)
      }
    }
    let index = try indexed(records, dimension: 16)
    for mode in SearchMode.allCases {
      for (lambda, share) in [(0.0, nil), (0.5, nil), (SearchRequest.lambdaStandard, 3), (1, 2)] as [(Double, Int?)] {
        let request = SearchRequest(
          text: "holiday contract", vector: unitVector(16, &random), mode: mode, limit: 30, lambda: lambda,
          perGroupMax: share)
        let pass = SearchPass(index.snapshot, request)
        let pool = pass.ranked()
        let kept = pass.selection(from: pool, limit: 30).kept
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.score >= $1.score })
        #expect(pass.selection(from: pool, limit: 7).kept.map(\.index) == Array(kept.map(\.index).prefix(7)))
        if share == nil {
          let expected = plainChoice(pool, index.snapshot, lambda: lambda, limit: 30)
          #expect(kept.map(\.index) == expected.map(\.index), "seed \(seed), \(mode), \(lambda)")
          #expect(zip(kept, expected).allSatisfy { $0.score == $1.score })
        }
      }
    }
  }

  private func plainChoice(
    _ pool: CandidatePool, _ generation: Generation, lambda: Double, limit: Int
  ) -> [(index: Int, score: Double)] {
    let fusion = Fusion.standard
    var rest = pool.order()
    var kept: [(index: Int, score: Double)] = []
    while kept.count < limit {
      let slots = kept.map { pool.slots[$0.index] }
      func likeness(_ index: Int) -> Float {
        generation.vectors.similarities(of: slots, to: pool.slots[index]).max() ?? -1
      }
      rest.removeAll { Double(likeness($0)) >= fusion.duplicateSimilarityMin }
      var best: (index: Int, score: Double)?
      for index in rest {
        let score = pool.fused[index].score * (1 - (1 - lambda) * fusion.repetition(likeness(index)))
        if score > (best?.score ?? -1) { best = (index, score) }
      }
      guard let best else { break }
      rest.removeAll { $0 == best.index }
      kept.append(best)
    }
    return kept
  }
}
