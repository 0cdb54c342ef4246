// Calendar dates as filters write them: 2024, no; 2024-05, 2024-05-17, 2024-05-17T10:30[:00][Z|+02:00]. Without a zone
// the time is UTC. A date without a time stands for the whole day, one without a day for the month.
import Base

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
    guard take("-", of: &rest), let day = digits(2, of: &rest),
      (1...CalendarDate.daysIn(month: month, year: year)).contains(day)
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

  private static func seconds(_ year: Int, _ month: Int, _ day: Int) -> Double {
    CalendarDate.midnight(year: year, month: month, day: day)
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
}
