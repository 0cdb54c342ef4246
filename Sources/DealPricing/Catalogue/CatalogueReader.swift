// From a raw record to a product, or the reason why not. The first CSV record is the header; its separator is told by
// what stands in it most. A bad record never stops the others.
import Base
import Foundation

package struct CatalogueProduct: Sendable, Equatable {
  package var line: Int
  /// Names the product from one import to the next.
  package var key: String
  package var product: PricedProduct
  package var currency: String
  package var url: String

  package init(line: Int, key: String, product: PricedProduct, currency: String, url: String) {
    self.line = line
    self.key = key
    self.product = product
    self.currency = currency
    self.url = url
  }
}

package struct BadRow: Error, Sendable, Equatable {
  package var line: Int
  package var reason: String

  package init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }
}

package struct CatalogueReader: Sendable {
  private let format: CatalogueFormat
  private let columns: CatalogueColumns
  /// Where the record says none.
  private let currency: String?
  private var header: [String]?
  private var separator = UInt8(ascii: ",")

  /// `currency`: of prices that do not say theirs.
  package init(format: CatalogueFormat, columns: CatalogueColumns, currency: String?) {
    self.format = format
    self.columns = columns
    self.currency = currency
  }

  /// Nil for a header.
  package mutating func read(_ raw: RawRecord) throws(BadRow) -> CatalogueProduct? {
    func bad(_ reason: String) -> BadRow { BadRow(line: raw.line, reason: reason) }
    if raw.isTooLong { throw bad("it is longer than \(Limits.catalogueRecordBytesMax >> 10) KiB") }
    guard let text = String(validating: raw.bytes, as: UTF8.self) else { throw bad("it is not UTF-8") }
    let members: JSONObject
    if format == .csv {
      guard let header else {
        separator = Self.separator(of: raw.bytes)
        let names = Self.fields(raw.bytes, separator: separator).map { $0.trimmed }
        header = names
        let repeated = Dictionary(grouping: names, by: { $0 }).first { $0.value.count > 1 && !$0.key.isEmpty }?.key
        if let repeated { throw bad("the header names '\(repeated)' twice") }
        return nil
      }
      let fields = Self.fields(raw.bytes, separator: separator)
      guard fields.count == header.count else {
        throw bad("it has \(fields.count) columns, the header \(header.count)")
      }
      var read: [(key: String, value: JSON)] = []
      for (name, field) in zip(header, fields) where !name.isEmpty { read.append((name, .string(field))) }
      members = JSONObject(distinct: read)
    } else {
      guard let object = (try? JSON(parsing: text))?.object else { throw bad("it is no JSON object") }
      members = object
    }
    return try product(members, line: raw.line)
  }

  private func product(_ members: JSONObject, line: Int) throws(BadRow) -> CatalogueProduct {
    func bad(_ reason: String) -> BadRow { BadRow(line: line, reason: reason) }
    func text(_ field: CatalogueColumns.Field) -> String {
      switch columns.value(field, in: members) {
      case .string(let text): text.trimmed
      case .integer(let whole): String(whole)
      case .number(let number): String(number)
      case .array(let parts): parts.compactMap(\.string).joined(separator: "\n").trimmed
      default: ""
      }
    }
    let absent = columns.absent(in: members)
    if !absent.isEmpty { throw bad("it has no column '\(absent.joined(separator: "', '"))'") }
    /// A name stands in one line.
    func name(_ field: CatalogueColumns.Field) -> String {
      text(field).split(whereSeparator: \.isNewline).joined(separator: " ")
    }
    let title = name(.title)
    guard !title.isEmpty else { throw bad("it has no title") }
    guard let written = columns.value(.price, in: members), !text(.price).isEmpty else { throw bad("it has no price") }
    guard let money = written.double.map({ PriceField(amount: $0, currency: nil) }) ?? PriceField(text(.price)) else {
      throw bad("'\(text(.price).prefix(40))' is no price")
    }
    guard money.amount.isFinite, money.amount > 0 else { throw bad("its price is not above zero") }
    guard money.amount <= Limits.priceMax else { throw bad("its price is out of all bounds") }
    let named = text(.currency).uppercased()
    let currency = named.isEmpty ? money.currency ?? self.currency ?? "USD" : named
    guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (65...90).contains($0) }) else {
      throw bad("'\(currency.prefix(20))' is no currency's code, such as USD")
    }
    let product = PricedProduct(
      id: 0, title: title, brand: name(.brand), category: name(.category), description: text(.description),
      attributes: columns.attributes(in: members), price: money.amount)
    let url = text(.url)
    var key = text(.key)
    if key.isEmpty { key = url }
    if key.isEmpty {
      let named = "\(title)\u{0}\(product.brand)\u{0}\(product.category)\u{0}\(product.description)"
      key = String(SHA256Digest(of: named.utf8).description.prefix(24))
    }
    guard key.utf8.count <= Limits.catalogueKeyBytesMax else { throw bad("its id or address is too long") }
    return CatalogueProduct(line: line, key: key, product: product, currency: currency, url: url)
  }

  private static func separator(of header: [UInt8]) -> UInt8 {
    var counts: [UInt8: Int] = [:]
    var quotes = QuotedFields()
    for byte in header {
      quotes.take(byte)
      if !quotes.isInside, [0x2C, 0x3B, 0x09, 0x7C].contains(byte) { counts[byte, default: 0] += 1 }
    }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0x2C
  }

  /// RFC 4180: a quoted field may hold separators and line ends; a doubled quote is one.
  private static func fields(_ bytes: [UInt8], separator: UInt8) -> [String] {
    var fields: [String] = []
    var field: [UInt8] = []
    var quotes = QuotedFields()
    for byte in bytes.last == 0x0D ? bytes.dropLast() : bytes[...] {
      let wasInside = quotes.isInside
      quotes.take(byte)
      if byte == separator, !quotes.isInside {
        fields.append(String(decoding: field, as: UTF8.self))
        field.removeAll(keepingCapacity: true)
      } else if byte == 0x22, wasInside != quotes.isInside {
        // A quote that opens a field that has begun is the second of a doubled one.
        if quotes.isInside, quotes.isDoubled { field.append(byte) }
      } else {
        field.append(byte)
      }
    }
    return fields + [String(decoding: field, as: UTF8.self)]
  }
}

/// A price as a shop's table writes it: '1,299.99', '1.299,00 €', '₹799', 'USD 5'.
struct PriceField: Equatable {
  var amount: Double
  var currency: String?

  private static let signs: [(sign: String, currency: String)] = [
    ("US$", "USD"), ("C$", "CAD"), ("A$", "AUD"), ("R$", "BRL"), ("$", "USD"), ("€", "EUR"), ("£", "GBP"),
    ("₹", "INR"), ("Rs.", "INR"), ("Rs", "INR"),
  ]

  init(amount: Double, currency: String?) {
    self.amount = amount
    self.currency = currency
  }

  /// Nil for anything but one amount, with or without its currency.
  init?(_ text: String) {
    var rest = text.trimmed
    for (sign, name) in Self.signs where currency == nil {
      if rest.hasPrefix(sign) {
        rest = String(rest.dropFirst(sign.count))
        currency = name
      } else if rest.hasSuffix(sign) {
        rest = String(rest.dropLast(sign.count))
        currency = name
      }
    }
    rest = rest.trimmed
    let letters = rest.filter(\.isLetter)
    if currency == nil, letters.utf8.count == 3, letters.utf8.allSatisfy({ (65...90).contains($0) }),
      rest.hasPrefix(letters) || rest.hasSuffix(letters)
    {
      currency = letters
      rest = rest.replacingOccurrences(of: letters, with: "").trimmed
    }
    let pointIsThousands = currency == "EUR" || currency == "BRL"
    let digits = rest.filter { ![" ", "\u{A0}", "\u{202F}", "'"].contains($0) }
    guard let amount = Self.amount(digits, pointIsThousands: pointIsThousands) else { return nil }
    self.amount = amount
  }

  /// The last separator is the decimal one where it stands once and other than three digits follow it; with three, a
  /// lone point is decimal as programs write it, but for currencies that set thousands apart by points.
  private static func amount(_ text: String, pointIsThousands: Bool) -> Double? {
    let utf8 = Array(text.utf8)
    guard let last = utf8.last, (48...57).contains(last) else { return nil }
    guard
      utf8.enumerated().allSatisfy({ place, byte in
        (48...57).contains(byte) || byte == 0x2C || byte == 0x2E || (place == 0 && byte == 0x2D)
      })
    else { return nil }
    let separators = utf8.indices.filter { utf8[$0] == 0x2C || utf8[$0] == 0x2E }
    var decimal: Int?
    if let place = separators.last {
      let digits = utf8.count - 1 - place
      let isAlone = separators.count { utf8[$0] == utf8[place] } == 1
      let isPoint = utf8[place] == 0x2E && separators.count == 1 && !pointIsThousands
      if isAlone, digits != 3 || isPoint {
        decimal = place
      }
      // Thousands stand in groups of three; Indian lakhs in twos before the last three.
      for (number, place) in separators.enumerated() where place != decimal {
        let next = number + 1 < separators.count ? separators[number + 1] : utf8.count
        guard (2...3).contains(next - place - 1), place > 0 else { return nil }
      }
    }
    let kept = utf8.indices.compactMap { place -> UInt8? in
      if place == decimal { return 0x2E }
      return utf8[place] == 0x2C || utf8[place] == 0x2E ? nil : utf8[place]
    }
    return Double(String(decoding: kept, as: UTF8.self))
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
