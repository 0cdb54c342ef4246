// The events of an XML feed to entries. One handler for all forms: their elements hardly ever share a name with
// different meanings, and where they do (Atom's link) the attributes tell.
// Invariants: what stands below an entry belongs to it; markup inside a text is written out as markup; depth and
// entries are bounded; of two elements that say the same, the better one wins, whichever comes first.
import Base
import CXML

final class FeedHandler: XMLEventHandler {
  private var feed = Feed()
  private var entry: FeedEntry?
  private var path: [String] = []
  private var bases: [String?]
  private var text: FeedText?
  /// How good what an entry has is: its link, its date, its text, its summary.
  private var ranks: [String: Int] = [:]
  private var feedRanks: [String: Int] = [:]
  private var isFull = false
  /// The root is of a namespace that nobody knows: so are the elements that are meant.
  private var isForeign = false

  init(base: String?) { bases = [base] }

  func read(_ mended: MendedFeed) throws -> Feed {
    feed.warnings = mended.warnings
    do {
      try XMLEventParser.parse(
        mended.utf8, with: self, damage: .damagedXML, naming: FeedNamespaces.prefix, mendsDamage: true)
    } catch let failure as IngestFailure where failure.reason == .damagedXML {
      feed.warnings.append("the feed is damaged: its XML is not well-formed")
    }
    // What the end of a cut-off file left open.
    if let open = text { take(open) }
    endEntry()
    return feed
  }

  // MARK: Events

  private static let roots = ["rss": "rss", "rdf:RDF": "rdf", "RDF": "rdf", "feed": "atom", "channel": "rss"]

  /// Some write element names as they like: those that are known are known in any case.
  private static let canonical: [String: String] = Dictionary(
    (Array(roots.keys) + Array(texts) + ["item", "entry"]).map { ($0.lowercased(), $0) }
  ) { first, _ in first }

  private func own(_ name: String) -> String {
    let own = isForeign && name.hasPrefix("?:") ? String(name.dropFirst(2)) : name
    return Self.texts.contains(own) ? own : Self.canonical[own.lowercased()] ?? own
  }

  func start(_ given: String, _ attributes: XMLAttributes) throws {
    if path.isEmpty, feed.form.isEmpty { isForeign = given.hasPrefix("?:") }
    let name = own(given)
    path.append(name)
    let base = attributes["base", prefix: "xml"].map { FeedReader.resolve($0, base: bases.last ?? nil) }
    bases.append(base ?? bases.last ?? nil)
    if text != nil {
      text?.open(name, attributes)
      return
    }
    if feed.form.isEmpty, let form = Self.roots[name] { feed.form = form }
    if name == "item" || name == "entry" {
      beginEntry(attributes)
      return
    }
    guard !isFull else { return }
    if name == "link", let address = attributes["href"] {
      take(link: address, relation: attributes["rel"] ?? "alternate")
    } else if name == "category", let term = attributes["term"] {
      entry?.categories.append(attributes["label"] ?? term)
    } else if Self.texts.contains(name), isInPlace(name) {
      text = FeedText(name, attributes)
    }
  }

  func end(_ given: String) throws {
    let name = own(given)
    defer {
      if !path.isEmpty { path.removeLast() }
      if bases.count > 1 { bases.removeLast() }
    }
    if var open = text {
      guard open.depth == 0 else {
        open.close(name)
        text = open
        return
      }
      text = nil
      take(open)
    } else if name == "item" || name == "entry" {
      endEntry()
    }
  }

  func text(_ bytes: UnsafeBufferPointer<UInt8>) throws { unsafe text?.append(bytes) }

  // MARK: Entries

  private func beginEntry(_ attributes: XMLAttributes) {
    endEntry()
    guard feed.entries.count < Limits.feedEntriesMax else {
      if !isFull { feed.warnings.append("only the first \(Limits.feedEntriesMax) entries were read") }
      isFull = true
      return
    }
    var begun = FeedEntry()
    begun.id = attributes["about"] ?? ""
    entry = begun
    ranks = [:]
  }

  private func endEntry() {
    if let whole = entry { feed.entries.append(whole) }
    entry = nil
  }

  /// Atom's `source` and RSS's `image` and `textinput` have titles and links of their own.
  private func isInPlace(_ name: String) -> Bool {
    let parents = path.dropLast()
    return !parents.contains { ["source", "image", "textinput", "textInput", "author", "contributor"].contains($0) }
      || name == "media:title"
  }

  private static let texts: Set = [
    "title", "link", "guid", "id", "description", "summary", "content", "content:encoded", "tagline", "subtitle",
    "pubDate", "published", "issued", "updated", "modified", "created", "dc:date", "dcterms:created",
    "dcterms:modified", "dc:title", "dc:description", "dc:subject", "category", "xhtml:body", "body", "fullitem",
    "dealnews:price", "dealnews:retailer", "dealnews:dealType", "dealnews:category", "dealnews:expires", "g:price",
    "g:sale_price", "media:title",
  ]

  private static let dateRanks = [
    "pubDate": 6, "published": 6, "issued": 5, "dc:date": 4, "dcterms:created": 4, "created": 3, "updated": 2,
    "modified": 2, "dcterms:modified": 1,
  ]

  private func take(_ text: FeedText) {
    let value = text.value.trimmingBlanks()
    guard !value.isEmpty else { return }
    guard entry != nil else { return takeOfFeed(text, value) }
    switch text.name {
    case "title": set(\.title, "title", text.plain, rank: 3)
    case "dc:title": set(\.title, "title", text.plain, rank: 2)
    case "media:title": set(\.title, "title", text.plain, rank: 1)
    case "link": take(link: value, relation: "alternate")
    case "guid":
      entry?.id = value
      if text.isPermanentLink, value.contains("://"), ranks["link"] == nil {
        set(\.link, "link", FeedReader.resolve(value, base: base), rank: 1)
      }
    case "id": entry?.id = value
    case "summary", "description": set(\.summary, "summary", value, rank: 3)
    case "dc:description": set(\.summary, "summary", value, rank: 1)
    case "content", "content:encoded", "xhtml:body", "body", "fullitem": set(\.content, "content", value, rank: 3)
    case "category", "dc:subject", "dealnews:category": entry?.categories.append(text.plain)
    case "dealnews:price", "g:price", "g:sale_price":
      let name = text.name == "g:sale_price" ? "sale_price" : "price"
      entry?.extras[name] = value
      if let currency = text.currency { entry?.extras["\(name).currency"] = currency }
    case let name where name.hasPrefix("dealnews:"): entry?.extras[String(name.dropFirst(9))] = text.plain
    default:
      if let rank = Self.dateRanks[text.name], let seconds = FeedDate.seconds(value) {
        set(\.published, "date", seconds, rank: rank)
      }
    }
  }

  private func takeOfFeed(_ text: FeedText, _ value: String) {
    switch text.name {
    case "title" where feedRanks["title", default: 0] < 2:
      feed.title = text.plain
      feedRanks["title"] = 2
    case "dc:title" where feedRanks["title", default: 0] < 1:
      feed.title = text.plain
      feedRanks["title"] = 1
    case "link" where feed.link == nil: feed.link = FeedReader.resolve(value, base: base)
    default: break
    }
  }

  private var base: String? { bases.last ?? nil }

  private func take(link: String, relation: String) {
    let rank = ["alternate": 3, "": 3, "via": 1, "related": 1][relation] ?? 0
    guard rank > 0, !link.trimmingBlanks().isEmpty else { return }
    let whole = FeedReader.resolve(link, base: base)
    if entry != nil {
      set(\.link, "link", whole, rank: rank)
    } else if feed.link == nil, rank == 3 {
      feed.link = whole
    }
  }

  /// The first of the best.
  private func set<Value>(_ member: WritableKeyPath<FeedEntry, Value>, _ name: String, _ value: Value, rank: Int) {
    guard rank > ranks[name, default: 0] else { return }
    ranks[name] = rank
    entry?[keyPath: member] = value
  }
}

/// The text of one element, with the markup inside it written out.
private struct FeedText {
  let name: String
  let type: String
  let isEncoded: Bool
  let isPermanentLink: Bool
  let currency: String?
  private(set) var depth = 0
  private var raw: [UInt8] = []
  private var markup: [UInt8] = []
  private var hasMarkup = false

  init(_ name: String, _ attributes: XMLAttributes) {
    self.name = name
    type = (attributes["type"] ?? "").lowercased()
    // Atom 1.0 encodes what is of no text type: RFC 4287, 4.1.3.3.
    let isOther = type.contains("/") && !type.hasPrefix("text/") && !type.hasSuffix("xml") && !type.contains("html")
    isEncoded = attributes["mode"] == "base64" || isOther && attributes["mode"] == nil
    isPermanentLink = attributes["isPermaLink"]?.lowercased() != "false"
    currency = attributes["currency"]
  }

  private var isOpen: Bool { raw.count < Limits.feedTextScalarsMax * 2 && markup.count < Limits.feedTextScalarsMax * 4 }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard isOpen else { return }
    unsafe raw += bytes
    for byte in unsafe [UInt8](bytes) {
      switch byte {
      case UInt8(ascii: "<"): markup += Array("&lt;".utf8)
      case UInt8(ascii: "&"): markup += Array("&amp;".utf8)
      default: markup.append(byte)
      }
    }
  }

  mutating func open(_ name: String, _ attributes: XMLAttributes) {
    depth += 1
    hasMarkup = true
    guard isOpen else { return }
    markup += Array("<\(Self.local(name))".utf8)
    for attribute in ["href", "src", "title", "class", "alt"] {
      guard let value = attributes[attribute] else { continue }
      let quoted = value.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
      markup += Array(" \(attribute)=\"\(quoted)\"".utf8)
    }
    markup.append(UInt8(ascii: ">"))
  }

  mutating func close(_ name: String) {
    depth -= 1
    if isOpen { markup += Array("</\(Self.local(name))>".utf8) }
  }

  private static func local(_ name: String) -> Substring { name.split(separator: ":").last ?? "div" }

  /// As markup, or as the text that it is.
  var value: String {
    if hasMarkup { return String(decoding: markup, as: UTF8.self) }
    return String(decoding: isEncoded ? TransferEncoding.base64(raw[...]) : raw, as: UTF8.self)
  }

  /// Titles hold markup by accident in RSS and by type in Atom; where the type says text, a '<' is a '<'.
  var plain: String {
    let isText = (type == "text" || type == "text/plain") && !hasMarkup
    return isText ? value.split(whereSeparator: \.isWhitespace).joined(separator: " ") : FeedReader.plain(value)
  }
}

/// Which prefix an element's namespace is told by; the families of RSS and Atom by none.
enum FeedNamespaces {
  static func prefix(of space: String) -> String {
    let lowered = space.lowercased()
    if let known = prefixes[lowered] { return known }
    if lowered.contains("purl.org/rss/1.0/modules/content") { return "content:" }
    if lowered.contains("backend.userland.com") || lowered.contains("blogs.law.harvard.edu")
      || lowered.contains("purl.org/rss/1.0") || lowered.contains("my.netscape.com")
      || lowered.contains("purl.org/atom")
      || lowered.contains("www.w3.org/2005/atom") || lowered.contains("channel.netscape.com")
      || lowered.contains("purl.org/net/rss")
    {
      return ""
    }
    return "?:"
  }

  private static let prefixes: [String: String] = [
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:", "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/elements/1.0/": "dc:", "http://purl.org/dc/terms/": "dcterms:",
    "http://search.yahoo.com/mrss/": "media:", "http://search.yahoo.com/mrss": "media:",
    "http://base.google.com/ns/1.0": "g:", "https://www.dealnews.com/ns/rss/1.0.htm": "dealnews:",
    "http://www.w3.org/1999/xhtml": "xhtml:",
  ]
}
