// The scanner: reads feeds, leaves out what was seen, tells deals with a clear price from the rest, reads their pages.
// A machine without input or output: it says what it wants to know next, and is told.
// Invariants: a feed or page that fails costs itself alone; every entry looked at ends as a deal or as a refusal with
// its reason, unless there are more than one run takes: those stay unseen for the next one, which reads their feed
// whole again.
import Base

package struct ScannerAgent: Sendable {
  package enum Request: Sendable, Equatable {
    case readFeed(String)
    /// Which of these were seen before.
    case lookUp([String])
    case readPage(String)
    case choose([DealEntry])
  }

  package enum Answer: Sendable {
    case feed(FeedAnswer)
    case seen(Set<String>)
    /// nil: the page was not asked for.
    case page(String?)
    /// nil: there is no model.
    case chosen([ChosenDeal]?)
    case failed(String)
  }

  package struct Refused: Sendable, Equatable {
    package let key: String
    package let title: String
    package let reason: String
  }

  package private(set) var deals: [FoundDeal] = []
  package private(set) var refused: [Refused] = []
  package private(set) var remarks: [String] = []
  /// Feeds whose entries were not all taken: they must be read whole again.
  package private(set) var unfinished: Set<String> = []

  private let settings: DealSettings
  private let currency: String?
  private var asked: Request?
  private var feeds: [String]
  private var reading = ""
  private var waiting: [DealEntry] = []
  private var fresh: [(entry: DealEntry, feed: String)] = []
  private var keys: Set<String> = []
  private var isChosen = false
  private var pages: [Int] = []
  private static let detailsCharactersMax = 1_500

  package init(settings: DealSettings, feeds: [String], currency: String?) {
    self.settings = settings
    self.currency = currency
    self.feeds = feeds.reversed()
  }

  /// What it wants next; nil: it is done.
  package mutating func next() -> Request? {
    asked = request()
    return asked
  }

  private mutating func request() -> Request? {
    if !waiting.isEmpty { return .lookUp(waiting.map(\.key)) }
    if let feed = feeds.popLast() {
      reading = feed
      return .readFeed(feed)
    }
    if !isChosen { return fresh.isEmpty ? nil : .choose(fresh.map(\.entry)) }
    return pages.last.map { .readPage(deals[$0].url) }
  }

  package mutating func take(_ answer: Answer) {
    switch (asked, answer) {
    case (.readFeed, .feed(.unchanged)): break
    case (.readFeed, .feed(.entries(let entries, _, _))): waiting = Array(entries.prefix(settings.entriesPerFeedMax))
    case (.readFeed, .failed(let why)): remarks.append(why)
    case (.lookUp, .seen(let seen)): admit(seen)
    case (.choose, .chosen(let chosen)): choose(chosen)
    case (.choose, .failed(let why)):
      remarks.append(why)
      choose(nil)
    case (.readPage, .page(nil)): endPage("", remark: nil)
    case (.readPage, .page(let text?)):
      endPage(text, remark: text.allSatisfy(\.isWhitespace) ? "there is no text on it" : nil)
    case (.readPage, .failed(let why)):
      remarks.append(why)
      endPage("", remark: why)
    default: preconditionFailure("an answer to another question")
    }
  }

  private mutating func admit(_ seen: Set<String>) {
    for entry in waiting where !seen.contains(entry.key) && !keys.contains(entry.key) {
      guard fresh.count < settings.dealsPerRunMax * 4 else {
        unfinished.insert(reading)
        break
      }
      keys.insert(entry.key)
      fresh.append((entry, reading))
    }
    waiting = []
  }

  /// A model's choice counts where the price that it names stands in the entry: what it makes up is no deal.
  private mutating func choose(_ chosen: [ChosenDeal]?) {
    isChosen = true
    let picked = chosen.map { Dictionary($0.map { ($0.number, $0) }) { first, _ in first } }
    for (number, (entry, feed)) in fresh.enumerated() {
      switch verdict(on: entry, picked: picked?[number + 1], isModels: picked != nil) {
      case .failure(let refusal): refuse(entry, refusal.reason)
      case .success(let deal):
        guard deals.count < settings.dealsPerRunMax else {
          unfinished.insert(feed)
          continue
        }
        deals.append(deal)
      }
    }
    pages = deals.indices.filter { deals[$0].url.hasPrefix("http") }.reversed()
    fresh = []
  }

  private struct Refusal: Error { let reason: String }

  private func verdict(
    on entry: DealEntry, picked: ChosenDeal?, isModels: Bool
  ) -> Result<FoundDeal, Refusal> {
    if entry.isSale { return .failure(Refusal(reason: "sale")) }
    let reading = PriceRules.read(title: entry.title, summary: entry.text)
    var deal = FoundDeal(
      key: entry.key, description: ProductName.of(title: entry.title), price: Money(amount: 0, currency: ""),
      formerly: nil, url: entry.link, category: entry.category, details: "", foundBy: "rules", title: entry.title)
    if isModels {
      guard let picked else { return .failure(Refusal(reason: "not_picked")) }
      let amounts =
        MoneyScanner.tokens(entry.title + " " + entry.text).compactMap(\.money) + [entry.statedPrice].compactMap { $0 }
      guard let money = amounts.first(where: { abs($0.amount - picked.price) < 0.005 }), money.amount > 0 else {
        return .failure(Refusal(reason: "price_not_in_the_text"))
      }
      deal.price = money
      deal.description = picked.description
      deal.foundBy = "model"
    } else if let stated = entry.statedPrice, stated.amount > 0 {
      deal.price = stated
      deal.foundBy = "feed"
    } else if case .price(let money, let formerly, _) = reading {
      deal.price = money
      deal.formerly = formerly
    } else if case .none(let refusal) = reading {
      return .failure(Refusal(reason: refusal.rawValue))
    }
    if let currency, deal.price.currency != currency {
      return .failure(Refusal(reason: "currency_\(deal.price.currency)"))
    }
    guard deal.description.split(whereSeparator: \.isWhitespace).count >= 2 else {
      return .failure(Refusal(reason: "no_description"))
    }
    return .success(deal)
  }

  private mutating func refuse(_ entry: DealEntry, _ reason: String) {
    refused.append(Refused(key: entry.key, title: entry.title, reason: reason))
  }

  private mutating func endPage(_ text: String, remark: String?) {
    guard let index = pages.popLast() else { return }
    deals[index].details = String(text.prefix(Self.detailsCharactersMax))
    if let remark { deals[index].pageRemark = remark }
  }
}
