// A question that leans on the ones before it ('and for part-time staff?', 'how long does it last?') made whole without
// a model: what it leaves open is filled from the last question, and from the names of the last answer where a person
// is meant. A question that stands by itself is left alone.
import Models
import Text

enum FollowUp {
  struct Whole: Equatable {
    let text: String
    let isRewritten: Bool
  }

  static func whole(_ question: String, after history: [ConversationTurn]) -> Whole {
    guard let last = history.last else { return Whole(text: question, isRewritten: false) }
    let asked = Reading(question)
    let before = Reading(last.question)
    if let rest = asked.elliptic {
      return Whole(text: before.with(rest), isRewritten: true)
    }
    if let pronoun = asked.openPronoun {
      let people: Set = ["he", "she", "him", "her", "his", "hers"]
      let named = people.contains(pronoun.folded) ? newNames(of: last) : nil
      guard let topic = named ?? before.topic(without: asked) else { return Whole(text: question, isRewritten: false) }
      return Whole(text: asked.replacing(pronoun, with: topic), isRewritten: true)
    }
    // 'How much?', 'Since when?', 'Why?': a question word and nothing to ask about.
    if asked.content.isEmpty, let topic = before.topic(without: asked) {
      let words = question.trimmingSuffix { $0 == "?" || $0.isWhitespace }
      return Whole(text: "\(words) \(topic)?", isRewritten: true)
    }
    return Whole(text: question, isRewritten: false)
  }

  /// The first run of names in the answer that the question did not have.
  private static func newNames(of turn: ConversationTurn) -> String? {
    let known = Set(FactTokens.all(in: turn.question).map(\.folded))
    let tokens = FactTokens.all(in: turn.answer)
    var run: [String] = []
    for (index, token) in tokens.enumerated() {
      let isName =
        token.isWord && token.isCapitalized && !known.contains(token.folded)
        && !StopWords.long.contains(token.folded) && DateFact.months[token.folded] == nil
      let joins = isName && (index > 0 || tokens.dropFirst().first?.isCapitalized == true)
      if joins { run.append(token.text) } else if run.count >= 2 { break } else { run = [] }
    }
    return run.count >= 2 ? run.prefix(3).joined(separator: " ") : nil
  }

  /// A question's words, as far as following up needs them.
  private struct Reading {
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

    /// What the question is about: its names, else its words that carry meaning, without those that the next one says
    /// itself.
    func topic(without other: Reading) -> String? {
      let said = Set(other.tokens.map(\.folded))
      let wanted = content.filter { !said.contains($0.folded) }
      guard let first = wanted.first, let last = wanted.last else { return nil }
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
      let prepositions: Set = [
        "for", "in", "at", "with", "on", "to", "under", "after", "before", "from", "about", "of",
      ]
      let preposition = added.first.flatMap { prepositions.contains($0.folded) ? $0.folded : nil }
      let core = preposition == nil ? added : Array(added.dropFirst())
      guard let head = core.last(where: { $0.isWord || $0.isNumber }) else { return text }
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
        return scalars(0..<tokens[start].start) + string(core, of: rest)
          + scalars(tokens[at].end..<text.unicodeScalars.count)
      }
      // A year for a year, a name for a name.
      if let year = core.first, DateFact.isYear(year), let old = tokens.last(where: DateFact.isYear) {
        return scalars(0..<old.start) + year.text + scalars(old.end..<text.unicodeScalars.count)
      }
      if head.isCapitalized, let old = tokens.dropFirst().last(where: { $0.isWord && $0.isCapitalized }) {
        return scalars(0..<old.start) + string(core, of: rest) + scalars(old.end..<text.unicodeScalars.count)
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

    private func string(_ tokens: [FactToken], of rest: String) -> String {
      guard let first = tokens.first, let last = tokens.last else { return "" }
      return rest.scalarSlice(first.start..<last.end)
    }

    private func scalars(_ range: Range<Int>) -> String { text.scalarSlice(range) }
  }
}

// MARK: By a model

extension FollowUp {
  /// Longer than this it is no question.
  private static let scalarsMax = 600

  /// As the model words it; nil where it gives nothing that can be asked. What it gives is only searched by and shown.
  static func whole(
    _ question: String, after history: [ConversationTurn], by model: any ChatModel, told prompt: Prompt
  ) throws -> Whole? {
    let turns = history.suffix(3).map { "Question: \($0.question)\nAnswer: \($0.answer)" }
    let conversation = InvisibleText.stripped(turns.joined(separator: "\n\n"))
    var request = ChatRequest(
      purpose: "rewrite", try prompt.messages(["conversation": conversation, "question": question]))
    request.documents = Set(history.flatMap(\.documents)).sorted()
    let said = Claim(try model.reply(to: request, onText: nil).text)
    guard !said.isEmpty, said.addresses.isEmpty, said.text.unicodeScalars.count <= scalarsMax else { return nil }
    return Whole(text: said.text, isRewritten: said.text != question)
  }
}
