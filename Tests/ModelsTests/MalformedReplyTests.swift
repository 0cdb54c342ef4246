// Replies as models really give them, and what must come out: the value, or the refusal that the model is told.
// The cases stand in Tests/Fixtures/replies/malformed.jsonl; make_malformed.py beside it says how they were written.
import Base
import Foundation
import Models
import Testing

struct MalformedCase: Sendable, CustomTestStringConvertible {
  let id: String
  let schema: String
  let reply: String
  let value: JSON?
  let error: String?

  var testDescription: String { id }

  static let all: [MalformedCase] = {
    let path = fixturePath("replies/malformed.jsonl")
    let lines = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n") ?? []
    return lines.compactMap { line in
      guard let entry = try? JSON(parsing: String(line)), let id = entry.id?.string,
        let schema = entry.schema?.string, let reply = entry.reply?.string
      else { return nil }
      return MalformedCase(
        id: id, schema: schema, reply: reply, value: entry["value"], error: entry["error"]?.string)
    }
  }()
}

enum ReplySchemas {
  private static func shape(_ members: (String, SchemaShape)...) -> SchemaShape {
    .object(members.map { SchemaMember($0.0, "", $0.1) })
  }

  static let all: [String: SchemaShape] = [
    "deal": shape(("product", .string), ("price", .number(0...1e9)), ("url", .string)),
    "question": shape(("question", .string)),
    "verdict": shape(
      ("verdict", .choice(["yes", "no", "unclear"])), ("confidence", .number(0...1)),
      ("reasons", .array(.string, count: 1...Int.max))),
    "person": shape(("name", .string), ("age", .nullable(.integer(0...150))), ("email", .nullable(.string))),
    "items": shape(
      ("items", .array(shape(("name", .string), ("quantity", .integer(nil)), ("in_stock", .bool)), count: nil))),
    "queries": .array(.string, count: nil),
    "rows": .array(shape(("name", .string)), count: nil),
  ]
}

@Suite struct MalformedReplyTests {
  @Test func theSuiteIsWhole() {
    #expect(MalformedCase.all.count >= 200)
    #expect(Set(MalformedCase.all.map(\.id)).count == MalformedCase.all.count)
    #expect(MalformedCase.all.count { $0.error != nil } > 60)
  }

  @Test(arguments: MalformedCase.all)
  func comesOutAsItMust(_ malformed: MalformedCase) throws {
    let shape = try #require(ReplySchemas.all[malformed.schema])
    do {
      let value = try ReplyReader.json(malformed.reply, as: shape, named: malformed.schema)
      guard let expected = malformed.value else {
        Issue.record("must be refused as \(malformed.error ?? ""), gave \(value.text)")
        return
      }
      #expect(sameValue(value, expected), "gave \(value.text)")
    } catch let problem as ReplyProblem {
      #expect(problem.cause.rawValue == malformed.error, "\(problem.message)")
    }
  }

  /// 19 and 19.0 are one number.
  private func sameValue(_ left: JSON, _ right: JSON) -> Bool {
    if let left = left.double, let right = right.double { return left == right }
    if let left = left.array, let right = right.array {
      return left.count == right.count && zip(left, right).allSatisfy { sameValue($0, $1) }
    }
    if let left = left.object, let right = right.object {
      return left.count == right.count
        && left.allSatisfy { key, value in right[key].map { sameValue(value, $0) } ?? false }
    }
    return left == right
  }

  /// What is read strictly is never read otherwise.
  @Test func wellFormedRepliesAreTakenAsTheyAre() throws {
    let shape = try #require(ReplySchemas.all["items"])
    let text = #"{"items":[{"name":"a // b, \"c\" 'd' ```","quantity":-0,"in_stock":false}]}"#
    #expect(try ReplyReader.json(text, as: shape).text == text.replacing("-0", with: "0"))
  }

  /// Shapes on which a reader that tries again from every bracket, quote or comment takes quadratic time: at this
  /// length that is minutes apiece, and the reader's budget of steps ends it long before.
  @Test(arguments: [
    "{", "[", "{/*", "[//\n", "{\"a\":", "{'a", "\"", "{\"a\" \"", "[[", "{a:", "`", "{\"a\":\"b\" \n\"", "#", "{#",
    "```json\n{", "[1,", "</think>", "<think>", "{\\\"", "&quot;", "“",
  ])
  func hostileRepliesAreReadInLinearTime(_ piece: String) throws {
    let shape = try #require(ReplySchemas.all["deal"])
    let count = (128 << 10) / piece.utf8.count
    let hostile = String(repeating: piece, count: count)
    #expect(throws: ReplyProblem.self) { try ReplyReader.json(hostile, as: shape) }
  }

  @Test func longerRepliesAreRefused() throws {
    let shape = try #require(ReplySchemas.all["deal"])
    let problem = #expect(throws: ReplyProblem.self) {
      try ReplyReader.json(String(repeating: " ", count: Limits.structuredReplyBytesMax + 1), as: shape)
    }
    #expect(problem?.cause == .tooLong)
  }

  /// Every cut of a good reply gives the value itself or a refusal, never another value.
  @Test(arguments: ["deal", "verdict", "person", "items", "queries"])
  func noCutGivesAnotherValue(_ name: String) throws {
    let shape = try #require(ReplySchemas.all[name])
    let whole = try #require(
      [
        "deal": #"{"product": "Desk \"lamp\"", "price": 1950, "url": "https://shop.example/lamp"}"#,
        "verdict": #"{"verdict": "yes", "confidence": 0.95, "reasons": ["a, b", "c\u00e9", "d"]}"#,
        "person": #"{"name": "Ada", "age": 36, "email": "ada@example.org"}"#,
        "items":
          #"{"items": [{"name": "a", "quantity":12,"in_stock":true}, {"name": "b", "quantity": 3, "in_stock": true}]}"#,
        "queries": #"["first, second", "third", "fourth"]"#,
      ][name])
    let value = try ReplyReader.json(whole, as: shape)
    for length in whole.indices {
      for ending in ["", "\n```"] {
        guard let read = try? ReplyReader.json(whole[..<length] + ending, as: shape) else { continue }
        #expect(read == value, "cut to \(whole[..<length])")
      }
    }
  }
}

func fixturePath(_ name: String) -> String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/\(name)").path
}
