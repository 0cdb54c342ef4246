// The distance kernels against plain arithmetic, for every instruction set of this processor.
import Base
import CKernels
import Testing
import Vectors

/// Seeded vectors: normal enough, with a few large numbers.
func seededVectors(_ count: Int, dimension: Int, seed: UInt64) -> [[Float]] {
  var random = SeededRandom(seed: seed)
  return (0..<count).map { _ in
    (0..<dimension).map { _ in
      (Float.random(in: -1...1, using: &random) + Float.random(in: -1...1, using: &random)) * 0.1
    }
  }
}

private func codedVectors(_ vectors: [[Float]]) -> CodedVectors {
  let codes = CodedVectors(dimension: vectors[0].count, countMax: vectors.count)
  codes.open(count: vectors.count)
  for (slot, vector) in vectors.enumerated() {
    unsafe vector.withUnsafeBufferPointer { unsafe codes.set(UInt32(slot), to: $0) }
  }
  return codes
}

private func product(_ left: [Float], _ right: [Float]) -> Double {
  zip(left, right).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

private func setQuery(_ vector: [Float], of workspace: GraphWorkspace) {
  unsafe vector.withUnsafeBufferPointer { unsafe workspace.setQuery($0) }
}

@Suite struct DistanceTests {
  @Test(arguments: [1, 7, 63, 64, 65, 384, 1000, 4096])
  func decodedVectorsAreWithinHalfAStep(dimension: Int) {
    let vectors = seededVectors(5, dimension: dimension, seed: 1) + [[Float](repeating: 0, count: dimension)]
    let codes = codedVectors(vectors)
    for (slot, vector) in vectors.enumerated() {
      let largest = vector.map(abs).max() ?? 0
      for (told, given) in zip(codes.vector(UInt32(slot)), vector) {
        #expect(abs(told - given) <= largest / 509 * 0.501)
      }
    }
  }

  @Test(arguments: [1, 7, 63, 64, 65, 384, 1000, 4096])
  func scoresAreNearTheTrueProducts(dimension: Int) {
    let vectors = seededVectors(9, dimension: dimension, seed: 2)
    let codes = codedVectors(vectors)
    let workspace = GraphWorkspace(codes: codes)
    let query = seededVectors(1, dimension: dimension, seed: 3)[0]
    setQuery(query, of: workspace)
    let norm = (product(query, query) * vectors.map { product($0, $0) }.max()!).squareRoot()
    let fine = workspace.fineScores(Array(0..<9))
    let slots = [UInt32](0..<9)
    unsafe slots.withUnsafeBufferPointer { unsafe workspace.fold($0, keep: 9) }
    for slot in 0..<9 {
      #expect(abs(Double(fine[slot]) - product(query, vectors[slot])) < 0.002 * norm + 1e-7)
    }
    for index in 0..<9 {
      let candidate = workspace.candidate(index)
      #expect(
        abs(Double(candidate.score) - product(query, vectors[Int(candidate.slot)])) < 0.02 * norm + 1e-7)
    }
  }

  @Test(arguments: InstructionSet.available, [1, 64, 100, 384, 4096])
  func everyInstructionSetGivesTheSameBits(instructions: InstructionSet, dimension: Int) {
    // The largest codes that there are, next to ordinary ones: sums that overflow or saturate would show.
    let extreme = [
      [Float](repeating: 1, count: dimension), [Float](repeating: -1, count: dimension),
      (0..<dimension).map { $0 % 2 == 0 ? 1 : -1 },
    ]
    let vectors = seededVectors(18, dimension: dimension, seed: 4) + extreme
    let codes = codedVectors(vectors)
    let slots = [UInt32](0..<UInt32(vectors.count))
    for query in seededVectors(2, dimension: dimension, seed: 5) + extreme {
      var lists: [[Candidate]] = []
      var fines: [[Float]] = []
      for set in [InstructionSet.plain, instructions] {
        let workspace = GraphWorkspace(codes: codes, instructions: set)
        setQuery(query, of: workspace)
        fines.append(workspace.fineScores(slots))
        unsafe slots.withUnsafeBufferPointer { unsafe workspace.fold($0, keep: slots.count) }
        lists.append((0..<slots.count).map { workspace.candidate($0) })
      }
      #expect(lists[0] == lists[1])
      #expect(fines[0] == fines[1])
    }
  }

  @Test func extremeProductsAreRight() {
    let dimension = 4096
    let ones = [Float](repeating: 1, count: dimension)
    let codes = codedVectors([ones, ones.map { -$0 }])
    let workspace = GraphWorkspace(codes: codes)
    setQuery(ones, of: workspace)
    let fine = workspace.fineScores([0, 1])
    #expect(abs(fine[0] - 4096) < 4 && abs(fine[1] + 4096) < 4)
  }

  @Test func aScanKeepsTheBestInOrder() {
    let vectors = seededVectors(500, dimension: 32, seed: 6)
    let codes = codedVectors(vectors)
    let workspace = GraphWorkspace(codes: codes)
    setQuery(vectors[17], of: workspace)
    let slots = [UInt32](0..<500)
    unsafe slots.withUnsafeBufferPointer { unsafe workspace.fold($0, keep: 500) }
    let all = (0..<500).map { workspace.candidate($0) }
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.score >= $1.score })
    workspace.clear()
    unsafe slots.reversed().withUnsafeBufferPointer { unsafe workspace.fold($0, keep: 20) }
    #expect((0..<workspace.count).map { workspace.candidate($0) } == Array(all.prefix(20)))
  }

  @Test(arguments: [-Float.greatestFiniteMagnitude, -1, -0.0, 0, 1e-30, 0.5, 3e38])
  func entriesKeepTheirScore(score: Float) {
    let entry = fn_entry_make(score, 12_345)
    #expect(fn_entry_score(entry) == score)
    #expect(fn_entry_slot(entry) == 12_345)
    #expect(fn_entry_make(score, 1) < fn_entry_make(score.nextDown, 0))
  }
}

@Suite struct SlabTests {
  @Test func growsWithoutMoving() {
    let slab = Slab<UInt32>(countMax: 10_000_000)
    slab.open(count: 10)
    let base = unsafe slab.base
    unsafe slab.base[9] = 7
    slab.open(count: 5_000_000)
    unsafe slab.base[4_999_999] = 8
    #expect(unsafe slab.base == base)
    #expect(unsafe slab.base[9] == 7)
    #expect(unsafe slab.base[4_999_998] == 0)
  }
}
