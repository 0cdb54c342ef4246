// A calendar date as a text states it, as far as it states it: a day, a month of a year, a year.

struct DateFact: Equatable {
  var year: Int?
  var month: Int?
  var day: Int?
  var range: Range<Int>

  /// What both state is the same, and there is something that both state.
  func agrees(with other: DateFact) -> Bool {
    func same(_ left: Int?, _ right: Int?) -> Bool? {
      guard let left, let right else { return nil }
      return left == right
    }
    let compared = [same(year, other.year), same(month, other.month), same(day, other.day)].compactMap(\.self)
    return !compared.isEmpty && compared.allSatisfy(\.self)
  }

  /// Everything stated here is stated there, and the same.
  func isStated(by other: DateFact) -> Bool {
    (year == nil || year == other.year) && (month == nil || month == other.month) && (day == nil || day == other.day)
  }

  /// For sorting by time: as 20260331, what is absent as 0.
  var order: Int { (year ?? 0) * 10_000 + (month ?? 0) * 100 + (day ?? 0) }

  static let months: [String: Int] = {
    let names = [
      "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
      "december",
    ]
    var months: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      months[name] = index + 1
      months[String(name.prefix(3))] = index + 1
    }
    months["sept"] = 9
    return months
  }()

  static func isYear(_ token: FactToken) -> Bool {
    guard let value = token.value, token.text.count == 4, !token.text.contains(where: { $0 == "." || $0 == "," })
    else { return false }
    return value >= 1_000 && value < 2_200
  }

  /// A date that begins at a token; how many tokens it takes.
  static func read(_ tokens: ArraySlice<FactToken>) -> (date: DateFact, count: Int)? {
    guard let first = tokens.first else { return nil }
    let at = tokens.startIndex
    func token(_ offset: Int) -> FactToken? { at + offset < tokens.endIndex ? tokens[at + offset] : nil }
    func fact(_ year: Int?, _ month: Int?, _ day: Int?, _ count: Int) -> (date: DateFact, count: Int) {
      (DateFact(year: year, month: month, day: day, range: first.start..<tokens[at + count - 1].end), count)
    }
    // 2026-03-31, 2026/03/31
    if isYear(first), let mark = token(1), mark.isGlued, mark.text == "-" || mark.text == "/",
      let month = day(token(2), most: 12), token(3)?.text == mark.text, let day = day(token(4), most: 31)
    {
      return fact(whole(first), month, day, 5)
    }
    // March 31, 2026; March 2026; March 31
    if first.isWord, first.isCapitalized, let month = months[first.folded] {
      var next = 1
      if token(next)?.text == "." { next += 1 }
      if let year = token(next), isYear(year) { return fact(whole(year), month, nil, next + 1) }
      if let number = day(token(next), most: 31) {
        next += 1
        if let ending = token(next), ending.isGlued, ["st", "nd", "rd", "th"].contains(ending.folded) { next += 1 }
        let afterDay = next
        if token(next)?.text == "," { next += 1 }
        if let year = token(next), isYear(year) { return fact(whole(year), month, number, next + 1) }
        return fact(nil, month, number, afterDay)
      }
      // The month alone; 'May' at the head of a sentence is a verb as often as not.
      if first.folded != "may" && first.folded != "march" { return fact(nil, month, nil, 1) }
      return nil
    }
    // 31 March 2026, 31st of March
    if let number = day(first, most: 31) {
      var next = 1
      if let ending = token(next), ending.isGlued, ["st", "nd", "rd", "th"].contains(ending.folded) { next += 1 }
      if token(next)?.folded == "day" { next += 1 }
      if token(next)?.folded == "of" { next += 1 }
      if let name = token(next), name.isWord, name.isCapitalized, let month = months[name.folded] {
        next += 1
        let afterMonth = next
        if token(next)?.text == "," { next += 1 }
        if let year = token(next), isYear(year) { return fact(whole(year), month, number, next + 1) }
        return fact(nil, month, number, afterMonth)
      }
    }
    // 03/31/2026 and 31.03.2026: which is the month shows only where one is above twelve; else the month comes first,
    // as in the documents of the sample, with slashes, and the day with points.
    if let left = day(first, most: 31), token(1)?.text == "/", let right = day(token(2), most: 31),
      token(3)?.text == "/", let year = token(4), isYear(year)
    {
      return left > 12 ? fact(whole(year), right, left, 5) : fact(whole(year), left, right, 5)
    }
    if isYear(first) { return fact(whole(first), nil, nil, 1) }
    return nil
  }

  private static func whole(_ token: FactToken) -> Int? { token.value.flatMap { Int(exactly: $0) } }

  private static func day(_ token: FactToken?, most: Int) -> Int? {
    guard let token, token.text.count <= 2, let value = whole(token), value >= 1, value <= most else { return nil }
    return value
  }
}
