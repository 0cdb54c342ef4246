// Markdown, HTML, CSV and JSON: blocks, and what of the markup is text and what is not.
import Testing
import Text

@testable import Ingest

@Suite struct MarkdownTests {
  @Test func blocksAreFoundByTheirLook() throws {
    let source = """
      ---
      title: "The guide"
      tags:
        - a
        - b
      ---
      # One #

      Text of one
      over two lines.

      Two
      ---

      - item
      - other

      | a | b |
      |---|---|
      | 1 | 2 |

      ```swift
      # not a heading
      ```
      """
    let document = try extract(source, named: "a.md")
    #expect(document.title == "The guide")
    #expect(document.metadata["tags"] == "a, b")
    #expect(document.texts(of: .heading(level: 1)) == ["One"])
    #expect(document.texts(of: .heading(level: 2)) == ["Two"])
    #expect(document.texts(of: .paragraph) == ["Text of one\nover two lines."])
    #expect(document.texts(of: .listItem) == ["- item", "- other"])
    #expect(document.rows == ["| a | b |", "|---|---|", "| 1 | 2 |"])
    #expect(document.texts(of: .code) == ["```swift\n# not a heading\n```"])
  }

  @Test func pathologicalTextTakesLinearTime() throws {
    for piece in ["> ", "*_", "[", "# a\n", "|", "- "] {
      let document = try extract(String(repeating: piece, count: 40_000) + "\n\nguava", named: "a.md")
      #expect(document.text.hasSuffix("guava"))
    }
  }
}

@Suite struct HTMLTests {
  @Test func contentIsKeptAndMachineryIsNot() throws {
    let page = """
      <html lang=en><head><title>A &amp; B</title><style>p{}</style><script>var x="no"</script></head><body>
      <nav>menu</nav><h1>Head  line</h1><p>One <b>bold</b> word.<p>Two<br>lines<!-- secret -->
      <ol start=3><li>third<li>fourth</ol><div hidden>gone</div><div style="display: none">gone too</div>
      <table><tr><th>k<th>v<tr><td>a<td>1 <table><tr><td>x<td>y</table></table><pre>  a
        b</pre></body></html>
      """
    let document = try extract(page, named: "a.html")
    #expect(document.title == "A & B")
    #expect(document.headings == ["Head line"])
    #expect(document.texts(of: .paragraph) == ["One bold word.", "Two\nlines"])
    #expect(document.texts(of: .listItem) == ["3. third", "4. fourth"])
    #expect(document.rows == ["k | v", "a | 1 x, y"])
    #expect(document.texts(of: .tableRow(isHeader: true)) == ["k | v"])
    for word in ["menu", "secret", "gone", "var", "p{}"] { #expect(!document.text.contains(word)) }
  }

  @Test func theDeclaredEncodingCountsWhereTheBytesAreNotUTF8() throws {
    let head = Array("<html><meta charset=\"Shift_JIS\"><p>".utf8)
    let japanese: [UInt8] = [0x93, 0xFA, 0x96, 0x7B]
    let document = try Extraction.extract(head + japanese, filename: "a.html", declaredType: nil)
    #expect(document.text == "日本")
  }

  @Test func depthCostsNoStack() throws {
    let deep = String(repeating: "<div>", count: 50_000) + "kumquat"
    _ = try? extract(deep, named: "a.html")
  }
}

@Suite struct DataFileTests {
  @Test func csvWithQuotesAndItsOwnSeparator() throws {
    let document = try extract("name;note\n\"a;b\";\"say \"\"hi\"\"\nagain\"\nc;", named: "a.csv")
    #expect(document.rows == ["name | note", "a;b | say \"hi\" again", "c"])
  }

  @Test func jsonIsToldByPaths() throws {
    let document = try extract(#"{"a": {"b": [1, "two\n", null, true]}, "é": "\u00e9\ud83d\ude00"}"#, named: "a.json")
    #expect(document.text == "a.b: 1\na.b: two\n\na.b: true\né: é😀")
    let lines = try extract("{\"a\":1}\n\n{\"a\":2}\n", named: "a.jsonl")
    #expect(lines.blocks.count == 2)
  }

  @Test(arguments: ["[1,]", "{\"a\" 1}", "[1", "nul", "\"open", "[1] 2", "01e", "{a:1}", "[\"\\x\"]"])
  func whatIsNotJSONIsRefused(_ text: String) { #expect(failure(Array(text.utf8), named: "a.json") == "damaged_text") }

  @Test func deepJSONIsRefused() {
    #expect(failure(Array(String(repeating: "[", count: 100_000).utf8), named: "a.json") == "too_deep")
  }
}
