// Pages that are pictures: told from text and from blank pages, listed in the ledger, read where Tesseract is there.
import Base
import Synchronization
import Testing
import Text

@testable import Ingest

private let hasTesseract = TextRecognition.languages != nil

@Suite struct PDFPictureTests {
  /// The words of a page as a scanner sees them.
  private func picture(of lines: [String]) throws -> PDFMaker.Picture {
    var maker = PDFMaker()
    maker.page(lines.enumerated().map { .init(text: $0.element, x: 72, y: 120 + Double($0.offset) * 30, size: 16) })
    let file = try PDFFile(maker.bytes())
    let grey = try #require(file.withPage(1) { PageInk.grey($0, dotsPerInch: 150) } ?? nil)
    return PDFMaker.Picture(bytes: grey.bytes, width: grey.width, height: grey.height)
  }

  /// A page of text, a picture of text, an empty page, a drawing.
  private func mixed() throws -> PDFMaker {
    var maker = PDFMaker()
    maker.page([.init(text: "This page is made of letters, as many as a page of text has.", x: 72, y: 100)])
    maker.page([])
    maker.pictures[1] = try picture(of: ["The marzipan recipe of the house", "needs almonds and rose water."])
    maker.page([])
    maker.page([])
    maker.drawings[3] = "0 0 1 rg 100 100 300 300 re f"
    return maker
  }

  @Test func withoutRecognitionEveryPageIsInTheLedger() throws {
    let document = try PDFReader.read(try mixed().bytes(), recogniser: nil)
    #expect(
      document.coverage.map(\.kind) == [.text, .imageOnly, .skipped(reason: "the page is blank"), .imageOnly])
    #expect(document.coverage.map(\.isUnread) == [false, true, false, true])
    #expect(document.coverage.map(\.part) == (1...4).map { "page \($0)" })
    #expect(document.warnings == ["2 of 4 pages are pictures of text and were not read"])
  }

  @Test func aFileOfPicturesSaysThatNothingWasRead() throws {
    var maker = PDFMaker()
    maker.page([])
    maker.pictures[0] = try picture(of: ["Only a picture"])
    let failure = #expect(throws: IngestFailure.self) { try PDFReader.read(maker.bytes(), recogniser: nil) }
    #expect(failure?.reason == .noText)
    #expect(failure?.hint.contains("OCR=1") == true)
  }

  @Test(.enabled(if: hasTesseract, "needs Tesseract: make test OCR=1"))
  func picturesAreReadWordByWord() throws {
    let document = try PDFReader.read(try mixed().bytes())
    #expect(document.text.contains("marzipan recipe"))
    #expect(
      document.coverage.map(\.kind) == [
        .text, .text, .skipped(reason: "the page is blank"), .skipped(reason: "the page is a picture without words"),
      ])
    #expect(document.warnings == ["1 of 4 pages were read from pictures: letters may be wrong"])
    let found = try #require(document.text.firstRange(of: "marzipan"))
    let start = document.text.unicodeScalars.distance(from: document.text.startIndex, to: found.lowerBound)
    let box = try #require(document.boxes.rectangles(of: start..<start + 8).first)
    #expect(box.page == 2 && abs(box.box.bottom - 120) < 8 && box.box.left > 90 && box.box.right < 220)
  }

  @Test(.enabled(if: hasTesseract, "needs Tesseract: make test OCR=1"))
  func whatTimeDoesNotAllowIsListedAsUnread() throws {
    let clock = LateClock()
    let recogniser = try #require(PageRecogniser(clock: clock))
    clock.seconds = 1_000
    let document = try PDFReader.read(try mixed().bytes(), recogniser: recogniser)
    #expect(document.coverage[1].kind == .imageOnly)
    #expect(document.warnings.contains { $0.contains("ran out of time") })
  }
}

/// A clock that a test sets.
private final class LateClock: Clock {
  private let now = Mutex(0.0)

  var seconds: Double {
    get { now.withLock { $0 } }
    set { now.withLock { $0 = newValue } }
  }

  func wallSeconds() -> Double { seconds }
  func monotonicSeconds() -> Double { seconds }
}
