// The filter grammar under hostile input: whatever is typed is taken or refused with a column, never a crash, and what
// is taken says the same when it is printed and read again.
import Base
import Testing

@testable import Retrieval

struct FilterFuzzTests {
  private static let pieces = [
    "and", "or", "not", "in", "exists", "starts", "with", "(", ")", "((", "=", "!=", "<", "<=", ">", ">=", "^=", ",",
    "'", "''", "\"", "`", "dept", "price", "tags", "é", "東京", "'HR'", "\"x\"", "12", "-1e9", "1e999", ".5",
    "2024-05-18",
    "2024-13-99", "2024-05-18T00:00:00Z", "\0", "\n", "\u{202E}", "🙂", "\\", ";", "--", "%", " ", "  ", "1)", "not not",
  ]

  private static let clauses = [
    "dept = 'HR'", "price < 12", "tags in ('a', 'b')", "exists until", "title ^= 'L'", "year != 2024",
    "until >= 2024-05-18", "not price = 1", "(dept = IT or dept = HR)",
  ]

  /// Sound clauses joined, often with one piece of noise among them; noise alone; or any scalars at all.
  private static func expression(_ random: inout SeededRandom) -> String {
    func some(_ list: [String], _ most: Int) -> [String] {
      (0..<Int.random(in: 0...most, using: &random)).map { _ in list.randomElement(using: &random) ?? "" }
    }
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      return some(clauses, 6).joined(separator: Bool.random(using: &random) ? " and " : " or ")
    case 1:
      var parts = some(clauses, 4).joined(separator: " or ").split(separator: " ").map(String.init)
      let noise = pieces.randomElement(using: &random) ?? ""
      parts.insert(noise, at: Int.random(in: 0...parts.count, using: &random))
      return parts.joined(separator: " ")
    case 2:
      return some(pieces, 14).joined(separator: Bool.random(using: &random) ? " " : "")
    default:
      let scalars = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random))
      }
      return String(String.UnicodeScalarView(scalars))
    }
  }

  @Test(arguments: 0..<4) func tenThousandStrings(part: Int) throws {
    var random = SeededRandom(seed: UInt64(40 + part))
    let segment = FieldPart(
      RecordSegment([(slot: 3, record: Record(id: 1, text: "", vector: [], fields: FilterTests.record))]))
    var taken = 0
    for _ in 0..<2_500 {
      let expression = Self.expression(&random)
      do throws(RetrievalFailure) {
        let filter = try Filter(parsing: expression)
        taken += 1
        let again = try Filter(parsing: filter.description)
        #expect(again.description == filter.description, "\(expression.debugDescription)")
        #expect(again.slots(in: [segment], capacity: 4) == filter.slots(in: [segment], capacity: 4))
      } catch {
        guard case .filter(let column, _) = error else {
          Issue.record("\(expression.debugDescription): \(error)")
          continue
        }
        #expect((1...expression.unicodeScalars.count + 1).contains(column), "\(expression.debugDescription)")
      }
    }
    // A fuzz that nothing passes tests only the door.
    #expect(taken > 100)
  }

  @Test func depthAndLengthAreBounded() {
    for hostile in [
      String(repeating: "(", count: 4_000), String(repeating: "not ", count: 2_000) + "a = 1",
      "a in (" + String(repeating: "1,", count: 3_000) + "1)",
    ] {
      #expect(throws: RetrievalFailure.self) { try Filter(parsing: hostile) }
    }
  }
}
