// The settings of how questions are answered: how often an answer may be false, and what a configured model or rerank
// service does besides writing. All of it is off but the rate.
import Base
package import KnowledgeBase
import Models

extension Settings {
  package static let answers = [
    falseAnswerRate, expansion, rerank, rerankURL, rerankModel, rerankKey, rerankHeaders, rewrite, whenModelFails,
  ]

  package static let falseAnswerRate = Setting(
    "answers.false_rate", environment: "FOOTNOTE_FALSE_ANSWER_RATE", .number(0.001...0.5), default: 0.05,
    help: "of the questions that the library cannot answer, the share that may be answered all the same")
  package static let expansion = Setting(
    "answers.expansion", environment: "FOOTNOTE_EXPANSION", .choice(QueryExpansion.allCases.map(\.rawValue)),
    default: "none", help: "the model words the question in other ways, or guesses an answer, to search by those too")
  package static let rerank = Setting(
    "answers.rerank", environment: "FOOTNOTE_RERANK",
    .choice(["none", "model"] + RerankProtocol.Form.allCases.map(\.rawValue)), default: "none",
    help: "who puts the passages in order again: the model, or a service in the form of Cohere and Jina, or of TEI")
  package static let rerankURL = Setting(
    "answers.rerank_url", environment: "FOOTNOTE_RERANK_URL", .url,
    help: "the rerank service, as https://api.cohere.com/v2, https://api.jina.ai/v1 or http://host:8080")
  package static let rerankModel = Setting(
    "answers.rerank_model", environment: "FOOTNOTE_RERANK_MODEL", .text, help: "the model that the service is asked for"
  )
  package static let rerankKey = Setting(
    "answers.rerank_key", environment: "FOOTNOTE_RERANK_KEY", .text, isSecret: true, help: "the service's key")
  package static let rerankHeaders = Setting(
    "answers.rerank_headers", environment: "FOOTNOTE_RERANK_HEADERS", .headers, isSecret: true,
    help: "headers sent along, as {\"Name\": \"…\"} or lines of 'Name: value'")
  package static let rewrite = Setting(
    "answers.rewrite", environment: "FOOTNOTE_REWRITE", .choice(["rules", "model"]), default: "rules",
    help: "who makes a follow-up question whole; the rewritten question is shown")
  package static let whenModelFails = Setting(
    "answers.when_model_fails", environment: "FOOTNOTE_WHEN_MODEL_FAILS", .choice(["extract", "error"]),
    default: "extract", help: "an answer in the documents' own words with a warning, or an error")
}

package enum Answering {
  /// From the settings to what a question is answered with.
  package static func means(_ configuration: Configuration, library: Library) throws -> AnswerMeans {
    var means = AnswerMeans()
    means.model = try ChatEndpoints.service(configuration, library: library)
    means.expansion = configuration.text(Settings.expansion).flatMap(QueryExpansion.init(rawValue:)) ?? .none
    means.rewritesByModel = configuration.text(Settings.rewrite) == "model"
    means.extractsWhenModelFails = configuration.text(Settings.whenModelFails) != "error"
    let asking = [
      means.expansion != .none ? Settings.expansion : nil, means.rewritesByModel ? Settings.rewrite : nil,
      configuration.text(Settings.rerank) == "model" ? Settings.rerank : nil,
    ]
    if means.model == nil, let setting = asking.compactMap({ $0 }).first {
      throw ConfigurationError.incomplete(
        setting.key, missing: Settings.chatURL.key, environment: Settings.chatURL.environment)
    }
    means.reranker = try reranker(configuration, means.model)
    return means
  }

  private static func reranker(_ configuration: Configuration, _ model: (any ChatModel)?) throws -> (any Reranker)? {
    guard let kind = configuration.text(Settings.rerank), kind != "none" else { return nil }
    guard let form = RerankProtocol.Form(rawValue: kind) else {
      let prompt = try ChatEndpoints.prompts(configuration).prompt("rerank")
      return model.map { ChatReranker($0, prompt: prompt) }
    }
    guard var url = configuration.text(Settings.rerankURL) else {
      throw ConfigurationError.incomplete(
        Settings.rerank.key, missing: Settings.rerankURL.key, environment: Settings.rerankURL.environment)
    }
    // text-embeddings-inference has its service at the root.
    let afterScheme = url.split(separator: "://", maxSplits: 1).last ?? ""
    if form == .tei, !afterScheme.drop(while: { $0 != "/" }).contains(where: { $0 != "/" }) {
      while url.hasSuffix("/") { url.removeLast() }
      url += RerankProtocol.service
    }
    guard let name = configuration.text(Settings.rerankModel) ?? (form == .tei ? "tei" : nil) else {
      throw ConfigurationError.incomplete(
        Settings.rerank.key, missing: Settings.rerankModel.key, environment: Settings.rerankModel.environment)
    }
    let endpoint = Endpoint(
      url: url, model: name, key: configuration.secret(Settings.rerankKey),
      headers: configuration.headers(Settings.rerankHeaders))
    return EndpointReranker(EndpointClient(endpoint.impatient), form: form)
  }
}
