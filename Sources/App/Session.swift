// How a command gets at a library: takes the directory and opens it, or, where a running server owns it, goes through
// that server without a word. And which embedder it is opened with.
package import Embedding
package import KnowledgeBase
import Models
package import Store

package enum Session {
  package static func access(_ configuration: Configuration) throws -> any LibraryAccess {
    let path = configuration.dataDirectory
    do {
      let library = try openLibrary(in: DataDirectory(path: path), configuration)
      return LocalAccess(library: library, means: try Answering.means(configuration, library: library))
    } catch let error as StoreError {
      guard case .ownedElsewhere = error.cause, let owner = DataDirectory.owner(of: path) else { throw error }
      return RemoteAccess(owner: owner)
    }
  }

  package static func openLibrary(
    in directory: DataDirectory, _ configuration: Configuration
  ) throws -> Library {
    let known = try Library.embedder(in: directory)
    let embedder = try embedder(configuration, known: known)
    var settings = LibrarySettings()
    settings.prompts = try ChatEndpoints.prompts(configuration)
    settings.falseAnswerRate = configuration.number(Settings.falseAnswerRate) ?? settings.falseAnswerRate
    return try Library(
      directory: directory, embedder: embedder,
      answering: embedder.isMetered ? builtIn(configuration) : nil, extractor: WorkerExtractor(), settings: settings)
  }

  /// As configured: an endpoint, else the built-in model. `known` is the embedder that made the library's vectors; an
  /// endpoint need not be asked for its dimension where the library knows it, nor where the library refuses it anyway.
  package static func embedder(_ configuration: Configuration, known: EmbedderRow? = nil) throws -> any Embedder {
    guard let (endpoint, options) = try embeddingEndpoint(configuration) else { return try builtIn(configuration) }
    return try EndpointEmbedder(endpoint, options: options, dimension: known?.dimension)
  }

  package static func builtIn(_ configuration: Configuration) throws -> any Embedder {
    BatchedEmbedder(
      try MiniLM(modelDirectory: configuration.modelDirectory, threads: 1), workers: Machine.cores)
  }

  private static func embeddingEndpoint(
    _ configuration: Configuration
  ) throws -> (Endpoint, EndpointEmbedder.Options)? {
    guard let url = configuration.text(Settings.embedURL) else { return nil }
    guard let model = configuration.text(Settings.embedModel) else {
      throw ConfigurationError.incomplete(
        Settings.embedURL.key, missing: Settings.embedModel.key, environment: Settings.embedModel.environment)
    }
    var timeouts = HTTPTimeouts()
    timeouts.connectSeconds = configuration.number(Settings.embedConnectSeconds) ?? timeouts.connectSeconds
    timeouts.firstByteSeconds = configuration.number(Settings.embedReplySeconds) ?? timeouts.firstByteSeconds
    timeouts.betweenBytesSeconds = configuration.number(Settings.embedIdleSeconds) ?? timeouts.betweenBytesSeconds
    timeouts.wholeSeconds = configuration.number(Settings.embedWholeSeconds)
    var options = EndpointEmbedder.Options()
    options.dimensions = configuration.whole(Settings.embedDimensions)
    options.windowTokens = configuration.whole(Settings.embedWindow) ?? options.windowTokens
    options.textsMax = configuration.whole(Settings.embedBatchTexts) ?? options.textsMax
    options.tokensMax = configuration.whole(Settings.embedBatchTokens) ?? options.tokensMax
    options.policy.attemptsMax = configuration.whole(Settings.embedAttempts) ?? options.policy.attemptsMax
    let endpoint = Endpoint(
      url: url, model: model, key: configuration.secret(Settings.embedKey),
      headers: configuration.headers(Settings.embedHeaders), timeouts: timeouts)
    return (endpoint, options)
  }
}
