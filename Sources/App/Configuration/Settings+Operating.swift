// Settings of whoever runs a server: who is let in, encryption, the log, what counts as healthy, and where traces go.
import Base

extension Settings {
  package static let operating = [
    keysRequired, keyRequests, hostNames, tlsCertificate, tlsKey, logFile, healthErrorRate, healthMeanMs, healthP95Ms,
    healthCacheHits, healthRecall, healthFree, tracesURL, tracesHeaders, tracesContent, tracesShare, tracesService,
  ]

  package static let keysRequired = Setting(
    "keys.required", environment: "FOOTNOTE_KEYS_REQUIRED", .flag, default: false,
    help: "ask for a key on a loopback address too, as behind a proxy; elsewhere one is always asked for")
  package static let keyRequests = Setting(
    "keys.requests_per_minute", environment: "FOOTNOTE_KEYS_REQUESTS_PER_MINUTE", .whole(1...1_000_000), default: 600,
    help: "requests that a key may make in a minute, unless it was made with a limit of its own")
  package static let hostNames = Setting(
    "host_names", environment: "FOOTNOTE_HOST_NAMES", .text,
    help: "other names that the server is reached by, as behind a proxy; with spaces between them")
  package static let tlsCertificate = Setting(
    "tls.certificate", environment: "FOOTNOTE_TLS_CERTIFICATE", .path,
    help: "a PEM file with the certificate chain; with tls.key the server speaks https")
  package static let tlsKey = Setting(
    "tls.key", environment: "FOOTNOTE_TLS_KEY", .path, help: "a PEM file with the certificate's private key")
  package static let logFile = Setting(
    "log.file", environment: "FOOTNOTE_LOG_FILE", .text, default: "",
    help: "where requests are logged, as JSON lines; empty: log/requests.jsonl in the data folder; 'none': nowhere")
  package static let healthErrorRate = Setting(
    "health.error_rate_max", environment: "FOOTNOTE_HEALTH_ERROR_RATE_MAX", .number(0...1), default: 0.05,
    help: "of the last five minutes' requests, the share that may fail")
  package static let healthMeanMs = Setting(
    "health.mean_ms_max", environment: "FOOTNOTE_HEALTH_MEAN_MS_MAX", .number(1...1_000_000), default: 1_000,
    help: "how long they may take on average")
  package static let healthP95Ms = Setting(
    "health.p95_ms_max", environment: "FOOTNOTE_HEALTH_P95_MS_MAX", .number(1...1_000_000), default: 5_000,
    help: "how long 95 of 100 may take at most")
  package static let healthCacheHits = Setting(
    "health.cache_hits_min", environment: "FOOTNOTE_HEALTH_CACHE_HITS_MIN", .number(0...1), default: 0,
    help: "of the answers, the share that must come from kept replies")
  package static let healthRecall = Setting(
    "health.recall_min", environment: "FOOTNOTE_HEALTH_RECALL_MIN", .number(0...1), default: 0.9,
    help: "of the passages that a scan finds for the last questions, the share that the index must find")
  package static let healthFree = Setting(
    "health.free_mb_min", environment: "FOOTNOTE_HEALTH_FREE_MB_MIN", .whole(0...1_000_000), default: 100,
    help: "megabytes that must be free where the library lies")
  package static let tracesURL = Setting(
    "traces.url", environment: "FOOTNOTE_TRACES_URL", .url,
    help: "a collector that takes traces by OTLP over HTTP, as http://127.0.0.1:4318 or http://127.0.0.1:6006/v1/traces"
  )
  package static let tracesHeaders = Setting(
    "traces.headers", environment: "FOOTNOTE_TRACES_HEADERS", .headers, isSecret: true,
    help: "headers sent along, as {\"x-api-key\": \"…\"} or lines of 'Name: value'")
  package static let tracesContent = Setting(
    "traces.content", environment: "FOOTNOTE_TRACES_CONTENT", .flag, default: false,
    help: "questions, passages, prompts and answers stand in the traces; without it only names, times and figures")
  package static let tracesShare = Setting(
    "traces.share", environment: "FOOTNOTE_TRACES_SHARE", .number(0...1), default: 1,
    help: "of the requests that no other program traces, the share that is sent")
  package static let tracesService = Setting(
    "traces.service", environment: "FOOTNOTE_TRACES_SERVICE", .text, default: "footnote",
    help: "by what name the collector knows this server")
}
