// The server from start to end: takes the directory, listens, says where, and puts everything away when it is told to
// stop. A port in use is found before anything else is done.
import Base
import Foundation
import HTTPKit
import KnowledgeBase
import Store

#if canImport(Glibc)
  import Glibc
#endif

package struct ServeSettings: Sendable {
  package var configuration: Configuration
  /// A folder to add when the library has never held anything.
  package var sample: String?
  package var drainSeconds = 10.0
  /// Reads the settings again, as this process was told to at its start.
  package var readAgain: (@Sendable () throws -> Configuration)?

  /// For the directory's owner alone, on any free port of this machine: a command that others go through.
  let isPrivate: Bool

  package init(_ configuration: Configuration) { self.init(configuration, isPrivate: false) }

  init(_ configuration: Configuration, isPrivate: Bool) {
    self.configuration = configuration
    self.isPrivate = isPrivate
  }

  var host: String { isPrivate ? "127.0.0.1" : configuration.text(Settings.host) ?? "127.0.0.1" }
  var port: Int { isPrivate ? 0 : configuration.whole(Settings.port) ?? 8_080 }

  var shownHost: String { host.contains(":") ? "[\(host)]" : host }
  var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

  /// By which a request may call the server. An address cannot be made to point elsewhere, so it is always one of them.
  var names: Set<String> {
    let own = ["localhost", "127.0.0.1", "[::1]", "::1", host]
    return Set(own + (configuration.text(Settings.hostNames) ?? "").split(separator: " ").map(String.init))
  }

  var tls: ServerOptions.TLS? {
    get throws {
      guard !isPrivate else { return nil }
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
    unsafe sigaddset(&stopSignals, SIGHUP)
    unsafe pthread_sigmask(SIG_BLOCK, &stopSignals, nil)

    let directory = try DataDirectory(path: settings.configuration.dataDirectory)
    let library = try Session.openLibrary(in: directory, settings.configuration)
    try library.checkEmbedder()
    ExtractionService.warm()
    let host = try LibraryHost(library, settings)
    if let sample = settings.sample { addSample(sample, to: library, say: say) }
    let left = try host.jobs.start()
    if left > 0 { say("going on with \(left) unfinished jobs") }
    keepCalibrated(library)
    if settings.configuration.watchesDeals { host.watchDeals() }
    say("Footnote is at \(host.url)")

    let manager = ServiceManager()
    manager.tell("READY=1\nSTATUS=serving at \(host.url)")
    let hadTerminal = isatty(STDIN_FILENO) == 1
    var received: Int32 = 0
    while true {
      unsafe sigwait(&stopSignals, &received)
      // A terminal that is closed sends the same signal; then nobody is there to serve for.
      if received != SIGHUP || hadTerminal && isatty(STDIN_FILENO) == 0 { break }
      for line in reloaded(host, settings) { say(line) }
    }
    manager.tell("STOPPING=1")
    for failure in host.close(drainSeconds: settings.drainSeconds) {
      say("the index could not be saved and will be made anew: \(failure)")
    }
    return received == SIGINT ? 130 : 0
  }

  /// What became of reading everything again, in words.
  private static func reloaded(_ host: LibraryHost, _ settings: ServeSettings) -> [String] {
    do {
      guard let configuration = try settings.readAgain?() else { return [] }
      var wished = settings
      wished.configuration = configuration
      return try host.reload(wished)
    } catch {
      let failure = PlainFailure.describing(error)
      let hint = failure.hint.isEmpty ? "" : "; \(failure.hint)"
      return ["nothing was changed: \(failure.message)\(hint)"]
    }
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
