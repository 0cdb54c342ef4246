// The deal agents' world as it is: feeds and pages through the guarded client, parsed by the workers; a model where
// one is configured; prices from the catalogue of products.
import Base
import DealPricing
import Ingest
import KnowledgeBase
import Models

struct LiveDealWorld: DealWorld {
  let prices: any Appraiser
  private let fetcher: WebFetcher
  private let alerts: AlertChannels
  var chooser: DealChooser?
  var planner: (model: PlannerModel, opening: [ChatMessage])?
  /// Feeds that are files on this machine: then nothing is fetched, pages neither.
  private let files: Set<String>

  init(_ configuration: Configuration, fetcher: WebFetcher, prices: any Appraiser, files: [String]) {
    self.fetcher = fetcher
    self.prices = prices
    self.files = Set(files)
    alerts = AlertChannels(configuration)
  }

  var currency: String? { prices.currency }
  var channels: [String] { alerts.names }
  var plannerOpening: [ChatMessage]? { planner?.opening }

  func readFeed(_ address: String, tag: String?, modified: String?) throws -> FeedAnswer {
    if files.contains(address) {
      let bytes = try FileAccess.read(address, bytesMax: Limits.feedBytesMax)
      return .entries(try entries(bytes, contentType: nil, address: nil), tag: nil, modified: nil)
    }
    switch try fetcher.fetch(address, as: .feed, known: Validators(tag: tag, modified: modified)) {
    case .unchanged: return .unchanged
    case .fresh(let file):
      let entries = try entries(file.bytes, contentType: file.contentType, address: file.address)
      return .entries(entries, tag: file.validators.tag, modified: file.validators.modified)
    }
  }

  private func entries(_ bytes: [UInt8], contentType: String?, address: String?) throws -> [DealEntry] {
    try ExtractionService.pool.readFeed(bytes, contentType: contentType, address: address).entries.map { entry in
      let text = FeedReader.plain(entry.summary.count >= 40 ? entry.summary : entry.summary + " " + entry.content)
      let currency = entry.extras["price.currency"] ?? "USD"
      let stated = entry.extras["price"].flatMap { PriceRules.amount($0, currency: currency) }
      return DealEntry(
        title: entry.title, link: entry.link ?? "", text: String(text.prefix(2_000)),
        category: entry.categories.first ?? "", statedPrice: stated,
        isSale: entry.extras["dealType"]?.lowercased() == "sale")
    }
  }

  func readPage(_ address: String) throws -> String? {
    guard files.isEmpty else { return nil }
    guard case .fresh(let file) = try fetcher.fetch(address, as: .page) else { return nil }
    let type = file.contentType.flatMap { $0.hasPrefix("text/plain") ? "text/plain" : nil } ?? "text/html"
    let page = try ExtractionService.pool.extract(
      file.bytes, filename: type == "text/plain" ? "page.txt" : "page.html", declaredType: type)
    return page.text.split(separator: "\n").filter { $0.lowercased() != "more" }.joined(separator: "\n")
  }

  func choose(_ entries: [DealEntry]) throws -> [ChosenDeal]? { try chooser?.choose(entries) }
  func plan(_ transcript: [ChatMessage]) throws -> AutonomousPlanner.Call {
    guard let planner else { throw PlainFailure(.usage, "no_planner", "no model plans") }
    return try planner.model.call(transcript)
  }
  func comparables(_ text: String, category: String) throws -> [DealComparable] {
    try prices.comparables(text, category: category)
  }
  func estimate(_ part: PricePart, _ text: String, category: String) throws -> Double? {
    try prices.estimate(part, text, category: category)
  }
  func combine(_ parts: PartEstimates, _ text: String, category: String) throws -> PriceEstimate? {
    try prices.combine(parts, text, category: category)
  }
  func send(_ body: JSON, id: String, over channel: String) throws -> String {
    try alerts.send(body, id: id, over: channel)
  }
}
