// What a page says of itself: its title by several voices, author, dates, site, language.
// Invariants: what is gathered is bounded; damage in a page's JSON costs that JSON and nothing else.
// Must not: believe a page about its content, only about its name.
import Base

struct HTMLHead {
  private(set) var pageTitle = ""
  private(set) var metadata: [String: String] = [:]
  private(set) var firstHeadings: [String] = []
  private var properties: [String: String] = [:]
  private var linkedTitle: String?
  private var titleBytes: [UInt8] = []
  private var headingBytes: [UInt8]?
  private var jsonBytes: [UInt8]?

  private static let bytesMax = 256 << 10

  /// True where the element's text is the head's own, though the page does not show it.
  mutating func start(_ name: String, _ attributes: HTMLAttributes) -> Bool {
    switch name {
    case "meta":
      let key = attributes["property"] ?? attributes["name"] ?? attributes["itemprop"]
      if let key, let content = attributes["content"], !content.allSatisfy(\.isWhitespace), properties.count < 200 {
        for one in key.lowercased().split(separator: " ") where properties[String(one)] == nil {
          properties[String(one)] = Self.line(content.prefix(4_096))
        }
      }
    case "html":
      if let language = attributes["lang"] ?? attributes["xml:lang"] { metadata["language"] = language }
    case "h1": headingBytes = firstHeadings.count < 8 ? [] : nil
    case "script":
      guard attributes["type"]?.lowercased().hasPrefix("application/ld+json") == true else { return false }
      jsonBytes = []
      return true
    default: break
    }
    return false
  }

  /// True where the text is no text of the page.
  mutating func text(_ bytes: UnsafeBufferPointer<UInt8>, in name: String) -> Bool {
    if name == "title" {
      if titleBytes.count < 4_096 { unsafe titleBytes.append(contentsOf: bytes) }
      return true
    }
    if name == "script" {
      if let json = jsonBytes, json.count < Self.bytesMax { unsafe jsonBytes?.append(contentsOf: bytes) }
      return true
    }
    if let heading = headingBytes, heading.count < 1_024 { unsafe headingBytes?.append(contentsOf: bytes) }
    return false
  }

  mutating func end(_ name: String) {
    switch name {
    case "title":
      if pageTitle.isEmpty { pageTitle = Self.line(String(decoding: titleBytes, as: UTF8.self)) }
    case "h1":
      guard let bytes = headingBytes else { return }
      headingBytes = nil
      let heading = Self.line(String(decoding: bytes, as: UTF8.self))
      if !heading.isEmpty { firstHeadings.append(heading) }
    case "script":
      guard let bytes = jsonBytes else { return }
      jsonBytes = nil
      if let json = try? JSON(parsing: Self.unwrapped(bytes)) { readLinkedData(json, depth: 0) }
    default: break
    }
  }

  /// The title as search engines and social sites are told it, else as browsers show it without the site's name.
  var title: String? {
    let told = ["dc.title", "dc:title", "dcterms.title", "dcterm:title", "og:title", "twitter:title", "parsely-title"]
    if let linkedTitle { return linkedTitle }
    if let named = told.lazy.compactMap({ properties[$0] }).first { return named }
    let cut = HTMLTitle.withoutSite(pageTitle, site: site, headings: firstHeadings)
    if !cut.isEmpty { return cut }
    return firstHeadings.first
  }

  private var site: String? { properties["og:site_name"] ?? properties["application-name"] }

  /// Metadata under the names that every format uses.
  func described() -> [String: String] {
    var all = metadata
    let sources: [(String, [String])] = [
      ("author", ["author", "dc.creator", "article:author", "parsely-author"]),
      ("description", ["description", "og:description", "dc.description"]),
      ("keywords", ["keywords", "news_keywords"]),
      ("date", ["date", "article:published_time", "dc.date", "dcterms.date", "datepublished", "parsely-pub-date"]),
      ("modified", ["article:modified_time", "last-modified", "datemodified"]),
      ("site", ["og:site_name", "application-name"]),
    ]
    for (key, names) in sources where all[key] == nil {
      // An address is no author.
      let value = names.lazy.compactMap { properties[$0] }.first { key != "author" || !$0.hasPrefix("http") }
      if let value { all[key] = value }
    }
    return all
  }

  /// Without the CDATA marks that XHTML wants around it.
  private static func unwrapped(_ bytes: [UInt8]) -> [UInt8] {
    let blank = trimmedRange(of: bytes)
    let text = bytes[blank]
    let (opening, closing) = (Array("<![CDATA[".utf8), Array("]]>".utf8))
    guard text.starts(with: opening), text.reversed().starts(with: closing.reversed()) else { return Array(text) }
    return Array(text.dropFirst(opening.count).dropLast(closing.count))
  }

  /// schema.org objects: of the one that is a page or an article, its headline, author and dates.
  private mutating func readLinkedData(_ json: JSON, depth: Int) {
    guard depth < 4 else { return }
    if let list = json.array {
      for one in list.prefix(50) { readLinkedData(one, depth: depth + 1) }
      return
    }
    if let graph = json["@graph"] { readLinkedData(graph, depth: depth + 1) }
    let types = json["@type"].map { $0.string.map { [$0] } ?? $0.array?.compactMap(\.string) ?? [] } ?? []
    let isArticle = types.contains { $0.hasSuffix("Article") || $0.hasSuffix("Posting") || $0 == "Report" }
    guard isArticle, linkedTitle == nil else { return }
    let titles = [json["headline"], json["name"]].compactMap { $0?.string.map { Self.line(HTMLTitle.unescaped($0)) } }
      .filter { !$0.isEmpty }
    // Some put the site's name, or a sentence about the matter, where the other should be.
    let shown = HTMLTitle.withoutSite(pageTitle, site: site, headings: firstHeadings)
    linkedTitle = titles.first { shown.contains($0) } ?? titles.first
    let author = json["author"].map { $0.array?.first ?? $0 }
    let name = Self.line(author?.string ?? author?["name"]?.string ?? "")
    if !name.isEmpty { metadata["author"] = name }
    if let date = json["datePublished"]?.string { metadata["date"] = date }
    if let date = json["dateModified"]?.string { metadata["modified"] = date }
  }

  static func line(_ text: some StringProtocol) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

/// A page's title bar: 'Notice periods | Example Ltd' is about notice periods.
enum HTMLTitle {
  private static let separators = [" | ", " - ", " – ", " — ", " · ", " :: ", " • ", " » ", " > ", " \\ ", " / "]
  /// Fewer words than these say too little alone: 'Mozilla - Wikipedia' stays.
  private static let wordsMin = 5

  static func withoutSite(_ title: String, site: String?, headings: [String]) -> String {
    guard let separator = lastSeparator(in: title) else {
      // Too short to be a title, or too long: the page's only heading says it better, if it says enough.
      let fits = (15...150).contains(title.count) || headings.count != 1
      return fits || words(headings[0]) < wordsMin ? title : headings[0]
    }
    let parts = title.ranges(of: separator.text)
    guard let first = parts.first, let last = parts.last else { return title }
    let before = String(title[..<last.lowerBound])
    let after = String(title[first.upperBound...])
    if let site, same(String(title[last.upperBound...]), site) { return before }
    if let site, same(String(title[..<first.lowerBound]), site) { return after }
    var cut = before
    if words(cut) < 3 { cut = after }
    return words(cut) < wordsMin ? title : cut
  }

  private static func lastSeparator(in title: String) -> (text: String, place: String.Index)? {
    separators.compactMap { text in title.ranges(of: text).last.map { (text, $0.lowerBound) } }
      .max { $0.1 < $1.1 }
  }

  private static func same(_ one: String, _ two: String) -> Bool {
    one.lowercased().filter { $0.isLetter || $0.isNumber } == two.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// Words by spaces; a script without spaces has one for about two characters.
  private static func words(_ text: String) -> Int {
    let spaced = text.split(separator: " ").count
    let dense = text.unicodeScalars.count {
      (0x2E80...0x9FFF).contains($0.value) || (0xAC00...0xD7AF).contains($0.value)
    }
    return spaced + dense / 2
  }

  /// The five entities that find their way into JSON.
  static func unescaped(_ text: String) -> String {
    guard text.contains("&") else { return text }
    return text.replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&apos;", with: "'")
      .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&amp;", with: "&")
  }
}
