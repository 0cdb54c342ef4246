// Every route of the server. Handlers stay thin: they read the request, ask the library, and give its shape back.
import Base
import HTTPKit
import KnowledgeBase
import Models
import Store

struct Routes: Sendable {
  let library: Library
  let configuration: Configuration
  let jobs: JobCenter
  let deals: DealDesk
  let control: AccessControl
  let journal: RequestJournal
  let health: Health
  let auditor: IndexAuditor
  let traces: Held<TraceExporter?>
  let audit: AuditLog
  /// What a key's holder is in the middle of ends when the key does.
  let revoked: @Sendable (String) -> Void
  let serverStatistics: @Sendable () -> ServerStatistics
  let started: Double
  let clock: any Clock
  private let whole: LocalAccess

  init(
    library: Library, jobs: JobCenter, deals: DealDesk, configuration: Configuration, control: AccessControl,
    journal: RequestJournal, health: Health, auditor: IndexAuditor, means: Held<AnswerMeans>,
    traces: Held<TraceExporter?>,
    clock: any Clock = SystemClock(),
    revoked: @escaping @Sendable (String) -> Void = { _ in },
    serverStatistics: @escaping @Sendable () -> ServerStatistics = { ServerStatistics() }
  ) {
    self.library = library
    self.jobs = jobs
    self.deals = deals
    self.configuration = configuration
    self.control = control
    self.journal = journal
    self.health = health
    self.auditor = auditor
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
    addDealRoutes(to: &router)
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
      let object = object(of: request, route)
      let entry = { (outcome: String) in
        try audit.record(
          actor: (request.principal as? Grant)?.id ?? "", action: "\(route.method.rawValue) \(route.pattern)",
          object: object, outcome: outcome, requestID: request.id)
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

  /// The path, with the id of a document where it was called by its name: the chain of entries cannot be mended once
  /// the name is forgotten.
  private func object(of request: Request, _ route: Route) -> String {
    guard route.pattern.hasPrefix("/documents/"), let reference = try? request.parameter("id") else {
      return LoggedPath.text(request.path, route: route.pattern)
    }
    let id = (try? access(request).held(reference))?.document.id
    return id.map { route.pattern.replacing("{id}", with: $0) } ?? LoggedPath.text(request.path, route: route.pattern)
  }
}
