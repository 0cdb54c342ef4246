// Versions over time: what an edit costs, what comes back after it was taken out, and how a document was cut.
import Base
import Embedding
import Foundation
import Ingest
import Store
import Synchronization
import Testing
import Text

@testable import KnowledgeBase

/// Counts the texts that it is given, so that a test sees what was embedded again.
final class CountingEmbedder: Embedder {
  let identity = WordsEmbedder().identity
  let windowTokens = 256
  private let count = Mutex(0)

  var embedded: Int { count.withLock { $0 } }

  func tokenCount(_ text: String) -> Int { text.utf8.count { $0 == 0x20 } + 1 }

  func embed(_ texts: [String]) throws -> EmbeddingBatch {
    count.withLock { $0 += texts.count }
    var vectors: [Float] = []
    for text in texts {
      var random = SeededRandom(seed: text.utf8.reduce(3) { $0 &* 31 &+ UInt64($1) })
      vectors += (0..<identity.dimension).map { _ in Float.random(in: -1...1, using: &random) }
    }
    return EmbeddingBatch(
      dimension: identity.dimension, vectors: vectors,
      tokensCut: texts.map { max(0, tokenCount($0) + 2 - windowTokens) })
  }
}

@Suite struct VersionTests {
  @Test func aPageEditedInThreeHundredEmbedsAHandful() throws {
    let test = try TestLibrary()
    let embedder = CountingEmbedder()
    try test.restart(saving: false, embedder: embedder)
    var random = SeededRandom(seed: 9)
    var pages = (0..<300).map { page in
      (0..<24).map { line in
        let party = Int.random(in: 0..<10_000, using: &random)
        return "Clause \(page).\(line) binds party \(party) to what was agreed on that day."
      }.joined(separator: " ")
    }
    try test.add(pages.joined(separator: "\n\n"), named: "contract.txt")
    let whole = embedder.embedded
    #expect(whole > 400)
    pages[150] = "This page was rewritten from its first word to its last. It is short now."
    let outcome = try test.add(pages.joined(separator: "\n\n"), named: "contract.txt")
    #expect(outcome.status == .updated && outcome.chunksAdded > 400)
    let again = embedder.embedded - whole
    #expect((1...16).contains(again), "\(again) of \(whole) chunks were embedded again")
  }

  @Test func whatComesBackIsTheSameDocument() throws {
    let test = try TestLibrary()
    let first = try test.add("Bees make honey in summer.", named: "bees.txt", path: "/tmp/bees.txt")
    test.clock.advance(100)
    _ = try test.library.retire(paths: ["/tmp/bees.txt"])
    let between = test.clock.wallSeconds() + 50
    #expect(try test.filenames("honey").isEmpty)
    test.clock.advance(100)
    let again = try test.add("Bees make honey in summer.", named: "bees.txt", path: "/tmp/bees.txt")
    #expect(again.documentID == first.documentID && again.status == .added)
    #expect(try test.filenames("honey") == ["bees.txt"])
    #expect(try test.filenames("honey") { $0.asOf = between }.isEmpty)
    #expect(try test.library.versions(of: test.library.document("bees.txt")).count == 2)
  }

  /// What is current goes by what was done last, whatever the clock said at the time.
  @Test func aClockThatJumpsChangesNothing() throws {
    let test = try TestLibrary()
    for (round, jump) in [0.0, 3e8, -6e8, 3e8].enumerated() {
      test.clock.advance(jump)
      try test.add("Bees make honey in summer, round \(round).", named: "bees.txt", path: "/tmp/bees.txt")
      #expect(try test.library.text(of: test.library.document("bees.txt")).string.contains("round \(round)"))
    }
    test.clock.advance(-9e8)
    _ = try test.library.retire(paths: ["/tmp/bees.txt"])
    #expect(try test.filenames("honey").isEmpty)
    try test.add("Bees make honey again.", named: "bees.txt", path: "/tmp/bees.txt")
    try test.restart(saving: true)
    #expect(try test.filenames("honey") == ["bees.txt"])
    #expect(try test.library.versions(of: test.library.document("bees.txt")).map(\.number) == [1, 2, 3, 4, 5])
  }

  @Test func anotherWayOfCuttingIsAnotherVersion() throws {
    let test = try TestLibrary()
    let text = (0..<200).map { "word\($0)" }.joined(separator: " ")
    func add(_ plain: ChunkingOptions.Plain?) throws -> AddOutcome {
      try test.library.add(Incoming(bytes: Array(text.utf8), filename: "a.txt", plainChunks: plain))
    }
    #expect(try add(nil).status == .added)
    let plain = try add(ChunkingOptions.Plain(words: 50, overlap: 10))
    #expect(plain.status == .updated && plain.chunksAdded == 5)
    #expect(try add(ChunkingOptions.Plain(words: 50, overlap: 10)).status == .unchanged)
    #expect(try add(nil).status == .updated)
  }

  @Test func whatThePlainFormLeavesUnreadIsSaid() throws {
    let test = try TestLibrary()
    try test.restart(saving: false, embedder: CountingEmbedder())
    let text = (0..<600).map { "word\($0)" }.joined(separator: " ")
    let outcome = try test.library.add(
      Incoming(bytes: Array(text.utf8), filename: "a.txt", plainChunks: ChunkingOptions.Plain()))
    #expect(outcome.warnings.contains { $0.hasPrefix("1 of 2 chunks are longer") }, "\(outcome.warnings)")
    #expect(try test.add(text, named: "b.txt").warnings.isEmpty)
  }

  @Test func aPassageComesWithTheRangeToReadItIn() throws {
    let test = try TestLibrary()
    let section = (0..<60).map { "Rule \($0) says that every desk has a lamp of its own." }.joined(separator: " ")
    try test.add("Kitchen\n\nTea is at four.\n\n" + section, named: "rules.txt")
    let passage = try #require(try test.library.search(SearchQuestion("rule 30 desk lamp")).passages.first)
    #expect(passage.reading.lowerBound <= passage.start && passage.reading.upperBound >= passage.end)
    #expect(passage.reading.count > passage.end - passage.start)
    #expect(passage.reading.count <= Limits.readingScalarsMax)
  }
}
