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

  /// Bytes that a checksum let through by mistake, or that someone made to fit it: refused, or opened into an index
  /// that answers and takes records; never a crash, never an id that nobody gave.
  @Test func flipsUnderARepairedChecksumDoNoHarm() throws {
    let folder = try TemporaryFolder()
    let (index, records) = try sampleIndex(6, dimension: 4)
    let path = folder.path + "/a.snapshot"
    try index.save(to: path, generation: 1, fingerprint: "m")
    let whole = readFile(path)
    let sections = try #require(SnapshotLayout(whole))
    let damaged = folder.path + "/b.snapshot"
    let filter = try Filter(parsing: "price < 50 or tags = 't1' or until > 2001-01")
    var refused = 0
    for section in sections.sections {
      // Every place of the small sections, every seventh of the graph: its own tests flip all of them.
      for place in section.range where section.name != "graph" || place % 7 == 0 {
        var flipped = whole
        flipped[place] ^= UInt8(1 << ((place * 5) % 8))
        sections.repair(&flipped)
        writeFile(damaged, flipped)
        guard let opened = try? RetrievalIndex.open(path: damaged, expecting: "m") else {
          refused += 1
          continue
        }
        for mode in SearchMode.allCases {
          let request = SearchRequest(
            text: records[3].text, vector: opened.dimension == 4 ? records[3].vector : nil, mode: mode, filter: filter)
          #expect(opened.search(request).count <= 6, "\(section.name) at \(place)")
        }
        try? opened.apply(add: opened.dimension == 4 ? [records[0]] : [], remove: [1])
      }
    }
    // Most bytes are counts, offsets and links, which contradict each other when one is wrong.
    #expect(refused > 200)
    // The repair is a repair: without a flip the file opens.
    var untouched = whole
    sections.repair(&untouched)
    #expect(untouched == whole)
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

/// Where a snapshot keeps its sections and their digests, read by hand, so that a test can make damage that fits.
private struct SnapshotLayout {
  struct Section {
    var name: String
    var range: Range<Int>
    var digestAt: Int
  }

  var sections: [Section] = []
  private var headerEnd = 0

  init?(_ bytes: [UInt8]) {
    var place = 8 + 4
    func number(_ count: Int) -> Int {
      defer { place += count }
      return (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    let count = number(4)
    place += 8
    let nameLength = number(4)
    place += nameLength
    for _ in 0..<count {
      let length = number(4)
      let name = String(decoding: bytes[place..<place + length], as: UTF8.self)
      place += length
      let offset = number(8)
      let size = number(8)
      sections.append(Section(name: name, range: offset..<offset + size, digestAt: place))
      place += 32
    }
    headerEnd = place
    guard sections.map(\.name) == ["records", "words", "graph"] else { return nil }
  }

  func repair(_ bytes: inout [UInt8]) {
    for section in sections {
      bytes.replaceSubrange(
        section.digestAt..<section.digestAt + 32, with: SHA256Digest(of: Array(bytes[section.range])).bytes)
    }
    bytes.replaceSubrange(headerEnd..<headerEnd + 32, with: SHA256Digest(of: Array(bytes[..<headerEnd])).bytes)
  }
}
