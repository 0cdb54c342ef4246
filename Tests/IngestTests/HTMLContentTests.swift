// Which part of a page is its own, what it is called, and which tables only arrange it.
import Testing

@testable import Ingest

@Suite struct HTMLMainContentTests {
  private static let passage = """
    The notice period is four weeks, counted from the end of the month, unless the contract names a longer one. During
    it the work goes on as before, and what is left of the yearly leave is taken, or paid where that cannot be.
    """

  private static func page(_ body: String, head: String = "") -> String {
    "<html><head><title>Leaving | Example</title>\(head)</head><body>\(body)</body></html>"
  }

  @Test func whatStandsBesideTheContentIsPassedOverAndTold() throws {
    let links = (1...12).map { "<a href='/\($0)'>Other story number \($0)</a>" }.joined(separator: " ")
    let page = Self.page(
      """
      <header><nav>\(links)</nav></header><div class="layout"><div id="cookie-consent">We use cookies, as all do.</div>
      <div class="main-column"><h1>Leaving the company</h1><p>\(Self.passage)</p><ul><li>return the laptop<li>say
      goodbye</ul><p>\(Self.passage)</p><div class="share-buttons">Share this: <a href=x>one</a></div></div>
      <div class="sidebar"><h3>Most read</h3>\(links)</div>
      <div>\(links)</div><section id="comments"><p>\(Self.passage) I was here first.</p></section></div>
      <footer>Imprint</footer>
      """)
    let document = try extract(page, named: "a.html")
    #expect(document.headings == ["Leaving the company"])
    #expect(document.texts(of: .listItem) == ["• return the laptop", "• say goodbye"])
    for word in ["Other story", "cookies", "Share", "Most read", "first", "Imprint"] {
      #expect(!document.text.contains(word), "\(word)")
    }
    let told = document.coverage.first { $0.part.hasPrefix("navigation") }
    #expect(told?.kind == .skipped(reason: PartCoverage.besideContent))
    #expect(told?.isUnread == false)
  }

  @Test func namesDoNotCutWhatIsMostOfThePage() throws {
    for name in ["sidebar", "related", "comments", "footer", "menu"] {
      let document = try extract(Self.page("<div class=\(name)><p>\(Self.passage)</p></div>"), named: "a.html")
      #expect(document.text.contains("four weeks"), "\(name)")
    }
    let document = try extract(Self.page("<nav><p>\(Self.passage)</p></nav>"), named: "a.html")
    #expect(document.text.contains("four weeks"))
  }

  @Test func aPageOfLinksIsKeptWhole() throws {
    let rows = (1...40).map { "<div class=row><a href='/\($0)'>Form \($0) for the tax office</a></div>" }.joined()
    let document = try extract(Self.page("<h1>Forms</h1>\(rows)"), named: "a.html")
    for number in [1, 20, 40] { #expect(document.text.contains("Form \(number) ")) }
  }

  @Test func passagesOutsideTheRegionStay() throws {
    let document = try extract(
      Self.page(
        """
        <div class=lead><h1>Head</h1><p>This lead stands outside of the column, and says the matter in short.</p>
        </div><div class=column><p>\(Self.passage)<p>\(Self.passage)<p>\(Self.passage)</div>
        """), named: "a.html")
    #expect(document.headings == ["Head"])
    #expect(document.text.contains("outside of the column"))
  }

  @Test func tablesThatArrangeAreNoTables() throws {
    let arranged = try extract(
      Self.page("<table><tr><td><h2>Head</h2><p>\(Self.passage)<p>Two<td><p>Three</table>"), named: "a.html")
    #expect(arranged.headings == ["Head"])
    #expect(arranged.rows == [])
    #expect(arranged.texts(of: .paragraph).suffix(2) == ["Two", "Three"])
    let outer = try extract(
      Self.page("<table><tr><td><table><tr><th>k<th>v<tr><td>a<td>1</table></td></tr><tr><td>end</table>"),
      named: "a.html")
    #expect(outer.rows == ["k | v", "a | 1"])
    #expect(outer.texts(of: .paragraph) == ["end"])
  }

  @Test func chaptersAndMailsAreReadWhole() throws {
    var builder = DocumentBuilder(format: .epub)
    try HTMLReader.write(Array("<p>Text<aside>A note</aside><footer>Its end</footer>".utf8), to: &builder)
    #expect(builder.finish().text == "Text\n\nA note\n\nIts end")
  }

  /// Elements inside a title or data for machines are counted in both walks alike.
  @Test func elementsInOddPlacesDoNotShiftWhatIsSkipped() throws {
    let page =
      "<html><head><title>A<b>B</b><i>C</i></title></head><body><div class=sidebar><p>Beside</p></div>"
      + "<div><p>\(Self.passage)</p></div></body></html>"
    let text = try extract(page, named: "a.html").text
    #expect(text.contains("four weeks") && !text.contains("Beside"))
  }

  @Test func formulasAreText() throws {
    let document = try extract(
      "<p>when <math><mi>a</mi><mo>≠</mo><mn>0</mn><annotation>a \\ne 0</annotation></math>", named: "a.html")
    #expect(document.text == "when a≠0")
  }

  @Test func manyHeadingsAndLinksTakeLinearTime() throws {
    let body = String(repeating: "<div><h1><a href=x>t</a></h1></div>", count: 20_000) + "<p>\(Self.passage)"
    #expect(try extract(Self.page(body), named: "a.html").text.contains("four weeks"))
  }
}

@Suite struct HTMLTitleTests {
  private func title(_ head: String, _ body: String = "<p>text") throws -> String? {
    try extract("<html><head>\(head)</head><body>\(body)</body></html>", named: "a.html").title
  }

  @Test func thePagesOwnNameGoesBeforeTheTitleBar() throws {
    let bar = "<title>Bar of the browser | Site</title>"
    #expect(try title(bar + "<meta property='og:title' content='Told &amp; named'>") == "Told & named")
    let linked = #"{"@type":"NewsArticle","headline":"Linked","author":{"name":"Ann"},"datePublished":"2024-05-06"}"#
    let head = bar + "<script type='application/ld+json'>{\"@graph\":[{\"@type\":\"Thing\"},\(linked)]}</script>"
    let document = try extract("<html><head>\(head)</head><p>text", named: "a.html")
    #expect(document.title == "Linked")
    #expect(document.metadata["author"] == "Ann")
    #expect(document.metadata["date"] == "2024-05-06")
    #expect(document.text == "text")
    #expect(try title(bar + "<script type='application/ld+json'>{broken</script>") == "Bar of the browser | Site")
  }

  @Test(arguments: [
    ("How to leave a company well - Example Ltd", "How to leave a company well"),
    ("Example – How to leave a company well", "How to leave a company well"),
    ("Mozilla - Wikipedia", "Mozilla - Wikipedia"),
    ("Part-time work and the 4-day week", "Part-time work and the 4-day week"),
    ("One: two three four five six · Site", "One: two three four five six"),
  ])
  func theSitesNameIsCutFromTheTitleBar(_ bar: String, _ expected: String) throws {
    #expect(try title("<title>\(bar)</title>") == expected)
  }

  @Test func aNamedSiteIsCutHoweverShortTheRest() throws {
    let site = "<meta property='og:site_name' content='Example'>"
    #expect(try title("<title>Leave | Example</title>" + site) == "Leave")
    #expect(try title("<title>Example | Leave</title>" + site) == "Leave")
  }

  @Test func aHeadingIsTheTitleOfAPageWithoutOne() throws {
    #expect(try title("", "<h1>The only <b>heading</b></h1><p>text") == "The only heading")
    #expect(try title("<title>Home</title>", "<h1>What to do when you leave</h1>") == "What to do when you leave")
  }
}
