// The chat client against llama.cpp's own server, where `make llama-test` has started one. Its model is nonsense; that
// the two understand each other is not.
import Base
import Foundation
import Testing

@testable import Models

private let llamaURL = ProcessInfo.processInfo.environment["FOOTNOTE_LLAMA_URL"]

@Suite(.enabled(if: llamaURL != nil), .serialized) struct LlamaServerTests {
  private func service() -> ChatService {
    var options = ChatOptions()
    options.keptSecondsMax = 0
    return ChatService([ChatEndpoint(Endpoint(url: llamaURL ?? "", model: "tiny"))], options: options)
  }

  private func request(_ words: String, tokens: Int = 24) -> ChatRequest {
    var request = ChatRequest(purpose: "test", [ChatMessage(.system, "Be brief."), ChatMessage(.user, words)])
    request.outputTokensMax = tokens
    return request
  }

  @Test func itStreams() throws {
    var pieces: [String] = []
    let reply = try service().reply(to: request("What is the notice period?")) { pieces.append($0) }
    #expect(!reply.text.isEmpty && pieces.joined() == reply.text)
    #expect(pieces.count > 1, "it came in \(pieces.count) pieces")
    #expect((1...24).contains(reply.usage.outputTokens) && reply.usage.inputTokens > 0)
    #expect(reply.ending == .cutOff || reply.ending == .complete)
  }

  @Test func theSameTwiceIsTheSame() throws {
    let texts = try (0..<2).map { _ in try service().reply(to: request("Say something."), onText: nil).text }
    #expect(texts[0] == texts[1])
  }

  /// It knows no json_schema and says so with 500; then a tool is offered, whose grammar even random weights keep to.
  @Test func aFormIsKeptToOrRefused() throws {
    struct Flag: Structured {
      let isOpen: Bool
      static let schema = Schema<Flag>.object(Schema.bool.member("is_open")) { Flag(isOpen: $0) }
    }
    do {
      let reply = try StructuredModel(service()).value(of: Flag.schema, named: "flag", request("Open?", tokens: 200))
      #expect((1...3).contains(reply.attempts))
    } catch let failure as StructuredFailure {
      #expect(failure.code == "reply_not_of_the_form")
    }
  }

  /// It says 200, begins, and breaks off: no reply, and not a short one either.
  @Test func aPromptThatIsTooLongGivesNoReply() {
    let long = request(String(repeating: "words and more words ", count: 500))
    let failure = #expect(throws: ChatFailure.self) { try service().reply(to: long, onText: nil) }
    #expect(failure?.code == "reply_broken_off")
  }
}
