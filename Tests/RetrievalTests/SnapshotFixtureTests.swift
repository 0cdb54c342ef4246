// Snapshots of earlier versions, kept as they were written: opened or refused, never misread. With UPDATE_GOLDENS=1 the
// current version's fixture is printed instead, to be put in place when the version rises.
import Base
import Foundation
import Testing

@testable import Retrieval

struct SnapshotFixtureTests {
  private static func made() throws -> RetrievalIndex {
    let index = RetrievalIndex(dimension: 4)
    try index.apply(
      add: [
        Record(
          id: 7, text: "parental leave", vector: [1, 0, 0, 0],
          fields: ["dept": .text("HR"), "year": .number(2024), "tags": .list(["draft"])], group: 1),
        Record(id: -2, text: "travel costs", vector: [0, 1, 0, 0], fields: ["until": .date(86_400)], group: 2),
        Record(id: 9, text: "gone tomorrow", vector: [0, 0, 1, 0], group: 3),
      ], remove: [])
    try index.apply(add: [], remove: [9])
    return index
  }

  @Test func versionOneOpens() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.index"
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      try Self.made().save(to: path, generation: 5, fingerprint: "fixture")
      print(Data(readFile(path)).base64EncodedString(options: .lineLength76Characters))
      return
    }
    let bytes = try #require(Data(base64Encoded: versionOneSnapshot, options: .ignoreUnknownCharacters))
    writeFile(path, Array(bytes))
    let opened = try RetrievalIndex.open(path: path, expecting: "fixture")
    #expect(opened.openedTag == 5 && opened.count == 2 && opened.generation == 2)
    let hits = opened.search(
      SearchRequest(
        text: "parental leave", vector: [1, 0, 0, 0],
        filter: try Filter(parsing: "dept = 'HR' and year = 2024 and tags = 'draft'")))
    #expect(hits.map(\.id) == [7])
    #expect(
      hits
        == (try Self.made()).search(
          SearchRequest(text: "parental leave", vector: [1, 0, 0, 0], filter: .exists("dept"))))
    let other = SearchRequest(text: "travel", vector: [0, 1, 0, 0], filter: try Filter(parsing: "until = 1970-01-02"))
    #expect(opened.search(other).map(\.id) == [-2])
  }

  @Test func anotherVersionIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/a.index"
    try Self.made().save(to: path, generation: 5, fingerprint: "fixture")
    var bytes = readFile(path)
    bytes[8] = 2
    writeFile(path, bytes)
    #expect(throws: RetrievalFailure.snapshotVersion(found: 2)) {
      try RetrievalIndex.open(path: path, expecting: "fixture")
    }
  }
}
