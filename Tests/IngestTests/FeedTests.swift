// Feeds of every form and of every kind of damage, in small texts of our own; and the shared feed sets as their
// expectations say, where they are there.
import Base
import Foundation
import Testing

@testable import Ingest

@Suite struct FeedTests {
  private func read(_ text: String, type: String? = nil, at address: String? = nil) throws -> Feed {
    try FeedReader.read(Array(text.utf8), contentType: type, address: address)
  }

  @Test func newsOfAllForms() throws {
    let rss = """
      <?xml version="1.0"?><rss version="0.92"><channel><title>Deals &amp; more</title><link>https://a.example/</link>
      <item><title>Kettle &lt;b&gt;$20&lt;/b&gt;</title><link>/kettle</link><guid isPermaLink="false">k-1</guid>
      <description><![CDATA[<p>Boils <i>fast</i></p>]]></description><pubDate>Mon, 05 Oct 2026 08:00:56 -0400</pubDate>
      <category>Kitchen</category></item></channel></rss>
      """
    let rdf = """
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel rdf:about="https://a.example/f"><title>Deals &amp; more</title>
      <link>https://a.example/</link></channel><item rdf:about="k-1"><title>Kettle $20</title>
      <link>https://a.example/kettle</link><description>Boils fast</description><dc:date>2026-10-05T12:00:56Z</dc:date>
      <dc:subject>Kitchen</dc:subject></item></rdf:RDF>
      """
    let atom = """
      <feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/f/">
      <title type="html">Deals &amp;amp; more</title>
      <link rel="self" href="self"/><link href="https://a.example/"/><entry><id>k-1</id>
      <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Kettle <b>$20</b></div></title>
      <link rel="edit" href="../edit"/><link rel="alternate" href="../kettle"/><updated>2026-11-01T00:00:00Z</updated>
      <published>2026-10-05T14:00:56+02:00</published><summary>Boils fast</summary><category term="Kitchen"/>
      <source><title>Elsewhere</title><id>other</id></source></entry></feed>
      """
    let json = """
      {"version": "https://jsonfeed.org/version/1.1", "title": "Deals & more", "home_page_url": "https://a.example/",
      "items": [{"id": "k-1", "title": "Kettle $20", "url": "kettle", "content_text": "Boils fast", "tags": ["Kitchen"],
      "date_published": "2026-10-05T12:00:56Z"}]}
      """
    for (text, form) in [(rss, "rss"), (rdf, "rdf"), (atom, "atom"), (json, "json")] {
      let feed = try read(text, at: "https://a.example/feed.xml")
      #expect(feed.form == form && feed.title == "Deals & more" && feed.link == "https://a.example/", "\(form)")
      let entry = try #require(feed.entries.first)
      #expect(feed.entries.count == 1 && entry.id == "k-1" && entry.title == "Kettle $20", "\(form): \(entry)")
      #expect(entry.link == "https://a.example/kettle" && entry.published == 1_791_201_656, "\(form): \(entry)")
      #expect(FeedReader.plain(entry.summary.isEmpty ? entry.content : entry.summary) == "Boils fast", "\(form)")
      #expect(entry.categories == ["Kitchen"], "\(form)")
      // Another process tells the same.
      #expect(Feed(json: try JSON(parsing: feed.json.utf8)) == feed, "\(form)")
    }
  }

  @Test func damageIsReadAsFarAsItGoes() throws {
    let broken = """
      junk<rss><channel><title>A & B &nbsp;&copy; &bogus; &#150;</title><item><title>1 < 2 & 3</title>
      <link>http://a/?b=1&c=2</link>
      </item><item><title>Two</item><item><title>Three</title><description><![CDATA[cut off
      """
    let feed = try read(broken)
    #expect(feed.title == "A & B \u{A0}© &bogus; –".split(whereSeparator: \.isWhitespace).joined(separator: " "))
    #expect(feed.entries.first?.title == "1 < 2 & 3" && feed.entries.first?.link == "http://a/?b=1&c=2")
    #expect(feed.entries.count >= 2 && !feed.warnings.isEmpty)
    #expect(feed.entries.last?.summary.hasPrefix("cut off") == true)
  }

  @Test func declarationsAreRefusedAndPlainDocumentTypesAreNot() throws {
    let old = """
      <!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">
      <rss version="0.91"><channel><title>Old &eacute;</title></channel></rss>
      """
    #expect(try read(old).title == "Old é")
    for subset in ["<!ENTITY a SYSTEM \"file:///etc/passwd\">", "<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">"] {
      let text = "<!DOCTYPE rss [\(subset)]><rss><channel><title>&a;</title></channel></rss>"
      do {
        _ = try read(text)
        Issue.record("an entity was declared and the feed was read")
      } catch let failure as IngestFailure { #expect(failure.reason == .dtdForbidden) }
    }
  }

  @Test func namesMayBeWrittenInAnyCase() throws {
    let feed = try read("<RSS><Channel><TITLE>A</TITLE><Item><tItLe>B</tItLe><LINK>/c</LINK></Item></Channel></RSS>")
    #expect(feed.form == "rss" && feed.title == "A" && feed.entries.map(\.title) == ["B"])
    #expect(feed.entries.first?.link == "/c")
  }

  @Test(arguments: [
    ("safe<embed src=\"x\"> words", "safe words"), ("safe<OBJECT classid='y'>words", "safewords"),
    ("<object><param name=a>old words</object> new", "old words new"), ("<objection> it", "it"),
    ("don&#146;t &#x97; &#128;5", "don’t — €5"), ("cut <embed", "cut"), ("a &#38; b", "a & b"),
  ])
  func wordsBehindWhatIsEmbeddedAreKept(_ text: String, _ plain: String) {
    #expect(FeedReader.plain(text) == plain)
  }

  @Test func depthAndNumbersAreBounded() throws {
    let deep = "<rss>" + String(repeating: "<a>", count: 100_000)
    #expect(throws: IngestFailure.self) { try read(deep) }
    let many = "<rss><channel>" + String(repeating: "<item><title>x</title></item>", count: 3_000) + "</channel></rss>"
    // All say the same: one is left of them.
    #expect(try read(many).entries.count == 1)
    let distinct = (0..<3_000).map { "<item><guid>g\($0)</guid></item>" }.joined()
    let feed = try read("<rss><channel>\(distinct)</channel></rss>")
    #expect(feed.entries.count == Limits.feedEntriesMax && !feed.warnings.isEmpty)
    let long = "<rss><channel><item><title>\(String(repeating: "é", count: 50_000))</title></item></channel></rss>"
    #expect(try read(long).entries.first?.title.count == Limits.feedTitleScalarsMax)
  }

  @Test func whatIsNoFeedIsSaidToBeNone() {
    for text in ["", "   ", "<html><body>Not found</body></html>", "{\"a\": 1}", "{", "plain words", "[1]"] {
      #expect(throws: IngestFailure.self, "\(text)") { try read(text) }
    }
  }

  @Test(arguments: [
    ("Mon, 05 Oct 2026 08:00:56 -0400", 1_791_201_656.0), ("05 Oct 26 12:00:56 GMT", 1_791_201_656),
    ("Monday, 05-Oct-2026 12:00:56 UTC", 1_791_201_656), ("2026-10-05T12:00:56Z", 1_791_201_656),
    ("2026-10-05T08:00:56-0400", 1_791_201_656), ("2026", 1_767_225_600), ("2026-10", 1_790_812_800),
    ("Mon, 5 Oct 2026 05:00:56 PDT", 1_791_201_656),
  ])
  func dates(_ text: String, _ seconds: Double) { #expect(FeedDate.seconds(text) == seconds, "\(text)") }

  @Test(arguments: ["", "yesterday", "32 Oct 2026 10:00:00 GMT", "2026-13-01", "05 Oct 2026 99:00:00 GMT"])
  func whatIsNoDate(_ text: String) { #expect(FeedDate.seconds(text) == nil, "\(text)") }

  @Test func encodings() throws {
    let text = "<?xml version=\"1.0\" encoding=\"NAME\"?><rss><channel><title>Café – 東京</title></channel></rss>"
    func feed(_ name: String, _ encoding: String.Encoding, _ body: String? = nil) throws -> String {
      let written = (body ?? text).replacingOccurrences(of: "NAME", with: name)
      return try FeedReader.read([UInt8](try #require(written.data(using: encoding)))).title
    }
    #expect(try feed("utf-8", .utf8) == "Café – 東京")
    #expect(try feed("utf-16", .utf16LittleEndian) == "Café – 東京")
    #expect(try feed("utf-16", .utf16) == "Café – 東京")
    #expect(try feed("shift_jis", .shiftJIS, text.replacingOccurrences(of: "é –", with: "e")) == "Cafe 東京")
    #expect(try feed("iso-8859-1", .windowsCP1252, text.replacingOccurrences(of: " 東京", with: "")) == "Café –")
    // The bytes are not what the declaration says.
    #expect(try feed("utf-8", .windowsCP1252, text.replacingOccurrences(of: " 東京", with: "")) == "Café –")
  }

  @Test func hostileBytesNeverCrash() {
    var random = SeededRandom(seed: 7)
    let seed = Array(
      """
      <?xml version="1.0"?><!DOCTYPE rss><rss xmlns:a="b"><channel><title>A &amp; B</title><item><link href='x'/>
      <description><![CDATA[<p>x</p>]]></description><pubDate>Mon, 05 Oct 2026 08:00:56 -0400</pubDate></item>
      </channel></rss>
      """.utf8)
    for _ in 0..<400 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(contentsOf: Array("<&]>'\"".utf8).shuffled(using: &random), at: place)
        }
      }
      _ = try? FeedReader.read(bytes)
    }
  }
}

@Suite(.enabled(if: sharedFeeds != nil, "needs the shared data sets: set FOOTNOTE_SHARED_DATA"))
struct SharedFeedTests {
  private func read(_ path: String) throws -> Feed {
    let bytes = try #require(FileManager.default.contents(atPath: (sharedFeeds ?? "") + "/" + path))
    return try FeedReader.read([UInt8](bytes))
  }

  private func lines(_ path: String) throws -> [JSON] {
    try String(contentsOfFile: (sharedFeeds ?? "") + "/" + path, encoding: .utf8).split(separator: "\n")
      .map { try JSON(parsing: String($0)) }
  }

  @Test func dealFeedsAreReadWhole() throws {
    let slick = try read("deals/slickdeals_frontpage_2016-11-18.xml")
    let wanted = try lines("deals/slickdeals_expected.jsonl")
    #expect(wanted.count >= 10)
    for row in wanted {
      let entry = try #require(slick.entries.first { $0.id == row.guid?.string })
      #expect(entry.title == row.title?.string.map { FeedReader.plain($0) } && entry.link == row.link?.string)
      #expect(entry.published == row.pubDate?.string.flatMap(FeedDate.seconds))
      #expect(FeedReader.plain(entry.summary).hasPrefix(String((row.description_start?.string ?? "").prefix(40))))
    }
    let news = try read("deals/dealnews_shape.xml")
    for row in try lines("deals/dealnews_shape_expected.jsonl") {
      let entry = try #require(news.entries.first { $0.id == row.guid?.string })
      #expect(
        entry.title == row.title?.string.map { FeedReader.plain(CleanText.clean($0)) }
          && entry.extras["retailer"] == row.retailer?.string)
      #expect(entry.extras["dealType"] == row.kind?.string)
      if let price = row.deal_price?.double { #expect(entry.extras["price"].flatMap(Double.init) == price) }
    }
  }

  /// Of the common model's goldens what this reader is for: titles, ids, addresses and texts of entries.
  @Test func commonModel() throws {
    var agreed = 0
    var compared = 0
    for folder in ["gofeed/translator/rss", "gofeed/translator/atom"] {
      let path = (sharedFeeds ?? "") + "/" + folder
      for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() where name.hasSuffix(".json") {
        let golden = try JSON(parsing: [UInt8](try #require(FileManager.default.contents(atPath: path + "/" + name))))
        guard let feed = try? read("\(folder)/\(name.dropLast(4))xml") else { continue }
        func compare(_ ours: String?, _ theirs: String?) {
          guard let theirs, !theirs.isEmpty else { return }
          compared += 1
          if FeedReader.plain(ours ?? "") == FeedReader.plain(theirs) {
            agreed += 1
          } else {
            print("\(folder)/\(name): '\(ours ?? "-")' for '\(theirs)'")
          }
        }
        compare(feed.title, golden.title?.string)
        for (entry, item) in zip(feed.entries, golden.items?.array ?? []) {
          compare(entry.title, item.title?.string)
          compare(entry.id, item.guid?.string)
          compare(entry.link, item.link?.string)
          compare(entry.summary, item.description?.string)
          compare(entry.content, item["content"]?.string)
        }
      }
    }
    print("common model: \(agreed) of \(compared)")
    #expect(compared > 10 && agreed * 100 >= compared * 95)
  }

  /// Statements of one comparison on what this reader reads; the rest speaks of fields that it has no use for.
  @Test func oneFeatureFeeds() throws {
    var agreed = 0
    var compared = 0
    for row in try lines("feedparser_index.jsonl") {
      guard let doc = row.doc?.string, let expect = row.expect?.string,
        let bytes = FileManager.default.contents(atPath: (sharedFeeds ?? "") + "/" + doc),
        let statement = Statement(expect)
      else { continue }
      compared += 1
      // Where that project's own tests have them lie.
      let feed = try? FeedReader.read([UInt8](bytes), address: "http://127.0.0.1:8097/\(doc)")
      if feed.map(statement.holds) == true {
        agreed += 1
      } else {
        let found = feed.flatMap { statement.found(in: $0) } ?? "-"
        print("\(doc): '\(found)' for '\(statement.value)'")
      }
    }
    print("one-feature feeds: \(agreed) of \(compared)")
    #expect(compared > 500 && agreed * 100 >= compared * 97)
  }

  /// `not bozo and entries[0]['title'] == 'words'`: what is named and what it shall be.
  private struct Statement {
    let name: String
    let isOfEntry: Bool
    let value: String

    init?(_ expect: String) {
      let parts = expect.components(separatedBy: " == ")
      guard parts.count == 2, let left = parts[0].components(separatedBy: " and ").last else { return nil }
      let named = left.replacingOccurrences(of: "\"", with: "'")
      let entryPrefix = ["entries[0]['", "entries[0]."].first { named.hasPrefix($0) }
      let feedPrefix = ["feed['", "feed."].first { named.hasPrefix($0) }
      guard let prefix = entryPrefix ?? feedPrefix else { return nil }
      let path = named.dropFirst(prefix.count)
      let name = path.prefix { $0.isLetter || $0 == "_" }
      let isValue = path.dropFirst(name.count).hasSuffix("['value']")
      guard isValue || path.count - name.count <= 2 else { return nil }
      let whole = ["title_detail": "title", "summary_detail": "summary", "content": "content"]
      let meant = isValue ? whole[String(name)] : String(name)
      let known = entryPrefix == nil ? ["title", "link"] : ["title", "link", "id", "guid", "summary", "description"]
      guard let meant, isValue && entryPrefix != nil || known.contains(meant), let value = Self.literal(parts[1]) else {
        return nil
      }
      self.name = meant
      isOfEntry = entryPrefix != nil
      self.value = value
    }

    /// A Python literal of one kind: quoted, with the usual escapes.
    private static func literal(_ text: String) -> String? {
      var text = text.trimmingCharacters(in: .whitespaces)
      if text.hasPrefix("u'") || text.hasPrefix("u\"") { text.removeFirst() }
      guard let quote = text.first, quote == "'" || quote == "\"", text.last == quote, text.count >= 2 else {
        return nil
      }
      let inner = text.dropFirst().dropLast()
      guard !inner.contains("' or ") else { return nil }
      var result = ""
      var rest = inner[...]
      while let next = rest.popFirst() {
        guard next == "\\", let escape = rest.popFirst() else {
          result.append(next)
          continue
        }
        let digits = ["u": 4, "x": 2, "U": 8][escape] ?? 0
        if digits > 0, let value = UInt32(rest.prefix(digits), radix: 16), let scalar = Unicode.Scalar(value) {
          result.unicodeScalars.append(scalar)
          rest = rest.dropFirst(digits)
        } else {
          result.append(escape == "n" ? "\n" : escape == "t" ? "\t" : escape)
        }
      }
      return result
    }

    func found(in feed: Feed) -> String? {
      guard isOfEntry else { return name == "title" ? feed.title : feed.link }
      guard let entry = feed.entries.first else { return nil }
      return switch name {
      case "title": entry.title
      case "link": entry.link
      case "id", "guid": entry.id
      case "content": entry.content.isEmpty ? entry.summary : entry.content
      default: entry.summary.isEmpty ? entry.content : entry.summary
      }
    }

    /// As a reader of plain text sees both: marks that nobody sees are taken out on the way in, and titles are plain
    /// already.
    func holds(_ feed: Feed) -> Bool {
      let ours = found(in: feed) ?? ""
      let theirs = FeedReader.plain(CleanText.clean(value))
      return ours == value || ours == theirs || FeedReader.plain(ours) == theirs
    }
  }
}

private let sharedFeeds: String? = {
  let named = ProcessInfo.processInfo.environment["FOOTNOTE_SHARED_DATA"]
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let folder = (named ?? root.deletingLastPathComponent().appending(path: "shared/data").path()) + "/feeds"
  return FileManager.default.fileExists(atPath: folder + "/feedparser_index.jsonl") ? folder : nil
}()
