// Saved answers: every citation found again in the version that it was cut from, and the answer given again.
import Base
import Testing

@testable import KnowledgeBase

@Suite struct SavedAnswerTests {
  private func saved(_ test: TestLibrary) throws -> (Answer, JSON) {
    let answer = try test.library.ask(AnswerQuestion("When does the gate open?"))
    let shape: JSON = [
      "answer": .string(answer.text),
      "sources": .array(
        answer.sources.map {
          [
            "id": .integer($0.id), "document_id": .string($0.passage.documentID),
            "filename": .string($0.passage.filename), "sha256": .string($0.passage.sha256),
          ]
        }),
      "citations": .array(
        answer.citations.map {
          [
            "source": .integer($0.source), "answer_start": .integer($0.answerRange.lowerBound),
            "answer_end": .integer($0.answerRange.upperBound), "quote": .string($0.quote), "start": .integer($0.start),
            "end": .integer($0.end),
          ]
        }), "basis": answer.basis,
    ]
    return (answer, shape)
  }

  private func gate() throws -> TestLibrary {
    let test = try TestLibrary()
    try test.add("The park is large. The gate opens at seven in the morning. Dogs are welcome.", named: "gate.txt")
    return test
  }

  private func changed(_ shape: JSON, _ key: String, _ value: JSON) -> JSON {
    guard case .object(var members) = shape, case .object(var citation)? = members["citations"]?.array?.first else {
      return shape
    }
    citation[key] = value
    members["citations"] = .array([.object(citation)])
    return .object(members)
  }

  @Test func aCitationThatHoldsIsFound() throws {
    let test = try gate()
    let checks = try test.library.verify(saved(test).1)
    #expect(checks.map(\.status) == [.holds])
  }

  @Test func whatWasTamperedWithIsFound() throws {
    let test = try gate()
    let (answer, shape) = try saved(test)
    let citation = try #require(answer.citations.first)
    #expect(
      try test.library.verify(changed(shape, "quote", "The gate opens at nine in the morning.")).map(\.status) == [
        .gone
      ])
    let moved = try test.library.verify(changed(changed(shape, "start", 0), "end", .integer(citation.quote.count)))
    #expect(moved.map(\.status) == [.moved] && moved.first?.start == citation.start && !moved[0].isValid)
    #expect(try test.library.verify(changed(shape, "source", 9)).map(\.status) == [.unmarked])
    #expect(try test.library.verify(changed(shape, "answer_end", 3)).map(\.status) == [.unmarked])
  }

  @Test func aNewVersionSupersedesAndForgettingLosesIt() throws {
    let test = try gate()
    let (_, shape) = try saved(test)
    test.clock.advance(10)
    try test.add("The gate opens at nine.", named: "gate.txt")
    let checks = try test.library.verify(shape)
    #expect(checks.map(\.status) == [.superseded] && checks[0].detail.contains("no longer"))
    _ = try test.library.forget("gate.txt")
    #expect(try test.library.verify(shape).map(\.status) == [.unknown])
  }

  @Test func theSameAgainOrWhatChanged() throws {
    let test = try gate()
    let (_, shape) = try saved(test)
    let same = try test.library.replay(shape)
    #expect(same.isSame && same.changed.isEmpty && same.difference == nil)
    test.clock.advance(10)
    try test.add("The gate opens at nine.", named: "gate.txt")
    let other = try test.library.replay(shape)
    #expect(!other.isSame && other.changed.contains { $0.hasPrefix("library:") } && other.difference != nil)
  }

  @Test func whatIsNoAnswerIsRefused() throws {
    let test = try gate()
    #expect(throws: PlainFailure.self) { try test.library.verify(["x": 1]) }
    #expect(throws: PlainFailure.self) { try test.library.replay(["answer": "x"]) }
  }
}
