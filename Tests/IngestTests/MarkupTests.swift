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

  @Test func whatLooksLikeSomethingElseIsNot() throws {
    let document = try extract(
      """
      ## Part

      Name | Price
      --- | ---:
      a | 1
      b | 2

      - outer
        - inner
          more of inner

              deep
      ***
      - - -
      1) one
      ---

      > quoted
      ---

          # indented code

      Text with a note.[^n]

      [^n]: The note.

      # Top
      """, named: "a.md")
    #expect(document.rows == ["Name | Price", "--- | ---:", "a | 1", "b | 2"])
    #expect(document.texts(of: .tableRow(isHeader: true)) == ["Name | Price", "--- | ---:"])
    #expect(document.texts(of: .listItem) == ["- outer", "  - inner\n    more of inner", "1) one"])
    #expect(document.texts(of: .code) == ["    # indented code"])
    #expect(document.texts(of: .footnote) == ["[^n]: The note."])
    #expect(document.headings == ["Part", "Top"])
    #expect(document.title == "Top")
  }

  @Test func frontMatterOfEveryCustom() throws {
    let yaml = try extract(
      """
      ---
      title: 'It''s here' # said so
      date: 2024-05-06
      tags: [a, "b c"]
      author:
        name: Ann
      summary: >
        folded
        text
      # a comment
      url: https://example.com/a#b
      ---
      Body
      """, named: "a.md")
    let expected = [
      "title": "It's here", "date": "2024-05-06", "tags": "a, b c", "author.name": "Ann", "summary": "folded text",
      "url": "https://example.com/a#b",
    ]
    for (key, value) in expected { #expect(yaml.metadata[key] == value, "\(key)") }
    #expect(yaml.text == "Body")
    let toml = try extract("+++\ntitle = \"Guide\"\ntags = [\"a\", \"b\"]\n+++\nBody", named: "a.md")
    #expect(toml.title == "Guide")
    #expect(toml.metadata["tags"] == "a, b")
    #expect(try extract("---\nnot: closed\n\ntext", named: "a.md").text.contains("not: closed"))
  }

  @Test func linksNamedElsewhereAreWrittenOut() throws {
    let document = try extract(
      """
      # Guide

      Read [the manual][m], the [FAQ][] or [News], and [this](https://a.example/x) or [that][Unknown].[^1]

      - an item with [the manual][M  ] in it

      `[not code][m]`, \\[no link][m], [^1].

      [m]: https://a.example/manual "The manual"
      [faq]: <https://a.example/faq and more>
      [NEWS]: https://a.example/news
      [unused]: https://a.example/unused

      [^1]: A note.

      [a note]: this is no link but somebody's words

          [code]: https://a.example/code
      """, named: "a.md")
    #expect(
      document.text == """
        # Guide

        Read [the manual](https://a.example/manual), the [FAQ](https://a.example/faq and more) or \
        [News](https://a.example/news), and [this](https://a.example/x) or [that][Unknown].[^1]

        - an item with [the manual](https://a.example/manual) in it

        `[not code][m]`, \\[no link][m](https://a.example/manual), [^1].

        [unused]: https://a.example/unused

        [^1]: A note.

        [a note]: this is no link but somebody's words

            [code]: https://a.example/code
        """)
  }

  @Test func htmlInItIsReadAsHTML() throws {
    let document = try extract(
      """
      <h1 align="center">Lamps</h1>

      <!-- nobody
      sees this -->
      Text with <b>bold</b> words,<br>a break, 3 < 4, Map<Key, Value>, `<b>code</b>`, &lt;tag&gt; &amp; <name>.

      <table>
        <tr><th>Lamp</th><th>Price</th></tr>

        <tr><td>Desk</td><td>40</td></tr>
      </table>
      Behind the table.

      <details>
      <summary>More</summary>

      - inside **Markdown**

      </details>

      | Item | Note |
      |---|---|
      | a | one<br/>two <ul><li>x</li></ul> |

      <script>
      alert("x")

      more()
      </script>

      ```html
      <p>shown &amp; kept</p>
      ```

      <!-- never closed

      The end.
      """, named: "a.md")
    #expect(document.title == "Lamps")
    #expect(
      document.texts(of: .paragraph) == [
        "Text with bold words, a break, 3 < 4, Map<Key, Value>, `<b>code</b>`, <tag> & <name>.", "Behind the table.",
        "More", "<!-- never closed", "The end.",
      ])
    #expect(document.rows == ["Lamp | Price", "Desk | 40", "| Item | Note |", "|---|---|", "| a | one two x  |"])
    #expect(document.texts(of: .listItem) == ["- inside **Markdown**"])
    #expect(document.texts(of: .code) == ["```html\n<p>shown &amp; kept</p>\n```"])
    #expect(!document.text.contains("alert") && !document.text.contains("more()") && !document.text.contains("sees"))
  }

  @Test func pathologicalTextTakesLinearTime() throws {
    let repeated = (1...600).map { String(repeating: "`", count: $0) + " " }.joined()
    for piece in ["<a ", "<!-- ", "[a][", "[a]: b\n", "](", "&amp", "<p ", "<table>\n\n", "\\`", repeated + "[x][y] "] {
      let text = String(repeating: piece, count: 40_000 / piece.utf8.count + 1)
      let document = try extract(text + "\n\nguava", named: "a.md")
      #expect(document.text.hasSuffix("guava"), "\(piece.prefix(9))")
    }
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
}

@Suite struct DataFileTests {
  @Test func csvWithQuotesAndItsOwnSeparator() throws {
    let document = try extract("name;note\n\"a;b\";\"say \"\"hi\"\"\nagain\"\nc;", named: "a.csv")
    #expect(document.rows == ["name | note", "a;b | say \"hi\" again", "c"])
  }

  @Test(arguments: [
    ("a,b;c\n1,5;2\n1,7;3\n", ["a,b | c", "1,5 | 2", "1,7 | 3"]),
    ("a\tb\nx, y\tz, u\n", ["a | b", "x, y | z, u"]),
    ("sep=;\na;b\n1;2\n", ["a | b", "1 | 2"]),
    ("'a, b','c'\n'd','e'\n", ["a, b | c", "d | e"]),
    ("a|b\n\"x|\ny\"|2\n", ["a | b", "x| y | 2"]),
  ])
  func theDialectIsToldByTheContent(_ text: String, _ rows: [String]) throws {
    #expect(try extract(text, named: "a.csv").rows == rows)
  }

  @Test func aHeaderIsOneThatDiffersFromItsRows() throws {
    #expect(try extract("id,name\n1,a\n2,b\n", named: "a.csv").texts(of: .tableRow(isHeader: true)) == ["id | name"])
    #expect(try extract("1,a\n2,b\n3,c\n", named: "a.csv").texts(of: .tableRow(isHeader: true)) == [])
    #expect(
      try extract("Land,2019,2020\nA,1,2\nB,3,4\n", named: "a.csv").texts(of: .tableRow(isHeader: true))
        == ["Land | 2019 | 2020"])
    let titled = try extract("Sales by land\n\nLand,Sum,Share\nA,1,2\nB,3,4\n", named: "a.csv")
    #expect(titled.texts(of: .paragraph) == ["Sales by land"])
    #expect(titled.texts(of: .tableRow(isHeader: true)) == ["Land | Sum | Share"])
  }

  @Test func objectsOfAListStandApart() throws {
    let document = try extract(#"{"of":"x","all":[{"a":1,"b":2},{"a":3}]}"#, named: "a.json")
    #expect(document.texts(of: .paragraph) == ["of: x", "all.a: 1\nall.b: 2", "all.a: 3"])
    let lines = try extract("{\"a\":1}\n{\"a\":2}\n", named: "a.json")
    #expect(lines.blocks.count == 2)
    #expect(lines.warnings.count == 1)
  }

  @Test func aFaultInJSONIsNamedByItsPlace() throws {
    let error = #expect(throws: IngestFailure.self) { try extract("{\n  \"é\": 1,\n  \"é\": 01\n}", named: "a.json") }
    #expect(error?.message == "the file is not valid JSON: line 3, column 9: a number must not begin with 0")
    let line = #expect(throws: IngestFailure.self) { try extract("{}\n\n{]\n", named: "a.jsonl") }
    #expect(line?.message.contains("line 3, column 2") == true)
  }

  @Test func jsonIsToldByPaths() throws {
    let document = try extract(#"{"a": {"b": [1, "two\n", null, true]}, "é": "\u00e9\ud83d\ude00"}"#, named: "a.json")
    #expect(document.text == "a.b: 1\na.b: two\n\na.b: true\né: é😀")
    let lines = try extract("{\"a\":1}\n\n{\"a\":2}\n", named: "a.jsonl")
    #expect(lines.blocks.count == 2)
  }

  @Test(arguments: [
    "[1,]", "{\"a\" 1}", "[1", "nul", "\"open", "[1] 2", "01e", "{a:1}", "[\"\\x\"]", "[-01]",
    "[-]", "[1.]", "[-.5]", "[1e]", "[0x1]", "[NaN]", "[\"a\nb\"]", "[\"\\u12+4\"]", "[\u{B}1]", "[1]{}",
  ])
  func whatIsNotJSONIsRefused(_ text: String) { #expect(failure(Array(text.utf8), named: "a.json") == "damaged_text") }

  @Test func deepJSONIsRefused() {
    #expect(failure(Array(String(repeating: "[", count: 100_000).utf8), named: "a.json") == "too_deep")
  }
}
