// What a server has besides its library: who is let in, what is noted down, how it feels, with what it answers. All
// that may change while it runs is held so that it can be exchanged.
import Base
import HTTPKit
import KnowledgeBase
import Models
import Store

struct Operations: Sendable {
  let control: AccessControl
  let journal: RequestJournal
  let health: Health
  let auditor: IndexAuditor
  let means: Held<AnswerMeans>
  let traces: Held<TraceExporter?>
  let names: Held<Guard>
  private let thresholds: Held<HealthThresholds>
  private let library: Library

  /// All that comes from the settings, made and found good before any of it counts.
  struct Wish {
    let rules: AccessRules
    let means: AnswerMeans
    let prompts: PromptShelf?
    let falseAnswerRate: Double
    let thresholds: HealthThresholds
    let log: RotatingLog?
    let traces: TraceSettings?
    let names: Guard

    init(_ settings: ServeSettings, _ library: Library) throws {
      let configuration = settings.configuration
      rules = AccessRules(
        isKeyNeeded: !settings.isLoopback || configuration.flag(Settings.keysRequired),
        requestsPerMinute: configuration.whole(Settings.keyRequests) ?? 600)
      means = try Answering.means(configuration, library: library)
      prompts = try ChatEndpoints.prompts(configuration)
      falseAnswerRate = configuration.number(Settings.falseAnswerRate) ?? LibrarySettings().falseAnswerRate
      thresholds = HealthThresholds(configuration)
      log = settings.isPrivate ? nil : Operations.log(configuration, in: library.directory)
      traces = settings.isPrivate ? nil : TraceSettings(configuration)
      names = .host(allowed: settings.names)
    }
  }

  init(library: Library, _ settings: ServeSettings, token: String) throws {
    self.library = library
    let ring = try KeyRing(database: library.database)
    guard settings.isLoopback || ring.hasValidKey else {
      throw PlainFailure(
        .usage, "public_without_key", "\(settings.host) can be reached by others, and no key guards the library",
        hint: "make one with 'footnote keys create', or serve on 127.0.0.1")
    }
    let wish = try Wish(settings, library)
    control = AccessControl(
      ring: ring, ownerToken: SHA256Digest(of: token.utf8), isPrivate: settings.isPrivate, rules: wish.rules)
    let metrics = Metrics()
    journal = RequestJournal(metrics: metrics, database: library.database, log: wish.log)
    means = Held(wish.means)
    thresholds = Held(wish.thresholds)
    traces = Held(wish.traces.map { TraceExporter($0) })
    names = Held(wish.names)
    auditor = IndexAuditor(library: library, thresholds: thresholds)
    health = Health(library: library, means: means, metrics: metrics, auditor: auditor, thresholds: thresholds)
  }

  func start() {
    journal.start()
    auditor.start()
    health.start()
    traces.value?.start()
  }

  func close() {
    journal.close()
    traces.value?.close()
  }

  /// From now on as wished; a log file that was moved away is begun anew.
  func change(to wish: Wish) {
    control.rules.value = wish.rules
    library.change(falseAnswerRate: wish.falseAnswerRate, prompts: wish.prompts)
    means.value = wish.means
    thresholds.value = wish.thresholds
    names.value = wish.names
    journal.write(to: wish.log)
    let before = traces.value
    let exporter = wish.traces.map { TraceExporter($0) }
    exporter?.start()
    traces.value = exporter
    if let before {
      before.close()
      exporter?.goOn(from: before.counts)
    }
    health.look()
  }

  // MARK: Requests

  /// A request is over.
  func take(_ record: AccessRecord) {
    journal.take(record)
    traces.value?.take(record)
  }

  /// Where the request's timings come together. Looking at figures and the page's files are no work to be told of.
  func timeline(of request: Request, started: Double) -> Timeline? {
    guard let route = request.route, !Routes.pagePaths.contains(route), !Operations.untold.contains(route) else {
      return nil
    }
    if let traces = traces.value { return traces.timeline(of: request, started: started) }
    // Without a collector another program's trace is handed on as it is.
    return Timeline(context: TraceExporter.incoming(request), started: started)
  }

  private static let untold: Set = ["/health", "/metrics", "/openapi.json"]

  private static func log(_ configuration: Configuration, in directory: DataDirectory) -> RotatingLog? {
    let asked = configuration.text(Settings.logFile)
    guard asked != "none" else { return nil }
    let path = asked.map(FileAccess.absolute) ?? "\(directory.path)/log/requests.jsonl"
    return RotatingLog(path: path, bytesMax: Limits.logBytesMax, filesMax: Limits.logFilesMax)
  }
}
