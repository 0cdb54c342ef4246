// The settings of the deal finder: what it reads, when it wakes somebody, and over which ways.
import Base
import DealPricing
import Models

extension Settings {
  package static let deals = [
    dealFeeds, dealCollection, dealThreshold, dealInterval, dealAlertsMax, dealDealsMax, dealEntriesMax, dealEvery,
    dealWatches, dealOrigins, dealRobots, dealScanner, dealFrontier, dealPlanner, dealPlannerSteps, specialistURL,
    specialistForm, specialistModel, specialistKey, specialistHeaders, specialistWait, dealLog, pushoverUser,
    pushoverToken, pushoverURL, ntfyURL, ntfyToken, webhookURL, webhookToken,
    smtpURL, smtpUser, smtpPassword, smtpFrom, smtpTo, smtpTLS,
  ]

  private static let usualFeeds: JSON = [
    "https://www.dealnews.com/c142/Electronics/?rss=1", "https://www.dealnews.com/c39/Computers/?rss=1",
    "https://www.dealnews.com/c238/Automotive/?rss=1", "https://www.dealnews.com/f1912/Smart-Home/?rss=1",
    "https://www.dealnews.com/c196/Home-Garden/?rss=1",
  ]

  private static func texts(_ form: String) -> Setting.Kind {
    .structure(form) { value in
      guard let list = value.array, list.allSatisfy({ $0.string != nil }), list.count <= 200 else {
        throw NotTaken(expected: form)
      }
    }
  }

  package static let dealFeeds = Setting(
    "deals.feeds", environment: "FOOTNOTE_DEALS_FEEDS", texts("a list of addresses"), default: usualFeeds,
    help: "the feeds that are watched for deals")
  package static let dealCollection = Setting(
    "deals.collection", environment: "FOOTNOTE_DEALS_COLLECTION", .text, default: "products",
    help: "the collection of products that deals are compared with")
  package static let dealThreshold = Setting(
    "deals.threshold", environment: "FOOTNOTE_DEALS_THRESHOLD", .number(0...1_000_000_000), default: 50,
    help: "an alert needs a discount over this")
  package static let dealInterval = Setting(
    "deals.ask_interval", environment: "FOOTNOTE_DEALS_ASK_INTERVAL", .flag, default: true,
    help: "an alert also needs that the lower end of the estimate's interval beats the price")
  package static let dealAlertsMax = Setting(
    "deals.alerts_per_run", environment: "FOOTNOTE_DEALS_ALERTS_PER_RUN", .whole(0...100), default: 1,
    help: "alerts of one run at most")
  package static let dealDealsMax = Setting(
    "deals.deals_per_run", environment: "FOOTNOTE_DEALS_PER_RUN", .whole(1...500), default: 25,
    help: "deals priced in one run at most; the others wait for the next")
  package static let dealEntriesMax = Setting(
    "deals.entries_per_feed", environment: "FOOTNOTE_DEALS_ENTRIES_PER_FEED", .whole(1...1_000), default: 50,
    help: "entries of a feed that are looked at")
  package static let dealEvery = Setting(
    "deals.every_seconds", environment: "FOOTNOTE_DEALS_EVERY_SECONDS", .number(1...604_800), default: 300,
    help: "how often 'deals watch' and a watching server run")
  package static let dealWatches = Setting(
    "deals.watch", environment: "FOOTNOTE_DEALS_WATCH", .flag, default: false,
    help: "whether 'serve' watches the feeds by itself")
  package static let dealOrigins = Setting(
    "deals.allowed_origins", environment: "FOOTNOTE_DEALS_ALLOWED_ORIGINS",
    texts("a list like [\"http://127.0.0.1:8000\"]"),
    default: [], help: "servers of your own that feeds and pages may lie on though they are not on the public network")
  package static let dealRobots = Setting(
    "deals.robots", environment: "FOOTNOTE_DEALS_ROBOTS", .flag, default: true, help: "whether robots.txt is obeyed")
  package static let dealScanner = Setting(
    "deals.scanner", environment: "FOOTNOTE_DEALS_SCANNER", .choice(["model", "rules"]), default: "model",
    help: "who picks the deals of a feed: the chat model where one is configured, or rules")
  package static let dealFrontier = Setting(
    "deals.frontier", environment: "FOOTNOTE_DEALS_FRONTIER", .choice(["model", "comparables"]), default: "model",
    help: "who estimates from like products: the chat model where one is configured, or their prices alone")
  package static let dealPlanner = Setting(
    "deals.planner", environment: "FOOTNOTE_DEALS_PLANNER", .flag, default: false,
    help: "whether the chat model plans each run by tool calls; the rules of an alert hold all the same")
  package static let dealPlannerSteps = Setting(
    "deals.planner_steps", environment: "FOOTNOTE_DEALS_PLANNER_STEPS", .whole(1...500), default: 40,
    help: "tool calls of one planned run at most")
  package static let specialistURL = Setting(
    "deals.specialist.url", environment: "FOOTNOTE_SPECIALIST_URL", .url,
    help: "a fine-tuned price model; without it the trained one of the catalogue is the specialist")
  package static let specialistForm = Setting(
    "deals.specialist.form", environment: "FOOTNOTE_SPECIALIST_FORM",
    .choice(SpecialistEndpoint.Form.allCases.map(\.rawValue)), default: "json",
    help: "json: {\"description\": …} posted to the address, as Modal serves it; completion: OpenAI's /completions")
  package static let specialistModel = Setting(
    "deals.specialist.model", environment: "FOOTNOTE_SPECIALIST_MODEL", .text,
    help: "the model that a completion is asked of")
  package static let specialistKey = Setting(
    "deals.specialist.key", environment: "FOOTNOTE_SPECIALIST_KEY", .text, isSecret: true, help: "the endpoint's key")
  package static let specialistHeaders = Setting(
    "deals.specialist.headers", environment: "FOOTNOTE_SPECIALIST_HEADERS", .headers, isSecret: true,
    help: "headers sent along, as {\"Modal-Key\": \"…\"} or lines of 'Name: value'")
  package static let specialistWait = Setting(
    "deals.specialist.wait_seconds", environment: "FOOTNOTE_SPECIALIST_WAIT_SECONDS", .number(1...3_600), default: 180,
    help: "how long a cold start is waited for")
  package static let dealLog = Setting(
    "deals.log", environment: "FOOTNOTE_DEALS_LOG", .path,
    help: "the file that alerts are written to (else alerts.log beside the library)")
  package static let pushoverUser = Setting(
    "deals.pushover.user", environment: "PUSHOVER_USER", .text, isSecret: true, help: "your Pushover user key")
  package static let pushoverToken = Setting(
    "deals.pushover.token", environment: "PUSHOVER_TOKEN", .text, isSecret: true,
    help: "your Pushover application's token")
  package static let pushoverURL = Setting(
    "deals.pushover.url", environment: "FOOTNOTE_PUSHOVER_URL", .url,
    default: "https://api.pushover.net/1/messages.json", help: "where Pushover takes messages")
  package static let ntfyURL = Setting(
    "deals.ntfy.url", environment: "FOOTNOTE_NTFY_URL", .url, help: "an ntfy topic, as https://ntfy.sh/my-deals")
  package static let ntfyToken = Setting(
    "deals.ntfy.token", environment: "FOOTNOTE_NTFY_TOKEN", .text, isSecret: true, help: "the topic's access token")
  package static let webhookURL = Setting(
    "deals.webhook.url", environment: "FOOTNOTE_WEBHOOK_URL", .url, help: "an address that alerts are posted to as JSON"
  )
  package static let smtpURL = Setting(
    "deals.smtp.url", environment: "FOOTNOTE_SMTP_URL", .text,
    help: "a mail server, as smtps://mail.example.org or smtp://mail.example.org:587")
  package static let smtpUser = Setting(
    "deals.smtp.user", environment: "FOOTNOTE_SMTP_USER", .text, help: "your name at the mail server")
  package static let smtpPassword = Setting(
    "deals.smtp.password", environment: "FOOTNOTE_SMTP_PASSWORD", .text, isSecret: true,
    help: "your password at the mail server")
  package static let smtpFrom = Setting(
    "deals.smtp.from", environment: "FOOTNOTE_SMTP_FROM", .text, help: "whom alerts are from (else the first receiver)")
  package static let smtpTo = Setting(
    "deals.smtp.to", environment: "FOOTNOTE_SMTP_TO", .text, help: "who gets alerts; several with commas")
  package static let smtpTLS = Setting(
    "deals.smtp.tls", environment: "FOOTNOTE_SMTP_TLS", .choice(MailServer.Encryption.allCases.map(\.rawValue)),
    default: "required", help: "whether mail goes over an encrypted connection alone, or where one is offered")
  package static let webhookToken = Setting(
    "deals.webhook.token", environment: "FOOTNOTE_WEBHOOK_TOKEN", .text, isSecret: true,
    help: "sent along as 'Authorization: Bearer …'")
}

extension Configuration {
  func texts(_ setting: Setting) -> [String] { (value(setting).array ?? []).compactMap(\.string) }

  private func isOn(_ setting: Setting) -> Bool { value(setting).bool ?? false }

  var watchesDeals: Bool { isOn(Settings.dealWatches) }
  /// Of the products that deals are compared with.
  package var dealCollection: String { text(Settings.dealCollection) ?? CatalogueRequest.defaultCollection }
  package var dealSecondsBetween: Double { number(Settings.dealEvery) ?? 300 }

  var dealSettings: DealSettings {
    var settings = DealSettings()
    settings.feeds = texts(Settings.dealFeeds)
    settings.threshold = number(Settings.dealThreshold) ?? settings.threshold
    settings.asksInterval = isOn(Settings.dealInterval)
    settings.alertsPerRunMax = whole(Settings.dealAlertsMax) ?? settings.alertsPerRunMax
    settings.dealsPerRunMax = whole(Settings.dealDealsMax) ?? settings.dealsPerRunMax
    settings.plannerStepsMax = whole(Settings.dealPlannerSteps) ?? settings.plannerStepsMax
    settings.entriesPerFeedMax = whole(Settings.dealEntriesMax) ?? settings.entriesPerFeedMax
    return settings
  }

  var fetchRules: FetchRules {
    var rules = FetchRules()
    rules.allowedOrigins = Set(texts(Settings.dealOrigins).compactMap { try? WebAddress($0).origin })
    rules.obeysRobots = isOn(Settings.dealRobots)
    return rules
  }
}
