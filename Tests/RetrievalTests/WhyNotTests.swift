// Every suggestion of why-not is made, and the record appears.
import Base
import Testing

@testable import Retrieval

struct WhyNotTests {
  /// For many records and requests: whatever the obstacle, the suggested changes remove it.
  @Test func suggestionsWork() throws {
    let (index, records) = try sampleIndex(150)
    var stages: [String: Int] = [:]
    let filters = [
      nil, "price < 40", "dept = 'HR' and (price < 20 or exists until)", "not (dept = 'HR' or price > 90)",
    ]
    for (turn, record) in records.enumerated() where turn % 5 == 0 {
      let request = SearchRequest(
        text: "holiday contract", vector: records[(turn * 7) % 150].vector,
        mode: SearchMode.allCases[turn % 3],
        limit: 5, filter: try filters[turn % 4].map { try Filter(parsing: $0) },
        perGroupMax: turn % 2 == 0 ? 1 : nil)
      let answer = index.whyNot(request, id: record.id)
      let name = "\(answer.stage)".prefix { $0 != "(" }
      stages[String(name), default: 0] += 1
      let hits = index.search(request)
      switch answer.stage {
      case .shown(let rank): #expect(hits[rank - 1].id == record.id)
      case .unknown: Issue.record("record \(record.id) is held")
      default:
        #expect(!hits.contains { $0.id == record.id })
        #expect(!answer.changes.isEmpty, "\(record.id) \(answer.stage)")
        let changed = answer.applied(to: request)
        #expect(index.search(changed).contains { $0.id == record.id }, "\(record.id) \(answer)")
      }
    }
    #expect(stages.keys.contains("filtered") && stages.keys.contains("outranked"))
    #expect(index.whyNot(SearchRequest(text: "x"), id: 9_999).stage == .unknown)
  }

  @Test func namesTheClauseThatExcludes() throws {
    let index = RetrievalIndex(dimension: 2)
    try index.apply(
      add: [
        Record(id: 1, text: "alpha", vector: [1, 0], fields: ["dept": .text("HR"), "price": .number(12)])
      ],
      remove: [])
    let request = SearchRequest(
      text: "alpha", vector: [1, 0], filter: try Filter(parsing: "dept = 'HR' and price < 10"))
    let answer = index.whyNot(request, id: 1)
    #expect(answer.stage == .filtered(clauses: ["price < 10"]))
    #expect(answer.applied(to: request).filter?.description == "dept = 'HR'")
  }

  @Test func namesTheBetterTwinAndTheCap() throws {
    let index = RetrievalIndex(dimension: 2)
    try index.apply(
      add: [
        Record(id: 1, text: "alpha beta", vector: [1, 0], group: 1),
        Record(id: 2, text: "alpha", vector: [1, 0], group: 2),
        Record(id: 3, text: "alpha", vector: [0, 1], group: 1),
      ], remove: [])
    let request = SearchRequest(text: "alpha beta", vector: [1, 0], limit: 3, perGroupMax: 1)
    #expect(index.search(request).map(\.id) == [1])
    #expect(index.whyNot(request, id: 2).stage == .thinned(by: 1))
    let capped = index.whyNot(request, id: 3)
    #expect(capped.stage == .capped(max: 1))
    #expect(index.search(capped.applied(to: request)).map(\.id).contains(3))
  }
}
