// Every setting of the product. A new one is declared here, or in a file beside this one, and entered in `all`; file,
// environment, command line, `footnote config` and the errors follow from that.
import Base
import Foundation

package enum Settings {
  package static let all = general + serving + operating + embedding + chat + answers + deals

  // MARK: General

  package static let general = [data, model, comments]

  package static let data = Setting(
    "data", environment: "FOOTNOTE_DATA", option: "data", .path, help: "the folder that holds the library"
  ) { environment in
    .string("\(xdg("XDG_DATA_HOME", else: ".local/share", environment))/footnote")
  }

  package static let model = Setting(
    "model", environment: "FOOTNOTE_MODEL", .path, help: "the folder of the built-in embedding model"
  ) { environment in
    .string("\(xdg("XDG_CACHE_HOME", else: ".cache", environment))/footnote/models/all-MiniLM-L6-v2")
  }

  /// Whether a running server can take up another value. What the library was opened with, and where the server
  /// listens, stay as they are.
  static func isChangeable(_ key: String) -> Bool {
    !(general + serving + embedding + deals).contains { $0.key == key }
  }

  // MARK: Serving

  package static let serving = [host, port]

  package static let host = Setting(
    "host", environment: "FOOTNOTE_HOST", option: "host", .text, default: "127.0.0.1",
    help: "the address that the server listens on")
  package static let port = Setting(
    "port", environment: "FOOTNOTE_PORT", option: "port", .whole(0...65_535), default: 8_080,
    help: "its port; 0 takes any free one")

  package static let comments = Setting(
    "comments", environment: "FOOTNOTE_COMMENTS", .flag, default: true,
    help: "read what reviewers remarked in Word files, sheets and PDFs along with the text")

  // XDG paths must be absolute; others are to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  static func xdg(_ variable: String, else folder: String, _ environment: Environment) -> String {
    if let set = environment[variable], set.hasPrefix("/") { return set }
    let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()
    return "\(home)/\(folder)"
  }
}

// MARK: Embedding

extension Settings {
  package static let embedding = [
    embedURL, embedModel, embedKey, embedDimensions, embedHeaders, embedWindow, embedBatchTexts, embedBatchTokens,
    embedConnectSeconds, embedReplySeconds, embedIdleSeconds, embedWholeSeconds, embedAttempts,
  ]

  package static let embedURL = Setting(
    "embedding.url", environment: "FOOTNOTE_EMBED_URL", .url,
    help: "an OpenAI-compatible endpoint that embeds, as https://host/v1; without it the built-in model does")
  package static let embedModel = Setting(
    "embedding.model", environment: "FOOTNOTE_EMBED_MODEL", .text, help: "the model that the endpoint is asked for")
  package static let embedKey = Setting(
    "embedding.key", environment: "FOOTNOTE_EMBED_KEY", .text, isSecret: true, help: "the endpoint's key")
  package static let embedDimensions = Setting(
    "embedding.dimensions", environment: "FOOTNOTE_EMBED_DIMENSIONS", .whole(1...Limits.dimensionsMax),
    help: "numbers in a vector, for models that can shorten them")
  package static let embedHeaders = Setting(
    "embedding.headers", environment: "FOOTNOTE_EMBED_HEADERS", .headers, isSecret: true,
    help: "headers sent along, as {\"api-key\": \"…\"} or lines of 'Name: value'")
  package static let embedWindow = Setting(
    "embedding.window_tokens", environment: "FOOTNOTE_EMBED_WINDOW", .whole(32...32_768), default: 512,
    help: "tokens of a text that the model reads; chunks stay within it")
  package static let embedBatchTexts = Setting(
    "embedding.batch_texts", environment: "FOOTNOTE_EMBED_BATCH_TEXTS", .whole(1...2_048), default: 64,
    help: "texts sent in one request")
  package static let embedBatchTokens = Setting(
    "embedding.batch_tokens", environment: "FOOTNOTE_EMBED_BATCH_TOKENS", .whole(64...1_000_000), default: 16_384,
    help: "tokens sent in one request, about")
  package static let embedConnectSeconds = Setting(
    "embedding.connect_seconds", environment: "FOOTNOTE_EMBED_CONNECT_SECONDS", .number(0.1...300), default: 10,
    help: "how long a connection may take")
  package static let embedReplySeconds = Setting(
    "embedding.reply_seconds", environment: "FOOTNOTE_EMBED_REPLY_SECONDS", .number(0.1...3_600), default: 60,
    help: "how long the endpoint may think before its reply begins")
  package static let embedIdleSeconds = Setting(
    "embedding.idle_seconds", environment: "FOOTNOTE_EMBED_IDLE_SECONDS", .number(0.1...3_600), default: 30,
    help: "the longest silence within a reply")
  package static let embedWholeSeconds = Setting(
    "embedding.request_seconds", environment: "FOOTNOTE_EMBED_REQUEST_SECONDS", .number(0.1...86_400), default: 120,
    help: "how long one request may take in all")
  package static let embedAttempts = Setting(
    "embedding.attempts", environment: "FOOTNOTE_EMBED_ATTEMPTS", .whole(1...20), default: 6,
    help: "how often a request is tried before it is given up")
}
