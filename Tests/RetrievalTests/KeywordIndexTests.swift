// The keyword index against its naive scorer, and what a user may expect of it.
import Base
import Testing
import Text

@testable import Retrieval

@Suite struct KeywordIndexTests {
  private func index(_ texts: [String], _ options: KeywordOptions = KeywordOptions()) -> KeywordIndex {
    let index = KeywordIndex(options)
    index.add(texts.enumerated().map { (UInt32($0.offset), $0.element) })
    index.publish()
    return index
  }

  private func slots(_ index: KeywordIndex, _ question: String, k: Int = 10) -> [UInt32] {
    index.search(question, k: k).map(\.slot)
  }

  @Test func findsIdentifiersWholeAndInParts() {
    let index = index([
      "The part SKU-4471/B is out of stock.", "The part SKU-4471/C is here, and B too.",
      "As §12.3 says, notice is due.", "Chapter 12 has 3 pages.", "A 401(k) plan", "It cost $1,299.99 then.",
    ])
    #expect(slots(index, "SKU-4471/B").first == 0)
    #expect(slots(index, "4471") == [0, 1])
    #expect(slots(index, "§12.3").first == 2)
    #expect(slots(index, "§ 12.3").first == 2)
    #expect(slots(index, "401(k)").first == 4)
    #expect(slots(index, "1299.99").first == 5)
  }

  @Test func foldsAndStemsButPrefersTheFormAskedFor() {
    let index = index([
      "Two cafés in Kraków", "one cafe in Lodz", "running dogs", "the dog runs", "a dog run",
    ])
    #expect(slots(index, "café") == [1, 0])
    #expect(slots(index, "krakow") == [0])
    #expect(slots(index, "ŁÓDŹ") == [1])
    #expect(slots(index, "runs").first == 3)
    #expect(Set(slots(index, "run")) == [2, 3, 4])
  }

  @Test func phrasesAreRequired() {
    let index = index(["new york city", "york is new", "New, York!", "newer york", "SKU-4471/B new"])
    #expect(Set(slots(index, "\"new york\"")) == [0, 2])
    #expect(Set(slots(index, "city \"new york\"")) == [0, 2])
    #expect(slots(index, "\"4471 B\"") == [4])
    #expect(slots(index, "\"sku-4471/b\"") == [4])
    #expect(slots(index, "\"york new\"") == [])
    #expect(Set(slots(index, "new \"york")) == [0, 1, 2, 3, 4])
  }

  @Test func dropsStopWordsUnlessNothingElseIsAsked() {
    let index = index(["to be or not to be", "a question of trust", "the end"])
    #expect(slots(index, "the trust") == [1])
    #expect(slots(index, "to be or not to be").first == 0)
    #expect(Set(index.search("the trust", k: 9, stopWords: .keepAll).map(\.slot)) == [1, 2])
  }

  @Test func pairsOfDenseScripts() {
    let index = index(["東京都に住む", "京都に住む", "大阪"])
    #expect(slots(index, "東京").first == 0)
    #expect(slots(index, "京都に").first == 1)
  }

  @Test func nothingInNothingOut() {
    let empty = index([])
    #expect(empty.search("anything", k: 10).isEmpty)
    let one = index(["", "word"])
    #expect(one.search("", k: 10).isEmpty)
    #expect(one.search("\"\" ??? ((( §", k: 10).isEmpty)
    #expect(one.search("word", k: 0).isEmpty)
    #expect(one.search("word", k: 1_000).map(\.slot) == [1])
    #expect(one.search("word", k: 9, accept: []).isEmpty)
    #expect(one.search("word", k: 9, accept: [1 << 1]).map(\.slot) == [1])
    #expect(one.generation.explain(KeywordQuery("word"), slot: 7) == nil)
  }

  /// A textbook case by hand: two texts, lengths 3 and 1, one occurrence each.
  @Test func scoresAreBM25() throws {
    let index = index(["fox ox ax", "fox"], KeywordOptions(exactShare: 0, language: .none))
    let found = index.search("fox", k: 2)
    #expect(found.map(\.slot) == [1, 0])
    let idf = 0.182_321_556_793_954_6  // ln(1 + 0.5 / 2.5)
    #expect(abs(Double(found[0].score) - idf / (1 + 1.2 * (0.25 + 0.75 * 1 / 2))) < 1e-4)
    #expect(abs(Double(found[1].score) - idf / (1 + 1.2 * (0.25 + 0.75 * 3 / 2))) < 1e-4)
  }

  @Test(arguments: 0..<6)
  func agreesWithTheNaiveScorer(seed: Int) {
    var source = KeywordTextSource(seed: UInt64(seed))
    let index = KeywordIndex()
    let batches = seed % 4 + 1
    for batch in 0..<batches {
      index.add((0..<60).map { (UInt32(batch * 60 + $0), source.text()) })
      index.publish()
    }
    for round in 0..<12 {
      let query = KeywordQuery(source.question(), stopWords: round % 2 == 0 ? .keepAll : .short)
      var accept: [UInt64]?
      if round % 3 == 0 { accept = (0..<4).map { _ in source.random.next() & source.random.next() } }
      let all = index.generation.naiveSearch(query, k: 2_000, accept: accept)
      for k in [1, 10, 100, 2_000] {
        let found = index.search(query, k: k, accept: accept)
        #expect(found == Array(all.prefix(k)), "\(query), k \(k), seed \(seed)")
      }
    }
  }

  @Test func explanationsAddUp() throws {
    var source = KeywordTextSource(seed: 77)
    let index = index((0..<300).map { _ in source.text() })
    for _ in 0..<20 {
      let query = KeywordQuery(source.question())
      for found in index.search(query, k: 5) {
        let explanation = try #require(index.generation.explain(query, slot: found.slot))
        #expect(explanation.score == found.score)
        #expect(explanation.matchesPhrases)
        let sum = explanation.terms.reduce(Float(0)) { $0 + $1.contribution }
        #expect(abs(sum - found.score) < 1e-3)
      }
    }
  }

  @Test func readersKeepWhatTheyBeganWith() {
    let index = index(["old text"])
    let generation = index.generation
    index.add([(0, "new text")])
    #expect(slots(index, "old") == [0])
    index.publish()
    #expect(slots(index, "old") == [])
    #expect(slots(index, "new") == [0])
    #expect(generation.documents == 1)
    #expect(generation.parts[0].segment.spelledWords(of: 0).map(\.form) == ["old", "text"])
  }

  @Test(arguments: ["(", "a", "§", "\"", "a-", "\"a\" ", "東", "1,000", "É", "a b c d e f g "])
  func hostileTextsAndQuestions(unit: String) {
    let text = String(repeating: unit, count: 5_000)
    let index = index([text, "plain words", text])
    let query = KeywordQuery(text, stopWords: .long)
    #expect(query.words.count <= Limits.queryWordsMax && query.phrases.count <= Limits.queryPhrasesMax)
    #expect(index.search(query, k: 10) == index.generation.naiveSearch(query, k: 10))
  }

  @Test func aMegabyteOfOneLetter() {
    let index = index([String(repeating: "a", count: 1 << 20), String(repeating: "a ", count: 1 << 19)])
    #expect(slots(index, "a").count == 1)
    #expect(slots(index, String(repeating: "a", count: 1 << 20)) == [0])
    #expect(index.generation.averageLength > 200_000)
  }
}
