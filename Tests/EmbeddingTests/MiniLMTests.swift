// The engine against PyTorch, and against itself: alone or in a batch, on one thread or two.
import Embedding
import Foundation
import Testing
import Vectors

@Suite(.needsModel) struct MiniLMTests {
  @Test func f32VectorsAreTheReference() throws {
    let reference = try Reference()
    let batch = try Model.load(.f32).embed(reference.texts)
    for row in reference.rows.indices {
      #expect(reference.cosine(row, batch[row]) >= 0.99999, "text \(row)")
    }
  }

  @Test func int8VectorsAreNearTheReference() throws {
    let reference = try Reference()
    let batch = try Model.load(.int8).embed(reference.texts)
    let cosines = reference.rows.indices.map { reference.cosine($0, batch[$0]) }
    #expect(cosines.min()! >= 0.98)
    #expect(cosines.reduce(0, +) / Double(cosines.count) >= 0.995)
  }

  @Test(arguments: Precision.allCases)
  func batchEqualsSingleBitForBit(precision: Precision) throws {
    let texts = try Reference().texts
    let model = try Model.load(precision)
    let batch = try model.embed(texts)
    for (row, text) in texts.enumerated() {
      #expect(try Array(batch[row]) == model.embed([text]).vectors, "text \(row)")
    }
  }

  @Test(arguments: Precision.allCases)
  func twoThreadsEqualOneAndEveryRunEqualsTheFirst(precision: Precision) throws {
    let texts = try Reference().texts
    let one = try Model.load(precision, threads: 1).embed(texts).vectors
    let two = try Model.load(precision, threads: 2)
    #expect(try two.embed(texts).vectors == one)
    #expect(try two.embed(texts).vectors == one)
  }

  @Test func vectorsHaveUnitLengthAndTheCutIsReported() throws {
    let reference = try Reference()
    let model = try Model.load(.int8)
    let batch = try model.embed(reference.texts)
    for (row, text) in reference.rows.enumerated() {
      #expect(abs(batch[row].reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
      #expect(batch.tokensCut[row] == max(0, text.ids.count - (model.windowTokens - 2)))
      #expect(model.tokenCount(text.text) == text.ids.count)
    }
    #expect(batch.tokensCut.contains { $0 > 0 })
  }

  /// A text read word by word is the text that is embedded: its vector, on any number of threads, and a state a token.
  @Test(arguments: [1, 2])
  func whatIsReadIsWhatIsEmbedded(threads: Int) throws {
    let model = try Model.load(.int8, threads: threads)
    let texts = try Reference().texts
    let read = try #require(model.read(texts.map { [$0] }))
    let embedded = try model.embed(texts)
    for (row, reading) in read.enumerated() {
      #expect(reading.vector == Array(embedded[row]), "text \(row)")
      #expect(reading.tokens.count == reading.pieceOfToken.count * model.identity.dimension)
      #expect(reading.pieceOfToken.count == min(model.tokenCount(texts[row]), model.windowTokens - 2))
    }
    #expect(model.read([]) != nil && model.read([])?.isEmpty == true)
  }

  /// What stands before a sentence gives its words their sense, and is no part of what is asked of it.
  @Test func aPieceThatIsReadAlongIsLeftOut() throws {
    let model = try Model.load(.int8)
    let texts = [["The lift is inspected in May. ", "It may carry eight people."], ["eight"]]
    let readings = try #require(model.read(texts))
    let sentence = readings[0].without(piece: 0)
    #expect(Set(sentence.pieceOfToken) == [1] && sentence.tokens.count < readings[0].tokens.count)
    #expect(abs(sentence.vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5 && sentence.vector != readings[0].vector)
    #expect(readings[0].without(piece: 7).vector == readings[0].vector)
    let nearest = readings[1].nearest(in: sentence)
    #expect(nearest.count == 1 && nearest[0] > 0.3 && nearest[0] <= 1.0001)
  }

  @Test func noTextsGiveNoVectors() throws {
    #expect(try Model.load(.int8).embed([]).count == 0)
  }

  @Test func identityTellsPrecisionsApart() throws {
    let quick = try Model.load(.int8).identity
    let exact = try Model.load(.f32).identity
    #expect(quick != exact)
    #expect(quick.dimension == 384 && quick.name == "all-MiniLM-L6-v2")
    #expect(try Model.load(.int8, threads: 2).identity == quick)
  }
}
