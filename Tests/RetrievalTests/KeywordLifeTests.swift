// The keyword index over its life: random operations against a dictionary, a thousand rounds of coming and going,
// readers beside a writer.
import Base
import Synchronization
import Testing
import Text

@testable import Retrieval

@Suite struct KeywordLifeTests {
  /// An index of the same texts that has known nothing else.
  private func fresh(_ texts: [UInt32: String]) -> KeywordIndex {
    let index = KeywordIndex()
    index.add(texts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    index.publish()
    return index
  }

  @Test(arguments: 0..<4)
  func modelOfRandomOperations(seed: Int) throws {
    var source = KeywordTextSource(seed: UInt64(1_000 + seed))
    var index = KeywordIndex()
    var model: [UInt32: String] = [:]
    var published = model
    for _ in 0..<120 {
      switch Int.random(in: 0..<10, using: &source.random) {
      case 0..<4:
        let records = (0..<Int.random(in: 1...12, using: &source.random)).map { _ in
          (slot: UInt32.random(in: 0..<80, using: &source.random), text: source.text(wordsMax: 12))
        }
        index.add(records)
        for record in records { model[record.slot] = record.text }
      case 4..<6:
        let slots = (0..<Int.random(in: 1...10, using: &source.random)).map { _ in
          UInt32.random(in: 0..<90, using: &source.random)
        }
        index.remove(slots)
        for slot in slots { model[slot] = nil }
      case 6..<9:
        index.publish()
        published = model
      default:
        index = try #require(KeywordIndex(reading: index.snapshot(), slotLimit: 100))
        model = published
      }
      let query = KeywordQuery(source.question())
      let expected = fresh(published).generation.naiveSearch(query, k: 10)
      #expect(index.search(query, k: 10) == expected, "seed \(seed), \(query)")
      #expect(index.generation.documents == published.count)
    }
  }

  @Test func aThousandRoundsLeaveNothingBehind() {
    var source = KeywordTextSource(seed: 5)
    let index = KeywordIndex()
    let kept = (0..<400).map { (slot: UInt32($0), text: source.text()) }
    index.add(kept)
    index.publish()
    let before = index.generation.byteCount
    let answers = ["oil price", "running nation", "SKU-4471/B"].map { index.search($0, k: 10) }
    for round in 0..<1_000 {
      let slots = (0..<20).map { UInt32(400 + (round * 7 + $0) % 60) }
      // Words of their own, so that a vocabulary that never forgets would show.
      index.add(slots.map { ($0, "round \(round) text \($0) word\(round * 60 + Int($0))") })
      index.publish()
      index.remove(slots)
      index.publish()
    }
    let after = index.generation
    #expect(after.documents == 400)
    #expect(after.byteCount <= before + 4 * 64, "was \(before), is \(after.byteCount)")
    #expect(["oil price", "running nation", "SKU-4471/B"].map { index.search($0, k: 10) } == answers)
    #expect(index.snapshot().count < before)
  }

  @Test func replacingEveryTextAgainAndAgain() {
    let index = KeywordIndex()
    for round in 0..<50 {
      index.add((0..<100).map { ($0, "slot \($0) in round number\(round)") })
      index.publish()
      #expect(index.generation.documents == 100)
    }
    #expect(index.search("number3", k: 10).isEmpty)
    #expect(index.search("number49", k: 200).count == 100)
    #expect(index.generation.segmentCount == 1)
  }

  @Test func smallPublishesAreMerged() {
    var source = KeywordTextSource(seed: 9)
    let index = KeywordIndex()
    for slot in 0..<300 {
      index.add([(UInt32(slot), source.text())])
      index.publish()
    }
    #expect(index.generation.segmentCount <= 10)
    #expect(index.generation.documents == 300)
  }

  @Test func morePassagesThanASegmentHolds() {
    let count = KeywordSegment.documentsMax + 700
    let index = KeywordIndex()
    index.add((0..<count).map { (UInt32($0), $0 % 1_000 == 7 ? "needle \($0)" : "hay") })
    index.publish()
    #expect(index.generation.segmentCount == 2)
    let found = index.search("needle", k: 1_000).map(\.slot)
    #expect(found == (0..<count).filter { $0 % 1_000 == 7 }.map(UInt32.init))
    #expect(index.search("hay", k: 3).map(\.slot) == [0, 1, 2])
  }

  /// Under the thread sanitizer this is the race test; without it, that a reader always sees a whole generation.
  @Test func readersBesideAWriter() async {
    let index = KeywordIndex()
    let writing = Writing()
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        for round in 0..<200 {
          // Each publish replaces all texts at once: a mix of two rounds would show as two different words.
          index.add((0..<20).map { ($0, "common round\(round)") })
          index.publish()
        }
        writing.isDone.store(true, ordering: .releasing)
      }
      for _ in 0..<3 {
        group.addTask {
          while !writing.isDone.load(ordering: .acquiring) {
            let generation = index.generation
            let found = generation.search(KeywordQuery("common"), k: 30)
            #expect(found.isEmpty || found.count == 20)
            let rounds = Set(
              found.compactMap { generation.place(of: $0.slot) }.map {
                generation.parts[$0.part].segment.spelledWords(of: $0.document)[1].form
              })
            #expect(rounds.count <= 1)
            await Task.yield()
          }
        }
      }
    }
    #expect(index.search("round199", k: 30).count == 20)
  }
}

private final class Writing: Sendable {
  let isDone = Atomic(false)
}
