// The library moves to another embedder: refused until it is moved, serving while it moves, whole afterwards.
import Base
import Embedding
import Foundation
import Retrieval
import ScriptedEndpoint
import Store
import Synchronization
import Testing

@testable import KnowledgeBase

@Suite struct ReembedTests {
  private let library: TestLibrary

  init() throws {
    library = try TestLibrary()
    try library.add("The lift is inspected in May.", named: "lift.txt")
    try library.add("Desks are cleaned on Fridays.", named: "desk.txt")
  }

  private func wide(_ dimension: Int = 768) -> WordsEmbedder {
    WordsEmbedder(identity: EmbedderIdentity(name: "wide", fingerprint: "2", dimension: dimension))
  }

  @Test func anotherEmbedderIsRefusedForSearchAndAddUntilTheLibraryIsMoved() throws {
    try library.restart(saving: true, embedder: wide())
    for attempt in [
      { _ = try library.filenames("lift") }, { try library.add("More.", named: "more.txt") },
      { _ = try library.library.ask(AnswerQuestion("When is the lift inspected?")) },
      { try library.library.checkEmbedder() },
    ] as [() throws -> Void] {
      let error = #expect(throws: LibraryError.self) { try attempt() }
      #expect(error?.code == "another_embedder" && error?.hint.contains("footnote reembed") == true)
    }
    // What needs no vector goes on.
    #expect(try library.library.statistics().embedder.name == "words")
    _ = try library.library.remove("desk.txt")
    let outcome = try library.library.reembed(to: wide())
    #expect(outcome.to.dimension == 768 && outcome.textsCut == 0)
    #expect(try library.filenames("lift inspected") == ["lift.txt"])
    try library.restart(saving: false, embedder: wide())
    #expect(try library.filenames("lift inspected") == ["lift.txt"])
    try library.restart(saving: true)
    #expect(throws: LibraryError.self) { try library.filenames("lift") }
  }

  @Test(arguments: [1, 7, 63, 64, 65, 384, 768, 1_536, 4_096])
  func everyDimensionGoesThroughGraphAndSnapshots(_ dimension: Int) throws {
    _ = try library.library.reembed(to: wide(dimension))
    #expect(library.library.embedderInUse.dimension == dimension)
    let before = try library.library.search(SearchQuestion("lift inspected")).passages.map(\.hit.semantic)
    try library.restart(saving: true, embedder: wide(dimension))
    #expect(try library.library.search(SearchQuestion("lift inspected")).passages.map(\.hit.semantic) == before)
    #expect(try library.filenames("lift inspected").first == "lift.txt")
  }

  @Test func theOldVectorsServeAndWhatChangesMeanwhileIsRightAfterwards() throws {
    let steps = Mutex(0)
    let library = self.library
    _ = try library.library.reembed(to: wide()) { _ in
      let step = steps.withLock { step in
        step += 1
        return step
      }
      guard step == 1 else { return }
      #expect(try library.filenames("lift inspected").first == "lift.txt")
      try library.add("The roof is mended in June.", named: "roof.txt")
      try library.add("Bicycles stand in the yard.", named: "bike.txt", collection: "yard")
      _ = try library.library.forget("desk.txt")
      try library.add("The lift is inspected in October now.", named: "lift.txt")
      #expect(library.library.embedderInUse.name == "words")
    }
    #expect(library.library.embedderInUse.name == "wide")
    for embedder in [nil, wide()] as [WordsEmbedder?] {
      if let embedder { try library.restart(saving: false, embedder: embedder) }
      #expect(try library.filenames("roof mended").first == "roof.txt")
      #expect(try library.filenames("bicycles yard") { $0.collections = ["yard"] } == ["bike.txt"])
      #expect(try library.filenames("desks cleaned").contains("desk.txt") == false)
      let passages = try library.library.search(SearchQuestion("lift inspected")).passages
      #expect(passages.first?.text.contains("October") == true)
      var question = SearchQuestion("roof mended")
      question.mode = .semantic
      #expect(try library.library.search(question).passages.first?.filename == "roof.txt")
    }
  }

  @Test func aChangeBetweenTheBatchesAndTheSwitchIsNotLost() throws {
    // After the last batch, before the switch: the index is being built then.
    let seen = Mutex<[Int]>([])
    let library = self.library
    _ = try library.library.reembed(to: wide()) { progress in
      seen.withLock { $0.append(progress.done) }
      if progress.done == progress.total, seen.withLock({ $0.count }) == 2 {
        try library.add("The roof is mended in June.", named: "roof.txt")
      }
    }
    #expect(try library.filenames("roof mended").first == "roof.txt")
  }

  @Test func aRunThatIsEndedIsTakenUpAgain() throws {
    struct Killed: Error {}
    for number in 0..<(Limits.reembedBatchChunks + 20) {
      try library.add("Room \(number) has a door.", named: "\(number).txt")
    }
    #expect(throws: Killed.self) {
      try library.library.reembed(to: wide()) { if $0.done >= Limits.reembedBatchChunks { throw Killed() } }
    }
    #expect(try library.filenames("lift inspected").first == "lift.txt")
    try library.restart(saving: false)
    #expect(try library.filenames("lift inspected").first == "lift.txt")
    let outcome = try library.library.reembed(to: wide())
    #expect(outcome.resumed == Limits.reembedBatchChunks)
    #expect(try library.filenames("lift inspected").first == "lift.txt")
  }

  @Test func onlyOneRunAtATime() throws {
    let library = self.library.library
    let other = wide(100)
    _ = try library.reembed(to: wide()) { _ in
      #expect(throws: LibraryError.alreadyReembedding) { try library.reembed(to: other) }
    }
  }

  @Test func questionsAsOfAnEarlierTimeAreStillAnswered() throws {
    library.clock.advance(1_000)
    let before = library.clock.wallSeconds()
    library.clock.advance(1_000)
    try library.add("The lift is inspected in October now.", named: "lift.txt")
    _ = try library.library.reembed(to: wide())
    var question = SearchQuestion("lift inspected")
    question.asOf = before
    #expect(try library.library.search(question).passages.first?.text.contains("May") == true)
  }

  @Test func movingToWhatItHasIsNothing() throws {
    let outcome = try library.library.reembed(to: WordsEmbedder())
    #expect(outcome.from == outcome.to && outcome.texts == 0)
  }

  @Test func whatIsForgottenIsInNoFileAfterwards() throws {
    _ = try library.library.reembed(to: wide())
    _ = try library.library.forget("desk.txt")
    let counts = try library.library.database.read { try $0.vectorCounts(embedder: library.library.embedderInUse.id) }
    #expect(counts.held == 1 && counts.needed == 1)
  }
}
