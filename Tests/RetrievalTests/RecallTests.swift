// The audit of the graph against a scan: it sees what the graph finds, and what a broken one does not.
import Base
import Testing

@testable import Retrieval

struct RecallTests {
  @Test func aSoundGraphFindsNearlyAll() throws {
    let (index, records) = try sampleIndex(6_000, dimension: 16)
    var random = SeededRandom(seed: 5)
    var (found, wanted) = (0, 0)
    for _ in 0..<20 {
      let audit = try #require(index.recall(of: unitVector(16, &random)))
      (found, wanted) = (found + audit.found, wanted + audit.wanted)
    }
    #expect(wanted == 200 && found >= 190, "\(found) of \(wanted)")
    // What was taken out is neither wanted nor found.
    try index.apply(add: [], remove: records.prefix(500).map(\.id))
    let audit = try #require(index.recall(of: records[0].vector))
    #expect(audit.wanted == 10 && audit.found >= 8)
    #expect(index.recall(of: [1, 0]) == nil, "a vector of another size says nothing")
  }

  @Test func whatIsScannedAnywayIsNotAudited() throws {
    let (index, records) = try sampleIndex(200, dimension: 16)
    #expect(index.recall(of: records[3].vector) == nil)
  }
}
