// An answer that a model writes from the passages. The model sees them fenced and numbered, with invisible characters
// taken out, and is told that they are data; what it writes goes through the gate sentence by sentence as it comes, so
// nothing depends on its obeying.
package import Models

/// What the model is told. The words come from a prompt file; the form in which passages are shown is the house's.
package struct AnswerPrompt: Sendable {
  /// Name, version and digest of the file: another word is another prompt.
  package let version: String
  private let prompt: Prompt

  package init(_ prompt: Prompt) {
    self.prompt = prompt
    version = prompt.identity
  }

  func messages(passages: String, question: String) throws -> [ChatMessage] {
    try prompt.messages(["passages": passages, "question": question])
  }
}

struct WrittenAnswerer {
  let model: any ChatModel
  let prompt: AnswerPrompt

  func request(
    _ question: String, passages: [Passage], history: [ConversationTurn], scope: String
  ) throws -> ChatRequest {
    var messages = try prompt.messages(passages: WrittenAnswerer.fenced(passages), question: question)
    let turns = history.suffix(3).flatMap { turn in
      [ChatMessage(.user, turn.question), ChatMessage(.assistant, turn.answer)]
    }
    messages.insert(contentsOf: turns, at: messages.firstIndex { $0.role == .user } ?? messages.endIndex)
    var request = ChatRequest(purpose: "answer", messages)
    request.scope = scope
    request.documents = Set(passages.map(\.documentID) + history.flatMap(\.documents)).sorted()
    return request
  }

  /// A passage cannot close its own fence: the fence is longer than any run of its sign in the text.
  static func fenced(_ passages: [Passage]) -> String {
    passages.enumerated().map { index, passage in
      let text = InvisibleText.stripped(passage.text)
      var longest = 2
      var run = 0
      for character in text {
        run = character == "`" ? run + 1 : 0
        longest = max(longest, run)
      }
      let fence = String(repeating: "`", count: longest + 1)
      let place = passage.page.map { ", page \($0)" } ?? ""
      let heading = passage.heading.isEmpty ? "" : " (\(InvisibleText.stripped(passage.heading)))"
      return "Passage [\(index + 1)] from \(passage.filename)\(place)\(heading):\n\(fence)\n\(text)\n\(fence)"
    }.joined(separator: "\n\n")
  }
}
