// footnote deals: one run, a watch, what was found and why, what a product is worth.
import App
import Base
import Foundation

let dealsCommand = CommandSpec(
  name: "deals", arguments: "ACTION…", positionalMin: 1, positionalMax: nil,
  summary: "find deals in feeds, price them, and alert where a price is really low",
  details: """
    'run' reads the feeds once; with --feed FILE it reads files instead, without network. 'watch' runs again and again,
    every deals.every_seconds. 'list' gives the best discounts first, 'show' everything that a deal's decision rests
    on, 'notify' sends its alert once more, and 'price' says what a product is worth, with what it was compared to.
    """,
  options: [
    OptionSpec(name: "feed", value: "FILE", summary: "with 'run': a feed on this machine", repeats: true),
    OptionSpec(name: "category", value: "NAME", summary: "with 'price': the product's category"),
  ]
) { invocation in
  let console = invocation.console
  let rest = Array(invocation.positionals.dropFirst())
  let stop = StopFlag()
  let interruption = Interruption(stop)
  defer { interruption.end() }
  func access() throws -> any DealAccess {
    try Session.deals(invocation.configuration, stop: stop) { line in
      console.note(dealLine(line, hasColour: console.hasColour))
    }
  }
  func one(_ what: String) throws -> String {
    guard let first = rest.first, rest.count == 1 else {
      throw UsageError("'deals \(invocation.positionals[0])' needs \(what)")
    }
    return first
  }
  switch invocation.positionals[0] {
  case "run":
    guard rest.isEmpty else { throw UsageError("'deals run' takes no arguments; name feeds with --feed FILE") }
    let files = invocation.all("feed").map(FileAccess.absolute)
    let deals = try access()
    let report = try deals.run(files: files)
    let found = try deals.list()
    var whole = report.object ?? [:]
    whole["deals"] = found.deals ?? []
    console.result(.object(whole)) { _ in dealTable(found, console) }
    return stop.isSet ? 130 : 0
  case "watch":
    guard rest.isEmpty else { throw UsageError("'deals watch' takes no arguments") }
    let deals = try access()
    let every = try invocation.configuration.dealSecondsBetween
    DealWatch.run(deals, everySeconds: every, stop: stop) { console.note($0) }
    return 130
  case "list":
    guard rest.isEmpty else { throw UsageError("'deals list' takes no arguments") }
    console.result(try access().list()) { dealTable($0, console) }
    return 0
  case "show":
    console.result(try access().deal(one("a deal's id"))) { $0.prettyText + "\n" }
    return 0
  case "notify":
    let outcome = try access().notify(one("a deal's id"))
    for warning in outcome.warnings?.array ?? [] { console.note(Console.printable(warning.string ?? "")) }
    console.result(outcome) { "\($0.sent?.int ?? 0) sent\n" }
    return (outcome.warnings?.array ?? []).isEmpty ? 0 : 1
  case "price":
    guard !rest.isEmpty else { throw UsageError("'deals price' needs the product in words") }
    let text = rest.joined(separator: " ")
    console.result(try access().price(text, category: invocation.value("category") ?? "")) { priceText($0) }
    return 0
  case let other:
    let known = ["run", "watch", "list", "show", "notify", "price", "train", "backtest"]
    let near = Nearest.word(to: other, among: known)
    throw UsageError("there is no 'deals \(other)'" + (near.map { "; did you mean '\($0)'?" } ?? ""))
  }
}

private func dealLine(_ line: JSON, hasColour: Bool) -> String {
  let agent = line.agent?.string ?? ""
  let text = "[\(agent)] \(Console.printable(line["text"]?.string ?? ""))"
  guard hasColour, let colour = AgentColours.terminal(agent) else { return text }
  return "\(colour)\(text)\u{1B}[0m"
}

private func dealTable(_ list: JSON, _ console: Console) -> String {
  let deals = list.deals?.array ?? []
  guard !deals.isEmpty else { return "no deals yet; 'footnote deals run' looks for some\n" }
  return deals.prefix(50).map { deal in
    let currency = deal.currency?.string ?? ""
    let price = money(deal.deal?.price?.double)
    let name = Console.printable(deal.deal?.product_description?.string ?? "").prefix(100)
    var line = console.bold(String(name)) + (deal.alerted?.bool == true ? "  (alerted)" : "") + "\n"
    line += "   \(currency) \(price)"
    if let estimate = deal.estimate?.double {
      let interval = (deal.interval?.array ?? []).map { money($0.double) }.joined(separator: " to ")
      line += ", worth about \(money(estimate)) (\(interval)), discount \(money(deal.discount?.double))"
    } else {
      line += ", no estimate"
    }
    line += "\n   \(Console.printable(deal.deal?.url?.string ?? ""))\n   \(console.dim(deal.id?.string ?? "")) "
    return line + console.dim(Console.printable(deal.reason?.string ?? "")) + "\n"
  }.joined()
}

private func priceText(_ shape: JSON) -> String {
  let currency = shape.currency?.string ?? ""
  var text = "no estimate\n"
  if let estimate = shape.estimate?.double {
    let interval = (shape.interval?.array ?? []).map { money($0.double) }.joined(separator: " to ")
    text = "\(currency) \(money(estimate)) (\(interval))\n"
  }
  for (name, value) in shape.parts?.object ?? [:] { text += "  \(name): \(money(value.double))\n" }
  for other in shape.comparables?.array ?? [] {
    text += "  \(money(other.price?.double))  \(Console.printable(other.title?.string ?? ""))\n"
  }
  for warning in shape.warnings?.array ?? [] { text += "  note: \(Console.printable(warning.string ?? ""))\n" }
  return text
}

private func money(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "-" }
