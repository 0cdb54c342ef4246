// A feed as the deal side reads it, whichever of its many forms it came in.
// Invariants: texts are bounded and cleaned; addresses are as the feed gives them, made whole by its base, and nobody
// has judged them yet; an entry that names itself twice is held once.
package import Base

package struct Feed: Sendable, Equatable {
  /// 'rss', 'rdf', 'atom' or 'json'.
  package var form = ""
  package var title = ""
  package var link: String?
  package var entries: [FeedEntry] = []
  /// What was not as it should be, in words.
  package var warnings: [String] = []

  package init() {}
}

package struct FeedEntry: Sendable, Equatable {
  /// As the feed names it: guid, id, or rdf:about; else its link.
  package var id = ""
  package var title = ""
  package var link: String?
  /// Seconds since 1970.
  package var published: Double?
  /// Markup or plain text as it stands in the feed, the shorter text first.
  package var summary = ""
  package var content = ""
  package var categories: [String] = []
  /// Names that deal feeds give beside the text, as 'price', 'price.currency', 'retailer', 'dealType'.
  package var extras: [String: String] = [:]

  package init() {}
}

// MARK: Between processes

extension Feed {
  var json: JSON {
    [
      "form": .string(form), "title": .string(title), "link": JSON(link), "warnings": JSON(warnings),
      "entries": .array(entries.map(\.json)),
    ]
  }

  init(json: JSON) {
    form = json.form?.string ?? ""
    title = json.title?.string ?? ""
    link = json.link?.string
    warnings = (json.warnings?.array ?? []).compactMap(\.string)
    entries = (json.entries?.array ?? []).map(FeedEntry.init(json:))
  }
}

extension FeedEntry {
  package var json: JSON {
    var named = JSONObject()
    for (name, value) in extras.sorted(by: { $0.key < $1.key }) { named[name] = .string(value) }
    return [
      "id": .string(id), "title": .string(title), "link": JSON(link), "published": JSON(published),
      "summary": .string(summary), "content": .string(content), "categories": JSON(categories),
      "extras": .object(named),
    ]
  }

  package init(json: JSON) {
    id = json.id?.string ?? ""
    title = json.title?.string ?? ""
    link = json.link?.string
    published = json.published?.double
    summary = json.summary?.string ?? ""
    content = json["content"]?.string ?? ""
    categories = (json.categories?.array ?? []).compactMap(\.string)
    for (name, value) in json.extras?.object ?? [:] { extras[name] = value.string }
  }
}
