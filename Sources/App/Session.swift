// How a command gets at a library: takes the directory and opens it, or, where a running server owns it, goes through
// that server without a word.
package import Embedding
package import KnowledgeBase
package import Store

package enum Session {
  package static func access(_ configuration: Configuration) throws -> any LibraryAccess {
    let path = configuration.dataDirectory
    do {
      return LocalAccess(library: try openLibrary(in: DataDirectory(path: path), configuration))
    } catch let error as StoreError {
      guard case .ownedElsewhere = error.cause, let owner = DataDirectory.owner(of: path) else { throw error }
      return RemoteAccess(owner: owner)
    }
  }

  package static func openLibrary(
    in directory: DataDirectory, _ configuration: Configuration
  ) throws -> Library {
    try Library(directory: directory, embedder: embedder(configuration), extractor: WorkerExtractor())
  }

  package static func embedder(_ configuration: Configuration) throws -> any Embedder {
    try MiniLM(modelDirectory: configuration.modelDirectory, threads: Machine.cores)
  }
}
