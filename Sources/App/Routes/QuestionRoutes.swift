// POST /search, /query and /why-not.
import Base
import HTTPKit
import KnowledgeBase

extension Routes {
  func addQuestionRoutes(to router: inout Router) {
    let accepts = Accepted.json(maxBytes: Limits.jsonBodyBytesMax)
    router.add(.post, "/search", accepts: accepts) { request in
      let body = try RequestJSON(request)
      let parameters = try body.search(
        text: body.string("query") ?? body.requiredString("question"), defaultLimit: 10)
      return .json(try access.search(parameters).utf8)
    }
    router.add(.post, "/why-not", accepts: accepts) { request in
      let body = try RequestJSON(request)
      let parameters = try body.search(text: body.requiredString("query"), defaultLimit: 10)
      return .json(try access.whyNot(parameters, document: body.requiredString("document")).utf8)
    }
    router.add(.post, "/query", accepts: accepts) { request in
      let body = try RequestJSON(request)
      let parameters = try body.search(text: body.requiredString("question"), defaultLimit: 3)
      var question = AnswerQuestion(parameters.query)
      question.search = try parameters.question()
      question.sourceCount = parameters.limit
      question.includesCitations = try body.bool("include_citations") ?? true
      guard try body.bool("stream") == true else {
        return .json(Shapes.answer(try library.ask(question)).utf8)
      }
      // Checked before the first byte is sent, so that a wrong question is a plain 400.
      _ = try question.search.checked()
      let asked = question
      return .events { try stream(asked, to: $0) }
    }
  }

  /// sources, then token…, then citations, then done; a failure half-way is an error event, never a silent end.
  private func stream(_ question: AnswerQuestion, to events: EventStream) throws {
    do {
      let answer = try library.ask(question) { sources in
        try events.send(event: "sources", data: JSON.array(sources.map(Shapes.source)).text)
      }
      for token in Routes.tokens(answer.text) {
        try events.send(event: "token", data: JSON.object(["text": .string(token)]).text)
      }
      try events.send(event: "citations", data: JSON.array(answer.citations.map(Shapes.citation)).text)
      try events.send(event: "done", data: Shapes.answer(answer).text)
    } catch {
      guard !events.isGone else { return }
      try events.send(event: "error", data: Shapes.error(PlainFailure.describing(error)).text)
    }
  }

  /// Words with the space before them: put together they are the text again.
  static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    for character in text {
      if character.isWhitespace || tokens.isEmpty { tokens.append("") }
      tokens[tokens.count - 1].append(character)
    }
    return tokens
  }
}
