// How a command gets at the deal finder: in this process, or behind the one that owns the directory.
// Invariant: whoever owns the directory has its door open meanwhile, so that a watch keeps nobody else out.
package import Base
import DealPricing
import KnowledgeBase
import Models

package protocol DealAccess: Sendable {
  /// `files` are feeds on this machine, read in the place of the configured ones.
  func run(files: [String]) throws -> JSON
  func list() throws -> JSON
  func deal(_ id: String) throws -> JSON
  func notify(_ id: String) throws -> JSON
}

extension DealDesk: DealAccess {
  package func list() throws -> JSON { try list(limit: 200) }
}

package struct DealSession {
  package let deals: any DealAccess
  fileprivate var host: LibraryHost?
  fileprivate let stop: StopFlag

  package func end() { _ = host?.close() }

  /// Runs again and again until it is told to stop; also through a server, whose own watch it then is not.
  package func watch(everySeconds: Double, ended: @escaping @Sendable (JSON) -> Void) {
    if let desk = deals as? DealDesk { return desk.watch(ended: ended) }
    let clock = SystemClock()
    while !stop.isSet {
      let due = clock.monotonicSeconds() + everySeconds
      do { ended(try deals.run(files: [])) } catch { ended(Product.errorShape(PlainFailure.describing(error))) }
      while !stop.isSet, clock.monotonicSeconds() < due { SystemSleeper().sleep(seconds: 0.2) }
    }
  }
}

extension Session {
  package static func deals(
    _ configuration: Configuration, stop: StopFlag, say: @escaping @Sendable (JSON) -> Void
  ) throws -> DealSession {
    switch try way(configuration) {
    case .own(let library):
      let desk = try DealDesk(library: library, configuration: configuration, stop: stop, say: say)
      // A full device keeps the address from being written; then others have to wait, and that is all.
      let host = try? LibraryHost(library, ServeSettings(configuration, isPrivate: true), deals: desk)
      return DealSession(deals: desk, host: host, stop: stop)
    case .owner(let owner): return DealSession(deals: RemoteAccess(owner: owner), host: nil, stop: stop)
    }
  }
}

extension RemoteAccess: DealAccess {
  package func run(files: [String]) throws -> JSON {
    try send("POST", "/deals/run", body: json(files.isEmpty ? [:] : ["files": JSON(files)]))
  }
  package func list() throws -> JSON { try send("GET", "/deals") }
  package func deal(_ id: String) throws -> JSON { try send("GET", "/deals/\(escaped(id))") }
  package func notify(_ id: String) throws -> JSON { try send("POST", "/deals/\(escaped(id))/notify", body: json([:])) }
}

package enum PriceReports {
  /// How well the rules find prices in the labelled entries of a file; needs no library.
  package static func rules(_ path: String) throws -> JSON { try PriceRulesFile.report(path) }
}

package enum AgentColours {
  /// On a black terminal; nil for who is no agent.
  package static func terminal(_ agent: String) -> String? { DealAgent(rawValue: agent)?.terminalColour }
}
