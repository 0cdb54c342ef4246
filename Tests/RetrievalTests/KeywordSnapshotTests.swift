// The keyword index through a snapshot, and bytes that are none.
import Base
import Testing
import Text

@testable import Retrieval

@Suite struct KeywordSnapshotTests {
  private func sample(_ count: Int = 120) -> KeywordIndex {
    var source = KeywordTextSource(seed: 3)
    let index = KeywordIndex()
    index.add((0..<count).map { (UInt32($0), source.text(wordsMax: 12)) })
    index.publish()
    index.remove([3, 4, 5])
    index.publish()
    return index
  }

  @Test func comesBackTheSame() throws {
    let index = sample()
    let again = try #require(KeywordIndex(reading: index.snapshot(), slotLimit: 120))
    var source = KeywordTextSource(seed: 4)
    for _ in 0..<40 {
      let query = KeywordQuery(source.question())
      #expect(again.search(query, k: 20) == index.search(query, k: 20), "\(query)")
    }
    #expect(again.snapshot() == index.snapshot())
    again.add([(3, "back again")])
    again.publish()
    #expect(again.search("back", k: 1).map(\.slot) == [3])
  }

  @Test func anEmptyIndexToo() throws {
    let again = try #require(KeywordIndex(reading: KeywordIndex().snapshot(), slotLimit: 0))
    #expect(again.generation.documents == 0)
  }

  @Test func otherOptionsAndSlotsAreRefused() {
    let bytes = sample().snapshot()
    #expect(KeywordIndex(reading: bytes, options: KeywordOptions(k1: 1.5), slotLimit: 120) == nil)
    #expect(KeywordIndex(reading: bytes, options: KeywordOptions(language: .german), slotLimit: 120) == nil)
    #expect(KeywordIndex(reading: bytes, slotLimit: 119) == nil)
  }

  @Test func everyCutIsRefused() {
    let bytes = sample(30).snapshot()
    for length in 0..<bytes.count {
      if KeywordIndex(reading: Array(bytes[..<length]), slotLimit: 120) != nil {
        Issue.record("cut at \(length) of \(bytes.count)")
      }
    }
    #expect(KeywordIndex(reading: bytes + [0], slotLimit: 120) == nil)
  }

  /// Without its checksum a flipped byte may go unnoticed, but it must not crash reading or searching.
  @Test func flippedBytesNeverCrash() {
    let bytes = sample(30).snapshot()
    var random = SeededRandom(seed: 11)
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= UInt8.random(in: 1...255, using: &random)
      guard let index = KeywordIndex(reading: damaged, slotLimit: 200) else { continue }
      for question in ["the oil price", "SKU-4471/B \"of in\"", "東京都 running"] {
        let found = index.search(question, k: 5)
        for result in found { _ = index.generation.explain(KeywordQuery(question), slot: result.slot) }
      }
      index.remove([0, 1, 2, 3, 4, 5, 6, 7])
      index.publish()
    }
  }
}
