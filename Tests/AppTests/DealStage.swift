// A stage for the deal finder from end to end: a library with a small catalogue, and a shop of our own on loopback with
// its feed and its pages, which a test may have fail.
import Base
import Foundation
import ScriptedEndpoint
import Synchronization
import Testing

final class DealStage: Sendable {
  let folder = Folder()
  let shop: ScriptedEndpoint
  /// What the binary is told beside the data directory.
  let environment: [String: String]

  static let kettles = ["Brewline steel kettle", "Glass kettle with a lid", "Copper kettle for the stove"]

  /// Three kettles at a tenth of what the catalogue's cost; those named `hopeless` for what they are worth.
  static func feed(_ address: String, hopeless: Set<Int> = []) -> String {
    let items = kettles.enumerated().map { number, name in
      """
      <item><title>\(name) of 1.7 litres for $\(hopeless.contains(number) ? 200 : 20 + number)</title>
      <link>\(address)/kettle/\(number)</link><guid>k\(number)</guid><category>Kitchen</category>
      <description>A kettle that boils water and then stops, with a base and a long cord.</description></item>
      """
    }
    return "<rss version=\"2.0\"><channel><title>Shop</title>\(items.joined())</channel></rss>"
  }

  /// `answer` comes before the shop's own answers.
  init(
    _ more: [String: String] = [:], withCatalogue: Bool = true,
    answer: @escaping @Sendable (ScriptedEndpoint.Request, Int) -> [ScriptedEndpoint.Step]? = { _, _ in nil }
  ) throws {
    let address = Mutex("")
    shop = try ScriptedEndpoint { request, number in
      if let own = answer(request, number) { return own }
      switch request.path {
      case "/feed":
        let body = Array(DealStage.feed(address.withLock { $0 }).utf8)
        return .reply(200, type: "application/rss+xml", body: body)
      case let path where path.hasPrefix("/kettle/"):
        return .reply(200, type: "text/html", body: Array("<p>It boils 1.7 litres in four minutes.</p>".utf8))
      default: return .reply(404, type: "text/plain", body: [])
      }
    }
    let url = shop.url
    address.withLock { $0 = url }
    environment = [
      "FOOTNOTE_DEALS_FEEDS": "[\"\(url)/feed\"]", "FOOTNOTE_DEALS_ALLOWED_ORIGINS": "[\"\(url)\"]",
    ].merging(more) { $1 }
    guard withCatalogue else { return }
    let rows = (0..<24).map { number in
      #"{"id":"k\#(number)","title":"\#(Self.kettles[number % 3]) model \#(number)","category":"Kitchen","#
        + #""description":"A kettle that boils water and then stops.","price":\#(195 + number % 8)}"#
    }
    let catalogue = try folder.write("catalogue.jsonl", rows.joined(separator: "\n"))
    let outcome = try Binary.run(["products", "import", catalogue], data: folder.data)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  deinit { shop.stop() }

  func run(_ arguments: String..., more: [String: String] = [:]) throws -> Outcome {
    try Binary.run(arguments, data: folder.data, environment: environment.merging(more) { $1 })
  }

  /// What it prints as JSON; its status must be 0.
  func json(_ arguments: String..., more: [String: String] = [:]) throws -> JSON {
    let outcome = try Binary.run(
      arguments + ["--json"], data: folder.data, environment: environment.merging(more) { $1 })
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return try JSON(parsing: outcome.output)
  }

  /// The deals of the best discount with everything that is known of them.
  func deals() throws -> [JSON] {
    try (json("deals", "list").deals?.array ?? []).map { try json("deals", "show", $0.id?.string ?? "") }
  }

  /// Lines of the log file of alerts.
  var told: [Substring] {
    let text = (try? String(contentsOfFile: folder.data + "/alerts.log", encoding: .utf8)) ?? ""
    return text.split(separator: "\n")
  }
}
