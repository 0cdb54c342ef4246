// Every route of the server. Handlers stay thin: they read the request, ask the library, and give its shape back.
import Base
import HTTPKit
import KnowledgeBase
import Models

struct Routes: Sendable {
  let library: Library
  let configuration: Configuration
  let jobs: JobCenter
  let control: AccessControl
  let journal: RequestJournal
  let health: Health
  let traces: Held<TraceExporter?>
  let audit: AuditLog
  /// What a key's holder is in the middle of ends when the key does.
  let revoked: @Sendable (String) -> Void
  let serverStatistics: @Sendable () -> ServerStatistics
  let started: Double
  let clock: any Clock
  private let whole: LocalAccess

  init(
    library: Library, jobs: JobCenter, configuration: Configuration, control: AccessControl, journal: RequestJournal,
    health: Health, means: Held<AnswerMeans>, traces: Held<TraceExporter?>,
    clock: any Clock = SystemClock(),
    revoked: @escaping @Sendable (String) -> Void = { _ in },
    serverStatistics: @escaping @Sendable () -> ServerStatistics = { ServerStatistics() }
  ) {
    self.library = library
    self.jobs = jobs
    self.configuration = configuration
    self.control = control
    self.journal = journal
    self.health = health
    self.traces = traces
    self.clock = clock
    self.revoked = revoked
    self.serverStatistics = serverStatistics
    audit = AuditLog(database: library.database, clock: clock)
    whole = LocalAccess(library: library, means: means, clock: clock) { journal.metrics.take($0) }
    started = clock.monotonicSeconds()
  }

  /// The library as it is for whoever asks.
  func access(_ request: Request) -> LocalAccess {
    // A request that no guard has seen may see nothing.
    whole.limited(to: request.principal as? Grant ?? Grant(id: "nobody", scope: .read, collections: []))
  }

  func router() -> Router {
    var router = Router()
    addQuestionRoutes(to: &router)
    addDocumentRoutes(to: &router)
    addJobRoutes(to: &router)
    addPageRoutes(to: &router)
    addReembedRoute(to: &router)
    addKeyRoutes(to: &router)
    addOperatorRoutes(to: &router)
    addCopyRoutes(to: &router)
    addOpenAIRoutes(to: &router)
    addMCPRoute(to: &router)
    addProductRoutes(to: &router)
    addPriceRoutes(to: &router)
    addDescription(to: &router)
    return router.wrapped(audited)
  }

  /// Of all routes before it, and of itself.
  private func addDescription(to router: inout Router) {
    var whole = router
    whole.add(.get, "/openapi.json") { _ in Response() }
    let text = OpenAPI.document(whole.routes).utf8
    router.add(.get, "/openapi.json", immediate: true) { _ in .json(text) }
  }

  /// Whatever changes something leaves an entry: who, what, how it ended.
  private func audited(_ route: Route) -> Router.Handler {
    guard Permissions.isAudited(route.method, route.pattern) else { return route.handler }
    return { request in
      let entry = { (outcome: String) in
        try audit.record(
          actor: (request.principal as? Grant)?.id ?? "", action: "\(route.method.rawValue) \(route.pattern)",
          object: request.path, outcome: outcome, requestID: request.id)
      }
      do {
        let response = try route.handler(request)
        try entry(String(response.status))
        return response
      } catch {
        // A full device must not hide why the request itself failed.
        try? entry(PlainFailure.describing(error).code)
        throw error
      }
    }
  }
}
