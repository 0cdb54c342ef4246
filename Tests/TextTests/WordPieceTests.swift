// The tokenizer against the reference's ids, and its corners on a vocabulary small enough to see through.
import Base
import Foundation
import Testing
import Text

@Suite struct WordPieceTests {
  private static let pieces = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##aff", "##able", "a", "##a", "!", "中", "é", "e",
    "i", "ss", "b",
  ]

  private static func tiny() throws -> WordPieceTokenizer {
    try WordPieceTokenizer(vocabularyLines: Array(pieces.joined(separator: "\n").utf8))
  }

  private func words(_ text: String) throws -> [String] {
    try Self.tiny().ids(of: text).map { Self.pieces[Int($0)] }
  }

  @Test(arguments: [
    ("unaffable", ["un", "##aff", "##able"]),
    ("UNAFFABLE!", ["un", "##aff", "##able", "!"]),
    ("unaffably", ["[UNK]"]),  // a rest that no piece begins makes the whole word unknown
    ("é É e\u{301}", ["e", "e", "e"]),  // accents go, so the piece "é" is never met
    ("İ", ["i"]),
    ("a中a", ["a", "中", "a"]),
    ("a\u{200B}a\u{0}a\u{AD}", ["a", "##a", "##a"]),  // what is no text vanishes without parting words
    ("a\u{3000}a\u{2028}a\ta", ["a", "a", "a", "a"]),
    ("[SEP]a[sep]", ["[SEP]", "a", "[UNK]", "[UNK]", "[UNK]"]),
    ("a[CLS]a", ["a", "[CLS]", "a"]),
    ("[CL[CLS]", ["[UNK]", "[UNK]", "[CLS]"]),
    ("", []), (" \n ", []),
  ])
  func wordsOf(text: String, expected: [String]) throws {
    #expect(try words(text) == expected)
  }

  @Test func aWordOfMoreThanAHundredScalarsIsUnknown() throws {
    let hundred = try words(String(repeating: "a", count: 100))
    #expect(hundred == ["a"] + Array(repeating: "##a", count: 99))
    #expect(try words(String(repeating: "a", count: 101)) == ["[UNK]"])
    // Stripped accents do not count.
    #expect(try words(String(repeating: "á", count: 100)) == hundred)
  }

  @Test func manyMarksInDisorderTakeNoLongerThanAsManyLetters() throws {
    let marks = String(
      String.UnicodeScalarView(repeatElement("\u{302E}\u{1D165}".unicodeScalars, count: 50_000).joined()))
    #expect(try words("a" + marks) == ["[UNK]"])
  }

  @Test(arguments: ["", "[PAD]\n[UNK]\n[CLS]\n", "a\nb\nc"])
  func aDamagedVocabularyIsRefused(lines: String) {
    #expect(throws: WordPieceFailure.self) { try WordPieceTokenizer(vocabularyLines: Array(lines.utf8)) }
  }
}

private let modelVocabulary: Data? = {
  let environment = ProcessInfo.processInfo.environment
  let cache = environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "") + "/.cache"
  let folder = environment["FOOTNOTE_MODEL"] ?? cache + "/footnote/models/all-MiniLM-L6-v2"
  return FileManager.default.contents(atPath: folder + "/vocab.txt")
}()

/// With the model's own vocabulary, where it is there.
@Suite(.enabled(if: modelVocabulary != nil, "vocab.txt is not there: `make run` fetches the model"))
struct WordPieceReferenceTests {
  private struct Row: Decodable {
    let text: String
    let ids: [UInt32]
  }

  private func decoded<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Fixtures")
    return try JSONDecoder().decode(type, from: Data(contentsOf: fixtures.appending(path: name)))
  }

  @Test(arguments: ["embedding/texts.json"])
  func idsAreTheReference(name: String) throws {
    let tokenizer = try WordPieceTokenizer(vocabularyLines: [UInt8](try #require(modelVocabulary)))
    for row in try decoded([Row].self, name) {
      #expect(tokenizer.ids(of: row.text) == row.ids, "\(row.text.unicodeScalars.prefix(80))")
    }
  }

  private struct Block: Decodable {
    let first: UInt32
    let count: Int
    let digest: String
  }

  @Test func everyScalarOfTheFirstTwoPlanesIsTheReferences() throws {
    let tokenizer = try WordPieceTokenizer(vocabularyLines: [UInt8](try #require(modelVocabulary)))
    for block in try decoded([Block].self, "wordpiece/digests.json") {
      var text = String.UnicodeScalarView()
      for scalar in (block.first..<block.first + 4096).compactMap(Unicode.Scalar.init) {
        text += "a\(scalar)b \(scalar) \(scalar)x ".unicodeScalars
      }
      let ids = tokenizer.ids(of: String(text))
      let bytes = ids.flatMap { id in (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } }
      #expect(
        ids.count == block.count && SHA256Digest(of: bytes).description == block.digest, "from \(block.first)"
      )
    }
  }
}
