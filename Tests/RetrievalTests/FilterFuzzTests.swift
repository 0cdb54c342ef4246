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

  @Test(arguments: 0..<4) func tenThousandStrings(part: Int) throws {
    var random = SeededRandom(seed: UInt64(40 + part))
    let segment = FieldPart(
      RecordSegment([(slot: 3, record: Record(id: 1, text: "", vector: [], fields: FilterTests.record))]))
    var taken = 0
    for _ in 0..<2_500 {
      let expression =
        Bool.random(using: &random)
        ? (0..<Int.random(in: 0...14, using: &random)).map { _ in Self.pieces.randomElement(using: &random) ?? "" }
          .joined(separator: Bool.random(using: &random) ? " " : "")
        : String(
          String.UnicodeScalarView(
            (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
              Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random))
            }))
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
    #expect(taken > 10)
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
