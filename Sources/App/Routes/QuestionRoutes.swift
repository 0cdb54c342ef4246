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
      return .json(try access(request).search(parameters).utf8)
    }
    router.add(.post, "/why-not", accepts: accepts) { request in
      let body = try RequestJSON(request)
      let parameters = try body.search(text: body.requiredString("query"), defaultLimit: 10)
      return .json(try access(request).whyNot(parameters, document: body.requiredString("document")).utf8)
    }
    router.add(.post, "/query", accepts: accepts) { request in
      let body = try RequestJSON(request)
      let parameters = try body.search(text: body.requiredString("question"), defaultLimit: 3)
      let includesCitations = try body.bool("include_citations") ?? true
      let access = access(request)
      guard try body.bool("stream") == true else {
        return .json(try access.ask(parameters, includesCitations: includesCitations) { _ in }.utf8)
      }
      // Checked before the first byte is sent, so that a wrong question is a plain 400.
      _ = try access.question(parameters)
      _ = try Conversations.checked(parameters.conversation)
      return .events { try stream(parameters, access, includesCitations: includesCitations, to: $0) }
    }
    router.add(.post, "/verify", accepts: accepts) { request in
      .json(try access(request).verify(RequestJSON(request).whole).utf8)
    }
    router.add(.post, "/replay", accepts: accepts) { request in
      .json(try access(request).replay(RequestJSON(request).whole).utf8)
    }
  }

  /// question where it was made whole, sources, then token… (a sentence's tokens when it has passed the gate), then
  /// citations, then done; a failure half-way is an error event, never a silent end.
  private func stream(
    _ parameters: SearchParameters, _ access: LocalAccess, includesCitations: Bool, to events: EventStream
  ) throws {
    do {
      let answer = try access.ask(parameters, includesCitations: includesCitations) { event in
        switch event {
        case .question(let whole): try events.send(event: "question", data: JSON.object(["text": .string(whole)]).text)
        case .sources(let sources):
          try events.send(event: "sources", data: JSON.array(sources.map(Shapes.source)).text)
        case .text(let text):
          for token in Routes.tokens(text) {
            try events.send(event: "token", data: JSON.object(["text": .string(token)]).text)
          }
        }
      }
      try events.send(event: "citations", data: (answer.citations ?? []).text)
      try events.send(event: "done", data: answer.text)
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
