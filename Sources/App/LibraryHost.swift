// A library with the door open: its server, its jobs, and the address that other commands find in its directory.
// Invariants: the address is told only once the server listens; a private host answers nobody but the directory's
// owner, whose commands know the token; jobs that others sent are done, or kept for the next start, before it ends.
import Base
import Embedding
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
  private let keeper: IndexKeeper
  private let token: String
  private let started: Configuration
  private let inForce: Held<Configuration>

  /// `deals`: the desk of the command that opens the door; else one of its own.
  init(_ library: Library, _ settings: ServeSettings, deals: DealDesk? = nil) throws {
    self.library = library
    jobs = JobCenter(library: library)
    let desk = try deals ?? DealDesk(library: library, configuration: settings.configuration)
    self.deals = desk
    keeper = IndexKeeper(library: library)
    let token = hexadecimal(SystemRandom().bytes(32))
    let operations = try Operations(library: library, settings, token: token)
    let journal = operations.journal
    var options = ServerOptions(spoolDirectory: "\(library.directory.path)/incoming")
    options.tls = try settings.tls
    // A handler that waits for a model holds a thread and no processor; without one more threads than cores only get in
    // one another's way.
    if operations.means.value.model != nil || library.servingEmbedder.isMetered {
      options.workers = max(options.workers, Limits.workersThatWait)
    }
    options.log = { operations.take($0) }
    options.timeline = { operations.timeline(of: $0, started: $1) }
    let names = operations.names
    options.guards = [Guard { try names.value.check(&$0) }, .sameOrigin(), operations.control.guardian]
    // The routes are made before the server that they ask about itself.
    let held = HeldServer()
    let routes = Routes(
      library: library, jobs: jobs, deals: desk, configuration: settings.configuration, control: operations.control,
      journal: journal, health: operations.health, auditor: operations.auditor, means: operations.means,
      traces: operations.traces,
      revoked: { key in held.server?.disconnect { ($0 as? Grant)?.id == key } },
      serverStatistics: { held.server?.statistics ?? ServerStatistics() })
    server = Server(host: settings.host, port: settings.port, router: routes.router(), options: options)
    held.server = server
    self.operations = operations
    let bound = try server.start()
    operations.start()
    keeper.start()
    url = "\(options.tls == nil ? "http" : "https")://\(settings.shownHost):\(bound)"
    self.token = token
    started = settings.configuration
    inForce = Held(settings.configuration)
    try announce(options.tls)
  }

  private func announce(_ tls: ServerOptions.TLS?) throws {
    let pin = tls.flatMap { PublicKeyPin(certificate: $0.certificate) }
    try library.directory.announce(OwnerAddress(process: Int(getpid()), url: url, token: token, pin: pin))
  }

  /// Puts new settings in force as far as that goes without a restart, and says in words what was changed and what was
  /// not. Throws, and changes nothing, where they are not good. Whatever files they name is read again.
  func reload(_ settings: ServeSettings) throws -> [String] {
    let configuration = settings.configuration
    let tls = try settings.tls
    let wish = try Operations.Wish(settings, library)
    let had = url.hasPrefix("https:")
    let turnsTLS = had != (tls != nil)
    func isFixed(_ key: String) -> Bool { !Settings.isChangeable(key) || turnsTLS && key.hasPrefix("tls.") }
    let changed = configuration.keysThatDiffer(from: inForce.value).filter { !isFixed($0) }
    let fixed = configuration.keysThatDiffer(from: started).filter(isFixed)
    try operations.control.ring.readAgain()
    if let tls, had {
      try server.renew(tls)
      try announce(tls)
    }
    operations.change(to: wish)
    inForce.value = configuration
    var said = ["settings, keys\(had && tls != nil ? ", certificate" : "") and log file were read again"]
    if !changed.isEmpty { said.append("changed: \(changed.joined(separator: ", "))") }
    if !fixed.isEmpty { said.append("not before a restart: \(fixed.joined(separator: ", "))") }
    return said + configuration.warnings
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
    operations.close()
    keeper.close()
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
