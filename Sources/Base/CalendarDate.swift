// Dates as people write them in metadata and options: 2026-03-31, or with a time, in UTC unless an offset stands there.

package enum CalendarDate {
  /// Seconds since 1970, or nil where the text is no such date.
  package static func seconds(_ text: String) -> Double? {
    let parts = Array(text.utf8)
    guard parts.count >= 10, parts[4] == UInt8(ascii: "-"), parts[7] == UInt8(ascii: "-"),
      let year = number(parts[0..<4]), let month = number(parts[5..<7]), let day = number(parts[8..<10]),
      (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year)
    else { return nil }
    let midnight = midnight(year: year, month: month, day: day)
    if parts.count == 10 { return midnight }
    guard parts[10] == UInt8(ascii: "T") || parts[10] == UInt8(ascii: " "), parts.count >= 16,
      parts[13] == UInt8(ascii: ":"), let hour = number(parts[11..<13]), let minute = number(parts[14..<16]),
      hour < 24, minute < 60
    else { return nil }
    var rest = parts[16...]
    var second = 0.0
    if rest.first == UInt8(ascii: ":") {
      let digits = rest.dropFirst().prefix { ($0 >= 0x30 && $0 <= 0x39) || $0 == UInt8(ascii: ".") }
      guard let value = Double(String(decoding: digits, as: UTF8.self)), value < 61 else { return nil }
      second = value
      rest = rest.dropFirst(1 + digits.count)
    }
    guard let offset = offsetSeconds(rest) else { return nil }
    return midnight + Double(hour * 3_600 + minute * 60 - offset) + second
  }

  /// The day of a time, as 2026-03-31.
  package static func day(_ seconds: Double) -> String {
    var days = Int((seconds / 86_400).rounded(.down))
    // Civil date from days, by eras of 400 years that begin on the first of March.
    days += 719_468
    let era = (days >= 0 ? days : days - 146_096) / 146_097
    let dayOfEra = days - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// A time as 2026-03-31T12:00:00Z.
  package static func timestamp(_ seconds: Double) -> String {
    // Past these years the calendar would overflow its four digits.
    guard seconds.isFinite, abs(seconds) < 2e11 else { return "\(seconds)" }
    let inDay = Int((seconds - (seconds / 86_400).rounded(.down) * 86_400).rounded(.down))
    return
      "\(day(seconds))T\(padded(inDay / 3_600, 2)):\(padded(inDay / 60 % 60, 2)):\(padded(inDay % 60, 2))Z"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? Int(String(decoding: digits, as: UTF8.self)) : nil
  }

  private static func offsetSeconds(_ text: ArraySlice<UInt8>) -> Int? {
    if text.isEmpty || (text.count == 1 && text.first == UInt8(ascii: "Z")) { return 0 }
    let parts = Array(text)
    guard parts.count == 6, parts[0] == UInt8(ascii: "+") || parts[0] == UInt8(ascii: "-"),
      parts[3] == UInt8(ascii: ":"), let hours = number(parts[1..<3]), let minutes = number(parts[4..<6]),
      hours < 24, minutes < 60
    else { return nil }
    let seconds = hours * 3_600 + minutes * 60
    return parts[0] == UInt8(ascii: "+") ? seconds : -seconds
  }

  package static func daysIn(month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// The seconds since 1970 at which a day begins in UTC.
  package static func midnight(year: Int, month: Int, day: Int) -> Double {
    Double(daysSince1970(year: year, month: month, day: day)) * 86_400
  }

  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let shiftedYear = month <= 2 ? year - 1 : year
    let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
    let yearOfEra = shiftedYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
