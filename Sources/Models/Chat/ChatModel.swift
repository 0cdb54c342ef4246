// A model that writes, as the rest of the house sees it. Whoever asks does not know which server answers, how often it
// was tried, or whether the reply came from the cache; the reply says so afterwards. Calls block their thread.
package import Base

package protocol ChatModel: Sendable {
  /// As an answer names its author.
  var name: String { get }

  /// Asks, and waits for the whole reply. `onText` is handed the text piece by piece as it comes; what it throws stops
  /// the call and is passed on. A call whose text was shown is never tried again: a failure half-way is thrown, and
  /// what was shown stays what it is. Without `onText` nothing is shown, and the call may be tried again at any point.
  func reply(to request: ChatRequest, onText: ((String) throws -> Void)?) throws -> ChatReply
}

package struct ChatMessage: Sendable, Equatable {
  package enum Role: String, Sendable { case system, user, assistant }

  package let role: Role
  package let text: String

  package init(_ role: Role, _ text: String) {
    self.role = role
    self.text = text
  }
}

package struct ChatRequest: Sendable {
  package var messages: [ChatMessage]
  package var temperature = 0.0
  package var outputTokensMax = Limits.chatOutputTokensMax
  /// The form that the reply must have; nil: prose.
  package var form: ReplyForm?
  /// What the call is for, in a word; usage is summed by it.
  package var purpose: String
  /// A kept reply is given again only within the same scope: the same collections, asked for with the same key.
  package var scope = ""
  /// Documents whose words are in the messages: what is kept of the call is erased with them.
  package var documents: [String] = []
  /// Asked several times a second while the call waits; true ends it. Made for a caller, a request ends with him.
  package var isCancelled: (@Sendable () -> Bool)? = Caller.leaving

  package init(purpose: String, _ messages: [ChatMessage]) {
    self.purpose = purpose
    self.messages = messages
  }
}

/// A JSON schema to be kept to, under a name.
package struct ReplyForm: Sendable, Equatable {
  package let name: String
  package let about: String
  package let schema: JSON

  package init(name: String, about: String, schema: JSON) {
    self.name = name
    self.about = about
    self.schema = schema
  }
}

package struct ChatUsage: Sendable, Equatable {
  package var inputTokens: Int
  package var outputTokens: Int
  /// Counted here, because the server said nothing or nothing that can be true.
  package var isCounted: Bool

  package init(inputTokens: Int, outputTokens: Int, isCounted: Bool = false) {
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.isCounted = isCounted
  }
}

package struct ChatReply: Sendable, Equatable {
  package enum Ending: String, Sendable {
    case complete
    /// The reply is longer than it was allowed to be.
    case cutOff = "cut_off"
    /// The server's own filter took the rest away.
    case filtered
  }

  package var text: String
  /// The model that answered.
  package var model: String
  package var usage: ChatUsage
  /// In the currency of the price table; nil where the model has no price there.
  package var cost: Double?
  package var isCached = false
  package var ending = Ending.complete

  package init(text: String, model: String, usage: ChatUsage, cost: Double? = nil) {
    self.text = text
    self.model = model
    self.usage = usage
    self.cost = cost
  }
}
