// How well the price rules do on labelled entries: of what they call a price, how much is the right one; of the right
// ones, how many they find.
package import Base

/// A line of a labelled file: title, summary, and the price that the entry asks, or null where it asks none.
package struct LabelledEntry: Sendable {
  package let title: String
  package let summary: String
  package let price: Money?
  /// The part of the file that it belongs to: 'tune', 'held'.
  package let side: String

  package init(line: String, number: Int) throws {
    func wrong(_ why: String) -> PlainFailure {
      PlainFailure(
        .unprocessable, "bad_label", "line \(number): \(why)",
        hint: #"a line reads {"title": "…", "summary": "…", "price": 12.5 or null, "currency": "USD"}"#)
    }
    guard let json = try? JSON(parsing: line), let title = json.title?.string else {
      throw wrong("it is no JSON object with a title")
    }
    self.title = title
    summary = json.summary?.string ?? ""
    side = json.side?.string ?? ""
    guard let price = json.price, price != .null else {
      self.price = nil
      return
    }
    guard let amount = price.double, let currency = json.currency?.string else {
      throw wrong("its price is no number, or has no currency")
    }
    self.price = Money(amount: amount, currency: currency)
  }

  package static func all(in text: String) throws -> [LabelledEntry] {
    try text.split(whereSeparator: \.isNewline).enumerated().map { try LabelledEntry(line: String($1), number: $0 + 1) }
  }
}

package struct PriceRulesReport: Sendable {
  package private(set) var entries = 0
  /// Labelled with a price.
  package private(set) var prices = 0
  /// Called one by the rules.
  package private(set) var called = 0
  package private(set) var right = 0
  package private(set) var misses: [(entry: LabelledEntry, found: Money?)] = []

  package init(_ labelled: [LabelledEntry]) {
    for entry in labelled {
      var found: Money?
      if case .price(let money, _, _) = PriceRules.read(title: entry.title, summary: entry.summary) { found = money }
      entries += 1
      prices += entry.price == nil ? 0 : 1
      called += found == nil ? 0 : 1
      if found != nil, found == entry.price { right += 1 }
      if found != entry.price { misses.append((entry, found)) }
    }
  }

  /// One where nothing was called, or there was nothing to find.
  package var precision: Double { called == 0 ? 1 : Double(right) / Double(called) }
  package var recall: Double { prices == 0 ? 1 : Double(right) / Double(prices) }

  package var json: JSON {
    func told(_ money: Money?) -> JSON { JSON(money.map { "\($0.currency) \($0.amount)" }) }
    return [
      "entries": .integer(entries), "prices": .integer(prices), "called": .integer(called), "right": .integer(right),
      "precision": .number(precision), "recall": .number(recall),
      "misses": .array(
        misses.map { miss in
          ["title": .string(miss.entry.title), "price": told(miss.entry.price), "found": told(miss.found)]
        }),
    ]
  }
}

package enum PriceRulesFile {
  /// Every side of the file by itself, in the order of their names.
  package static func report(_ path: String) throws -> JSON {
    let text = String(decoding: try FileAccess.read(path, bytesMax: Limits.measuredBytesMax), as: UTF8.self)
    let sides = Dictionary(grouping: try LabelledEntry.all(in: text), by: \.side)
    return [
      "sides": .array(
        sides.sorted { $0.key < $1.key }.map { name, entries in
          var shape = PriceRulesReport(entries).json.object ?? [:]
          shape["side"] = .string(name)
          return .object(shape)
        })
    ]
  }
}
