// /deals: what was found and why, a run now, an alert once more, the agents' log as it is written.
import Base
import DealPricing
import HTTPKit
import KnowledgeBase

extension Routes {
  private static let newsSeconds = 0.2
  /// A comment now and then, so that a client that is gone is noticed.
  private static let silenceSeconds = 15.0

  func addDealRoutes(to router: inout Router) {
    let accepts = Accepted.json(maxBytes: Limits.jsonBodyBytesMax)
    router.add(.get, "/deals") { request in
      try mayKnowDeals(request)
      let limit = try Routes.number(request.queryValue("limit"), "limit") ?? 200
      guard (1...1_000).contains(limit) else {
        throw PlainFailure(.usage, "bad_field", "the field 'limit' must be a number from 1 to 1000")
      }
      return .json(try deals.list(limit: limit).utf8)
    }
    router.add(.post, "/deals/run", accepts: accepts) { request in
      try mayKnowDeals(request)
      let files = try request.body.bytes.isEmpty ? [] : RequestJSON(request).strings("files")
      // Only the owner's own command line may say what lies on this machine's disks.
      guard files.isEmpty || request.principal as? Grant == .owner else {
        throw PlainFailure(.denied, "owner_only", "only the command line of the library's owner may name files")
      }
      return .json(try deals.run(files: files).utf8)
    }
    router.add(.get, "/deals/events") { request in
      try mayKnowDeals(request)
      let desk = deals
      let clock = self.clock
      return .events { stream in
        var next = 0
        var spokenAt = clock.monotonicSeconds()
        while !stream.isGone {
          let news = desk.lines(from: next)
          next = news.next
          for line in news.lines { try stream.send(event: "log", data: line.json.text) }
          let now = clock.monotonicSeconds()
          if !news.lines.isEmpty { spokenAt = now }
          if now - spokenAt > Routes.silenceSeconds {
            try stream.send(event: "still", data: "{}")
            spokenAt = now
          }
          if desk.isStopped { return }
          SystemSleeper().sleep(seconds: Routes.newsSeconds)
        }
      }
    }
    router.add(.get, "/deals/{id}") { request in
      try mayKnowDeals(request)
      return .json(try deals.deal(request.parameter("id")).utf8)
    }
    router.add(.post, "/deals/{id}/notify", accepts: accepts) { request in
      try mayKnowDeals(request)
      return .json(try deals.notify(request.parameter("id")).utf8)
    }
  }

  /// Deals show the products that they were compared with.
  private func mayKnowDeals(_ request: Request) throws {
    guard access(request).grant.sees(deals.collection) else { throw LibraryError.noSuchCollection(deals.collection) }
  }
}
