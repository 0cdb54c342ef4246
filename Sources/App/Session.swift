// How a command gets at a library: takes the directory and opens it, or, where a running server or another command owns
// it, goes through that one without a word. And which embedder it is opened with.
package import Base
package import Embedding
package import KnowledgeBase
import Models
package import Store

#if canImport(Glibc)
  import Glibc
#endif

/// A command's way to a library, which may at the same time be other commands' way to it.
package struct LibrarySession {
  package let access: any LibraryAccess
  fileprivate var host: LibraryHost?

  /// `waiting`: what others sent is done first. Indexes that cannot be saved are made anew at the next start.
  package func end(waiting: Bool) { _ = host?.close(waiting: waiting) }
}

package enum Session {
  /// How long to wait for an owner that takes the directory and has not said yet where it listens, or needs it for a
  /// moment only.
  private static let patienceSeconds = 10.0

  package static func access(_ configuration: Configuration) throws -> any LibraryAccess {
    switch try way(configuration) {
    case .own(let library):
      LocalAccess(
        library: library, means: try Answering.means(configuration, library: library),
        prices: try PriceMeans(configuration, library: library), thresholds: HealthThresholds(configuration))
    case .owner(let owner): RemoteAccess(owner: owner)
    }
  }

  /// For a command that takes its time: meanwhile other commands reach the library through it.
  package static func shared(_ configuration: Configuration) throws -> LibrarySession {
    switch try way(configuration) {
    case .own(let library):
      let means = try Answering.means(configuration, library: library)
      let prices = try PriceMeans(configuration, library: library)
      // A full device keeps the address from being written; then others have to wait, and that is all.
      guard let host = try? LibraryHost(library, ServeSettings(configuration, isPrivate: true)) else {
        return LibrarySession(access: LocalAccess(library: library, means: means, prices: prices), host: nil)
      }
      // What an earlier process was killed over.
      try host.jobs.start()
      return LibrarySession(
        access: LocalAccess(library: library, means: means, prices: prices, takesUpJobs: false), host: host)
    case .owner(let owner): return LibrarySession(access: RemoteAccess(owner: owner), host: nil)
    }
  }

  enum Way {
    case own(Library)
    case owner(OwnerAddress)
  }

  static func way(_ configuration: Configuration) throws -> Way {
    let path = configuration.dataDirectory
    let clock = SystemClock()
    let end = clock.monotonicSeconds() + patienceSeconds
    while true {
      do {
        return .own(try openLibrary(in: DataDirectory(path: path), configuration))
      } catch let error as StoreError {
        guard case .ownedElsewhere = error.cause else { throw error }
        if let owner = DataDirectory.owner(of: path) { return .owner(owner) }
        guard clock.monotonicSeconds() < end else { throw error }
        usleep(20_000)
      }
    }
  }

  /// Replaces the library by a copy of it; nobody may hold it meanwhile.
  package static func restore(_ path: String, _ configuration: Configuration) throws -> JSON {
    do {
      let directory = try DataDirectory(path: configuration.dataDirectory)
      return Shapes.copy(try LibraryCopy.restore(path, into: directory), path)
    } catch let error as StoreError {
      guard case .ownedElsewhere = error.cause else { throw error }
      throw PlainFailure(
        .conflict, "library_in_use", "a running process holds the library", hint: "stop it, then restore again")
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
    let library = try Library(
      directory: directory, embedder: embedder,
      answering: embedder.isMetered ? builtIn(configuration) : nil, extractor: WorkerExtractor(configuration),
      settings: settings)
    // What had to be made anew, or brought up to the store, is not to be made by the next command once more.
    if library.changes > 0 { _ = library.saveIndexes() }
    return library
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
