// What of an embeddings reply is believed.
import Base
import Testing

@testable import Models

@Suite struct EmbeddingsProtocolTests {
  private func row(_ index: Int?, _ numbers: JSON) -> JSON { ["index": JSON(index), "embedding": numbers] }

  private func refusal(_ rows: JSON, count: Int, dimension: Int? = 2) -> String? {
    do {
      _ = try EmbeddingsProtocol.vectors(in: ["data": rows], count: count, dimension: dimension)
      return nil
    } catch { return error.why }
  }

  @Test func vectorsComeInOrderAndAtUnitLength() throws {
    let reply: JSON = ["data": [row(1, [0, 2]), row(0, [3, 4])]]
    #expect(try EmbeddingsProtocol.vectors(in: reply, count: 2, dimension: nil).vectors == [0.6, 0.8, 0, 1])
    let huge: JSON = ["data": [row(0, [3e200, 4e200])]]
    #expect(try EmbeddingsProtocol.vectors(in: huge, count: 1, dimension: nil).vectors == [0.6, 0.8])
    let plain: JSON = ["data": [["embedding": [0, 2]], ["embedding": [2, 0]]]]
    #expect(try EmbeddingsProtocol.vectors(in: plain, count: 2, dimension: nil).vectors == [0, 1, 1, 0])
  }

  @Test func whatIsWrongIsNamed() {
    #expect(refusal([], count: 1)?.contains("0 vectors for 1 texts") == true)
    #expect(refusal([row(0, [1, 0]), row(0, [1, 0])], count: 2)?.contains("index") == true)
    #expect(refusal([row(1, [1, 0])], count: 1)?.contains("index") == true)
    #expect(refusal([row(0, [1, 0, 0])], count: 1)?.contains("3 numbers instead of 2") == true)
    #expect(refusal([row(0, [0, 0])], count: 1)?.contains("zero") == true)
    #expect(refusal([row(0, [1, nil])], count: 1)?.contains("no finite number") == true)
    #expect(refusal([row(0, [])], count: 1, dimension: nil)?.contains("no list") == true)
    #expect(refusal([row(0, "AAAA")], count: 1)?.contains("no list") == true)
    #expect(
      refusal([row(0, .array(Array(repeating: 1, count: 5_000)))], count: 1, dimension: nil)?.contains("4096") == true)
    #expect(refusal("x", count: 1) != nil)
  }

  @Test func tokensAreRatherOverestimated() {
    #expect(TokenEstimate.count("") == 0)
    #expect(TokenEstimate.count("the cat") == 2)
    #expect(TokenEstimate.count("vacation, 2025!") == 2 + 1 + 2 + 1)
    #expect(TokenEstimate.count("年次休暇") == 4)
  }
}
