// Attacks on the readers, a test a row of the list that the product is held against: what is sent and what must come
// of it. Rows 1, 2, 15 and 17 need a server or workers and stand in AppTests.
import Base
import Foundation
import Testing

@testable import Ingest

@Suite struct SecurityRowTests {
  private let secret = "root:x:0:0"

  private func docx(_ prologue: String, _ body: String) throws -> [UInt8] {
    var file = WordFile(body)
    file.prologue = prologue
    return try file.bytes()
  }

  @Test func row3ZipSlipIsReadInMemoryOnly() throws {
    let outside = FileManager.default.temporaryDirectory.appendingPathComponent("footnote-slip-\(UUID().uuidString)")
    let good = try ZipMaker.archive([
      ("../../../../..\(outside.path())", Array("out".utf8)), (outside.path(), Array("out".utf8)),
      ("in.txt", Array("The walnut stays inside.".utf8)),
    ])
    let members = try Extraction.extract(good, filename: "a.zip", declaredType: nil).members
    #expect(members.filter { $0.failure == nil }.map(\.name) == ["in.txt"])
    #expect(members.compactMap { $0.failure?.reason } == [.unsafeName, .unsafeName])
    #expect(!FileManager.default.fileExists(atPath: outside.path()))
  }

  @Test(arguments: ["application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"])
  func row4TypeIsToldByContent(_ declared: String) {
    let page = Array("<!DOCTYPE html><html><body><p>An error page.</p></body></html>".utf8)
    for name in ["a.pdf", "a.docx"] {
      let refused = #expect(throws: IngestFailure.self) {
        try Extraction.extract(page, filename: name, declaredType: declared)
      }
      #expect(refused?.kind == .unsupported && refused?.reason == .typeMismatch)
    }
  }

  @Test(arguments: [
    #"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>"#,
    #"<!DOCTYPE x [<!ENTITY % e SYSTEM "http://127.0.0.1:9/x.dtd"> %e;]>"#,
    #"<!DOCTYPE x SYSTEM "file:///etc/passwd">"#,
  ])
  func row12ExternalEntitiesAreRefused(_ dtd: String) throws {
    #expect(failure(try docx(dtd, paragraph("&e;")), named: "a.docx") == "dtd_forbidden")
    // Where markup is not XML by name, nothing is fetched and nothing expanded.
    for name in ["a.html", "a.txt", "a.xml", "a.md"] {
      guard let read = try? extract("\(dtd)<x>words &e; more</x>", named: name) else { continue }
      #expect(!read.text.contains(secret), "\(name)")
    }
  }

  @Test func row13EntityBombsAreRefused() throws {
    var laughs = #"<!DOCTYPE x [<!ENTITY l0 "ha">"#
    for level in 1..<12 {
      laughs += "<!ENTITY l\(level) \"\(String(repeating: "&l\(level - 1);", count: 10))\">"
    }
    #expect(failure(try docx(laughs + "]>", paragraph("&l11;")), named: "a.docx") == "dtd_forbidden")
    let large = String(repeating: "B", count: 50_000)
    let quadratic = "<!DOCTYPE x [<!ENTITY b \"\(large)\">]>"
    let body = String(repeating: "&b;", count: 20_000)
    #expect(failure(try docx(quadratic, paragraph(body)), named: "a.docx") == "dtd_forbidden")
    for name in ["a.xml", "a.html", "a.txt"] {
      let sent = quadratic + "<x>\(body)</x>"
      guard let read = try? extract(sent, named: name) else { continue }
      #expect(read.text.utf8.count <= sent.utf8.count, "\(name)")
    }
  }

  @Test func row13DepthEnds() throws {
    let depth = 100_000
    let tags =
      String(repeating: "<w:smartTag>", count: depth) + paragraph("deep")
      + String(repeating: "</w:smartTag>", count: depth)
    #expect(failure(try WordFile(tags).bytes(), named: "a.docx") == "too_deep")
    for words in ["", "<p>Words before.</p>"] {
      let page = words + String(repeating: "<div>", count: depth) + "deep"
      #expect(failure(Array("<html><body>\(page)".utf8), named: "a.html") == "too_deep")
    }
  }

  /// What is no bomb is read to its last word, though libxml2 alone would stop at the 256th level.
  @Test func row13NothingIsCutOfAPageThatIsOnlyDeep() throws {
    let page = String(repeating: "<div>", count: 900) + "deep" + String(repeating: "</div>", count: 900)
    let read = try extract("<html><body><p>First words.</p>\(page)<p>Last words.</p></body></html>", named: "a.html")
    #expect(read.text == "First words.\n\ndeep\n\nLast words.")
  }

  @Test func row14ZipBombsAreRefused() throws {
    let zeros = [UInt8](repeating: 0x20, count: 64 << 20)
    let bomb = try ZipMaker.archive((0..<10).map { ("\($0).txt", zeros) })
    #expect(bomb.count < 1 << 20)
    #expect(failure(bomb, named: "a.zip") == "zip_bomb")
    #expect(failure(try WordFile(String(repeating: " ", count: 64 << 20)).bytes(), named: "a.docx") == "zip_bomb")
  }

  /// What an archive tells of its sizes counts for nothing: bytes are counted as they come.
  @Test func row14LyingSizesHideNoBomb() throws {
    var archive = try ZipMaker.archive([("a.txt", [UInt8](repeating: 0x20, count: 64 << 20))])
    // The size before packing, as the local header and the directory tell it, made small.
    var lies = 0
    for mark in [[0x50, 0x4B, 0x03, 0x04], [0x50, 0x4B, 0x01, 0x02]] as [[UInt8]] {
      let offset = mark[2] == 3 ? 22 : 24
      for start in archive.indices.dropLast(40) where Array(archive[start..<start + 4]) == mark {
        archive.replaceSubrange(start + offset..<start + offset + 4, with: [10, 0, 0, 0])
        lies += 1
      }
    }
    #expect(lies >= 2)
    let refused = failure(archive, named: "a.zip")
    #expect(refused == "zip_bomb" || refused == "damaged_archive", "\(refused ?? "read")")
  }

  /// In a header's four bytes at an offset, of the local header or the directory's, a size that is not the true one.
  @Test(
    arguments: [
      ([3], [22], 10), ([3], [22], 90_000), ([1], [24], 10), ([1], [24], 90_000), ([3, 1], [22, 24], 10),
      ([3, 1], [22, 24], 90_000), ([3], [18], 10), ([1], [20], 90), ([3, 1], [18, 20], 4_000),
    ] as [([UInt8], [Int], Int)])
  func row14LyingSizesOfASmallArchiveAreNoticed(_ headers: [UInt8], _ offsets: [Int], _ size: Int) throws {
    let words = (0..<400).map { "The gate opens at \($0)." }.joined(separator: " ")
    let plain = try ZipMaker.archive([("a.txt", Array(words.utf8)), ("b.txt", Array("The door.".utf8))])
    for (name, good, refusal) in [
      ("a.zip", plain, "damaged_archive"), ("a.docx", try WordFile(paragraph(words)).bytes(), "damaged_docx"),
    ] {
      #expect(failure(good, named: name) == nil)
      var archive = good
      for (kind, offset) in zip(headers, offsets) {
        let mark: [UInt8] = [0x50, 0x4B, kind, kind + 1]
        let start = try #require(archive.indices.first { archive[$0...].starts(with: mark) })
        let field = start + offset..<start + offset + 4
        archive.replaceSubrange(field, with: (0..<4).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) })
      }
      // One bad file of an archive does not hide the others.
      let members = try? Extraction.extract(archive, filename: name, declaredType: nil).members
      let told = members?.first?.failure?.code ?? failure(archive, named: name)
      #expect(told == refusal, "\(name)")
    }
  }

  @Test func row14EntriesAreCounted() throws {
    let many = try ZipMaker.archive((0..<Limits.zipEntriesMax + 1).map { ("\($0).txt", [0x61]) })
    let refused = failure(many, named: "a.zip")
    #expect(refused == "zip_bomb" || refused == "too_large", "\(refused ?? "read")")
  }

  @Test func row16PagesAndOutlinesInCirclesEnd() throws {
    let pages = """
      %PDF-1.4
      1 0 obj <</Type /Catalog /Pages 2 0 R /Outlines 4 0 R>> endobj
      2 0 obj <</Type /Pages /Kids [2 0 R 3 0 R] /Count 9>> endobj
      3 0 obj <</Type /Pages /Kids [2 0 R 3 0 R] /Parent 2 0 R /Count 9>> endobj
      4 0 obj <</Type /Outlines /First 5 0 R /Last 5 0 R>> endobj
      5 0 obj <</Title (Again) /Parent 5 0 R /Next 5 0 R /First 5 0 R>> endobj
      trailer <</Root 1 0 R>>

      """
    #expect(failure(Array(pages.utf8), named: "a.pdf") != nil)
  }
}
