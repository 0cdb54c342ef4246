// POST /reembed: the command `footnote reembed` on a library that this server owns. For the owner of the directory
// alone: the settings that come with it name an address that the library's texts are sent to.
import Base
import HTTPKit
import KnowledgeBase

extension Routes {
  func addReembedRoute(to router: inout Router) {
    router.add(.post, "/reembed", accepts: .json(maxBytes: Limits.jsonBodyBytesMax)) { request in
      let asked = try configuration.with(embeddingSettings: JSON(parsing: request.body.bytes))
      let embedder = try Session.embedder(asked)
      return .events { events in
        // A client that is gone ends the run; the next one goes on where it stopped.
        try Routes.telling(events) {
          Shapes.reembedded(
            try library.reembed(to: embedder) { progress in
              try events.send(event: "progress", data: Shapes.progress(progress).text)
            })
        }
      }
    }
  }
}
