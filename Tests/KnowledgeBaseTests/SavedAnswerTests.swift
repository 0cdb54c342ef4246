// Saved answers: every citation found again in the version that it was cut from, and the answer given again.
import Base
import Embedding
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

  /// Citations are of texts, and another embedder changes no text; what it finds may be something else, and is named.
  @Test func anotherEmbedderLeavesCitationsAndIsNamed() throws {
    let test = try gate()
    let (answer, shape) = try saved(test)
    let wide = WordsEmbedder(identity: EmbedderIdentity(name: "wide", fingerprint: "2", dimension: 768))
    _ = try test.library.reembed(to: wide)
    #expect(try test.library.verify(shape).map(\.status) == [.holds])
    let again = try test.library.replay(shape)
    #expect(again.changed.contains { $0.hasPrefix("embedder:") }, "\(again.changed)")
    #expect(again.answer.citations.map(\.quote) == answer.citations.map(\.quote))
    try test.restart(saving: true, embedder: wide)
    #expect(try test.library.verify(shape).map(\.status) == [.holds])
    #expect(try test.library.replay(shape).answer.text == again.answer.text)
  }

  @Test func aRemovedDocumentsCitationsCannotBeCheckedUntilItComesBack() throws {
    let test = try gate()
    try test.add("The canteen serves soup on Mondays.", named: "canteen.txt")
    let (_, shape) = try saved(test)
    test.clock.advance(10)
    _ = try test.library.remove("gate.txt")
    let checks = try test.library.verify(shape)
    #expect(checks.map(\.status) == [.unknown] && checks[0].detail.contains("removed") && !checks[0].isValid)
    let gone = try test.library.replay(shape)
    #expect(!gone.isSame && gone.answer.isRefused && gone.changed.contains { $0.hasPrefix("library:") })
    test.clock.advance(10)
    try test.add("The park is large. The gate opens at seven in the morning. Dogs are welcome.", named: "gate.txt")
    #expect(try test.library.verify(shape).allSatisfy(\.isValid))
    let back = try test.library.replay(shape)
    #expect(back.isSame && back.difference == nil && back.changed.allSatisfy { $0.hasPrefix("library:") })
  }

  /// Another document of the same name and words is not the one that was cited.
  @Test func aForgottenDocumentComesBackAsAnother() throws {
    let test = try gate()
    let (_, shape) = try saved(test)
    _ = try test.library.forget("gate.txt")
    try test.add("The park is large. The gate opens at seven in the morning. Dogs are welcome.", named: "gate.txt")
    let checks = try test.library.verify(shape)
    #expect(checks.map(\.status) == [.unknown] && !checks[0].isValid)
  }

  @Test func whatIsNoAnswerIsRefused() throws {
    let test = try gate()
    #expect(throws: PlainFailure.self) { try test.library.verify(["x": 1]) }
    #expect(throws: PlainFailure.self) { try test.library.replay(["answer": "x"]) }
  }
}
