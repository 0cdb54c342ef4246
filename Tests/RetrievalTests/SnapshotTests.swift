// What is saved comes back the same; what is not exactly what was saved does not come back at all.
import Base
import Testing

@testable import Retrieval

struct SnapshotTests {
  @Test func comesBackTheSame() throws {
    let folder = try TemporaryFolder()
    let (index, records) = try sampleIndex(300)
    try index.apply(add: [], remove: (0..<50).map { Int64($0 * 3) })
    let path = folder.path + "/a.snapshot"
    try index.save(to: path, generation: 42, fingerprint: "model-1")
    let opened = try RetrievalIndex.open(path: path, expecting: "model-1")
    #expect(opened.openedTag == 42)
    #expect(opened.generation == index.generation)
    #expect(opened.count == index.count)
    for filter in [nil, try Filter(parsing: "price < 50 and dept != 'IT'")] {
      for mode in SearchMode.allCases {
        let request = SearchRequest(
          text: "leave travel", vector: records[7].vector, mode: mode, filter: filter, explain: true)
        let expected = index.search(request)
        #expect(!expected.isEmpty)
        #expect(opened.search(request) == expected)
      }
    }
    // The opened index is as writable as the first.
    try opened.apply(add: [records[0]], remove: [1])
    #expect(opened.count == index.count)
    #expect(throws: RetrievalFailure.snapshotFingerprint(expected: "model-2", found: "model-1")) {
      try RetrievalIndex.open(path: path, expecting: "model-2")
    }
  }

  @Test func everyFlipAndEveryCutIsNoticed() throws {
    let folder = try TemporaryFolder()
    let (index, _) = try sampleIndex(5, dimension: 4)
    let path = folder.path + "/a.snapshot"
    try index.save(to: path, generation: 1, fingerprint: "m")
    let whole = readFile(path)
    #expect(whole.count > 500 && whole.count < 20_000)
    let damaged = folder.path + "/b.snapshot"
    func refuses(_ bytes: some Collection<UInt8>, _ what: String) {
      writeFile(damaged, bytes)
      #expect(throws: RetrievalFailure.self, "\(what)") {
        try RetrievalIndex.open(path: damaged, expecting: "m")
      }
    }
    for place in whole.indices {
      var flipped = whole
      flipped[place] ^= UInt8(1 << (place % 8))
      refuses(flipped, "flip at \(place)")
    }
    for length in whole.indices { refuses(whole[..<length], "cut at \(length)") }
    refuses(whole + [0], "one byte more")
    writeFile(damaged, whole)
    _ = try RetrievalIndex.open(path: damaged, expecting: "m")
  }

  @Test func pathsThatCannotBe() throws {
    let (index, _) = try sampleIndex(1)
    #expect(throws: RetrievalFailure.self) {
      try RetrievalIndex.open(path: "/nonexistent/a.snapshot", expecting: "m")
    }
    #expect(throws: RetrievalFailure.self) { try RetrievalIndex.open(path: "/", expecting: "m") }
    #expect(throws: RetrievalFailure.self) {
      try index.save(to: "/nonexistent/a.snapshot", generation: 1, fingerprint: "m")
    }
  }
}
