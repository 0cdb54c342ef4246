// A number with what it counts, brought to one base unit a dimension, so that '2 weeks' and '14 days' are the same.
// Months and years are kept in days of a mean calendar; where they meet days, near is equal.

struct Quantity: Equatable {
  enum Dimension: Hashable {
    /// Without a unit that is known: 15 laptops, section 12.
    case plain
    case money(String)
    case percent
    case time
    case length
    case mass
    case volume
    case area
    case data
    case dataRate
    case speed
    case power
    case energy
    case pressure
    case temperature
    case voltage
    case current
    case frequency
  }

  let dimension: Dimension
  /// In the dimension's base unit.
  let value: Double
  /// Of the unit that it was written in.
  let factor: Double
  /// In the text, in Unicode scalars.
  let range: Range<Int>

  /// Equal after units are made equal. Values written in the same unit must be the same number; across units rounding
  /// is forgiven, and a month is about thirty days.
  func agrees(with other: Quantity) -> Bool {
    guard dimension == other.dimension else { return false }
    if factor == other.factor { return abs(value - other.value) <= 1e-9 * max(abs(value), abs(other.value)) }
    let tolerance = dimension == .time ? 0.02 : 0.006
    return abs(value - other.value) <= tolerance * max(abs(value), abs(other.value))
  }
}

enum Units {
  typealias Unit = (dimension: Quantity.Dimension, factor: Double)

  private static let words: [String: Unit] = {
    var units: [String: Unit] = [:]
    func add(_ dimension: Quantity.Dimension, _ factor: Double, _ names: String) {
      for name in names.split(separator: " ") { units[String(name)] = (dimension, factor) }
    }
    add(.time, 1, "second seconds sec secs")
    add(.time, 60, "minute minutes min mins")
    add(.time, 3_600, "hour hours hr hrs")
    add(.time, 86_400, "day days")
    add(.time, 604_800, "week weeks")
    add(.time, 1_209_600, "fortnight fortnights")
    add(.time, 30.436_875 * 86_400, "month months")
    add(.time, 365.242_5 * 86_400, "year years yr yrs")
    add(.time, 3_652.425 * 86_400, "decade decades")
    add(.time, 0.001, "ms millisecond milliseconds")
    add(.length, 0.001, "mm millimeter millimeters millimetre millimetres")
    add(.length, 0.01, "cm centimeter centimeters centimetre centimetres")
    add(.length, 1, "m meter meters metre metres")
    add(.length, 1_000, "km kilometer kilometers kilometre kilometres")
    add(.length, 0.025_4, "inch inches")
    add(.length, 0.304_8, "foot feet ft")
    add(.length, 0.914_4, "yard yards yd")
    add(.length, 1_609.344, "mile miles mi")
    add(.mass, 1e-6, "mg milligram milligrams")
    add(.mass, 0.001, "g gram grams")
    add(.mass, 1, "kg kilogram kilograms kilo kilos")
    add(.mass, 0.453_592_37, "lb lbs")
    add(.mass, 0.028_349_523, "oz ounce ounces")
    add(.mass, 1_000, "tonne tonnes")
    add(.mass, 907.184_74, "ton tons")
    add(.volume, 0.001, "ml milliliter milliliters millilitre millilitres")
    add(.volume, 1, "l liter liters litre litres")
    add(.volume, 3.785_411_784, "gallon gallons gal")
    add(.area, 10_000, "hectare hectares ha")
    add(.area, 4_046.856, "acre acres")
    add(.data, 1, "byte bytes")
    add(.data, 1e3, "kb kilobyte kilobytes")
    add(.data, 1e6, "mb megabyte megabytes")
    add(.data, 1e9, "gb gigabyte gigabytes")
    add(.data, 1e12, "tb terabyte terabytes")
    add(.dataRate, 1e3, "kbps kbit")
    add(.dataRate, 1e6, "mbps mbit")
    add(.dataRate, 1e9, "gbps gbit")
    add(.speed, 0.447_04, "mph")
    add(.speed, 0.277_778, "kmh kph")
    add(.power, 1, "w watt watts")
    add(.power, 1e3, "kw kilowatt kilowatts")
    add(.power, 1e6, "mw megawatt megawatts")
    add(.energy, 1, "wh")
    add(.energy, 1e3, "kwh")
    add(.energy, 1e6, "mwh")
    add(.pressure, 1, "kpa")
    add(.pressure, 100, "bar bars")
    add(.pressure, 6.894_757, "psi")
    add(.voltage, 1, "v volt volts")
    add(.voltage, 1_000, "kv kilovolt kilovolts")
    add(.voltage, 0.001, "mv millivolt millivolts")
    add(.current, 1, "amp amps ampere amperes")
    add(.current, 0.001, "ma milliamp milliamps")
    add(.frequency, 1, "hz hertz")
    add(.frequency, 1e3, "khz")
    add(.frequency, 1e6, "mhz")
    add(.frequency, 1e9, "ghz")
    add(.percent, 1, "percent pct")
    add(.money("USD"), 1, "dollar dollars usd")
    add(.money("USD"), 0.01, "cent cents")
    add(.money("EUR"), 1, "euro euros eur")
    add(.money("GBP"), 1, "gbp sterling")
    add(.money("JPY"), 1, "yen jpy")
    add(.money("INR"), 1, "rupee rupees inr")
    add(.money("CHF"), 1, "chf francs")
    return units
  }()

  /// Letters that are a unit only right behind the number: '5m', '12 V', '3 g'.
  private static let onlyBehindNumbers: Set<String> = ["m", "g", "l", "w", "v", "mi", "ha", "ma", "gal"]

  /// `isNext`: nothing stands between the number and the word.
  static func unit(_ token: FactToken, isNext: Bool = true) -> Unit? {
    guard token.isWord, isNext || !onlyBehindNumbers.contains(token.folded) else { return nil }
    return words[token.folded]
  }

  /// The dimensions of unit words that stand without a number: 'carry days over'.
  static func dimension(ofWord word: String) -> Quantity.Dimension? {
    onlyBehindNumbers.contains(word) ? nil : words[word]?.dimension
  }

  static func currency(sign: String) -> String? {
    switch sign {
    case "$": "USD"
    case "€": "EUR"
    case "£": "GBP"
    case "¥": "JPY"
    case "₹": "INR"
    default: nil
    }
  }

  static func currency(code: String) -> String? {
    switch code {
    case "USD", "EUR", "GBP", "JPY", "INR", "CHF", "CAD", "AUD": code
    case "Rs": "INR"
    default: nil
    }
  }
}
