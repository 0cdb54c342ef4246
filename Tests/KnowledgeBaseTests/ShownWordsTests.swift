// What a document's words may hold when an answer shows them: nothing that a program would follow or fetch.
import Testing

@testable import KnowledgeBase

@Suite struct ShownWordsTests {
  @Test(arguments: [
    ("Ask at [the portal](https://example.com/x) by May.", "Ask at the portal by May."),
    ("See [more][ref] and ![plan](http://canary/x.png) here.", "See more and  here."),
    ("[![x](http://canary/a.png)](http://canary/b)", ""),
    ("[click](JaVaScript:alert(1)) or [not](data:x", "click or not"),
    ("A <img src=x onerror=alert(1)> B <a href='//c'>C</a> D", "A  B C D"), ("End <script src=x", "End "),
  ])
  func nothingToFollowStays(_ words: String, _ shown: String) {
    #expect(MarkupReader.shown(words).trimmedSpaces == shown.trimmedSpaces)
  }

  @Test(arguments: [
    "The city [12] grew [13][14] fast.", "As [Section 4](a) says, 2 < 3 and x <y and z> w.", "a[0](i) is *not* `b`.",
    "Write to https://example.com or a@b.c.", "[Reserved]", "A list [of] words (and such).", "Use <b>bold</b>.",
  ])
  func otherWordsStayAsTheyAre(_ words: String) { #expect(MarkupReader.shown(words) == words) }

  @Test func nestingEnds() {
    let words = String(repeating: "[", count: 40) + "x" + String(repeating: "](http://c)", count: 40)
    let shown = MarkupReader.shown(words)
    #expect(!shown.contains("[") && shown.contains("x"))
  }
}
