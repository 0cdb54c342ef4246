// A Swift type's schema goes out, its value comes back; what is wrong is sent back at most twice.
import Base
import Models
import Synchronization
import Testing

/// Gives its replies one after the other, and keeps what it was asked.
final class RecordedModel: ChatModel {
  let name = "recorded"
  private let replies: [String]
  private let asked = Mutex<[ChatRequest]>([])

  init(_ replies: String...) { self.replies = replies }

  var requests: [ChatRequest] { asked.withLock { $0 } }

  func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply {
    let index = asked.withLock { asked in
      asked.append(request)
      return asked.count - 1
    }
    let text = replies[min(index, replies.count - 1)]
    try onText?(text)
    return ChatReply(text: text, model: name, usage: ChatUsage(inputTokens: 10, outputTokens: 3), cost: 0.5)
  }
}

struct Offer: Structured, Equatable {
  enum Condition: String, CaseIterable { case new, used }

  let product: String
  let price: Double
  let condition: Condition
  let stock: Int?
  let tags: [String]

  static let schema = Schema<Offer>.object(
    Schema.string.requiring("must not be empty") { !$0.isEmpty }.member("product", "what is sold"),
    Schema.number(0...1e6).member("price"), Schema<Condition>.choice.member("condition"),
    Schema.integer.orNull().member("stock"), Schema.array(of: Schema.string, count: 0...3).member("tags")
  ) { Offer(product: $0, price: $1, condition: $2, stock: $3, tags: $4) }
}

@Suite struct StructuredModelTests {
  private static let good = #"{"product":"lamp","price":5,"condition":"used","stock":null,"tags":["a"]}"#
  private static let value = Offer(product: "lamp", price: 5, condition: .used, stock: nil, tags: ["a"])

  private func ask(_ model: RecordedModel, log: (any StructuredLog)? = nil) throws -> StructuredReply<Offer> {
    try StructuredModel(model, log: log).value(
      of: Offer.schema, named: "offer", ChatRequest(purpose: "test", [ChatMessage(.user, "What is sold?")]))
  }

  @Test func theSchemaIsTheTypes() {
    #expect(
      Offer.schema.shape.jsonSchema.text
        == #"{"type":"object","properties":{"product":{"type":"string","description":"what is sold"},"#
        + #""price":{"type":"number","minimum":0,"maximum":1000000},"#
        + #""condition":{"type":"string","enum":["new","used"]},"#
        + #""stock":{"type":["integer","null"]},"tags":{"type":"array","items":{"type":"string"},"#
        + #""minItems":0,"maxItems":3}},"#
        + #""required":["product","price","condition","stock","tags"],"additionalProperties":false}"#)
  }

  @Test func aGoodReplyIsTakenAtOnce() throws {
    let model = RecordedModel(Self.good)
    let reply = try ask(model)
    #expect(reply.value == Self.value)
    #expect(reply.attempts == 1)
    #expect(model.requests[0].form?.name == "offer")
  }

  @Test func aWrongReplyIsSentBackWithItsFault() throws {
    let model = RecordedModel(Self.good.replacing("5", with: "\"cheap\""), Self.good)
    let reply = try ask(model)
    #expect(reply.value == Self.value)
    #expect(reply.attempts == 2)
    #expect(reply.reply.usage == ChatUsage(inputTokens: 20, outputTokens: 6))
    #expect(reply.reply.cost == 1)
    let second = model.requests[1].messages
    #expect(second.map(\.role) == [.user, .assistant, .user])
    #expect(second[2].text.contains(".price: expected a number from 0.0 to 1000000.0, found \"cheap\""))
  }

  @Test func twiceSentBackIsEnough() {
    let model = RecordedModel("no", "{}", "[", Self.good)
    let failure = #expect(throws: StructuredFailure.self) { try ask(model) }
    #expect(model.requests.count == 3)
    #expect(failure?.code == "reply_not_of_the_form")
    #expect(failure?.kind == .upstream)
    // Only the last reply is sent back: the conversation does not grow with its faults.
    #expect(model.requests[2].messages.count == 3)
  }

  @Test func conditionsOfTheTypeAreHeldToo() throws {
    let model = RecordedModel(Self.good.replacing("lamp", with: ""), Self.good)
    #expect(try ask(model).attempts == 2)
    #expect(model.requests[1].messages[2].text.contains("at .product: must not be empty"))
  }

  @Test func onlyGoodRepliesAreKept() throws {
    final class Log: StructuredLog {
      let kept = Mutex<[(String, JSON)]>([])
      func keep(request: ChatRequest, form: ReplyForm, reply: JSON, model: String) throws {
        kept.withLock { $0.append((request.messages.map(\.text).joined(), reply)) }
      }
    }
    let log = Log()
    _ = try ask(RecordedModel("nothing", Self.good), log: log)
    _ = try? ask(RecordedModel("nothing"), log: log)
    let kept = log.kept.withLock { $0 }
    #expect(kept.count == 1)
    #expect(kept.first?.0 == "What is sold?")
    #expect(kept.first?.1.product?.string == "lamp")
  }
}
