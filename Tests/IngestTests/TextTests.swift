// Scalar offsets, cleaning, encodings: what every format rests on.
import Testing
import Text

@testable import Ingest

@Suite struct ScalarTextTests {
  @Test(arguments: [
    "", "a", "plain ascii", "naïve café", "日本語のテキスト", "👩‍👩‍👧 and 🇮🇩", String(repeating: "aß漢😀", count: 300),
  ])
  func offsetsAndSlicesAgreeWithTheScalarView(_ string: String) {
    let text = ScalarText(string)
    let scalars = Array(string.unicodeScalars)
    #expect(text.scalarCount == scalars.count)
    #expect(text.string == string)
    for start in stride(from: 0, through: scalars.count, by: 7) {
      #expect(text.scalarOffset(ofUTF8: text.utf8Offset(ofScalar: start)) == start)
      for length in [0, 1, 63, 64, 65, 200] where start + length <= scalars.count {
        var expected = String.UnicodeScalarView()
        expected.append(contentsOf: scalars[start..<start + length])
        #expect(text.slice(start..<start + length) == String(expected))
      }
    }
  }

  @Test func brokenBytesAreRepaired() {
    #expect(ScalarText(utf8: [0x61, 0xFF, 0x62]).string == "a\u{FFFD}b")
  }
}

@Suite struct CleanTextTests {
  @Test func lineEndsOfEveryKindBecomeOne() {
    #expect(CleanText.clean("a\r\nb\rc\nd\u{2028}e\u{85}f\r\n\r\ng") == "a\nb\nc\nd\ne\nf\n\ng")
  }

  @Test func textIsComposed() {
    let composed = CleanText.clean("cafe\u{301} \u{1112}\u{1161}\u{11AB}")
    #expect(Array(composed.unicodeScalars.map(\.value)) == [0x63, 0x61, 0x66, 0xE9, 0x20, 0xD55C])
  }

  @Test func hiddenCharactersAreDroppedAndCounted() {
    var bytes: [UInt8] = []
    let tally = CleanText.append("pay\u{200B} \u{202E}now\u{E0041}\u{FE0F}".utf8, to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "pay now")
    #expect(tally.hidden == 4)
    #expect(tally.scalars == 7)
  }

  @Test func joinersStayWhereAScriptNeedsThem() {
    #expect(Array(CleanText.clean("👩\u{200D}👧").unicodeScalars).count == 3)
    #expect(CleanText.clean("a\u{200D}b") == "ab")
  }

  @Test func nullsAndControlsGo() {
    #expect(CleanText.clean("a\u{0}b\u{7}c\u{9F}d\te") == "abcd\te")
  }
}

@Suite struct DecodingTests {
  static let sample = "Grüße, naïve façade: 10 €"

  @Test func wideEncodingsWithAndWithoutAMark() throws {
    let units = Array(Self.sample.utf16)
    let little = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] as [UInt8] }
    let big = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] as [UInt8] }
    let wide = Self.sample.unicodeScalars.flatMap { [UInt8($0.value & 0xFF), UInt8($0.value >> 8), 0, 0] as [UInt8] }
    for bytes in [little, big, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, wide, [0xFF, 0xFE, 0, 0] + wide] {
      #expect(String(decoding: try TextDecoding.decode(bytes).utf8, as: UTF8.self) == Self.sample)
    }
  }

  @Test func utf8WithAndWithoutAMark() throws {
    for bytes in [Array(Self.sample.utf8), [0xEF, 0xBB, 0xBF] + Array(Self.sample.utf8)] {
      #expect(String(decoding: try TextDecoding.decode(bytes).utf8, as: UTF8.self) == Self.sample)
    }
  }

  @Test func windowsLettersAreKept() throws {
    let bytes: [UInt8] = [0x93, 0x63, 0x61, 0x66, 0xE9, 0x94, 0x20, 0x80, 0x35]
    let decoded = try TextDecoding.decode(bytes)
    #expect(String(decoding: decoded.utf8, as: UTF8.self) == "“café” €5")
    #expect(decoded.encoding == "windows-1252")
  }

  @Test(arguments: ["a.txt", "a.md"])
  func whiteSpaceOfEveryKindIsNoText(_ name: String) {
    #expect(failure(Array("\u{A0}\u{2003}\n \u{3000}".utf8), named: name) == "empty_document")
  }

  @Test func binaryIsNotText() {
    #expect(failure((0..<600).map { UInt8(truncatingIfNeeded: $0 &* 37) & 0x1F }, named: "a.txt") != nil)
  }
}
