// The settings of models that write: one endpoint by plain settings, several by a list, and how patient, how costly and
// how forgetful their calls may be.
import Base
import Models

extension Settings {
  package static let chat = [
    chatURL, chatModel, chatKey, chatHeaders, chatDialect, chatAPIVersion, chatForm, chatExtra, chatEndpoints,
    chatConnectSeconds, chatFirstTextSeconds, chatBetweenTextSeconds, chatWholeSeconds, chatAttempts, chatRetrySeconds,
    chatTokensPerHour, chatKeptSeconds, chatPrices, promptFolder,
  ]

  package static let chatURL = Setting(
    "llm.url", environment: "FOOTNOTE_LLM_URL", .url,
    help: "a chat endpoint that writes answers, as https://host/v1; without it answers are extracted")
  package static let chatModel = Setting(
    "llm.model", environment: "FOOTNOTE_LLM_MODEL", .text, help: "the model that the endpoint is asked for")
  package static let chatKey = Setting(
    "llm.key", environment: "FOOTNOTE_LLM_KEY", .text, isSecret: true, help: "the endpoint's key")
  package static let chatHeaders = Setting(
    "llm.headers", environment: "FOOTNOTE_LLM_HEADERS", .headers, isSecret: true,
    help: "headers sent along, as {\"Name\": \"…\"} or lines of 'Name: value'")
  package static let chatDialect = Setting(
    "llm.dialect", environment: "FOOTNOTE_LLM_DIALECT", .choice(ChatDialect.allCases.map(\.rawValue)),
    default: "openai", help: "what the endpoint speaks; azure is openai with a deployment, an api-key and a version")
  package static let chatAPIVersion = Setting(
    "llm.api_version", environment: "FOOTNOTE_LLM_API_VERSION", .text, help: "Azure's api-version")
  package static let chatForm = Setting(
    "llm.form", environment: "FOOTNOTE_LLM_FORM", .choice(["auto"] + FormSupport.allCases.map(\.rawValue)),
    default: "auto", help: "how a reply's form is asked for: response_format, a tool, words, or found out by trying")
  package static let chatExtra = Setting(
    "llm.extra", environment: "FOOTNOTE_LLM_EXTRA",
    .structure("an object") { guard $0.object != nil else { throw NotTaken(expected: "an object") } },
    help:
      "fields added to each request; null takes one out, as in {\"max_tokens\": null, \"max_completion_tokens\": 900}")
  package static let chatEndpoints = Setting(
    "llm.endpoints", environment: "FOOTNOTE_LLM_ENDPOINTS",
    .structure(
      "list: {\"url\", \"model\", \"key\", \"headers\", \"dialect\", \"api_version\", \"form\", \"extra\", \"tier\"}"
    ) {
      _ = try ChatEndpoints.listed($0, timeouts: HTTPTimeouts())
    }, isSecret: true,
    help: "several endpoints: those of tier 0 share the load, the next tier is asked while they cannot be")
  package static let chatConnectSeconds = Setting(
    "llm.connect_seconds", environment: "FOOTNOTE_LLM_CONNECT_SECONDS", .number(0.1...300), default: 10,
    help: "how long a connection may take")
  package static let chatFirstTextSeconds = Setting(
    "llm.first_text_seconds", environment: "FOOTNOTE_LLM_FIRST_TEXT_SECONDS", .number(0.1...3_600), default: 60,
    help: "how long the first text may take")
  package static let chatBetweenTextSeconds = Setting(
    "llm.between_text_seconds", environment: "FOOTNOTE_LLM_BETWEEN_TEXT_SECONDS", .number(0.1...3_600), default: 30,
    help: "the longest silence between two pieces of text")
  package static let chatWholeSeconds = Setting(
    "llm.request_seconds", environment: "FOOTNOTE_LLM_REQUEST_SECONDS", .number(0.1...86_400), default: 300,
    help: "how long one request may take in all")
  package static let chatAttempts = Setting(
    "llm.attempts", environment: "FOOTNOTE_LLM_ATTEMPTS", .whole(1...20), default: 3,
    help: "how often one endpoint is tried for a call")
  package static let chatRetrySeconds = Setting(
    "llm.retry_seconds", environment: "FOOTNOTE_LLM_RETRY_SECONDS", .number(0...3_600), default: 30,
    help: "how long after its begin a call may still be tried again")
  package static let chatTokensPerHour = Setting(
    "llm.tokens_per_hour", environment: "FOOTNOTE_LLM_TOKENS_PER_HOUR", .whole(1...1_000_000_000_000),
    help: "a hard budget for all calls together; what a call may need at most is set aside before it is made")
  package static let chatKeptSeconds = Setting(
    "llm.cache_seconds", environment: "FOOTNOTE_LLM_CACHE_SECONDS", .number(0...31_536_000), default: 86_400,
    help: "how long a reply is given again for exactly the same request; 0: never")
  package static let chatPrices = Setting(
    "llm.prices", environment: "FOOTNOTE_LLM_PRICES",
    .structure("a price table") { _ = try PriceTable($0) },
    help: "for a million tokens: {\"currency\": \"USD\", \"models\": {\"name\": {\"input\": 0.15, \"output\": 0.6}}}")
  package static let promptFolder = Setting(
    "prompts", environment: "FOOTNOTE_PROMPTS", .path, help: "a folder with prompts of your own, each replacing one"
  ) { environment in .string("\(xdg("XDG_CONFIG_HOME", else: ".config", environment))/footnote/prompts") }
}
