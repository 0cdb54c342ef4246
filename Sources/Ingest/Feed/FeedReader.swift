// A feed's bytes to a Feed: RSS 0.9x and 2.0, RSS 1.0 (RDF), Atom 0.3 and 1.0, JSON Feed, told apart by what is in
// them, never by what a server called them.
// Must not: stop at the first fault: what can be read of a damaged feed is read, and the fault is said.
import Base
import Foundation

package enum FeedReader {
  /// `address` is where the feed came from: addresses in it may leave out what they share with it.
  package static func read(_ bytes: [UInt8], contentType: String? = nil, address: String? = nil) throws -> Feed {
    guard bytes.count <= Limits.feedBytesMax else {
      throw IngestFailure(.tooLarge, "the feed is larger than \(Limits.feedBytesMax >> 20) MiB")
    }
    guard let first = bytes.first(where: { $0 > 0x20 && $0 < 0x80 }) else {
      throw IngestFailure(.emptyDocument, "the feed is empty")
    }
    var feed: Feed
    if first == UInt8(ascii: "{") {
      feed = try JSONFeed.read(bytes, address: address)
    } else {
      let mended = try FeedMending.mend(bytes, contentType: contentType)
      let handler = FeedHandler(base: address)
      feed = try handler.read(mended)
    }
    guard !feed.form.isEmpty else {
      throw IngestFailure(.unsupportedType, "this is no feed: neither RSS, Atom nor JSON Feed")
    }
    finish(&feed)
    return feed
  }

  /// Every entry with a name of its own, once; texts bounded.
  private static func finish(_ feed: inout Feed) {
    feed.title = bounded(feed.title, Limits.feedTitleScalarsMax)
    var seen: Set<String> = []
    var entries: [FeedEntry] = []
    for var entry in feed.entries {
      entry.title = bounded(entry.title, Limits.feedTitleScalarsMax)
      entry.summary = bounded(entry.summary, Limits.feedTextScalarsMax)
      entry.content = bounded(entry.content, Limits.feedTextScalarsMax)
      entry.categories = entry.categories.prefix(32).map { bounded($0, 200) }
      if entry.id.isEmpty { entry.id = entry.link ?? "" }
      if entry.id.isEmpty { entry.id = String("\(SHA256Digest(of: (entry.title + entry.summary).utf8))".prefix(32)) }
      guard seen.insert(entry.id).inserted else { continue }
      entries.append(entry)
    }
    feed.entries = entries
  }

  private static func bounded(_ text: String, _ scalarsMax: Int) -> String {
    guard text.utf8.count > scalarsMax, text.unicodeScalars.count > scalarsMax else { return CleanText.clean(text) }
    return CleanText.clean(String(String.UnicodeScalarView(text.unicodeScalars.prefix(scalarsMax))))
  }

  /// Markup as plain text in one line; plain text as it is.
  package static func plain(_ text: String) -> String {
    guard text.contains("<") || text.contains("&") else { return oneLine(text) }
    let markup = Array("<div>".utf8) + mended(text) + Array("</div>".utf8)
    guard let page = try? HTMLReader.read(markup) else { return "" }
    return oneLine(page.text)
  }

  private static let embeddings = ["embed", "object", "applet", "iframe"].flatMap {
    [Array("<\($0)".utf8), Array("</\($0)".utf8)]
  }

  /// What a text holds up against other programs is no text, but the words behind it are, and nobody ends such an
  /// element in a feed: its tags go alone. Numbers from 128 to 159 are meant as windows-1252, as in the feed itself.
  private static func mended(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      let rest = bytes[at...]
      if bytes[at] == UInt8(ascii: "<"), embeddings.contains(where: { beginsWithTag(rest, $0) }) {
        at = rest.firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 } ?? bytes.count
      } else if bytes[at] == UInt8(ascii: "&"), let found = FeedMending.number(rest),
        (0x80...0x9F).contains(found.value)
      {
        output += Array("&#\(FeedMending.scalar(found.value));".utf8)
        at = found.end
      } else {
        output.append(bytes[at])
        at += 1
      }
    }
    return output
  }

  private static func beginsWithTag(_ bytes: ArraySlice<UInt8>, _ tag: [UInt8]) -> Bool {
    guard bytes.count > tag.count, zip(bytes, tag).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) else { return false }
    let next = bytes[bytes.startIndex + tag.count]
    return next <= 0x20 || next == UInt8(ascii: ">") || next == UInt8(ascii: "/")
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  static func resolve(_ reference: String, base: String?) -> String {
    let trimmed = reference.trimmingBlanks()
    guard let base, let url = URL(string: base), !trimmed.isEmpty else { return trimmed }
    return URL(string: trimmed, relativeTo: url)?.absoluteString ?? trimmed
  }
}

/// https://www.jsonfeed.org/version/1.1/
enum JSONFeed {
  static func read(_ bytes: [UInt8], address: String?) throws -> Feed {
    guard let json = try? JSON(parsing: bytes), let items = json.items?.array,
      json.version?.string?.contains("jsonfeed.org") == true || json.title?.string != nil
    else { throw IngestFailure(.unsupportedType, "this is no feed: its JSON is no JSON Feed") }
    var feed = Feed()
    feed.form = "json"
    feed.title = json.title?.string ?? ""
    feed.link = json.home_page_url?.string
    let base = feed.link ?? address
    for item in items.prefix(Limits.feedEntriesMax) {
      var entry = FeedEntry()
      // Some write numbers as ids.
      entry.id = item.id?.string ?? item.id?.int.map(String.init) ?? ""
      entry.title = item.title?.string ?? ""
      entry.link = (item.url?.string ?? item.external_url?.string).map { FeedReader.resolve($0, base: base) }
      entry.published = (item.date_published?.string ?? item.date_modified?.string).flatMap(FeedDate.seconds)
      entry.content = item.content_html?.string ?? item.content_text?.string ?? ""
      entry.summary = item.summary?.string ?? ""
      entry.categories = (item.tags?.array ?? []).compactMap(\.string)
      feed.entries.append(entry)
    }
    if items.count > Limits.feedEntriesMax { feed.warnings.append("only the first entries were read") }
    return feed
  }
}
