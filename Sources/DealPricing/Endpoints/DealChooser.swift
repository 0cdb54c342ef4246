// The scanner's choice by a model: its reply is checked against a form here, and against the entries by the scanner.
import Models

package struct DealChooser: Sendable {
  private static let entriesMax = 40
  private static let textCharactersMax = 600

  private let asked: PromptedModel

  package init(_ asked: PromptedModel) { self.asked = asked }

  private struct Pick: Sendable {
    let deals: [ChosenDeal]
  }

  private static let schema: Schema<Pick> = .object(
    Schema<[ChosenDeal]>.array(
      of: .object(
        Schema<Int>.integer(1...entriesMax).member("number", "of the entry"),
        Schema<String>.string.member("product_description", "3 or 4 sentences on the product, nothing on the deal"),
        Schema<Double>.number(0...10_000_000).member("price", "what is to be paid, as it stands in the entry")
      ) { ChosenDeal(number: $0, description: $1, price: $2) }, count: 0...entriesMax
    ).member("deals")
  ) { Pick(deals: $0) }

  package func choose(_ entries: [DealEntry]) throws -> [ChosenDeal] {
    var chosen: [ChosenDeal] = []
    for start in stride(from: 0, to: entries.count, by: Self.entriesMax) {
      let batch = entries[start..<min(start + Self.entriesMax, entries.count)]
      let listed = batch.enumerated().map { place, entry in
        "[\(place + 1)] \(entry.title)\n\(entry.text.prefix(Self.textCharactersMax))"
      }.joined(separator: "\n\n")
      let request = asked.request(try asked.messages(["entries": listed]))
      let reply = try StructuredModel(asked.model).value(of: Self.schema, named: "deals", request)
      chosen += reply.value.deals.filter { $0.number <= batch.count }.map {
        ChosenDeal(number: $0.number + start, description: $0.description, price: $0.price)
      }
    }
    return chosen
  }
}
