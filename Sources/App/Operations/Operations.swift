// What a server has besides its library: who is let in, what is noted down, how it feels.
import Base
import KnowledgeBase
import Models
import Store

struct Operations {
  let control: AccessControl
  let journal: RequestJournal
  let health: Health
  let means: AnswerMeans

  init(library: Library, _ settings: ServeSettings, token: String) throws {
    let configuration = settings.configuration
    let ring = try KeyRing(database: library.database)
    guard settings.isLoopback || ring.hasValidKey else {
      throw PlainFailure(
        .usage, "public_without_key", "\(settings.host) can be reached by others, and no key guards the library",
        hint: "make one with 'footnote keys create', or serve on 127.0.0.1")
    }
    control = AccessControl(
      ring: ring, ownerToken: SHA256Digest(of: token.utf8),
      isPrivate: settings.isPrivate, isKeyNeeded: !settings.isLoopback || configuration.flag(Settings.keysRequired),
      requestsPerMinute: configuration.whole(Settings.keyRequests) ?? 600)
    let metrics = Metrics()
    journal = RequestJournal(
      metrics: metrics, database: library.database,
      log: settings.isPrivate ? nil : Operations.log(configuration, in: library.directory))
    means = try Answering.means(configuration, library: library)
    var thresholds = HealthThresholds()
    thresholds.errorRateMax = configuration.number(Settings.healthErrorRate) ?? thresholds.errorRateMax
    thresholds.meanMsMax = configuration.number(Settings.healthMeanMs) ?? thresholds.meanMsMax
    thresholds.p95MsMax = configuration.number(Settings.healthP95Ms) ?? thresholds.p95MsMax
    thresholds.cacheHitsMin = configuration.number(Settings.healthCacheHits) ?? thresholds.cacheHitsMin
    health = Health(library: library, writer: means.model as? ChatService, metrics: metrics, thresholds: thresholds)
  }

  func start() {
    journal.start()
    health.start()
  }

  private static func log(_ configuration: Configuration, in directory: DataDirectory) -> RotatingLog? {
    let asked = configuration.text(Settings.logFile)
    guard asked != "none" else { return nil }
    let path = asked.map(FileAccess.absolute) ?? "\(directory.path)/log/requests.jsonl"
    return RotatingLog(path: path, bytesMax: Limits.logBytesMax, filesMax: Limits.logFilesMax)
  }
}
