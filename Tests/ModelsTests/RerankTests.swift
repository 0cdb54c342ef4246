// What of a rerank reply is believed, in both forms, and what a model's list of numbers comes to.
import Base
import Testing

@testable import Models

@Suite struct RerankTests {
  private struct Fixed: ChatModel {
    let name = "fixed"
    let text: String

    func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply {
      ChatReply(text: text, model: name, usage: ChatUsage(inputTokens: 1, outputTokens: 1))
    }
  }

  @Test func bothFormsAreRead() throws {
    let cohere: JSON = [
      "results": [["index": 1, "relevance_score": 0.9], ["index": 0, "relevance_score": 0.1]]
    ]
    #expect(try RerankProtocol.scores(in: cohere, count: 2) == [0.1, 0.9])
    let tei: JSON = [["index": 1, "score": 0.9], ["index": 0, "score": 0.1]]
    #expect(try RerankProtocol.scores(in: tei, count: 3) == [0.1, 0.9, nil])
  }

  @Test func whatIsWrongIsNamed() {
    func why(_ reply: JSON) -> String? {
      do {
        _ = try RerankProtocol.scores(in: reply, count: 2)
        return nil
      } catch { return error.why }
    }
    #expect(why("x")?.contains("results") == true)
    #expect(why([["index": 5, "score": 1]])?.contains("index 5") == true)
    #expect(why([["index": 0, "score": 1], ["index": 0, "score": 1]])?.contains("twice") == true)
    #expect(why([["index": 0]])?.contains("no score") == true)
    #expect(why([])?.contains("nothing") == true)
  }

  @Test func requestsAreOfTheirForm() {
    let cohere = RerankProtocol.request("q", ["a", "b"], model: "m", form: .cohere)
    #expect(cohere.documents?.array?.count == 2 && cohere.top_n?.int == 2)
    #expect(RerankProtocol.request("q", ["a"], model: "m", form: .tei).texts?.array?.count == 1)
  }

  @Test func aModelsNumbersAreTakenOnce() throws {
    let prompt = try PromptShelf().prompt("rerank")
    let some = ChatReranker(Fixed(text: "3, 1, 3 and 9"), prompt: prompt)
    #expect(try some.order(["a", "b", "c"], for: "q") == [2, 0, 1])
    #expect(try ChatReranker(Fixed(text: "none"), prompt: prompt).order(["a", "b"], for: "q") == [0, 1])
  }
}
