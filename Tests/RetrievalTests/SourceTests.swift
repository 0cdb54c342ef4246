// A source that the question seems to mean brings up what neither side found of it: under filters, after removals, from
// a snapshot, and never more than its share.
import Testing

@testable import Retrieval

struct SourceTests {
  private static let answer: Int64 = 501

  /// Many contracts of one kind. The question names one of them; the nearest passages are those of all the others,
  /// those with its words are title pages, and what answers is on neither list.
  private static func contracts(clauses: Int64 = 1, fields: [String: FieldValue] = [:]) -> [Record] {
    let others = (0..<120).flatMap { number in
      [
        Record(
          id: 2 * number, text: "mutual agreement between supplier \(number) and customer \(number)",
          vector: normalised([-0.2, 1, 0.001 * Float(number)]), group: number),
        Record(
          id: 2 * number + 1, text: "each side keeps its rights",
          vector: normalised([1, 0.2, 2 + 0.001 * Float(number)]), group: number),
      ]
    }
    let title = Record(
      id: 500, text: "mutual agreement between globex and acme", vector: normalised([0.2, 1, 0]), group: 200)
    let held = (0..<clauses).map { number in
      Record(
        id: answer + number, text: "each side keeps its rights",
        vector: normalised([1, -1 - 0.01 * Float(number), 0]), fields: fields, group: 200)
    }
    return others + [title] + held
  }

  private static let request = SearchRequest(
    text: "mutual agreement of globex and acme", vector: normalised([1, 0.4, 0]), limit: 20, lambda: 1)

  private func pass(_ index: RetrievalIndex, _ request: SearchRequest = request, sources: Int = 3) -> SearchPass {
    var fusion = Fusion.standard
    fusion.widenedSources = sources
    return SearchPass(index.snapshot, request, fusion: fusion)
  }

  @Test func whatNeitherSideFoundComesWithItsSource() throws {
    let index = try indexed(Self.contracts(), dimension: 3)
    #expect(!pass(index, sources: 0).hits().contains { $0.id == Self.answer })
    let hit = try #require(pass(index).hits().first { $0.id == Self.answer })
    #expect(hit.semanticRank == nil && hit.keywordRank == nil)
    let cosine = 0.6 / (2 * 1.16).squareRoot()
    #expect(abs(try #require(hit.semantic) - cosine) < 0.01)
    // The other modes stay what they are.
    for mode in [SearchMode.ranks, .semantic, .keyword] {
      var pure = Self.request
      pure.mode = mode
      #expect(!pass(index, pure).ranked().slots.contains { index.snapshot.ids[$0] == Self.answer })
    }
  }

  @Test func filtersAndRemovalsHoldForWhatComesWithASource() throws {
    let index = try indexed(Self.contracts(fields: ["signed": .text("no")]), dimension: 3)
    var signed = Self.request
    signed.filter = try Filter(parsing: "not signed = 'no'")
    #expect(pass(index).hits().contains { $0.id == Self.answer })
    #expect(!pass(index, signed).hits().contains { $0.id == Self.answer })
    try index.apply(add: [], remove: [Self.answer])
    #expect(!pass(index).hits().contains { $0.id == Self.answer })
    #expect(pass(index).hits().contains { $0.id == 500 })
  }

  /// Few enough to compare all, and so many that the graph is asked.
  @Test(arguments: [80, 1_500] as [Int64]) func aLongSourceBringsItsNearestOnly(clauses: Int64) throws {
    let index = try indexed(Self.contracts(clauses: clauses), dimension: 3)
    let unranked = { (pool: CandidatePool) in
      pool.slots.indices.filter { pool.semanticRank[$0] == 0 && pool.keywordRank[$0] == 0 }.map {
        index.snapshot.ids[pool.slots[$0]]
      }
    }
    let brought = unranked(pass(index).ranked()).filter { $0 >= Self.answer }
    #expect(brought.sorted() == (0..<32).map { Self.answer + $0 })
    #expect(unranked(pass(index, sources: 0).ranked()).isEmpty)
  }

  /// Against a plain walk over all records, through batches, removals, replaced records and a snapshot.
  @Test func whatASourceHoldsIsKnownThroughChanges() throws {
    let (index, records) = try sampleIndex(90)
    var moved = Array(records[10..<20])
    for place in moved.indices { moved[place].group = 7 }
    for record in moved { try index.apply(add: [record], remove: []) }
    try index.apply(add: [], remove: records[28..<45].map(\.id))
    let folder = try TemporaryFolder()
    try index.save(to: folder.path + "/sources", generation: 1, fingerprint: "test")
    let opened = try RetrievalIndex.open(path: folder.path + "/sources", expecting: "test")
    for now in [index.snapshot, opened.snapshot] {
      for group in Int64(0)..<25 {
        var expected: [UInt32] = []
        now.live.forEach { if now.groups[$0] == group { expected.append($0) } }
        #expect(now.slots(ofGroup: group).sorted() == expected, "group \(group)")
      }
    }
    #expect(index.snapshot.slots(ofGroup: 7).count == 10)
  }
}
