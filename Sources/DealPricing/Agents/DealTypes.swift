// What the agents pass to each other, as values.
package import Base
import Foundation
package import Models

package struct DealSettings: Sendable, Equatable {
  package var feeds: [String] = []
  package var entriesPerFeedMax = 10
  /// Priced in one run; the rest waits for the next.
  package var dealsPerRunMax = 25
  package var threshold = 50.0
  /// An alert also asks that the interval's lower end still beats the price.
  package var asksInterval = true
  package var alertsPerRunMax = 1
  /// Tool calls of an autonomous planner.
  package var plannerStepsMax = 40

  package init() {}
}

/// An entry of a feed, as the scanner reads it.
package struct DealEntry: Sendable, Equatable {
  package var title: String
  package var link: String
  /// Plain text.
  package var text: String
  package var category: String
  /// Where the feed says it beside the text.
  package var statedPrice: Money?
  /// The feed itself says that this is a sale of many things.
  package var isSale: Bool

  package init(
    title: String, link: String, text: String, category: String = "", statedPrice: Money? = nil, isSale: Bool = false
  ) {
    self.title = title
    self.link = link
    self.text = text
    self.category = category
    self.statedPrice = statedPrice
    self.isSale = isSale
  }

  /// The same deal under two feeds' marks is one: what only tells where a click came from is left out.
  package var key: String {
    guard var parts = URLComponents(string: link), parts.host != nil else {
      return Self.digest(link.isEmpty ? title + text : link)
    }
    parts.fragment = nil
    parts.queryItems = parts.queryItems?.filter { item in
      !item.name.hasPrefix("utm_") && !["iref", "fbclid", "gclid", "ref", "rss", "src"].contains(item.name)
    }.sorted { ($0.name, $0.value ?? "") < ($1.name, $1.value ?? "") }
    if parts.queryItems?.isEmpty == true { parts.queryItems = nil }
    return Self.digest((parts.host ?? "").lowercased() + parts.path + "?" + (parts.query ?? ""))
  }

  private static func digest(_ text: String) -> String { String("\(SHA256Digest(of: text.utf8))".prefix(16)) }
}

package struct FoundDeal: Sendable, Equatable {
  package var key: String
  package var description: String
  package var price: Money
  package var formerly: Double?
  package var url: String
  package var category: String
  /// What was read of the page behind the entry; empty where it could not be read.
  package var details: String
  /// How it was found: 'rules', 'feed' or 'model'.
  package var foundBy: String
  package var title: String
  /// Why the page behind the entry told nothing; nil where it did, or was not asked for.
  package var pageRemark: String?
}

package enum FeedAnswer: Sendable, Equatable {
  case unchanged
  case entries([DealEntry], tag: String?, modified: String?)
}

/// What a model picked: the number of an entry, what it is, and its price.
package struct ChosenDeal: Sendable, Equatable {
  package var number: Int
  package var description: String
  package var price: Double

  package init(number: Int, description: String, price: Double) {
    self.number = number
    self.description = description
    self.price = price
  }
}

package struct DealComparable: Sendable, Equatable {
  package var title: String
  package var price: Double
  package var relevance: Double
  package var documentID: String
  package var url: String?

  package init(title: String, price: Double, relevance: Double, documentID: String, url: String? = nil) {
    self.title = title
    self.price = price
    self.relevance = relevance
    self.documentID = documentID
    self.url = url
  }

  package var json: JSON {
    [
      "title": .string(title), "price": .number(price), "relevance": .number(relevance),
      "document_id": .string(documentID), "url": JSON(url),
    ]
  }
}

package enum PricePart: String, Sendable, CaseIterable {
  case specialist
  case frontier
  case randomForest = "random_forest"
}

/// What a text is worth, part by part. Each part may fail without the others.
package protocol Appraiser: Sendable {
  /// Of the catalogue; nil where there is none to compare with.
  var currency: String? { get }
  func comparables(_ text: String, category: String) throws -> [DealComparable]
  func estimate(_ part: PricePart, _ text: String, category: String) throws -> Double?
  func combine(_ parts: PartEstimates, _ text: String, category: String) throws -> PriceEstimate?
}

/// Everything outside the agents. A live one fetches and sends; a scripted one is a test's.
package protocol DealWorld: Appraiser {
  /// Where alerts go.
  var channels: [String] { get }
  func readFeed(_ address: String, tag: String?, modified: String?) throws -> FeedAnswer
  /// The page's text; nil: pages are not asked for.
  func readPage(_ address: String) throws -> String?
  /// nil: no model is configured, and rules choose.
  func choose(_ entries: [DealEntry]) throws -> [ChosenDeal]?
  /// What a planner that calls tools is told first; nil: the rules plan.
  var plannerOpening: [ChatMessage]? { get }
  func plan(_ transcript: [ChatMessage]) throws -> AutonomousPlanner.Call
  /// What the receiver said. Throws where it did not take the message: a `MessageNotTaken` where it said when it will,
  /// or that it never will.
  func send(_ body: JSON, id: String, over channel: String) throws -> String
}

extension DealWorld {
  package var plannerOpening: [ChatMessage]? { nil }
  package func plan(_ transcript: [ChatMessage]) throws -> AutonomousPlanner.Call {
    preconditionFailure("a world without a planner is not asked to plan")
  }
}
