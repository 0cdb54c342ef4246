// A question's words as following up reads them: what it leaves open, what it is about, the same about something else.
// All of it by place and by short lists of small words; no word of any one subject.
import Text

extension FollowUp {
  /// A question's words, as far as following up needs them.
  struct Reading {
    let text: String
    let tokens: [FactToken]

    init(_ text: String) {
      self.text = text
      tokens = FactTokens.all(in: text)
    }

    /// Words that carry meaning.
    var content: [FactToken] {
      let empty: Set = [
        "one", "ones", "thing", "things", "get", "mean", "apply", "exactly", "else", "again", "long",
        "often", "soon", "happen", "happens", "work", "works", "much", "many", "include", "cost", "last", "start",
      ]
      return tokens.filter { token in
        (token.isWord || token.isNumber) && !StopWords.long.contains(token.folded) && !empty.contains(token.folded)
      }
    }

    /// What stands behind 'and for …?', 'what about …?', 'and in 2024?'.
    var elliptic: String? {
      let words = tokens.filter { $0.isWord || $0.isNumber }
      let folded = words.map(\.folded)
      var skipped = 0
      if folded.starts(with: ["what", "about"]) || folded.starts(with: ["how", "about"]) {
        skipped = 2
      } else if folded.starts(with: ["and", "what", "about"]) || folded.starts(with: ["and", "how", "about"]) {
        skipped = 3
      } else if folded.first == "and" || folded.first == "or" || folded.first == "but" {
        let verbs: Set = [
          "is", "are", "do", "does", "did", "can", "was", "were", "will", "has", "have", "must", "should",
          "may",
        ]
        // 'And who signs it?' is a question of its own.
        let asks: Set = ["who", "what", "when", "where", "which", "why", "how"]
        guard folded.count <= 8, !folded.contains(where: asks.contains), !folded.contains(where: verbs.contains) else {
          return nil
        }
        skipped = 1
      } else if ["for", "in", "at", "with", "on", "to", "under", "after", "before"].contains(folded.first ?? ""),
        folded.count <= 5,
        !folded.contains(where: { ["what", "which", "how", "who", "when", "is", "are"].contains($0) })
      {
        skipped = 0
      } else {
        return nil
      }
      guard skipped < words.count else { return nil }
      return scalars(words[skipped].start..<words[words.count - 1].end)
    }

    /// A pronoun that nothing in the question itself explains.
    var openPronoun: FactToken? {
      let pronouns: Set = [
        "it", "they", "them", "he", "she", "him", "her", "his", "their", "its", "that", "this", "those",
        "these",
      ]
      let nouns = content
      for (index, token) in tokens.enumerated() where pronouns.contains(token.folded) {
        let next = tokens[(index + 1)...].first
        // 'that policy', 'this company' name their subject; 'that' before a verb may be a relative pronoun.
        if ["that", "this", "those", "these"].contains(token.folded) {
          let verbs: Set = [
            "is", "are", "was", "were", "do", "does", "did", "can", "mean", "apply", "last", "cost", "work",
            "include", "change", "happen", "?", "too", "also", "cover", "expire", "start", "end",
          ]
          guard next == nil || verbs.contains(next?.folded ?? "") else { continue }
        }
        if isOpenByPlace(index) { return token }
        // A name or noun before it explains it: 'When Dana left, who took her desk?'
        let earlier = nouns.filter { $0.end <= token.start }
        let plain: Set = ["many", "much", "long", "often", "pay", "paid", "need", "needed"]
        let isOwner = ["his", "her", "its", "their"].contains(token.folded)
        if earlier.contains(where: {
          !plain.contains($0.folded) && ($0.isCapitalized || isOwner || earlier.count > 1)
        }) {
          continue
        }
        // 'Is it possible to …' points forward.
        if token.folded == "it", let next, ["possible", "allowed", "true", "okay", "permitted"].contains(next.folded) {
          continue
        }
        return token
      }
      return nil
    }

    /// 'How many sensors can it handle?', 'Which kit fixes it?': within one clause 'it' does not stand for what is
    /// asked for, so nothing in the question explains it.
    private func isOpenByPlace(_ index: Int) -> Bool {
      let subjects: Set = ["it", "they", "he", "she"]
      let objects: Set = ["it", "them", "him", "her"]
      let asks: Set = ["what", "which", "who", "how", "where", "when", "why"]
      let before = tokens[..<index].map(\.folded)
      guard let asking = before.firstIndex(where: asks.contains), asking <= 2, let last = before.last else {
        return false
      }
      let between = tokens[(asking + 1)..<index]
      guard !between.contains(where: { $0.text == "," || asks.contains($0.folded) }) else { return false }
      if subjects.contains(tokens[index].folded), Self.auxiliaries.contains(last) { return true }
      let isLast = tokens[(index + 1)...].allSatisfy { $0.text == "?" }
      let joins: Set = ["if", "that", "because", "while", "and", "or", "but", "than"]
      return objects.contains(tokens[index].folded) && isLast
        && !between.contains {
          $0.isCapitalized || joins.contains($0.folded) || Self.prepositions.contains($0.folded)
        }
    }

    /// What the question is about: its name, or what is said something of, else its words that carry meaning, without
    /// those that the next one says itself.
    func topic(without other: Reading) -> String? {
      let said = Set(other.tokens.map(\.folded))
      let wanted = content.filter { !said.contains($0.folded) }
      guard let first = wanted.first, let last = wanted.last else { return nil }
      let places: Set = ["in", "at", "on", "from"]
      let names = nameRuns.filter { run in
        !tokens[run].contains { said.contains($0.folded) && $0.isWord }
          && !tokens[..<run.lowerBound].suffix(2).contains { places.contains($0.folded) }
      }
      if names.count == 1 { return scalars(tokens[names[0].lowerBound].start..<tokens[names[0].upperBound - 1].end) }
      if let subject, !tokens[subject].contains(where: { content.contains($0) && said.contains($0.folded) }),
        !tokens[..<subject.lowerBound].contains(where: content.contains)
      {
        return withoutArticle(subject)
      }
      let inner = tokens.filter { $0.start >= first.start && $0.end <= last.end }
      // One run of words where it is short; else the words alone.
      let drop: Set = [
        "do", "does", "did", "is", "are", "was", "were", "get", "the", "a", "an", "there", "can", "will",
      ]
      let kept = inner.filter { !drop.contains($0.folded) && ($0.isWord || $0.isNumber || $0.text == "-") }
      var text = ""
      var end = -1
      for token in kept.suffix(8) {
        if end >= 0, token.start > end { text += " " }
        text += token.text
        end = token.end
      }
      return text.isEmpty ? nil : text
    }

    /// The same question about something else: what shares its last word with the new words is replaced by them.
    func with(_ rest: String) -> String {
      let added = FactTokens.all(in: rest)
      let preposition = added.first.flatMap { Self.prepositions.contains($0.folded) ? $0.folded : nil }
      let core = preposition == nil ? added : Array(added.dropFirst())
      guard let head = core.last(where: { $0.isWord || $0.isNumber }) else { return text }
      // 'for a family' for 'for an individual'.
      if let preposition, let at = tokens.dropFirst().lastIndex(where: { $0.folded == preposition }) {
        let end = phraseEnd(from: at + 1)
        if end > at + 1 { return replacing(at + 1..<end, with: string(core, of: rest)) }
      }
      var stemmer = Stemmer(.english)
      let stem = stemmer.stem(head.folded)
      if let at = tokens.lastIndex(where: { $0.isWord && stemmer.stem($0.folded) == stem }) {
        // The adjectives before it go too: 'full-time staff' for 'part-time staff'.
        var start = at
        var left = core.count - 1
        while start > 0, left > 0, tokens[start - 1].isWord || tokens[start - 1].text == "-",
          !StopWords.long.contains(tokens[start - 1].folded)
        {
          start -= 1
          left -= 1
        }
        if Self.articles.contains(core[0].folded), start > 0, Self.articles.contains(tokens[start - 1].folded) {
          start -= 1
        }
        return scalars(0..<tokens[start].start) + string(core, of: rest)
          + scalars(tokens[at].end..<text.unicodeScalars.count)
      }
      // A year for a year, a name for a name, a code for a code.
      if let year = core.first, DateFact.isYear(year), let old = tokens.last(where: DateFact.isYear) {
        return scalars(0..<old.start) + year.text + scalars(old.end..<text.unicodeScalars.count)
      }
      let named = Self.articles.contains(core[0].folded) ? Array(core.dropFirst()) : core
      if named.first?.isCapitalized == true, let old = nameRuns.last {
        return replacing(old, with: string(named, of: rest))
      }
      // What something was said of: 'What about recordings?' after 'How long are logs kept?'
      if preposition == nil, let subject {
        let owns: Set = ["its", "their", "his", "her"]
        guard owns.contains(core[0].folded) else { return replacing(subject, with: string(core, of: rest)) }
        let owned = "'s " + string(Array(core.dropFirst()), of: rest)
        return replacing(subject.upperBound..<subject.upperBound, with: owned)
      }
      let words = text.trimmingSuffix { $0 == "?" || $0.isWhitespace }
      return "\(words) \(preposition ?? "for") \(string(core, of: rest))?"
    }

    func replacing(_ token: FactToken, with topic: String) -> String {
      let owns: Set = ["their", "its", "his", "her"]
      let next = tokens.first { $0.start >= token.end }
      let isOwner = owns.contains(token.folded) && next?.isWord == true
      return scalars(0..<token.start) + (isOwner ? "\(topic)'s" : topic)
        + scalars(token.end..<text.unicodeScalars.count)
    }

    private static let articles: Set = ["a", "an", "the"]
    private static let prepositions: Set = [
      "for", "in", "at", "with", "on", "to", "under", "after", "before", "from", "about", "of", "per", "by", "during",
    ]
    private static let auxiliaries: Set = [
      "is", "are", "was", "were", "do", "does", "did", "can", "could", "may", "must", "should", "will", "has", "have",
    ]

    /// Runs of names with the numbers that belong to them, as places of tokens: 'Aerwin 1200', 'E-47', 'Dana Reyes'.
    /// The first word of a question is a name to nobody.
    private var nameRuns: [Range<Int>] {
      var runs: [Range<Int>] = []
      for (index, token) in tokens.enumerated() where index > 0 {
        let isName = token.isWord && token.isCapitalized && DateFact.months[token.folded] == nil
        let opens = runs.last.map { $0.upperBound == index } ?? false
        let isPart = opens && (token.isNumber || (token.isGlued && "-/.".contains(token.text)))
        if isName && !opens { runs.append(index..<index + 1) }
        if opens && (isName || isPart) { runs[runs.count - 1] = runs[runs.count - 1].lowerBound..<index + 1 }
      }
      return runs
    }

    /// Of whom or what something is said: behind the auxiliary, up to the verb or the next preposition; as places of
    /// tokens.
    private var subject: Range<Int>? {
      guard let at = tokens.firstIndex(where: { Self.auxiliaries.contains($0.folded) }) else { return nil }
      var end = phraseEnd(from: at + 1)
      let done: Set = ["due", "kept", "paid", "made", "held", "sent", "sold", "built", "set", "given", "taken"]
      let isLinking = ["is", "are", "was", "were"].contains(tokens[at].folded)
      let closing = end > at + 1 ? tokens[end - 1].folded : ""
      let isBeforeVerb = end < tokens.count && Self.endsPhrase(tokens[end])
      // 'does the warranty cover': the verb stands last; 'are the logs kept': so does what was done.
      if isLinking ? done.contains(closing) || closing.hasSuffix("ed") : !isBeforeVerb { end -= 1 }
      return end > at + 1 && tokens[at + 1..<end].contains { $0.isWord && !Self.articles.contains($0.folded) }
        ? at + 1..<end : nil
    }

    /// Where a phrase that begins at a token ends: at the next preposition but 'of', at an auxiliary, at a sign.
    private func phraseEnd(from start: Int) -> Int {
      var end = start
      while end < tokens.count {
        let token = tokens[end]
        let isSign = token.text == "?" || token.text == "," || (!token.isWord && !token.isNumber && !token.isGlued)
        let opens = end > start && token.folded != "of" && Self.prepositions.contains(token.folded)
        if isSign || opens || Self.endsPhrase(token) { break }
        end += 1
      }
      return end
    }

    private static func endsPhrase(_ token: FactToken) -> Bool {
      auxiliaries.contains(token.folded) || token.folded == "be"
    }

    private func withoutArticle(_ range: Range<Int>) -> String {
      let start = Self.articles.contains(tokens[range.lowerBound].folded) ? range.lowerBound + 1 : range.lowerBound
      return scalars(tokens[start].start..<tokens[range.upperBound - 1].end)
    }

    /// The text with other words in the place of some of its tokens; an empty range is a place behind a token.
    private func replacing(_ range: Range<Int>, with words: String) -> String {
      let start = range.isEmpty ? tokens[range.lowerBound - 1].end : tokens[range.lowerBound].start
      let end = range.isEmpty ? start : tokens[range.upperBound - 1].end
      return scalars(0..<start) + words + scalars(end..<text.unicodeScalars.count)
    }

    private func string(_ tokens: [FactToken], of rest: String) -> String {
      guard let first = tokens.first, let last = tokens.last else { return "" }
      return rest.scalarSlice(first.start..<last.end)
    }

    private func scalars(_ range: Range<Int>) -> String { text.scalarSlice(range) }
  }
}
