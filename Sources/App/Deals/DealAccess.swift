// How a command gets at the deal finder: in this process, or behind the server that owns the directory.
package import Base
import DealPricing
import Foundation
package import KnowledgeBase
import Models
import Store

package protocol DealAccess: Sendable {
  func run(files: [String]) throws -> JSON
  func list() throws -> JSON
  func deal(_ id: String) throws -> JSON
  func notify(_ id: String) throws -> JSON
  func price(_ text: String, category: String) throws -> JSON
}

extension DealDesk: DealAccess {
  package func list() throws -> JSON { try list(limit: 200) }
}

extension Session {
  package static func deals(
    _ configuration: Configuration, stop: StopFlag, say: @escaping @Sendable (JSON) -> Void
  ) throws -> any DealAccess {
    let path = configuration.dataDirectory
    do {
      let library = try openLibrary(in: DataDirectory(path: path), configuration)
      return DealDesk(library: library, configuration: configuration, stop: stop, say: say)
    } catch let error as StoreError {
      guard case .ownedElsewhere = error.cause, let owner = DataDirectory.owner(of: path) else { throw error }
      return RemoteDeals(owner: owner)
    }
  }
}

/// Behind the server, by the same routes that everybody uses.
struct RemoteDeals: DealAccess {
  private static let runSecondsMax = 3_600.0
  let owner: OwnerAddress
  private let client = HTTPClient()

  init(owner: OwnerAddress) { self.owner = owner }

  func run(files: [String]) throws -> JSON {
    try send("POST", "/deals/run", files.isEmpty ? [:] : ["files": JSON(files)])
  }
  func list() throws -> JSON { try send("GET", "/deals") }
  func deal(_ id: String) throws -> JSON { try send("GET", "/deals/\(Self.plain(id))") }
  func notify(_ id: String) throws -> JSON { try send("POST", "/deals/\(Self.plain(id))/notify", [:]) }
  func price(_ text: String, category: String) throws -> JSON {
    try send("POST", "/deals/price", ["description": .string(text), "category": .string(category)])
  }

  /// Ids are of digits and letters; anything else names no deal.
  private static func plain(_ id: String) -> String {
    id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "-"
  }

  private func send(_ method: String, _ path: String, _ body: JSON? = nil) throws -> JSON {
    var request = HTTPRequest(method, owner.url + path)
    request.headers = [("Authorization", "Bearer \(owner.token)")]
    request.timeouts.firstByteSeconds = Self.runSecondsMax
    if let body { request.body = .bytes(body.utf8, contentType: "application/json") }
    let reply = try client.send(request)
    guard (200..<300).contains(reply.status) else { throw RemoteFailure(reply) }
    return try JSON(parsing: reply.body)
  }
}

/// `deals watch` in the foreground: also through a server, whose own watch it then is not.
package enum DealWatch {
  package static func run(
    _ deals: any DealAccess, everySeconds: Double, stop: StopFlag, say: @escaping @Sendable (String) -> Void
  ) {
    if let desk = deals as? DealDesk { return desk.watch() }
    let clock = SystemClock()
    while !stop.isSet {
      let due = clock.monotonicSeconds() + everySeconds
      do { say(try deals.run(files: []).text) } catch { say(PlainFailure.describing(error).description) }
      while !stop.isSet, clock.monotonicSeconds() < due { SystemSleeper().sleep(seconds: 0.2) }
    }
  }
}

package enum AgentColours {
  /// On a black terminal; nil for who is no agent.
  package static func terminal(_ agent: String) -> String? { DealAgent(rawValue: agent)?.terminalColour }
}
