// One line of a deal as tokens, and what each amount in it means by the words before and after it.

extension PriceRules {
  struct Line {
    let tokens: [DealToken]

    init(_ tokens: [DealToken]) { self.tokens = tokens }

    private func text(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].text : "" }
    private func isMark(_ index: Int, _ marks: Set<String>) -> Bool {
      tokens.indices.contains(index) && tokens[index].kind == .mark && marks.contains(tokens[index].text)
    }

    func wordsBetween(_ first: Int, _ second: Int) -> Int {
      tokens[(first + 1)..<second].count {
        $0.kind == .word && !["today", "only", "now", "tomorrow", "or", "usd", "shipped", "free"].contains($0.text)
      }
    }

    // MARK: The whole line

    /// What makes the line no offer of one product, whatever amounts it holds.
    var veto: PriceRefusal? {
      let words = tokens.map(\.text)
      func has(_ phrase: String...) -> Bool {
        words.indices.contains { words[$0...].starts(with: phrase) }
      }
      if has("get", "one", "free") || has("get", "1", "free") || has("bogo") || has("win") || has("sweepstakes") {
        return .conditional
      }
      if has("&", "more") || has("and", "more") || has("everything") || has("gift", "guide") || has("roundup") {
        return .severalProducts
      }
      if has("pick", "any") || has("any", "of") || has("mix", "and", "match") { return .severalProducts }
      for index in words.indices where words[index] == "up" && text(index + 1) == "to" {
        if tokens.indices.contains(index + 2), tokens[index + 2].kind == .number { return .boundOnly }
      }
      // 'Buy 2 get 1', '3 for $60': more than one is paid for.
      for index in words.indices.dropLast() where words[index] == "buy" || words[index] == "spend" {
        if tokens[index + 1].kind == .number || tokens[index + 1].money != nil { return .conditional }
      }
      // 'First box $39, then $85 a month': the first amount is a way into the second.
      for index in words.indices.dropLast() where words[index] == "then" && tokens[index + 1].money != nil {
        return .perTime
      }
      return nil
    }

    // MARK: Amounts

    func amounts() -> [Amount] {
      var found: [Amount] = []
      for index in tokens.indices {
        guard let money = tokens[index].money else { continue }
        found.append(Amount(money: money, token: index, part: part(of: index)))
      }
      markRanges(&found)
      return found
    }

    /// '$20-$45', '$20 to $45': no clear price. Falling ones are a former price and the price.
    private func markRanges(_ found: inout [Amount]) {
      for index in found.indices.dropLast() {
        let (low, high) = (found[index], found[index + 1])
        let joint = tokens[(low.token + 1)..<high.token].map(\.text)
        let isJoined = [["-"], ["to"], ["-", ">"], ["→"], ["➔"], [">"]].contains(joint)
        guard isJoined, high.part != .saving, high.part != .result else { continue }
        if high.money.amount > low.money.amount, joint == ["-"] || joint == ["to"] {
          found[index].part = .bound
          found[index + 1].part = .bound
        } else if high.money.amount < low.money.amount {
          found[index].part = .formerly
          found[index + 1].part = .price
        }
      }
    }

    private func part(of index: Int) -> Part {
      if let part = partByWhatFollows(index) { return part }
      if let part = partByWhatPrecedes(index) { return part }
      return .price
    }

    private static let savingAfter: Set<String> = [
      "off", "savings", "saving", "discount", "rebate", "cashback", "credit", "voucher", "coupon", "coupons", "less",
      "under", "below", "cheaper", "value", "reward", "rewards", "bonus", "prepaid", "back", "drop", "promo",
    ]
    private static let rateUnits: Set<String> = [
      "mo", "month", "months", "mth", "monthly", "week", "wk", "weekly", "day", "daily", "year", "yr", "annually",
      "quarter", "hour", "hr", "night", "person", "line", "gallon", "gal", "oz", "ounce", "lb", "pound", "unit", "user",
      "way", "seat", "serving", "sq", "ft", "count", "kg", "visit", "ride",
    ]

    private func partByWhatFollows(_ index: Int) -> Part? {
      let (next, second) = (text(index + 1), text(index + 2))
      if next == "/" || next == "per" || next == "a" || next == "an" || next == "every" {
        if Self.rateUnits.contains(second) || second.first?.isNumber == true && next == "/" { return .rate }
      }
      if next == "monthly" || next == "weekly" || next == "p" && second == "/" { return .rate }
      if next == "/", text(index + 2) == "mo" { return .rate }
      // '$100+' and '$50 and up'; but '$73 + free shipping'.
      if next == "+", index + 1 < tokens.count, tokens[index].end == tokens[index + 1].start,
        second.isEmpty || !["free", "$"].contains(second)
      {
        return .bound
      }
      if next == "and", ["up", "under", "below", "above"].contains(second) { return .bound }
      if next == "or", ["more", "above", "over"].contains(second) { return .bound }
      if ["shipping", "s", "delivery", "handling"].contains(next), isMark(index - 1, ["+"]) || text(index - 1) == "plus"
      {
        return .fee
      }
      if next == "down" || next == "due" { return .fee }
      if next == "gift", ["card", "cards"].contains(second) {
        return ["a", "get", "with", "w", "plus", "free", "+", "in"].contains(text(index - 1)) ? .saving : .alternative
      }
      if ["purchase", "order", "orders", "spend", "minimum", "purchases"].contains(next) { return .bound }
      // '$15 off', '$6 instant coupon', '$100 in savings', '$50 mail-in rebate'.
      for step in 1...3 {
        let word = text(index + step)
        if Self.savingAfter.contains(word) {
          // '$9 w/ coupon', '$25 after $5 coupon', '$399 - save' end the phrase before the word.
          return .saving
        }
        guard
          ["in", "cash", "instant", "mail", "-", "store", "clip", "clippable", "-in", "extra", "lower", "statement"]
            .contains(word)
        else { break }
        if word == "-", step == 1, text(index + 2) != "in" { break }
        if word == "in", step == 1,
          !["savings", "rewards", "gift", "credit", "cash", "total"].contains(text(index + 2))
        {
          break
        }
      }
      if next == "tomorrow" || next == "later" || next == "elsewhere" { return .formerly }
      if ["list", "msrp", "rrp", "new", "regular", "retail", "before"].contains(next) { return .formerly }
      return nil
    }

    private static let formerlyBefore: Set<String> = [
      "was", "were", "orig", "originally", "original", "reg", "regular", "regularly", "list", "msrp", "mrp", "uvp",
      "rrp",
      "statt", "usually", "normally", "usual", "retail", "retails", "compare", "compared", "worth", "elsewhere",
      "before",
      "previously", "instead", "normal", "typically",
    ]
    private static let boundBefore: Set<String> = [
      "from", "under", "below", "over", "above", "starting", "starts", "start", "least", "exceeding", "minimum", "min",
      "around", "about",
    ]
    private static let savingBefore: Set<String> = [
      "save", "saves", "saving", "savings", "extra", "additional", "earn", "receive", "refer", "coupon", "off",
      "credit",
      "win", "lost", "take",
    ]
    /// Words and marks that stand between such a word and its amount.
    private static let passedOver: Set<String> = [
      "price", "of", "at", "the", ":", "(", ".", "is", "a", "to", "-", "for", "prices", "an", "as", "low", "little",
      "up",
      "with", "orders", "any", "you", "or", "only", "just", "~", "mail",
    ]

    private func partByWhatPrecedes(_ index: Int) -> Part? {
      if isMark(index - 1, ["="]) { return .result }
      // Struck through, as plain text writes it.
      if isMark(index - 1, ["~"]), isMark(index - 2, ["~"]) { return .formerly }
      if text(index - 1) == "or", index >= 2, tokens[..<(index - 1)].contains(where: { $0.money != nil }) {
        return .alternative
      }
      if isCountedFor(index) { return .bound }
      if text(index - 1) == "of", ["payments", "installments", "instalments"].contains(text(index - 2)) {
        return .rate
      }
      if text(index - 1) == "for",
        ["month", "months", "week", "weeks", "year", "years", "days"].contains(text(index - 2))
      {
        return .rate
      }
      if text(index - 1) == "any" { return .bound }
      if text(index - 1) == "free" || text(index - 1) == "by" { return .saving }
      if isMark(index - 1, ["+"]) { return .fee }
      var place = index - 1
      var steps = 0
      while place >= 0, steps < 4 {
        let word = text(place)
        if tokens[place].money != nil { return nil }
        if Self.formerlyBefore.contains(word) { return .formerly }
        if word == "from" { return text(place - 1) == "down" || text(place - 1) == "reduced" ? .formerly : .bound }
        if Self.boundBefore.contains(word) { return .bound }
        if word == "low", text(place - 1) == "as" { return .bound }
        if word == "little", text(place - 1) == "as" { return .bound }
        if word == "to", text(place - 1) == "up" { return .bound }
        if word == "than", ["more", "less"].contains(text(place - 1)) { return .bound }
        if Self.savingBefore.contains(word) {
          // 'extra' may belong to what is sold; nearer than two words it does not.
          return steps <= 1 || word == "save" ? .saving : nil
        }
        if word == "get", steps == 0 || text(place + 1) == "a" || text(place + 1) == "an" { return .saving }
        guard Self.passedOver.contains(word) else { return nil }
        place -= 1
        steps += 1
      }
      return nil
    }

    /// '3 for $60', 'any four for $12': the amount is for several.
    private func isCountedFor(_ index: Int) -> Bool {
      guard text(index - 1) == "for", index >= 2 else { return false }
      let counts: Set = ["two", "three", "four", "five", "six"]
      guard tokens[index - 2].kind == .number || counts.contains(text(index - 2)) else { return false }
      return index == 2 || isMark(index - 3, [":", "-", "(", ","]) || text(index - 3) == "any"
    }

    /// In a running text: whether the words say that this is what is asked.
    func isAsked(_ index: Int) -> Bool {
      let before = [text(index - 1), text(index - 2)]
      return before.contains { ["for", "now", "only", "just", "price", "at", "costs", "cost", "pay"].contains($0) }
        || isMark(index - 1, [":"]) || ["shipped", "delivered"].contains(text(index + 1))
    }
  }
}
