// From the settings to a model that writes: endpoints, patience, budget, prices.
import Base
package import KnowledgeBase
package import Models

package enum ChatEndpoints {
  /// nil: no model is configured, and answers are extracted.
  package static func service(_ configuration: Configuration, library: Library) throws -> ChatService? {
    let endpoints = try all(configuration)
    guard !endpoints.isEmpty else { return nil }
    var options = ChatOptions()
    options.retries = RetryPolicy(
      attemptsMax: configuration.whole(Settings.chatAttempts) ?? 3, firstDelaySeconds: 0.3, delaySecondsMax: 5,
      deadlineSeconds: configuration.number(Settings.chatRetrySeconds) ?? 30)
    options.firstTextSeconds = configuration.number(Settings.chatFirstTextSeconds) ?? options.firstTextSeconds
    options.betweenTextSeconds = configuration.number(Settings.chatBetweenTextSeconds) ?? options.betweenTextSeconds
    options.tokensPerHourMax = configuration.whole(Settings.chatTokensPerHour)
    options.keptSecondsMax = configuration.number(Settings.chatKeptSeconds) ?? options.keptSecondsMax
    let prices = configuration.value(Settings.chatPrices)
    if !prices.isNull { options.prices = try PriceTable(prices) }
    return ChatService(endpoints, options: options, store: ChatStore(library.database))
  }

  package static func prompts(_ configuration: Configuration) throws -> PromptShelf {
    let isAsked = configuration.entries.contains {
      $0.setting.key == Settings.promptFolder.key && $0.origin != .builtIn
    }
    return try PromptShelf(folder: configuration.text(Settings.promptFolder), isAsked: isAsked)
  }

  private static func all(_ configuration: Configuration) throws -> [ChatEndpoint] {
    var timeouts = HTTPTimeouts()
    timeouts.connectSeconds = configuration.number(Settings.chatConnectSeconds) ?? timeouts.connectSeconds
    timeouts.firstByteSeconds = configuration.number(Settings.chatFirstTextSeconds) ?? timeouts.firstByteSeconds
    timeouts.wholeSeconds = configuration.number(Settings.chatWholeSeconds)
    let list = configuration.value(Settings.chatEndpoints)
    let listed = list.isNull ? [] : try self.listed(list, timeouts: timeouts)
    guard let url = configuration.text(Settings.chatURL) else { return listed }
    guard let model = configuration.text(Settings.chatModel) else {
      throw ConfigurationError.incomplete(
        Settings.chatURL.key, missing: Settings.chatModel.key, environment: Settings.chatModel.environment)
    }
    let dialect = configuration.text(Settings.chatDialect).flatMap(ChatDialect.init(rawValue:)) ?? .openai
    let endpoint = dialect.endpoint(
      url: url, model: model, key: configuration.secret(Settings.chatKey),
      headers: configuration.headers(Settings.chatHeaders), apiVersion: configuration.text(Settings.chatAPIVersion),
      timeouts: timeouts)
    let form = configuration.text(Settings.chatForm).flatMap(FormSupport.init(rawValue:))
    let extra = configuration.value(Settings.chatExtra).object ?? [:]
    return [ChatEndpoint(endpoint, dialect: dialect, tier: 0, form: form, extra: extra)] + listed
  }

  /// `llm.endpoints`: throws what is wrong with it.
  static func listed(_ list: JSON, timeouts: HTTPTimeouts) throws -> [ChatEndpoint] {
    let known: Set = ["url", "model", "key", "headers", "dialect", "api_version", "form", "extra", "tier"]
    func wrong(_ why: String) -> PlainFailure { PlainFailure(.usage, "bad_endpoints", why) }
    guard let entries = list.array, !entries.isEmpty else { throw wrong("it must be a list that is not empty") }
    return try entries.enumerated().map { index, entry in
      let place = "entry \(index + 1)"
      if let stranger = (entry.object ?? [:]).first(where: { !known.contains($0.key) }) {
        throw wrong("\(place) has an unknown \"\(stranger.key)\"")
      }
      guard let url = entry.url?.string, url.hasPrefix("http://") || url.hasPrefix("https://"),
        let model = entry.model?.string, !model.isEmpty
      else { throw wrong("\(place) needs a \"url\" with http or https and a \"model\"") }
      guard let dialect = ChatDialect(rawValue: entry.dialect?.string ?? "openai") else {
        throw wrong("\(place) has a dialect that is none of openai, anthropic, azure")
      }
      let tier = entry.tier.map { $0.int ?? -1 } ?? 0
      guard (0...100).contains(tier) else {
        throw wrong("\(place) has a \"tier\" that is no whole number from 0 to 100")
      }
      let form = entry.form?.string
      guard form == nil || form == "auto" || form.flatMap(FormSupport.init(rawValue:)) != nil else {
        throw wrong("\(place) has a \"form\" that is none of auto, schema, tool, instruction")
      }
      let headers = (entry.headers?.object ?? [:]).map { ($0.key, Secret($0.value.string ?? "")) }
      let endpoint = dialect.endpoint(
        url: url, model: model, key: entry.key?.string.map { Secret($0) }, headers: headers,
        apiVersion: entry.api_version?.string, timeouts: timeouts)
      return ChatEndpoint(
        endpoint, dialect: dialect, tier: tier, form: form.flatMap(FormSupport.init(rawValue:)),
        extra: entry.extra?.object ?? [:])
    }
  }
}
