// The deal finder from end to end: the binary on the sample feed and on feeds of a server of our own, its routes, and
// receivers that misbehave.
import App
import Base
import Foundation
import Models
import ScriptedEndpoint
import Testing

private let sampleFeed = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appending(path: "corpus/deals/sample-feed.xml").path()

@Suite struct DealCommandTests {
  private func json(_ arguments: [String], _ folder: Folder, environment: [String: String] = [:]) throws -> JSON {
    let outcome = try Binary.run(arguments + ["--json"], data: folder.data, environment: environment)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try JSON(parsing: outcome.output)
  }

  @Test func theSampleFeedNeedsNoNetworkAndIsReadOnce() throws {
    let folder = Folder()
    let first = try json(["deals", "run", "--feed", sampleFeed], folder)
    #expect(first.found?.int ?? 0 >= 5 && first.refused?.int ?? 0 >= 4, "\(first)")
    let prices = Set((first.deals?.array ?? []).compactMap { $0.deal?.price?.double })
    #expect(prices.isSuperset(of: [19.99, 649, 49, 89.95, 79]), "\(prices)")
    let again = try json(["deals", "run", "--feed", sampleFeed], folder)
    #expect(again.found?.int == 0 && again.refused?.int == 0)
    let list = try json(["deals", "list"], folder)
    let id = try #require(list.deals?.array?.first?.id?.string)
    let whole = try json(["deals", "show", id], folder)
    #expect(whole.evidence?.found_by?.string != nil && whole.messages?.array != nil)
  }

  @Test func theRulesAreMeasuredOnLabelledEntries() throws {
    let folder = Folder()
    let file = try folder.write(
      "labels.jsonl",
      #"{"title":"Kettle $20","price":20,"currency":"USD"}"# + "\n"
        + #"{"title":"Kettle $20","price":null,"side":"held"}"#)
    let sides = try json(["deals", "eval", file], folder).sides?.array ?? []
    #expect(sides.map { $0.precision?.double } == [1, 0] && sides.last?.misses?.array?.count == 1)
    let outcome = try Binary.run(["deals", "eval", try folder.write("bad.jsonl", "{}")], data: folder.data)
    #expect(outcome.status == 1 && outcome.errors.contains("line 1") && outcome.errors.contains("currency"))
  }

  @Test func wrongUsageSaysTheWayOut() throws {
    let folder = Folder()
    for (arguments, words) in [
      (["deals", "rnu"], "did you mean 'run'"), (["deals", "show"], "needs a deal's id"),
      (["deals", "price"], "needs a description"), (["deals", "run", "x"], "takes nothing more"),
    ] {
      let outcome = try Binary.run(arguments, data: folder.data)
      #expect(outcome.status == 2 && outcome.errors.contains(words), "\(arguments): \(outcome.errors)")
    }
    let missing = try Binary.run(["deals", "run", "--feed", "/nowhere/feed.xml", "--json"], data: folder.data)
    #expect(missing.errors.contains("does not exist"), "\(missing.errors)")
    #expect(try Binary.run(["deals", "show", "nope"], data: folder.data).status == 1)
  }

  @Test func aFeedOnThisMachineIsRefusedUnlessItsOriginIsNamed() throws {
    let feed = try Data(contentsOf: URL(filePath: sampleFeed))
    let host = try ScriptedEndpoint { request, _ in
      let body = request.path == "/feed" ? [UInt8](feed) : []
      let status = request.path == "/feed" ? "200 OK" : "404 Not Found"
      return [.send(Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)]
    }
    defer { host.stop() }
    let folder = Folder()
    let feeds = ["FOOTNOTE_DEALS_FEEDS": "[\"\(host.url)/feed\"]"]
    let refused = try json(["deals", "run"], folder, environment: feeds)
    #expect(refused.found?.int == 0 && host.connectionCount == 0)
    #expect((refused.warnings?.array ?? []).contains { $0.string?.contains("public network") == true })
    let health = try json(["health"], folder)
    #expect(health.status?.string == "degraded" && health.parts?.feeds?.detail?.string?.contains(host.url) == true)
    // The feed rests after its failure: another library looks at once.
    let other = Folder()
    let named = feeds.merging(["FOOTNOTE_DEALS_ALLOWED_ORIGINS": "[\"\(host.url)\"]"]) { $1 }
    let found = try json(["deals", "run"], other, environment: named)
    #expect(found.found?.int ?? 0 >= 5 && host.requests.contains { $0.path == "/robots.txt" })
    #expect(try json(["health"], other).parts?.feeds?.status?.string == "healthy")
  }

  @Test func theServerOwnsTheDeals() throws {
    let folder = Folder()
    let server = try RunningServer(data: folder.data)
    defer { _ = server.stop() }
    let report = try json(["deals", "run", "--feed", sampleFeed], folder)
    #expect(report.found?.int ?? 0 >= 5)
    let list = try JSON(parsing: HTTPClient().send(HTTPRequest("GET", server.url + "/deals")).body)
    #expect(list.deals?.array?.count == report.found?.int && list.running?.bool == false)
    let id = try #require(list.deals?.array?.first?.id?.string)
    let notified = try json(["deals", "notify", id], folder)
    #expect(notified.sent?.int == 1)
    let log = try String(contentsOfFile: folder.data + "/alerts.log", encoding: .utf8)
    #expect(log.split(separator: "\n").count == 1)
  }

  @Test(arguments: [500, 302, 400, 200])
  func aReceiverIsBelievedOnlyWhereItTookTheMessage(_ status: Int) throws {
    let canary = try ScriptedEndpoint { _, _ in [.close] }
    let receiver = try ScriptedEndpoint { _, _ in
      [.send(Array("HTTP/1.1 \(status) X\r\nLocation: \(canary.url)/\r\nContent-Length: 0\r\n\r\n".utf8))]
    }
    defer {
      receiver.stop()
      canary.stop()
    }
    let folder = Folder()
    let hook = ["FOOTNOTE_WEBHOOK_URL": receiver.url + "/hook", "FOOTNOTE_WEBHOOK_TOKEN": "secret-token"]
    let report = try json(["deals", "run", "--feed", sampleFeed], folder, environment: hook)
    let id = try #require(report.deals?.array?.first?.id?.string)
    let outcome = try Binary.run(["deals", "notify", id, "--json"], data: folder.data, environment: hook)
    #expect((outcome.status == 0) == (status == 200), "\(outcome.errors)")
    let whole = try json(["deals", "show", id], folder, environment: hook)
    let message = try #require(whole.messages?.array?.first { $0.channel?.string == "webhook" })
    #expect(message.state?.string == [500: "waiting", 302: "waiting", 400: "given_up", 200: "sent"][status])
    let request = try #require(receiver.requests.first)
    #expect(request.header("Idempotency-Key") == message.id?.string && request.json.id?.string == message.id?.string)
    #expect(canary.connectionCount == 0 && !outcome.errors.contains("secret-token"))
    let health = try json(["health"], folder)
    #expect(health.parts?.outbox?.status?.string == (status == 200 ? "healthy" : "degraded"), "\(health)")
    #expect(!health.text.contains("secret-token"))
  }
}
