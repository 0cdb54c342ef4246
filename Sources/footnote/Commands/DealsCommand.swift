// footnote deals: one run, a watch, what was found and why, what products are worth.
import App
import Base

let dealsCommand = CommandSpec(
  name: "deals", arguments: "run|watch|list|show|notify|price|train|backtest|map|eval", positionalMin: 1,
  positionalMax: nil,
  summary: "find deals in feeds, price them by a catalogue, and alert where a price is really low",
  details: """
    'run' reads the feeds once; with --feed FILE it reads files instead, without network. 'watch' runs again and again,
    every deals.every_seconds. 'list' gives the best discounts first, 'show ID' everything that a deal's decision rests
    on, and 'notify ID' sends its alert once more.
    'train' learns from the products of a collection (80 of 100; 10 are for fitting, 10 for testing) and says how near
    it came on the last ten. 'price TEXT' says what a description is worth, with an interval and the products that it
    was compared with; without trained models the comparables alone. 'backtest' measures the trained models and the
    precision of alerts on simulated deals; --chart writes a picture. 'map' gives the products' places in space.
    'eval FILE.jsonl' measures the rules that find prices on entries that you labelled.
    """,
  options: [
    OptionSpec(name: "feed", value: "FILE", summary: "run: a feed on this machine", repeats: true),
    OptionSpec(name: "collection", value: "NAME", summary: "the collection of products (default: deals.collection)"),
    OptionSpec(name: "category", value: "NAME", summary: "price: the product's category"),
    OptionSpec(name: "threshold", value: "SUM", summary: "backtest: the least discount of an alert (default: 50)"),
    OptionSpec(name: "chart", value: "FILE.svg", summary: "backtest: write estimates against prices there"),
    OptionSpec(name: "points", value: "N", summary: "map: how many products (default: 1000)"),
  ]
) { invocation in
  let action = invocation.positionals[0]
  let words = Array(invocation.positionals.dropFirst())
  func nothingMore() throws {
    guard words.isEmpty else { throw UsageError("'deals \(action)' takes nothing more; options are with --help") }
  }
  func id() throws -> String {
    guard words.count == 1 else { throw UsageError("'deals \(action)' needs a deal's id; 'deals list' shows them") }
    return words[0]
  }
  switch action {
  case "run":
    try nothingMore()
    return try DealsCommand.run(invocation)
  case "watch":
    try nothingMore()
    return try DealsCommand.watch(invocation)
  case "list":
    try nothingMore()
    return try DealsCommand.list(invocation)
  case "show": return try DealsCommand.show(id(), invocation)
  case "notify": return try DealsCommand.notify(id(), invocation)
  case "price":
    guard !words.isEmpty else { throw UsageError("'deals price' needs a description") }
    return try DealsCommand.price(words.joined(separator: " "), invocation)
  case "train":
    try nothingMore()
    return try DealsCommand.train(invocation)
  case "backtest":
    try nothingMore()
    return try DealsCommand.backtest(invocation)
  case "map":
    try nothingMore()
    return try DealsCommand.map(invocation)
  case "eval":
    guard words.count == 1 else { throw UsageError("'deals eval' needs one file of labelled entries") }
    return try DealsCommand.eval(words[0], invocation)
  default:
    let known = ["run", "watch", "list", "show", "notify", "price", "train", "backtest", "map", "eval"]
    let near = Nearest.word(to: action, among: known)
    throw UsageError(
      "there is no 'deals \(action)'"
        + (near.map { "; did you mean '\($0)'?" } ?? "; there are \(known.joined(separator: ", "))"))
  }
}

private enum DealsCommand {
  // MARK: Deals

  /// What the agents say goes to where progress goes, in their colours.
  private static func withDeals(
    _ invocation: Invocation, _ body: (DealSession, StopFlag) throws -> Int32
  ) throws -> Int32 {
    let console = invocation.console
    let stop = StopFlag()
    let interruption = Interruption(stop)
    defer { interruption.end() }
    let session = try Session.deals(invocation.configuration, stop: stop) { line in
      console.note(DealsText.line(line, console))
    }
    defer { session.end() }
    return try body(session, stop)
  }

  static func run(_ invocation: Invocation) throws -> Int32 {
    try withDeals(invocation) { session, stop in
      let report = try session.deals.run(files: invocation.all("feed").map(FileAccess.absolute))
      let found = try session.deals.list()
      var whole = report.object ?? [:]
      whole["deals"] = found.deals ?? []
      let console = invocation.console
      console.result(.object(whole)) { _ in DealsText.table(found, console) }
      return stop.isSet ? 130 : 0
    }
  }

  static func watch(_ invocation: Invocation) throws -> Int32 {
    try withDeals(invocation) { session, _ in
      let console = invocation.console
      session.watch(everySeconds: try invocation.configuration.dealSecondsBetween) { console.note($0.text) }
      return 130
    }
  }

  static func list(_ invocation: Invocation) throws -> Int32 {
    try withDeals(invocation) { session, _ in
      let console = invocation.console
      console.result(try session.deals.list()) { DealsText.table($0, console) }
      return 0
    }
  }

  static func show(_ id: String, _ invocation: Invocation) throws -> Int32 {
    try withDeals(invocation) { session, _ in
      let console = invocation.console
      console.result(try session.deals.deal(id)) { DealsText.whole($0, console) }
      return 0
    }
  }

  static func notify(_ id: String, _ invocation: Invocation) throws -> Int32 {
    try withDeals(invocation) { session, _ in
      let outcome = try session.deals.notify(id)
      let warnings = outcome.warnings?.array ?? []
      for warning in warnings { invocation.console.note(Console.printable(warning.string ?? "")) }
      invocation.console.result(outcome) { "\($0.sent?.int ?? 0) sent\n" }
      return warnings.isEmpty ? 0 : 1
    }
  }

  // MARK: Prices

  private static func collection(_ invocation: Invocation) throws -> String {
    if let named = invocation.value("collection") { return named }
    return try invocation.configuration.dealCollection
  }

  static func price(_ text: String, _ invocation: Invocation) throws -> Int32 {
    let asked = PriceRequest.price(
      description: text, category: invocation.value("category") ?? "", collection: try collection(invocation))
    invocation.console.result(
      try Session.access(invocation.configuration).prices(asked) { _ in }, words: DealsText.worth)
    return 0
  }

  static func train(_ invocation: Invocation) throws -> Int32 {
    let console = invocation.console
    let collection = try collection(invocation)
    let session = try Session.shared(invocation.configuration)
    defer { session.end(waiting: false) }
    let outcome = try session.access.prices(.train(collection: collection)) {
      console.progress($0)
    }
    console.progressEnded()
    console.result(outcome) { outcome in
      "trained on \(outcome.trained?.int ?? 0) products of '\(collection)'\n" + DealsText.figures(outcome.test)
    }
    return 0
  }

  static func backtest(_ invocation: Invocation) throws -> Int32 {
    let threshold = try invocation.value("threshold").map { text in
      guard let sum = Double(text), sum >= 0 else { throw UsageError("--threshold takes a sum, not '\(text)'") }
      return sum
    }
    let outcome = try Session.access(invocation.configuration).prices(
      .backtest(collection: try collection(invocation), threshold: threshold ?? 50)
    ) { _ in }
    if let path = invocation.value("chart") {
      try FileAccess.write(Array((outcome.chart?.string ?? "").utf8), to: path)
    }
    var shown = outcome.object ?? [:]
    shown["chart"] = nil
    invocation.console.result(.object(shown)) { outcome in
      let alerts = outcome.alerts
      return DealsText.figures(outcome.test)
        + "alerts: \(alerts?.right?.int ?? 0) of \(alerts?.alerts?.int ?? 0) right, of "
        + "\(alerts?.bargains?.int ?? 0) bargains among \(alerts?.offers?.int ?? 0) offers\n"
    }
    return 0
  }

  static func eval(_ path: String, _ invocation: Invocation) throws -> Int32 {
    invocation.console.result(try PriceReports.rules(path)) { report in
      (report.sides?.array ?? []).map { DealsText.rules($0) }.joined()
    }
    return 0
  }

  static func map(_ invocation: Invocation) throws -> Int32 {
    let points = try invocation.integer("points", default: 1_000, in: 1...Limits.mapPointsMax)
    let outcome = try Session.access(invocation.configuration).prices(
      .map(collection: try collection(invocation), pointsMax: points)
    ) { _ in }
    invocation.console.result(outcome) { "\($0.points?.array?.count ?? 0) points; --json shows them\n" }
    return 0
  }
}
