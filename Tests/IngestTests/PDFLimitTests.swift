// PDFs that are small to send and endless to read.
import Base
import Foundation
import Testing

@testable import Ingest

@Suite struct PDFLimitTests {
  /// A PDF of one page a content, with forms that they can call by name; cross references are left to the reader.
  private func pdf(
    pages: [String], forms: [(name: String, content: String, calls: String?)], filters: String = ""
  ) -> [UInt8] {
    let firstForm = 3 + pages.count * 2
    func number(_ name: String) -> Int { firstForm + (forms.firstIndex { $0.name == name } ?? 0) }
    func resources(_ calls: String?) -> String {
      let objects = calls.map { "/XObject <</\($0) \(number($0)) 0 R>>" } ?? ""
      return "<</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>> \(objects)>>"
    }
    let kids = pages.indices.map { "\(3 + $0 * 2) 0 R" }.joined(separator: " ")
    var objects = [
      "<</Type /Catalog /Pages 2 0 R>>", "<</Type /Pages /Count \(pages.count) /Kids [\(kids)]>>",
    ]
    for (index, content) in pages.enumerated() {
      objects.append(
        "<</Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents \(4 + index * 2) 0 R"
          + " /Resources \(resources(forms.first?.name))>>")
      objects.append("<</Length \(content.utf8.count) \(filters)>> stream\n\(content)\nendstream")
    }
    for form in forms {
      objects.append(
        "<</Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources \(resources(form.calls))"
          + " /Length \(form.content.utf8.count)>> stream\n\(form.content)\nendstream")
    }
    let body = objects.enumerated().map { "\($0.offset + 1) 0 obj \($0.element) endobj\n" }.joined()
    return Array("%PDF-1.4\n\(body)trailer <</Root 1 0 R>>\n".utf8)
  }

  /// As PDF's FlateDecode takes it: what libzip packed, with zlib's two bytes in front.
  private func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    let archive = try ZipMaker.archive([("a", bytes)])
    func number(_ at: Int, _ count: Int) -> Int { (0..<count).reduce(0) { $0 | Int(archive[at + $1]) << ($1 * 8) } }
    let start = 30 + number(26, 2) + number(28, 2)
    return [0x78, 0x9C] + archive[start..<start + number(18, 4)]
  }

  private func laughs(depth: Int) -> [(name: String, content: String, calls: String?)] {
    (0..<depth).map { level in
      let isLast = level == depth - 1
      let content = isLast ? "0 0 1 1 re f" : String(repeating: "/L\(level + 1) Do ", count: 10)
      return (name: "L\(level)", content: content, calls: isLast ? nil : "L\(level + 1)")
    }
  }

  private let words = "BT /F 12 Tf 72 700 Td (The lift is inspected in May.) Tj ET"

  @Test func formsThatDrawEachOtherTenTimesEnd() throws {
    let failure = #expect(throws: IngestFailure.self) {
      try PDFReader.read(pdf(pages: ["/L0 Do"], forms: laughs(depth: 12)), pageSeconds: 0.1)
    }
    #expect(failure?.reason == .parseLimit)
  }

  @Test func thePagesBesideAreReadAndTheLedgerSaysWhatIsNot() throws {
    let document = try PDFReader.read(pdf(pages: [words, "/L0 Do"], forms: laughs(depth: 12)), pageSeconds: 0.1)
    #expect(document.text.contains("The lift is inspected in May."))
    #expect(document.coverage.map(\.isUnread) == [false, true])
    #expect(document.coverage.last?.kind == .skipped(reason: "the page draws more than can be read"))
  }

  @Test func formsInFormsWithinReasonAreRead() throws {
    let document = try PDFReader.read(pdf(pages: [words + " /L0 Do"], forms: laughs(depth: 3)))
    #expect(document.text.contains("The lift is inspected in May."))
  }

  /// White space takes no step of drawing: nothing but the amount of it tells. The page beside it is read.
  @Test func contentThatUnpacksWithoutEndIsNotWaitedFor() throws {
    // 160 MiB of blanks packed twice are a few hundred bytes.
    let packed = try packed(packed([UInt8](repeating: 0x20, count: 160 << 20)))
    #expect(packed.count < 4_096)
    let hexadecimal = packed.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    let filters = "/Filter [/ASCIIHexDecode /FlateDecode /FlateDecode]"
    let failure = #expect(throws: IngestFailure.self) {
      try PDFReader.read(pdf(pages: [hexadecimal + ">"], forms: [], filters: filters))
    }
    #expect(failure?.reason == .parseLimit)
  }

  @Test func aMillionWordsInAHeapEnd() throws {
    let heap = "BT /F 1 Tf " + String(repeating: "(aaaaaaaaaaaaaaaaaaaa)Tj ", count: 60_000) + "ET"
    let failure = #expect(throws: IngestFailure.self) {
      try PDFReader.read(pdf(pages: [heap], forms: []))
    }
    #expect(failure?.reason == .parseLimit)
  }
}
