// Where sentences end, case by case, and what holds for every text.
import Base
import Testing

@testable import Text

@Suite struct SentencesTests {
  private func sentences(_ text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    return Sentences.ranges(in: text).map { String(String.UnicodeScalarView(scalars[$0])) }
  }

  @Test(arguments: [
    ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
    ("Dr. Smith paid 3.50 to J. R. Brown.", ["Dr. Smith paid 3.50 to J. R. Brown."]),
    ("See e.g. the table, i.e. Fig. 3. It helps.", ["See e.g. the table, i.e. Fig. 3.", "It helps."]),
    ("Acme Inc. sells. Acme Inc. The end.", ["Acme Inc. sells.", "Acme Inc.", "The end."]),
    (
      "In the U.S. the law holds. In the U.S. He left.",
      ["In the U.S. the law holds.", "In the U.S.", "He left."]
    ),
    ("He said \"Go.\" She went.", ["He said \"Go.\"", "She went."]),
    ("(It rained.) We left.", ["(It rained.)", "We left."]),
    ("Version 2.1.0 is out. Get it", ["Version 2.1.0 is out.", "Get it"]),
    ("Wait... what? Yes.", ["Wait... what?", "Yes."]),
    ("これは文です。次の文。「はい。」と", ["これは文です。", "次の文。", "「はい。」", "と"]),
    ("A heading\n\nThe text goes\non here. More.", ["A heading", "The text goes\non here.", "More."]),
    ("List:\n- one\n- two\n1. three\n2) four", ["List:", "- one", "- two", "1. three", "2) four"]),
    ("1. First item. Second.", ["1. First item.", "Second."]),
    ("Visit example.org. Then rest.", ["Visit example.org.", "Then rest."]),
    ("यह वाक्य है। दूसरा वाक्य।", ["यह वाक्य है।", "दूसरा वाक्य।"]),
    ("It ended in 1999. 2000 came.", ["It ended in 1999.", "2000 came."]),
    ("  \n ", []), ("", []), ("x", ["x"]),
  ])
  func splits(text: String, expected: [String]) {
    #expect(sentences(text) == expected)
  }

  @Test func everyScalarIsCoveredOnce() {
    let alphabet = Array("ab A. .!?\n\n\"'() 1 東。-*é".unicodeScalars)
    var random = SeededRandom(seed: 4)
    for _ in 0..<2_000 {
      let scalars = (0..<Int.random(in: 0...40, using: &random)).map { _ in
        alphabet.randomElement(using: &random) ?? "a"
      }
      let text = String(String.UnicodeScalarView(scalars))
      let ranges = Sentences.ranges(in: text)
      var covered = Set<Int>()
      var last = 0
      for range in ranges {
        #expect(range.lowerBound >= last && !range.isEmpty, "\(text.debugDescription)")
        last = range.upperBound
        covered.formUnion(range)
        #expect(!scalars[range.lowerBound].properties.isWhitespace, "\(text.debugDescription)")
        #expect(!scalars[range.upperBound - 1].properties.isWhitespace, "\(text.debugDescription)")
      }
      for (index, scalar) in scalars.enumerated() where !scalar.properties.isWhitespace {
        #expect(covered.contains(index), "\(text.debugDescription)")
      }
    }
  }

  @Test(arguments: [".", "a.", "A. ", "\n", "(", "\"", "e.g. "])
  func hostileRepetition(unit: String) {
    let text = String(repeating: unit, count: 40_000)
    #expect(Sentences.ranges(in: text).count <= 40_000)
  }
}
