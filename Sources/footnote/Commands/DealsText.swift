// Deals and prices in words, as 'footnote deals' shows them.
import App
import Base

enum DealsText {
  private static let listedMax = 50

  static func line(_ line: JSON, _ console: Console) -> String {
    let agent = line.agent?.string ?? ""
    let text = "[\(agent)] \(Console.printable(line["text"]?.string ?? ""))"
    guard console.hasColour, let colour = AgentColours.terminal(agent) else { return text }
    return "\(colour)\(text)\u{1B}[0m"
  }

  static func table(_ list: JSON, _ console: Console) -> String {
    let deals = list.deals?.array ?? []
    guard !deals.isEmpty else { return "no deals yet; 'footnote deals run' looks for some\n" }
    return deals.prefix(listedMax).map { deal in
      heading(deal, console) + "   \(console.dim(deal.id?.string ?? "")) "
        + console.dim(Console.printable(deal.reason?.string ?? "")) + "\n"
    }.joined()
  }

  private static func heading(_ deal: JSON, _ console: Console) -> String {
    let currency = deal.currency?.string ?? ""
    let name = Console.printable(deal.deal?.product_description?.string ?? "").prefix(100)
    var text = console.bold(String(name)) + (deal.alerted?.bool == true ? "  (alerted)" : "") + "\n"
    text += "   \(currency) \(money(deal.deal?.price))"
    if deal.estimate?.double != nil {
      let interval = (deal.interval?.array ?? []).map { money($0) }.joined(separator: " to ")
      text += ", worth about \(money(deal.estimate)) (\(interval)), discount \(money(deal.discount))"
    } else {
      text += ", no estimate"
    }
    return text + "\n   \(Console.printable(deal.deal?.url?.string ?? ""))\n"
  }

  /// Why a deal was told or not: decision, parts, comparables, what was missing, what became of the messages.
  static func whole(_ deal: JSON, _ console: Console) -> String {
    var text = heading(deal, console)
    text += "   found \(deal.found_at?.string ?? "") by \(deal.evidence?.found_by?.string ?? "?"), "
    text += "from '\(Console.printable(deal.evidence?.title?.string ?? ""))'\n"
    text += "   \(Console.printable(deal.reason?.string ?? "not weighed yet"))\n"
    for (name, value) in deal.parts?.object ?? [:] { text += "   \(name): \(money(value))\n" }
    text += comparables(deal)
    let notes =
      (deal.evidence?.page?.array ?? []).map { "page: \($0.string ?? "")" }
      + (deal.evidence?.remarks?.array ?? []).compactMap(\.string)
    for note in notes { text += "   note: \(Console.printable(note))\n" }
    for message in deal.messages?.array ?? [] {
      text += "   \(message.channel?.string ?? ""): \(message.state?.string ?? ""), "
      text += "\(message.attempts?.int ?? 0) tries, \(Console.printable(message.outcome?.string ?? ""))\n"
    }
    return text
  }

  static func worth(_ outcome: JSON) -> String {
    var text = "no part could say what it is worth\n"
    if outcome.estimate?.double != nil {
      let interval = (outcome.interval?.array ?? []).map { money($0) }.joined(separator: " to ")
      text = "\(money(outcome.estimate)) \(outcome.currency?.string ?? "") (\(interval))\n"
    }
    for (name, value) in outcome.parts?.object ?? [:] { text += "   \(name): \(money(value))\n" }
    text += comparables(outcome)
    for warning in outcome.warnings?.array ?? [] { text += "   note: \(Console.printable(warning.string ?? ""))\n" }
    return text
  }

  private static func comparables(_ shape: JSON) -> String {
    (shape.comparables?.array ?? []).map { other in
      "   \(money(other.price))  \(Console.printable(other.title?.string ?? ""))\n"
    }.joined()
  }

  static func rules(_ side: JSON) -> String {
    let name = side.side?.string ?? ""
    var text = "\(name.isEmpty ? "entries" : Console.printable(name)): precision \(share(side.precision)), "
    text += "recall \(share(side.recall)) of \(side.prices?.int ?? 0) prices in \(side.entries?.int ?? 0) entries\n"
    for miss in side.misses?.array ?? [] {
      text += "   found \(miss.found?.string ?? "none") for \(miss.price?.string ?? "none"): "
      text += Console.printable(miss.title?.string ?? "") + "\n"
    }
    return text
  }

  private static func share(_ value: JSON?) -> String { String(((value?.double ?? 0) * 1_000).rounded() / 1_000) }

  static func figures(_ test: JSON?) -> String {
    func percent(_ share: JSON?) -> String { "\(Int(((share?.double ?? 0) * 100).rounded()))%" }
    var text = "on \(test?.products?.int ?? 0) products held back:\n"
    for part in ["specialist", "frontier", "random_forest", "ensemble"] {
      let figures = test?[part]
      text += "\(part)\twithin a fifth \(percent(figures?.within_20)), mean error \(money(figures?.mae))\n"
    }
    return text + "the interval holds \(percent(test?.coverage))\n"
  }

  private static func money(_ amount: JSON?) -> String {
    guard let amount = amount?.double else { return "-" }
    let cents = Int((abs(amount) * 100).rounded())
    return (amount < 0 ? "-" : "") + "\(cents / 100)." + (cents % 100 < 10 ? "0" : "") + "\(cents % 100)"
  }
}
