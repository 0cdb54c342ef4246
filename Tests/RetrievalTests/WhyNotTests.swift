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

  /// Twins, crowded sources, filters, all modes, from one seed a case: at whichever stage a record fell out, what is
  /// suggested is made and brings it back. Every stage comes up.
  @Test func everyStageHasAWayBack() throws {
    var stages: Set<String> = []
    for seed in UInt64(1)...6 {
      var random = SeededRandom(seed: seed)
      var records = (0..<60).map { sampleRecord($0, dimension: 8, &random) }
      for place in 0..<20 {
        records[place + 20].vector = records[place].vector
        records[place + 20].text = records[place].text
      }
      records[59].text = "wholly unheard"
      records[59].vector = []
      let index = RetrievalIndex(dimension: 8)
      try index.apply(add: records, remove: [])
      for record in records {
        let like = records.randomElement(using: &random) ?? record
        let request = SearchRequest(
          text: Bool.random(using: &random) ? like.text : "holiday contract",
          vector: like.vector.isEmpty ? nil : like.vector,
          mode: SearchMode.allCases.randomElement(using: &random) ?? .hybrid,
          limit: Int.random(in: 1...6, using: &random),
          filter: Int.random(in: 0..<3, using: &random) == 0 ? try Filter(parsing: "dept = 'HR' and price < 70") : nil,
          lambda: Bool.random(using: &random) ? 1 : 0.6, perGroupMax: Bool.random(using: &random) ? 1 : nil)
        let answer = index.whyNot(request, id: record.id)
        stages.insert(String("\(answer.stage)".prefix { $0 != "(" }))
        let isShown = index.search(request).contains { $0.id == record.id }
        if case .shown = answer.stage {
          #expect(isShown, "seed \(seed), \(record.id)")
        } else {
          #expect(!isShown, "seed \(seed), \(record.id) \(answer.stage)")
          // Only what nothing can find may be without a way back.
          if answer.changes.isEmpty {
            var widest = request
            (widest.filter, widest.mode, widest.limit) = (nil, .hybrid, Limits.candidatesMax)
            (widest.lambda, widest.perGroupMax) = (1, nil)
            #expect(!index.search(widest).contains { $0.id == record.id }, "seed \(seed), \(record.id) \(answer)")
          } else {
            let changed = index.search(answer.applied(to: request))
            #expect(changed.contains { $0.id == record.id }, "seed \(seed), \(record.id) \(answer)")
          }
        }
      }
    }
    #expect(stages.isSuperset(of: ["shown", "filtered", "unmatched", "outranked", "thinned", "capped"]), "\(stages)")
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
        Record(id: 4, text: "alpha", vector: normalised([-0.5, 1]), group: 3),
      ], remove: [])
    let request = SearchRequest(
      text: "alpha beta", vector: [1, 0], mode: .keyword, limit: 3, perGroupMax: 1)
    #expect(index.search(request).map(\.id) == [1, 4])
    #expect(index.whyNot(request, id: 2).stage == .thinned(by: 1))
    let capped = index.whyNot(request, id: 3)
    #expect(capped.stage == .capped(max: 1))
    #expect(index.search(capped.applied(to: request)).map(\.id).contains(3))
  }
}
