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
