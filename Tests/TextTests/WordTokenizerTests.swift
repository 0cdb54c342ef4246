// What counts as a word, case by case, and that no text is slow or fatal.
import Testing

@testable import Text

@Suite struct WordTokenizerTests {
  private func folded(_ text: String) -> [String] { WordTokenizer().words(in: text).map(\.folded) }
  private func stems(_ text: String) -> [String] { WordTokenizer().words(in: text).map(\.stem) }

  @Test(arguments: [
    ("The Running foxes", ["the", "running", "foxes"]),
    ("Café, naïve; ŁÓDŹ", ["cafe", "naive", "lodz"]),
    ("cafe\u{301}", ["cafe"]),
    ("Straße ﬁrst æther", ["strasse", "first", "aether"]),
    ("ＦＵＬＬ width", ["full", "width"]),
    ("co\u{AD}operate", ["cooperate"]),
    (
      "company's company’s don't O'Brien l'avion",
      ["company", "company", "don't", "o", "brien", "l", "avion"]
    ),
    ("SKU-4471/B", ["sku", "4471", "b", "sku-4471/b"]),
    ("ＳＫＵ－４４７１／Ｂ", ["sku", "4471", "b", "sku-4471/b"]),
    ("§12.3 applies", ["12", "3", "12.3", "§12.3", "applies"]),
    ("§ 5", ["5", "§5"]),
    ("§ five", ["five"]),
    ("error E-42.", ["error", "e", "42", "e-42"]),
    ("v2.1.0", ["v2", "1", "0", "v2.1.0"]),
    ("me@example.org", ["me", "example", "org", "me@example.org"]),
    ("a 401(k) plan", ["a", "401", "k", "401(k)", "plan"]),
    ("501(c)(3)s", ["501", "c", "3", "501(c)(3)", "s"]),
    ("f(x) (y)", ["f", "x", "y"]),
    ("$1,299.99", ["1299", "99", "1299.99"]),
    ("1,000,000 and 1,2,3", ["1000000", "and", "1", "2", "3"]),
    ("12,3456", ["12", "3456"]),
    ("well-known and/or", ["well", "known", "and", "or"]),
    ("The U.S. and the U.S.A.", ["the", "us", "and", "the", "usa"]),
    ("C++ and C# and AT&T", ["c", "c++", "and", "c", "c#", "and", "at", "t", "at&t"]),
    ("snake_case_name", ["snake", "case", "name", "snake_case_name"]),
    ("end.", ["end"]),
    ("東京都 に", ["東京", "京都", "に"]),
    ("ABC株式会社", ["abc", "株式", "式会", "会社"]),
    ("한국어", ["한국", "국어"]),
    ("Привет Ёлка", ["привет", "елка"]),
    ("٣٤", ["34"]),
    ("m² ½ Footnote™", ["m2", "footnote"]),
    ("", []), ("... --- ((( §", []),
  ])
  func words(text: String, expected: [String]) {
    #expect(folded(text) == expected)
  }

  @Test func stemsOnlyWords() {
    #expect(stems("Running dogs relational AB12s") == ["run", "dog", "relat", "ab12s"])
    #expect(WordTokenizer(language: .none).words(in: "Running").map(\.stem) == ["running"])
    #expect(WordTokenizer(language: .german).words(in: "Häuser").map(\.stem) == ["haus"])
  }

  @Test(arguments: ["Café 東京都 SKU-4471/B, don’t U.S.A. §12.3 ﬁn", "a\u{301}b c", "1,299.99 x 401(k)"])
  func rangesCountScalars(text: String) {
    let scalars = Array(text.unicodeScalars)
    for word in WordTokenizer().words(in: text) {
      let piece = String(String.UnicodeScalarView(scalars[word.scalarRange]))
      let again = WordTokenizer().words(in: piece)
      #expect(again.contains { $0.folded == word.folded }, "\(word) stands at \(piece)")
    }
  }

  @Test func foldingIsIdempotent() {
    for value in UInt32(0)...0x2FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let once = Folding.folded(String(Character(scalar)))
      let twice = Folding.folded(once)
      if once != twice { Issue.record("U+\(String(value, radix: 16)) folds to \(once), then \(twice)") }
    }
  }

  @Test(arguments: [
    "(", "a", "§", "a-", "1,000", "a.", "'", "é", "東", "401(k)", "\u{301}", "a'", "ﬁ", "+", "@a",
  ])
  func hostileRepetitionIsBounded(unit: String) {
    let text = String(repeating: unit, count: (unit == "a" ? 1_000_000 : 100_000) / unit.utf8.count)
    var list = WordList()
    WordTokenizer().scan(text, into: &list)
    #expect(list.bytes.count <= 8 * text.utf8.count)
    #expect(list.tokens.allSatisfy { $0.byteRange.count <= 1024 && $0.scalarEnd > $0.scalarStart })
  }

  @Test func anyBytesAreScanned() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      var list = WordList()
      WordTokenizer().scan(utf8: bytes.span, into: &list)
      #expect(list.tokens.allSatisfy { Int($0.scalarEnd) <= bytes.count }, "\(bytes)")
      _ = Sentences.ranges(inUTF8: bytes.span)
    }
  }

  @Test func stopWordsAreFoldedWords() {
    #expect(StopWords.short.count == 33)
    #expect(StopWords.short.isSubset(of: StopWords.long))
    for word in StopWords.long { #expect(folded(word).first == word, "\(word)") }
  }
}
