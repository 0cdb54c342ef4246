// The server from start to end: takes the directory, listens, says where, and puts everything away when it is told to
// stop. A port in use is found before anything else is done.
import Base
import Foundation
import HTTPKit
import KnowledgeBase
import Models
import Store
import Synchronization

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

  var shownHost: String { host.contains(":") ? "[\(host)]" : host }
  var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  /// By which a request may call the server. An address cannot be made to point elsewhere, so it is always one of them.
  var names: Set<String> {
    let own = ["localhost", "127.0.0.1", "[::1]", "::1", host]
    return Set(own + (configuration.text(Settings.hostNames) ?? "").split(separator: " ").map(String.init))
  }

  var tls: ServerOptions.TLS? {
    get throws {
      let certificate = configuration.text(Settings.tlsCertificate)
      let key = configuration.text(Settings.tlsKey)
      guard let certificate, let key else {
        guard certificate == nil, key == nil else {
          throw PlainFailure(
            .usage, "tls_incomplete", "a certificate needs its key, and a key its certificate",
            hint: "set both tls.certificate and tls.key, or neither")
        }
        return nil
      }
      func pem(_ path: String) throws -> String {
        String(decoding: try FileAccess.read(path, bytesMax: Limits.configurationBytesMax), as: UTF8.self)
      }
      return ServerOptions.TLS(certificate: try pem(certificate), key: try pem(key))
    }
  }
}

package enum Serve {
  /// Runs until SIGTERM or SIGINT; returns the exit status.
  package static func run(_ settings: ServeSettings, say: @escaping @Sendable (String) -> Void) throws -> Int32 {
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
    let operations = try Operations(library: library, directory: directory, settings, token: token)
    let server = try server(library: library, jobs: jobs, directory: directory, settings: settings, operations)
    let port = try server.start()
    operations.start()
    let address =
      "\(try settings.tls == nil ? "http" : "https")://\(settings.shownHost):\(port)"
    try directory.announce(OwnerAddress(process: Int(getpid()), url: address, token: token))
    if let sample = settings.sample { addSample(sample, to: library, say: say) }
    let left = try jobs.start()
    if left > 0 { say("going on with \(left) unfinished jobs") }
    keepCalibrated(library)
    say("Footnote is at \(address)")

    var received: Int32 = 0
    unsafe sigwait(&stopSignals, &received)
    jobs.close()
    server.stop(drainSeconds: settings.drainSeconds)
    operations.journal.close()
    library.settle()
    for failure in library.saveIndexes() { say("the index could not be saved and will be made anew: \(failure)") }
    return received == SIGINT ? 130 : 0
  }

  private static func server(
    library: Library, jobs: JobCenter, directory: DataDirectory, settings: ServeSettings, _ operations: Operations
  ) throws -> Server {
    var options = ServerOptions(spoolDirectory: "\(directory.path)/incoming")
    options.tls = try settings.tls
    let journal = operations.journal
    options.log = { journal.take($0) }
    options.guards = [.host(allowed: settings.names), .sameOrigin(), operations.control.guardian]
    // The routes are made before the server that they ask about itself.
    let held = HeldServer()
    let router = Routes(
      library: library, jobs: jobs, configuration: settings.configuration, control: operations.control,
      journal: journal, health: operations.health, writer: operations.writer,
      revoked: { key in held.server?.disconnect { ($0 as? Grant)?.id == key } },
      serverStatistics: { held.server?.statistics ?? ServerStatistics() }
    ).router()
    let server = Server(host: settings.host, port: settings.port, router: router, options: options)
    held.server = server
    return server
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

  private static func addSample(_ path: String, to library: Library, say: @escaping @Sendable (String) -> Void) {
    guard (try? library.hasEverHeldAnything()) == false else { return }
    say("adding the sample library from \(path)")
    let report = IngestRun(library: library).add(AddRequest(paths: [path]))
    for (file, error) in report.failed { say("\(file): \(PlainFailure.describing(error))") }
    say("\(report.added.count) documents added")
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
