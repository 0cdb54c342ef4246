// The server from start to end: takes the directory, listens, says where, and puts everything away when it is told to
// stop. A port in use is found before anything else is done.
import Base
import Foundation
import HTTPKit
import KnowledgeBase
import Models
import Store

#if canImport(Glibc)
  import Glibc
#endif

package struct ServeSettings: Sendable {
  package let configuration: Configuration
  /// A folder to add when the library has never held anything.
  package var sample: String?
  package var drainSeconds = 10.0

  package init(_ configuration: Configuration) { self.configuration = configuration }

  var host: String { configuration.text(Settings.host) ?? "127.0.0.1" }
  var port: Int { configuration.whole(Settings.port) ?? 8_080 }
}

package enum Serve {
  /// Runs until SIGTERM or SIGINT; returns the exit status.
  package static func run(_ settings: ServeSettings, say: @escaping @Sendable (String) -> Void) throws -> Int32 {
    guard isLoopback(settings.host) else {
      throw PlainFailure(
        .usage, "public_without_key", "\(settings.host) can be reached by others, and no key guards the library",
        hint: "serve on 127.0.0.1 and put a proxy with access control in front")
    }
    // Blocked before any thread is made, so that all threads inherit it and only the wait below sees them.
    var stopSignals = sigset_t()
    unsafe sigemptyset(&stopSignals)
    unsafe sigaddset(&stopSignals, SIGTERM)
    unsafe sigaddset(&stopSignals, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &stopSignals, nil)

    let directory = try DataDirectory(path: settings.configuration.dataDirectory)
    let library = try Session.openLibrary(in: directory, settings.configuration)
    try library.checkEmbedder()
    ExtractionService.warm()
    let token = hexadecimal(SystemRandom().bytes(32))
    let jobs = JobCenter(library: library)
    let stopsDeals = StopFlag()
    let deals = DealDesk(library: library, configuration: settings.configuration, stop: stopsDeals)
    let server = try server(
      library: library, jobs: jobs, deals: deals, directory: directory, settings: settings, token: token)
    let port = try server.start()
    let address = "http://\(settings.host.contains(":") ? "[\(settings.host)]" : settings.host):\(port)"
    try directory.announce(OwnerAddress(process: Int(getpid()), url: address, token: token))
    if let sample = settings.sample { addSample(sample, to: library, say: say) }
    let left = try jobs.start()
    if left > 0 { say("going on with \(left) unfinished jobs") }
    keepCalibrated(library)
    if settings.configuration.watchesDeals { watch(deals) }
    say("Footnote is at \(address)")

    var received: Int32 = 0
    unsafe sigwait(&stopSignals, &received)
    stopsDeals.set()
    jobs.close()
    server.stop(drainSeconds: settings.drainSeconds)
    library.settle()
    for failure in library.saveIndexes() { say("the index could not be saved and will be made anew: \(failure)") }
    return received == SIGINT ? 130 : 0
  }

  private static func server(
    library: Library, jobs: JobCenter, deals: DealDesk, directory: DataDirectory, settings: ServeSettings, token: String
  ) throws -> Server {
    let writer = try ChatEndpoints.service(settings.configuration, library: library)
    var options = ServerOptions(spoolDirectory: "\(directory.path)/incoming")
    let digest = SHA256Digest(of: token.utf8)
    options.guards = [
      .host(allowed: ["localhost", "127.0.0.1", "[::1]", "::1", settings.host]), .sameOrigin(),
      Guard { request in
        guard let header = request.headers["Authorization"], header.hasPrefix("Bearer ") else { return nil }
        // Digests are compared, so the time taken says nothing about the token.
        if SHA256Digest(of: header.dropFirst(7).utf8) == digest { request.principal = OwnerPrincipal() }
        return nil
      },
    ]
    let routes = Routes(
      library: library, jobs: jobs, deals: deals, configuration: settings.configuration, writer: writer)
    let router = routes.router()
    return Server(host: settings.host, port: settings.port, router: router, options: options)
  }

  /// Uploads change a library while it serves; what it refuses by is looked at once a minute.
  private static func keepCalibrated(_ library: Library) {
    let keeper = Thread {
      while true {
        try? library.refreshCalibration()
        Thread.sleep(forTimeInterval: 60)
      }
    }
    keeper.qualityOfService = .background
    keeper.start()
  }

  private static func watch(_ deals: DealDesk) {
    let watcher = Thread { deals.watch() }
    watcher.name = "deals"
    watcher.start()
  }

  private static func addSample(_ path: String, to library: Library, say: @escaping @Sendable (String) -> Void) {
    guard (try? library.hasEverHeldAnything()) == false else { return }
    say("adding the sample library from \(path)")
    let report = IngestRun(library: library).add(AddRequest(paths: [path]))
    for (file, error) in report.failed { say("\(file): \(PlainFailure.describing(error))") }
    say("\(report.added.count) documents added")
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }
}
