// Every route of the server. Handlers stay thin: they read the request, ask the library, and give its shape back.
import Base
import HTTPKit
import KnowledgeBase
import Models

/// The user who owns the data directory, coming through the command line.
struct OwnerPrincipal: Sendable {}

struct Routes: Sendable {
  let library: Library
  let configuration: Configuration
  let access: LocalAccess
  let jobs: JobCenter
  let deals: DealDesk
  let started: Double
  let clock: any Clock

  init(
    library: Library, jobs: JobCenter, deals: DealDesk, configuration: Configuration, writer: (any ChatModel)? = nil,
    clock: any Clock = SystemClock()
  ) {
    self.library = library
    self.jobs = jobs
    self.deals = deals
    self.configuration = configuration
    self.clock = clock
    access = LocalAccess(library: library, writer: writer, clock: clock)
    started = clock.monotonicSeconds()
  }

  func router() -> Router {
    var router = Router()
    addQuestionRoutes(to: &router)
    addDocumentRoutes(to: &router)
    addJobRoutes(to: &router)
    addPageRoutes(to: &router)
    addReembedRoute(to: &router)
    addDealRoutes(to: &router)
    // Answered even when every worker is busy: whoever asks wants to know just that.
    router.add(.get, "/health", immediate: true) { _ in
      .json(
        JSON.object([
          "status": "healthy", "version": .string(Product.version),
          "uptime_seconds": .number(Shapes.rounded(clock.monotonicSeconds() - started)),
          "parts": ["store": "healthy", "index": "healthy", "embedder": "healthy"],
        ]).utf8)
    }
    return router
  }
}
