// Calendar dates as filters write them: 2024, no; 2024-05, 2024-05-17, 2024-05-17T10:30[:00][Z|+02:00]. Without a zone
// the time is UTC. A date without a time stands for the whole day, one without a day for the month.

enum ISODate {
  /// The stretch of time the text names, or nil if it is no date.
  static func range(_ text: String) -> Filter.DateRange? {
    var rest = Substring(text)
    guard let year = digits(4, of: &rest), take("-", of: &rest), let month = digits(2, of: &rest),
      (1...12).contains(month)
    else { return nil }
    if rest.isEmpty {
      let next = month == 12 ? (year + 1, 1) : (year, month + 1)
      return .init(start: seconds(year, month, 1), end: seconds(next.0, next.1, 1))
    }
    guard take("-", of: &rest), let day = digits(2, of: &rest), (1...days(in: month, year)).contains(day)
    else { return nil }
    let midnight = seconds(year, month, day)
    if rest.isEmpty { return .init(start: midnight, end: midnight + 86_400) }
    guard take("T", of: &rest) || take("t", of: &rest) || take(" ", of: &rest),
      let hour = digits(2, of: &rest), hour < 24,
      take(":", of: &rest), let minute = digits(2, of: &rest), minute < 60
    else { return nil }
    var start = midnight + Double(hour * 3600 + minute * 60)
    var length = 60.0
    if take(":", of: &rest) {
      guard let second = digits(2, of: &rest), second < 60 else { return nil }
      start += Double(second)
      length = 1
      if take(".", of: &rest) {
        let fraction = rest.prefix { $0.isASCII && $0.isNumber }
        guard !fraction.isEmpty, let part = Double("0." + fraction) else { return nil }
        rest = rest.dropFirst(fraction.count)
        start += part
        length = 0
      }
    }
    if !rest.isEmpty, !(take("Z", of: &rest) || take("z", of: &rest)) {
      let east = take("+", of: &rest)
      guard east || take("-", of: &rest), let hours = digits(2, of: &rest), hours < 24 else { return nil }
      _ = take(":", of: &rest)
      guard let minutes = digits(2, of: &rest), minutes < 60 else { return nil }
      start -= Double((hours * 3600 + minutes * 60) * (east ? 1 : -1))
    }
    return rest.isEmpty ? .init(start: start, end: start + length) : nil
  }

  /// UTC, to the second.
  static func written(_ seconds: Double) -> String {
    // Past these years the calendar below would overflow its four digits.
    guard seconds.isFinite, abs(seconds) < 2e11 else { return "\(seconds)" }
    let total = Int(seconds.rounded(.down))
    let dayNumber = (total >= 0 ? total : total - 86_399) / 86_400
    let second = total - dayNumber * 86_400
    // Days to civil date: https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T"
      + "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))Z"
  }

  private static func seconds(_ year: Int, _ month: Int, _ day: Int) -> Double {
    // Civil date to days: https://howardhinnant.github.io/date_algorithms.html#days_from_civil
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Double(era * 146_097 + dayOfEra - 719_468) * 86_400
  }

  private static func days(in month: Int, _ year: Int) -> Int {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  private static func digits(_ count: Int, of rest: inout Substring) -> Int? {
    let found = rest.prefix(count)
    guard found.count == count, found.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    rest = rest.dropFirst(count)
    return Int(found)
  }

  private static func take(_ character: Character, of rest: inout Substring) -> Bool {
    guard rest.first == character else { return false }
    rest = rest.dropFirst()
    return true
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(abs(number))
    return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
