// What a model's tokens cost, by the configuration: {"currency": "USD", "models": {"gpt-4o-mini": {"input": 0.15,
// "output": 0.6}}}, for a million tokens. A dated name, as servers give it back, has the price of the name before it.
package import Base

package struct PriceTable: Sendable, Equatable {
  package struct Price: Sendable, Equatable {
    package let input: Double
    package let output: Double
  }

  package let currency: String
  private let prices: [String: Price]

  package static let empty = PriceTable(currency: "", prices: [:])

  private init(currency: String, prices: [String: Price]) {
    self.currency = currency
    self.prices = prices
  }

  package init(_ table: JSON) throws {
    guard let models = table.models?.object else {
      throw PriceTable.wrong("it needs \"models\"")
    }
    for (key, _) in table.object ?? [:] where key != "models" && key != "currency" {
      throw PriceTable.wrong("it knows no \"\(key)\"")
    }
    var prices: [String: Price] = [:]
    for (name, price) in models {
      guard let input = price.input?.double, let output = price.output?.double, input >= 0, output >= 0 else {
        throw PriceTable.wrong("\"\(name)\" needs \"input\" and \"output\", for a million tokens")
      }
      prices[name] = Price(input: input, output: output)
    }
    self.init(currency: table.currency?.string ?? "USD", prices: prices)
  }

  private static func wrong(_ why: String) -> PlainFailure {
    PlainFailure(.usage, "bad_prices", "the price table cannot be used: \(why)")
  }

  package func price(of model: String) -> Price? {
    if let price = prices[model] { return price }
    let named = prices.keys.filter { name in
      model.hasPrefix(name) && ["-", ":", "@"].contains(String(model.dropFirst(name.count).prefix(1)))
    }
    return named.max { ($0.count, $0) < ($1.count, $1) }.flatMap { prices[$0] }
  }

  package func cost(_ usage: ChatUsage, of models: [String]) -> Double? {
    guard let price = models.lazy.compactMap({ price(of: $0) }).first else { return nil }
    return (Double(usage.inputTokens) * price.input + Double(usage.outputTokens) * price.output) / 1e6
  }
}
