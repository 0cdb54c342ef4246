// Snapshots of the graph: read back whole, refused where they are damaged.
import Base
import Retrieval
import Testing

@Suite struct GraphSnapshotTests {
  private func read(_ bytes: [UInt8], m: Int = 8, dimension: Int = GraphFixture.dimension) throws
    -> VectorIndex
  {
    let options = GraphOptions(dimension: dimension, m: m, efConstruction: 80)
    return unsafe try bytes.withUnsafeBytes { unsafe try VectorIndex(reading: $0, options: options) }
  }

  @Test func comesBackAsItWas() throws {
    let vectors = GraphFixture.vectors(3_000, seed: 21)
    let index = GraphFixture.index(vectors)
    index.remove(slots: (0..<3_000).filter { $0 % 5 == 0 }.map(UInt32.init))
    let bytes = index.snapshotBytes()
    let back = try read(bytes)
    #expect(back.count == index.count)
    #expect(back.snapshotBytes() == bytes)
    for query in GraphFixture.vectors(30, seed: 22) {
      #expect(back.search(query, k: 10, ef: 30) == index.search(query, k: 10, ef: 30))
    }
    // And lives on: what is added to both makes the same graph.
    let more = Array(GraphFixture.vectors(300, seed: 23).joined())
    let slots = (0..<300).map { UInt32($0 * 5) }
    for each in [index, back] { each.add(slots: slots, vectors: more) }
    #expect(back.snapshotBytes() == index.snapshotBytes())
  }

  @Test func anEmptyIndexComesBack() throws {
    let index = VectorIndex(
      options: GraphOptions(dimension: GraphFixture.dimension, m: 8, efConstruction: 80))
    let back = try read(index.snapshotBytes())
    #expect(back.count == 0 && back.search(GraphFixture.vectors(1, seed: 1)[0], k: 3, ef: 10).isEmpty)
  }

  @Test func everyCutIsRefused() {
    let bytes = GraphFixture.index(GraphFixture.vectors(20, seed: 24)).snapshotBytes()
    for length in 0..<bytes.count {
      #expect(throws: GraphFailure.self) { try read(Array(bytes[..<length])) }
    }
    #expect(throws: GraphFailure.self) { try read(bytes + [0]) }
  }

  @Test func otherOptionsAreRefused() {
    let bytes = GraphFixture.index(GraphFixture.vectors(20, seed: 24)).snapshotBytes()
    #expect(throws: GraphFailure.self) { try read(bytes, m: 9) }
    #expect(throws: GraphFailure.self) { try read(bytes, dimension: 49) }
  }

  /// Whoever guards the bytes with a checksum never lets these through; they must do no harm all the same.
  @Test func noFlippedByteDoesHarm() {
    let vectors = GraphFixture.vectors(60, seed: 25)
    let bytes = GraphFixture.index(vectors).snapshotBytes()
    var random = SeededRandom(seed: 26)
    for position in bytes.indices {
      var flipped = bytes
      flipped[position] ^= UInt8.random(in: 1...255, using: &random)
      guard let index = try? read(flipped) else { continue }
      #expect(index.search(vectors[0], k: 10, ef: 20).count == 10)
    }
  }

  @Test func nothingOfARemovedVectorIsKept() {
    let kept = GraphFixture.vectors(100, seed: 27)
    let index = GraphFixture.index(kept)
    let before = index.snapshotBytes()
    let secret = GraphFixture.vectors(3, seed: 28)
    index.add(slots: [100, 101, 102], vectors: Array(secret.joined()))
    index.remove(slots: [100, 101, 102])
    let after = index.snapshotBytes()
    // Behind the header: three slots more, and in their rows zeros and empty links only.
    #expect(after.count > before.count)
    let other = GraphFixture.index(kept)
    other.add(slots: [100, 101, 102], vectors: Array(GraphFixture.vectors(3, seed: 29).joined()))
    other.remove(slots: [100, 101, 102])
    let codesEnd = 48 + 16 + 103 * (4 + 64 + 16)
    #expect(other.snapshotBytes()[..<codesEnd] == after[..<codesEnd])
  }
}
