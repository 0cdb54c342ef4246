// A library with the door open: its server, its jobs, and the address that other commands find in its directory.
// Invariants: the address is told only once the server listens; a private host answers nobody but the directory's
// owner, whose commands know the token; jobs that others sent are done, or kept for the next start, before it ends.
import Base
import Foundation
import HTTPKit
import KnowledgeBase
import Store
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

package final class LibraryHost {
  let library: Library
  let jobs: JobCenter
  private let deals: DealDesk
  let url: String
  private let server: Server
  private let operations: Operations

  /// `deals`: the desk of the command that opens the door; else one of its own.
  init(_ library: Library, _ settings: ServeSettings, deals: DealDesk? = nil) throws {
    self.library = library
    jobs = JobCenter(library: library)
    let desk = try deals ?? DealDesk(library: library, configuration: settings.configuration)
    self.deals = desk
    let token = hexadecimal(SystemRandom().bytes(32))
    let operations = try Operations(library: library, settings, token: token)
    let journal = operations.journal
    var options = ServerOptions(spoolDirectory: "\(library.directory.path)/incoming")
    options.tls = try settings.tls
    options.log = { journal.take($0) }
    options.guards = [.host(allowed: settings.names), .sameOrigin(), operations.control.guardian]
    // The routes are made before the server that they ask about itself.
    let held = HeldServer()
    let routes = Routes(
      library: library, jobs: jobs, deals: desk, configuration: settings.configuration, control: operations.control,
      journal: journal, health: operations.health, means: operations.means,
      revoked: { key in held.server?.disconnect { ($0 as? Grant)?.id == key } },
      serverStatistics: { held.server?.statistics ?? ServerStatistics() })
    server = Server(host: settings.host, port: settings.port, router: routes.router(), options: options)
    held.server = server
    self.operations = operations
    let bound = try server.start()
    operations.start()
    url = "\(options.tls == nil ? "http" : "https")://\(settings.shownHost):\(bound)"
    try library.directory.announce(OwnerAddress(process: Int(getpid()), url: url, token: token))
  }

  /// Runs of the deal finder by themselves, until it is closed.
  func watchDeals() {
    let watcher = Thread { [deals] in deals.watch() }
    watcher.name = "deals"
    watcher.start()
  }

  /// What is being stored is stored; the rest stays for the next start. `waiting`: not before every job is done.
  package func close(drainSeconds: Double = 10, waiting: Bool = false) -> [any Error] {
    if waiting { jobs.waitUntilDone() }
    deals.close(secondsMax: drainSeconds)
    jobs.close()
    library.directory.withdrawAddress()
    server.stop(drainSeconds: drainSeconds)
    operations.journal.close()
    library.settle()
    return library.saveIndexes()
  }
}

/// The server for its own routes; weak, for the server owns them.
private final class HeldServer: Sendable {
  private struct Weak: Sendable { weak var server: Server? }
  private let held = Mutex(Weak())

  var server: Server? {
    get { held.withLock { $0.server } }
    set { held.withLock { $0.server = newValue } }
  }
}
