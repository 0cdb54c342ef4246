// Dates as feeds write them: RFC 822 with its many slips (two-digit years, day names in other tongues, named zones),
// and ISO 8601 down to a bare year. A date that cannot be read is none: no entry is lost over it.
import Base

enum FeedDate {
  static func seconds(_ text: String) -> Double? {
    let trimmed = text.trimmingBlanks()
    guard trimmed.utf8.count <= 64 else { return nil }
    return isoSeconds(trimmed) ?? mailSeconds(trimmed)
  }

  private static func isoSeconds(_ text: String) -> Double? {
    if let seconds = CalendarDate.seconds(text) { return seconds }
    let bytes = Array(text.utf8)
    guard bytes.count >= 4, bytes.prefix(4).allSatisfy({ (0x30...0x39).contains($0) }),
      let year = Int(String(decoding: bytes[..<4], as: UTF8.self))
    else { return nil }
    if bytes.count == 4 { return CalendarDate.midnight(year: year, month: 1, day: 1) }
    if bytes.count == 7, bytes[4] == UInt8(ascii: "-"), let month = Int(String(decoding: bytes[5...], as: UTF8.self)),
      (1...12).contains(month)
    {
      return CalendarDate.midnight(year: year, month: month, day: 1)
    }
    // '2026-03-31T10:00:00+0100': an offset without its colon.
    if bytes.count > 5, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[bytes.count - 5]) {
      return CalendarDate.seconds(String(text.dropLast(2)) + ":" + text.suffix(2))
    }
    return nil
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let zones: [String: Int] = [
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8,
    "pdt": -7, "cet": 1, "cest": 2, "bst": 1,
  ]

  /// Day, month, year, time and zone in this order, whatever stands between them.
  private static func mailSeconds(_ text: String) -> Double? {
    let words = text.split { $0 == " " || $0 == "," || $0 == "-" && text.contains("-20") }.map { $0.lowercased() }
    guard let place = words.firstIndex(where: { months.contains(String($0.prefix(3))) && !$0.contains(":") }),
      let month = months.firstIndex(of: String(words[place].prefix(3)))
    else { return nil }
    var day: Int?
    var year: Int?
    var time = 0
    var offset = 0
    for (index, word) in words.enumerated() where index != place {
      if word.contains(":") {
        let parts = word.split(separator: ":").map { Int($0.prefix(2)) ?? -1 }
        guard parts.count >= 2, (0...23).contains(parts[0]), (0...59).contains(parts[1]) else { return nil }
        time = parts[0] * 3_600 + parts[1] * 60 + (parts.count > 2 ? max(0, min(60, parts[2])) : 0)
      } else if let hours = zones[word] {
        offset = hours * 3_600
      } else if word.count == 5, word.first == "+" || word.first == "-", let number = Int(word) {
        offset = (number / 100 * 60 + number % 100) * 60
      } else if let number = Int(word) {
        if index < place || day == nil && word.count <= 2 { day = number } else if year == nil { year = number }
      }
    }
    guard let day, var year, day >= 1 else { return nil }
    if year < 100 { year += year < 70 ? 2_000 : 1_900 }
    guard (1_900...9_999).contains(year), day <= CalendarDate.daysIn(month: month + 1, year: year) else { return nil }
    return CalendarDate.midnight(year: year, month: month + 1, day: day) + Double(time - offset)
  }
}
