// Query expansion and reranking: off by default, and what they change when they are on.
import Models
import Testing

@testable import KnowledgeBase

@Suite struct ExpansionTests {
  private struct Backwards: Reranker {
    let name = "backwards"
    func order(_ texts: [String], for question: String) throws -> [Int] { texts.indices.reversed() }
  }

  private struct Broken: Reranker {
    struct Fault: Error {}
    let name = "broken"
    func order(_ texts: [String], for question: String) throws -> [Int] { throw Fault() }
  }

  private func library() throws -> TestLibrary {
    let test = try TestLibrary()
    try test.add("Holidays come to 25 days a year for everybody.", named: "leave.txt")
    try test.add("The canteen serves soup on Mondays.", named: "canteen.txt")
    return test
  }

  @Test func otherWordingsFindWhatTheQuestionDoesNot() throws {
    let test = try library()
    var search = SearchQuestion("annual vacation entitlement")
    search.limit = 1
    let found = try test.library.search(search, alsoAs: ["how many holidays come to everybody a year"])
    #expect(found.passages.map(\.filename) == ["leave.txt"])
    #expect(found.question.text == "annual vacation entitlement")
  }

  @Test func wordingsAreReadFromLines() throws {
    let prompts = try PromptShelf()
    let model = ScriptedModel("1. how many holidays\n2) days off per year\n\n- leave entitlement\nmore\nand more")
    #expect(
      try QueryExpansion.queries.forms(of: "q", by: model, told: prompts)
        == ["how many holidays", "days off per year", "leave entitlement"])
    #expect(try QueryExpansion.none.forms(of: "q", by: model, told: prompts).isEmpty)
    #expect(
      try QueryExpansion.hypothetical.forms(
        of: "q", by: ScriptedModel("Staff get [x](http://e.example) 25 days."), told: prompts)
        == ["Staff get x 25 days."])
  }

  @Test func aRerankersOrderHoldsAndAFailureIsTold() throws {
    let test = try library()
    let plain = try test.library.search(SearchQuestion("holidays and soup"))
    var failures: [MeansFailure] = []
    let turned = test.library.reranked(plain, by: Backwards(), &failures)
    #expect(turned.passages.map(\.filename) == plain.passages.map(\.filename).reversed() && failures.isEmpty)
    let broken = test.library.reranked(plain, by: Broken(), &failures)
    #expect(broken.passages.map(\.filename) == plain.passages.map(\.filename))
    #expect(failures.map(\.step) == [.rerank] && failures[0].warning.contains("reranked"))
    var asked = AnswerQuestion("When does the canteen serve soup?")
    asked.means.reranker = Broken()
    #expect(try test.library.ask(asked).warnings.contains { $0.contains("reranked") })
  }
}
