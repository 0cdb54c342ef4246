// The grammar and its meaning: parsed filters against a plain evaluation of one record at a time.
import Base
import Testing

@testable import Retrieval

struct FilterTests {
  static let record: [String: FieldValue] = [
    "dept": .text("HR"), "title": .text("Leave policy"), "price": .number(12.5), "year": .text("2024"),
    "until": .date(1_715_990_400),  // 2024-05-18T00:00:00Z
    "tags": .list(["draft", "final"]), "empty": .list([]), "odd name": .text("x"), "O'Neil": .text("it's"),
  ]

  @Test(arguments: [
    ("dept = 'HR'", true), ("dept = HR", true), ("dept = 'hr'", false), ("dept != 'HR'", false),
    ("missing = 1", false), ("missing != 1", true), ("exists dept", true), ("exists(empty)", true),
    ("missing exists", false), ("not exists missing", true), ("dept not exists", false),
    ("price = 12.5", true), ("price < 12.5", false), ("price <= 12.5", true), ("price > 12", true),
    ("price >= 13", false), ("price > -1 and price < 1e3", true), ("price = '12.5'", false),
    ("year = 2024", true), ("year > 2023", false), ("year > '2023'", true),
    ("until = 2024-05-18", true), ("until = 2024-05", true), ("until < 2024-05-18", false),
    ("until <= 2024-05-18", true), ("until > 2024-05-17", true), ("until >= 2024-05-19", false),
    ("until = 2024-05-18T00:00:00Z", true), ("until = '2024-05-18T02:00+02:00'", true),
    ("until > 2024-05", false),
    ("tags = 'draft'", true), ("tags = 'old'", false), ("tags in ('old', 'final')", true),
    ("tags not in ('old', 'final')", false), ("empty = ''", false),
    ("title ^= 'Leave'", true), ("title starts with 'leave'", false), ("title STARTS WITH Leave", true),
    ("tags ^= 'fin'", true), ("title ^= ''", true),
    ("dept = 'IT' or dept = 'HR' and price < 1", false), ("(dept = 'IT' or dept = 'HR') and price > 1", true),
    ("not dept = 'IT' and not price = 1", true), ("not (dept = 'HR' or price = 1)", false),
    ("`odd name` = x", true), ("`O'Neil` = 'it''s'", true), ("dept = \"HR\"", true),
  ])
  func meaning(_ expression: String, _ expected: Bool) throws {
    let filter = try Filter(parsing: expression)
    let part = FieldPart(
      RecordSegment([(slot: 3, record: Record(id: 1, text: "", vector: [], fields: Self.record))]))
    #expect(filter.slots(in: [part], capacity: 4).contains(3) == expected)
    #expect(try Filter(parsing: filter.description).description == filter.description)
    #expect(try Filter(parsing: filter.description).slots(in: [part], capacity: 4).contains(3) == expected)
  }

  @Test(arguments: [
    ("", 1), ("dept", 5), ("dept =", 7), ("dept = 'HR", 8), ("dept ~ 'HR'", 6), ("= 3", 1), ("(dept = 1", 10),
    ("dept = 1)", 9), ("dept = 1 dept = 2", 10), ("dept in 1", 9), ("dept in (1 2)", 12), ("dept in ()", 10),
    ("not", 4), ("dept = and", 8), ("and = 1", 1), ("dept starts 'x'", 13), ("dept = 1 or", 12),
    ("é = 1 & b", 7),
    ("dept ! 1", 6), ("1dept = 1", 1), ("exists", 7), ("exists(dept", 12),
  ])
  func errorsPointAtTheColumn(_ expression: String, _ column: Int) {
    do throws(RetrievalFailure) {
      _ = try Filter(parsing: expression)
      Issue.record("'\(expression)' was taken")
    } catch {
      guard case .filter(column, _) = error else {
        Issue.record("'\(expression)': \(error)")
        return
      }
      #expect(error.message.contains("column \(column)"))
    }
  }

  @Test func boundsAreKept() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a = 1" + String(repeating: ")", count: depth)
    }
    _ = try Filter(parsing: nested(Limits.filterDepthMax - 1))
    #expect(throws: RetrievalFailure.self) { try Filter(parsing: nested(Limits.filterDepthMax)) }
    #expect(throws: RetrievalFailure.self) { try Filter(parsing: nested(3000)) }
    func terms(_ count: Int) -> String { (0..<count).map { "a = \($0)" }.joined(separator: " or ") }
    _ = try Filter(parsing: terms(Limits.filterTermsMax))
    #expect(throws: RetrievalFailure.self) { try Filter(parsing: terms(Limits.filterTermsMax + 1)) }
    let long = "a = '" + String(repeating: "x", count: Limits.filterScalarsMax) + "'"
    #expect(throws: RetrievalFailure.self) { try Filter(parsing: long) }
  }

  @Test func dates() {
    #expect(ISODate.range("2024-02-29")?.start == 1_709_164_800)
    #expect(ISODate.range("2023-02-29") == nil)
    #expect(ISODate.range("2024-13-01") == nil)
    #expect(ISODate.range("2024-05-17T24:00") == nil)
    #expect(ISODate.range("2024") == nil)
    #expect(ISODate.range("1969-12-31T23:59:59Z")?.start == -1)
    #expect(CalendarDate.timestamp(-1) == "1969-12-31T23:59:59Z")
    for seconds in stride(from: -70_000_000_000.0, to: 200_000_000_000, by: 1_234_567_891) {
      #expect(
        ISODate.range(CalendarDate.timestamp(seconds))?.start == seconds
          || CalendarDate.timestamp(seconds).hasPrefix("-")
          || seconds < -62_135_596_800 || seconds > 253_402_300_799)
    }
  }

  /// Segments of every history give what one segment gives.
  @Test func segmentsAgreeWithOne() throws {
    var random = SeededRandom(seed: 7)
    let records = (0..<500).map { sampleRecord(Int64($0), dimension: 4, &random) }
    let whole = [
      FieldPart(RecordSegment(records.enumerated().map { (slot: UInt32($0.offset), record: $0.element) }))
    ]
    let index = RetrievalIndex(dimension: 4)
    var start = 0
    while start < records.count {
      let end = min(records.count, start + Int.random(in: 1...40, using: &random))
      try index.apply(add: Array(records[start..<end]), remove: [])
      start = end
    }
    #expect(index.statistics.segments < 20)
    for expression in [
      "dept = 'IT'", "price < 30 and tags = 't1'", "not exists until", "until > 2001-01 or dept in ('HR')",
      "dept ^= 'S' and not price >= 50",
    ] {
      let filter = try Filter(parsing: expression)
      let expected = filter.slots(in: whole, capacity: 500)
      #expect(index.snapshot.allowed(by: filter) == expected)
      #expect(expected.count > 0 && expected.count < 500)
    }
  }
}
