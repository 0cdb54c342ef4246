// footnote deals: what products are worth.
import App
import Base

let dealsCommand = CommandSpec(
  name: "deals", arguments: "train|price TEXT|backtest|map", positionalMin: 1, positionalMax: nil,
  summary: "price models of a catalogue: train them, ask them, and see how well they do",
  details: """
    'train' learns from the products of a collection (80 of 100; 10 are for fitting, 10 for testing) and says how near
    it came on the last ten. 'price' says what a description is worth, with an interval and the products that it was
    compared with; without trained models the comparables alone. 'backtest' measures the trained models and the
    precision of alerts on simulated deals; --chart writes a picture. 'map' gives the products' places in space.
    """,
  options: [
    OptionSpec(name: "collection", value: "NAME", summary: "the collection of products (default: products)"),
    OptionSpec(name: "category", value: "NAME", summary: "price: the product's category"),
    OptionSpec(name: "threshold", value: "SUM", summary: "backtest: the least discount of an alert (default: 50)"),
    OptionSpec(name: "chart", value: "FILE.svg", summary: "backtest: write estimates against prices there"),
    OptionSpec(name: "points", value: "N", summary: "map: how many products (default: 1000)"),
  ]
) { invocation in
  let collection = invocation.value("collection") ?? CatalogueRequest.defaultCollection
  let words = invocation.positionals.dropFirst()
  guard invocation.positionals[0] == "price" || words.isEmpty else {
    throw UsageError("'deals \(invocation.positionals[0])' takes nothing more")
  }
  let console = invocation.console
  switch invocation.positionals[0] {
  case "price":
    guard !words.isEmpty else { throw UsageError("'deals price' needs a description") }
    let asked = PriceRequest.price(
      description: words.joined(separator: " "), category: invocation.value("category") ?? "",
      collection: collection)
    console.result(try Session.access(invocation.configuration).prices(asked) { _ in }, words: worth)
  case "train":
    let outcome = try Session.access(invocation.configuration).prices(.train(collection: collection)) {
      console.progress($0)
    }
    console.progressEnded()
    console.result(outcome) { outcome in
      "trained on \(outcome.trained?.int ?? 0) products of '\(collection)'\n" + figures(outcome.test)
    }
  case "backtest":
    let threshold = try invocation.value("threshold").map { text in
      guard let sum = Double(text), sum >= 0 else { throw UsageError("--threshold takes a sum, not '\(text)'") }
      return sum
    }
    let outcome = try Session.access(invocation.configuration).prices(
      .backtest(collection: collection, threshold: threshold ?? 50)
    ) { _ in }
    if let path = invocation.value("chart") {
      try FileAccess.write(Array((outcome.chart?.string ?? "").utf8), to: path)
    }
    var shown = outcome.object ?? [:]
    shown["chart"] = nil
    console.result(.object(shown)) { outcome in
      let alerts = outcome.alerts
      return figures(outcome.test)
        + "alerts: \(alerts?.right?.int ?? 0) of \(alerts?.alerts?.int ?? 0) right, of "
        + "\(alerts?.bargains?.int ?? 0) bargains among \(alerts?.offers?.int ?? 0) offers\n"
    }
  case "map":
    let points = try invocation.integer("points", default: 1_000, in: 1...Limits.mapPointsMax)
    let outcome = try Session.access(invocation.configuration).prices(
      .map(collection: collection, pointsMax: points)
    ) { _ in }
    console.result(outcome) { "\($0.points?.array?.count ?? 0) points; --json shows them\n" }
  default:
    throw UsageError("there is no 'deals \(invocation.positionals[0])'; use train, price, backtest or map")
  }
  return 0
}

private func money(_ amount: JSON?) -> String {
  guard let amount = amount?.double else { return "-" }
  let cents = Int((amount * 100).rounded())
  return "\(cents / 100)." + (cents % 100 < 10 ? "0" : "") + "\(cents % 100)"
}

private func worth(_ outcome: JSON) -> String {
  guard outcome.estimate?.double != nil else { return "no part could say what it is worth\n" }
  let interval = outcome.interval?.array ?? []
  var text = "\(money(outcome.estimate)) \(outcome.currency?.string ?? "")"
  if interval.count == 2 { text += " (\(money(interval[0])) to \(money(interval[1])))" }
  text += "\n"
  for comparable in outcome.comparables?.array ?? [] {
    text += "\(money(comparable.price))\t\(Console.printable(comparable.title?.string ?? ""))\n"
  }
  if let note = outcome.note?.string { text += note + "\n" }
  return text
}

private func figures(_ test: JSON?) -> String {
  func percent(_ share: JSON?) -> String { "\(Int(((share?.double ?? 0) * 100).rounded()))%" }
  var text = "on \(test?.products?.int ?? 0) products held back:\n"
  for part in ["specialist", "frontier", "random_forest", "ensemble"] {
    let figures = test?[part]
    text += "\(part)\twithin a fifth \(percent(figures?.within_20)), mean error \(money(figures?.mae))\n"
  }
  return text + "the interval holds \(percent(test?.coverage))\n"
}
